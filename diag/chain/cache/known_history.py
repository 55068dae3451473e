"""Keeps the history rows that a batch has read once, and answers pages from them.

The cases of a batch read pages of the same few gateways that overlap nearly everywhere: thousands
of pages, but few different rows. A page whose rows are all known is not requested again. A page
that a source did return is kept with the known rows in place of its own, and weighs only the rows
that no other page holds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from diag.chain.history.coverage import (
    BEGINNING,
    PAGE_SIZE,
    Interval,
    Position,
    end_of_second,
    merged,
    position_of,
)
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Reply
from diag.chain.rpc.values import time_of
from diag.domain.operations import Operation

REFERENCES_PER_ROW = 50
"""How many references to rows take the memory of one row; a reference takes 8 bytes."""


class KnownHistory:
    """The rows of the pages that one source returned, and where they are complete; not
    thread-safe.

    A page holds the newest operations up to a time, without a gap. If it is shorter than another
    one, the source has nothing older.

    max_rows: once more rows were seen, all of them are forgotten, so that rows of pages which are
    gone are not kept for ever.
    """

    def __init__(self, max_rows: int) -> None:
        self._max_rows = max_rows
        self._longest = 0
        """The most rows that one page has had."""
        self._forget()

    def _forget(self) -> None:
        self._rows: dict[str, Operation] = {}
        self._accounts: dict[str, _Account] = defaultdict(_Account)

    def add(self, call: Call, reply: Reply, head: datetime) -> tuple[Reply, int]:
        """Return the reply, with equal rows that were seen before in place of its own, and its
        weight in rows.

        head: the time of a block that the reply is at least as new as.
        """
        if not isinstance(reply, list):
            return reply, 1
        if len(self._rows) > self._max_rows:
            self._forget()
        rows = [self._one(row) for row in reply]
        added = sum(row is new for row, new in zip(rows, reply, strict=True))
        match call.method, call.args:
            case methods.HISTORY_BY_TIME.name, (str(account), None, moment) if rows:
                whole = len(rows) < self._longest
                self._longest = max(self._longest, len(rows))
                until = min(time_of(moment), head) if moment else head
                self._accounts[account].add(rows, end_of_second(until), whole)
        return rows, 1 + added + len(rows) // REFERENCES_PER_ROW

    def _one(self, row: Any) -> Any:
        if not isinstance(row, Operation):
            return row
        known = self._rows.setdefault(row.id, row)
        return known if known == row else row

    def page(self, call: Call, head: datetime) -> list[Operation] | None:
        """Return the reply to a call for a page by time; None if not all of its rows are known.

        head: the time of the block as of which the reply is wanted.
        """
        match call.method, call.args:
            case methods.HISTORY_BY_TIME.name, (str(account), None, str(moment)):
                until = end_of_second(min(time_of(moment), head))
                if known := self._accounts.get(account):
                    return known.page(until, max(PAGE_SIZE, self._longest))
        return None


class _Account:
    """What is known of one account's history."""

    def __init__(self) -> None:
        self._rows: dict[Position, Operation] = {}
        self._positions: list[Position] = []  # of the rows, oldest first
        self._complete: list[Interval] = []

    def add(self, rows: Sequence[Operation], until: Position, whole: bool) -> None:
        """Add a page that is complete from its oldest row up to a position.

        whole: nothing precedes the oldest row.
        """
        positions = [position_of(row) for row in rows]
        if any(older >= newer for newer, older in pairwise(positions)):
            return  # not in order: it shows nothing
        for position, row in zip(positions, rows, strict=True):
            if position not in self._rows:
                self._rows[position] = row
                insort(self._positions, position)
        first = BEGINNING if whole else positions[-1]
        if first <= until:
            self._complete = merged(self._complete, Interval(first, until))

    def page(self, until: Position, size: int) -> list[Operation] | None:
        """Return the newest `size` rows up to a position, newest first; None if one may be unknown."""
        around = next((i for i in self._complete if i.first <= until <= i.last), None)
        if around is None:
            return None
        first = bisect_left(self._positions, around.first)
        end = bisect_right(self._positions, until)
        if end - first < size and around.first > BEGINNING:
            return None
        return [self._rows[p] for p in reversed(self._positions[max(first, end - size) : end])]
