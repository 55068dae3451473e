"""The pages of one account's history, and the proof that nothing is missing between them.

A page by time holds the newest operations up to a time, without a gap. It therefore proves the
interval from its oldest operation to that time. Intervals that touch are merged. A node keeps of each
account a contiguous newest part, so an operation older than the window proves that nothing at the
beginning of the window is missing; if there is none, the account's creation (sequence number 1) does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from diag.chain.history.coverage import (
    BEGINNING,
    FINE_STEP,
    SAFETY_FACTOR,
    SECOND,
    Interval,
    Position,
    end_of_second,
    position_of,
)
from diag.domain.history import Proof
from diag.domain.operations import Operation
from diag.errors import ChainError


class Pages:
    """The rows known of one account, and the intervals in which they are complete."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.rows: dict[str, Operation] = {}
        self.positions: dict[str, Position] = {}
        """The position of each row, by id."""
        self.first: Operation | None = None
        self.page_size = 1
        """The most rows that one page has had; the node's limit, once a page was full."""
        self.indexed: set[str] = set()
        """Ids of the operations that only the search index has shown so far, and no node."""
        self.index_error: ChainError | None = None
        """Why the search index could not be read."""
        self._intervals: list[Interval] = []

    def add_until(self, moment: datetime, rows: Sequence[Operation]) -> None:
        """Add a page by time, newest first: complete from its oldest row up to the time."""
        self._add(end_of_second(moment), rows)

    def add_below(self, start: Position, rows: Sequence[Operation]) -> None:
        """Add a page by id, newest first: complete from its oldest row up to just below start."""
        self._add((start[0], start[1] - 1), rows)

    def add_first(self, row: Operation) -> None:
        """Add the account's first operation: nothing precedes it."""
        self.first = row
        self.add_rows([row])
        self._add_interval(Interval(BEGINNING, position_of(row)))

    def add_nothing_before(self, created: datetime) -> None:
        """State that the account has no operations before its creation."""
        self._add_interval(Interval(BEGINNING, end_of_second(created - SECOND)))

    def add_rows(self, rows: Sequence[Operation]) -> Position:
        """Add rows that prove no interval; returns the position of the oldest one."""
        positions = {row.id: position_of(row) for row in rows}
        self.rows.update((row.id, row) for row in rows)
        self.positions.update(positions)
        return min(positions.values(), default=BEGINNING)

    def add_run(self, rows: Sequence[Operation]) -> None:
        """Add consecutive operations from the search index, newest first."""
        self.indexed |= {row.id for row in rows} - self.rows.keys()
        self.add_rows([row for row in rows if row.id not in self.rows])
        self._add_interval(Interval(position_of(rows[-1]), position_of(rows[0])))

    def contradicts(self, rows: Sequence[Operation]) -> bool:
        """True if consecutive operations lack a known row, or have one that is proven not to exist."""
        known, run = self.positions, {row.id for row in rows}
        first, last = position_of(rows[-1]), position_of(rows[0])
        lacking = any(first <= at <= last for i, at in known.items() if i not in run)
        return lacking or any(
            interval.first <= position_of(row) <= interval.last
            for row in rows
            if row.id not in known
            for interval in self._intervals
        )

    def _add(self, last: Position, rows: Sequence[Operation]) -> None:
        if not rows:
            return
        self.page_size = max(self.page_size, len(rows))
        first = self.add_rows(rows)
        if first <= last:
            self._add_interval(Interval(first, last))

    def _add_interval(self, new: Interval) -> None:
        merged: list[Interval] = []
        for interval in sorted([*self._intervals, new], key=lambda s: s.first):
            if merged and merged[-1].touches(interval):
                merged[-1] = Interval(merged[-1].first, max(merged[-1].last, interval.last))
            else:
                merged.append(interval)
        self._intervals = merged

    def gaps(self, start: datetime, end: datetime) -> list[Interval]:
        """The parts of [start, end] that are not proven to be complete, oldest first."""
        position, found = (start, -1), []
        for interval in self._intervals:
            if interval.last < position:
                continue
            if interval.first > end_of_second(end):
                break
            if interval.first > position:
                found.append(Interval(position, interval.first))
            position = max(position, (interval.last[0], interval.last[1] + 1))
        if position <= end_of_second(end):
            found.append(Interval(position, end_of_second(end)))
        return found

    @property
    def page_duration(self) -> timedelta | None:
        """An estimate of the time that one page covers, divided by `SAFETY_FACTOR`.

        Rounded down to `FINE_STEP` times a power of two. None if it is shorter than that, or if
        there are too few rows to tell.
        """
        moments = [at for at, _ in self.positions.values()]
        if len(moments) < 2:
            return None
        each = (max(moments) - min(moments)) / len(moments)
        times = each * self.page_size / SAFETY_FACTOR / FINE_STEP
        return FINE_STEP * 2 ** min(8, int(math.log2(times))) if times >= 1 else None

    def may_lack_before(self, start: datetime, count: int) -> bool:
        """True if fewer than `count` operations before start are known and more may exist."""
        older = sum(at < (start, -1) for at in self.positions.values())
        return older < count and all(interval.first > BEGINNING for interval in self._intervals)

    def between(self, start: datetime, end: datetime) -> list[Operation]:
        """The rows of [start, end], oldest first."""
        inside = sorted((k, i) for i, k in self.positions.items() if start <= k[0] <= end)
        return [self.rows[identity] for _, identity in inside]

    def proof(self, start: datetime) -> Proof | None:
        """Why nothing from start on is missing: an older operation, or the first one.

        Only meaningful if `gaps` is empty.
        """
        older = [(k, identity) for identity, k in self.positions.items() if k < (start, -1)]
        if older:
            return Proof("older_operation", max(older)[1])
        return Proof("first_operation", self.first.id) if self.first else None


def page_of(reply: object) -> list[Operation] | None:
    """A reply as a page of a history; None if it is none."""
    return reply if isinstance(reply, list) else None
