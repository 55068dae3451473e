"""Reads a window from a node before 6.1, which has no times in histories and no calls by time.

Only block headers hold times, and an account's operations are numbered 1 to total. Two searches with
many points per wave therefore follow each other: from times to block numbers over the headers, and
from block numbers to sequence numbers over the account's operations.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from diag.chain.history.coverage import PAGE_SIZE
from diag.chain.history.timeline import Pages
from diag.chain.rpc.call import Call, parse_reply
from diag.chain.rpc.values import when
from diag.domain.operations import instance
from diag.errors import ChainError

Raw = dict[str, Any]
Ask = Callable[[Mapping[Any, Call]], Mapping[Any, Any]]

HEADERS_A_WAVE = 120
PROBES_A_WAVE = 12
MOST_PAGES = 40


@dataclass(slots=True)
class Search:
    """Searches [low, high] for the last position whose value is at most the target; low counts as one."""

    low: int
    high: int
    target: Any
    known: dict[int, Any] = field(default_factory=dict)

    def learn(self, position: int, value: Any) -> None:
        self.known[position] = value
        if value <= self.target:
            self.low = max(self.low, position)
        else:
            self.high = min(self.high, position - 1)

    def points(self, count: int) -> list[int]:
        """The next positions to read, evenly spread; none once the position is found."""
        width = self.high - self.low
        steps = min(count, width)
        return sorted({self.low + -(-width * step // steps) for step in range(1, steps + 1)})


@dataclass(frozen=True, slots=True)
class Reading:
    """An account and the time span to read."""

    account: str
    total: int
    removed: int
    start: datetime
    end: datetime


def read(
    ask: Ask, readings: Mapping[Hashable, Reading], head: int, now: datetime
) -> dict[Hashable, Pages]:
    """Read the time spans, each with up to one page more on both sides, as Pages."""
    moments = {moment for r in readings.values() for moment in (r.start, r.end)}
    blocks = _blocks(ask, moments, head)
    edges = _edges(ask, readings, blocks)
    rows = _rows(ask, readings, edges)
    times = _times(ask, {int(row["block_num"]) for found in rows.values() for row in found})
    result: dict[Hashable, Pages] = {}
    for name, reading in readings.items():
        pages = Pages(reading.account)
        known = [
            row | {"block_time": times[int(row["block_num"])]}
            for row in rows[name]
            if int(row["block_num"]) in times
        ]
        _prove(pages, reading, edges[name], known, now)
        result[name] = pages
    return result


def _blocks(ask: Ask, moments: set[datetime], head: int) -> dict[datetime, int]:
    """For each time, the last block at or before it."""
    searches = {moment: Search(0, head, moment) for moment in moments}
    while wanted := {m: s.points(HEADERS_A_WAVE) for m, s in searches.items() if s.points(1)}:
        numbers = sorted({n for points in wanted.values() for n in points})
        times = _times(ask, set(numbers))
        if not times:
            break
        for moment in wanted:
            for number in wanted[moment]:
                if number in times:
                    searches[moment].learn(number, when(times[number]))
    return {moment: search.low for moment, search in searches.items()}


def _times(ask: Ask, numbers: set[int]) -> dict[int, str]:
    """Block times by block number, for the blocks that the node has."""
    if not numbers:
        return {}
    call = Call("database", "get_block_header_batch", (sorted(numbers),))
    found = parse_reply(
        ask({"headers": call})["headers"],
        lambda pairs: {int(n): str(header["timestamp"]) for n, header in pairs if header},
    )
    return {} if isinstance(found, ChainError) else found


def _relative(account: str, low: int, high: int) -> Call:
    return Call("history", "get_relative_account_history", (account, low, PAGE_SIZE, high))


def _edges(
    ask: Ask, readings: Mapping[Hashable, Reading], blocks: Mapping[datetime, int]
) -> dict[Hashable, tuple[int, int]]:
    """The first and last sequence number to read, per reading."""
    searches: dict[tuple[Hashable, datetime], Search] = {}
    for name, reading in readings.items():
        for moment in (reading.start, reading.end):
            search = Search(reading.removed, reading.total, blocks[moment])
            searches[name, moment] = search
    while wanted := {
        key: s.points(PROBES_A_WAVE) for key, s in searches.items() if s.points(1)
    }:
        calls = {
            (key[0], point): _relative(readings[key[0]].account, point, point)
            for key, points in wanted.items()
            for point in points
        }
        found = ask(calls)
        learned = False
        for key, points in wanted.items():
            for point in points:
                block = parse_reply(
                    found[key[0], point], lambda rows: int(rows[0]["block_num"])
                )
                if isinstance(block, int):
                    searches[key].learn(point, block)
                    learned = True
        if not learned:
            break
    return {
        name: (searches[name, r.start].low, searches[name, r.end].low)
        for name, r in readings.items()
    }


def _rows(
    ask: Ask, readings: Mapping[Hashable, Reading], edges: Mapping[Hashable, tuple[int, int]]
) -> dict[Hashable, list[Raw]]:
    """All operations between the edges, and one page more on both sides, newest pages first."""
    calls: dict[tuple[Hashable, int], Call] = {}
    for name, reading in readings.items():
        low, high = edges[name]
        first = max(reading.removed + 1, low - PAGE_SIZE + 1)
        last = min(reading.total, high + PAGE_SIZE)
        tops = list(range(last, first - 1, -PAGE_SIZE))[:MOST_PAGES]
        for top in tops:
            calls[name, top] = _relative(reading.account, max(first, top - PAGE_SIZE + 1), top)
    found = ask(calls) if calls else {}
    rows: dict[Hashable, list[Raw]] = {name: [] for name in readings}
    for (name, _), page in found.items():
        usable = parse_reply(page, lambda given: [_usable(row) for row in given])
        rows[name] += [] if isinstance(usable, ChainError) else usable
    return rows


def _usable(row: Raw) -> Raw:
    """The row, if it has at least an id and a block; raises otherwise."""
    int(row["block_num"])
    instance(row["id"])
    return row


def _prove(
    pages: Pages, reading: Reading, edges: tuple[int, int], rows: list[Raw], now: datetime
) -> None:
    """Add the rows to the pages; rows numbered without a gap prove their interval."""
    ordered = sorted(rows, key=lambda row: instance(row["id"]), reverse=True)
    first = max(reading.removed + 1, edges[0] - PAGE_SIZE + 1)
    last = min(reading.total, edges[1] + PAGE_SIZE)
    if not ordered or len(ordered) != last - first + 1:
        if ordered:
            pages.add_rows(ordered)
        return
    newest = when(ordered[0]["block_time"])
    pages.add_until(newest if last < reading.total else max(newest, now), ordered)
    if first == 1:
        pages.add_first(ordered[-1])
