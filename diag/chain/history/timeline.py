"""The pages of one account's history, and the proof that nothing is missing between them.

A page holds the newest operations up to a position, without a gap. It therefore proves the interval
from its oldest operation to that position. Intervals that touch are merged. A node keeps of each
account a contiguous newest part, so an operation older than the window proves that nothing at the
beginning of the window is missing; if there is none, the account's creation (sequence number 1) does.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from diag.chain.history.coverage import (
    BEGINNING,
    FINE_STEP,
    SAFETY_FACTOR,
    SECOND,
    Interval,
    Position,
    after,
    end_of_second,
    merged,
    position_of,
)
from diag.chain.rpc.call import Reply
from diag.domain.account import Account
from diag.domain.history import Log, Proof
from diag.domain.operations import Operation
from diag.errors import ChainError

_TIME = attrgetter("location.at")


class Pages:
    """The known operations of one account, and the intervals in which they are complete."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.rows: dict[str, Operation] = {}
        self.first: Operation | None = None
        self.page_size = 1
        """The most rows that one page has had; the node's limit, once a page was full."""
        self.indexed: set[str] = set()
        """Ids of the operations that only the search index has shown so far, and no node."""
        self.index_error: ChainError | None = None
        """Why the search index could not be read."""
        self._intervals: list[Interval] = []
        self._ordered: list[Operation] | None = None

    @property
    def ordered(self) -> list[Operation]:
        """The known operations, oldest first."""
        if self._ordered is None:
            self._ordered = sorted(self.rows.values(), key=position_of)
        return self._ordered

    def add_until(self, moment: datetime, reply: Reply) -> None:
        """Add a page by time: complete from its oldest row up to the end of that second."""
        self.add_page(end_of_second(moment), reply)

    def add_page(self, last: Position, reply: Reply) -> None:
        """Add a page that is complete from its oldest row up to a position; an error adds nothing."""
        if isinstance(reply, list) and reply:
            self.page_size = max(self.page_size, len(reply))
            newest, first = position_of(reply[0]), position_of(reply[-1])
            known = any(i.first <= first <= newest <= i.last for i in self._intervals)
            if self.indexed or not known:
                self.add_rows(reply)
            if first <= last:
                self._add_interval(Interval(first, last))

    def add_first(self, row: Operation) -> None:
        """Add the account's first operation: nothing precedes it."""
        self.first = row
        self.add_rows([row])
        self._add_interval(Interval(BEGINNING, position_of(row)))

    def add_account(self, account: Account) -> None:
        """Record that the account has no operations before its creation, if it has a date."""
        if account.created and not account.genesis:
            self._add_interval(Interval(BEGINNING, end_of_second(account.created - SECOND)))

    def add_rows(self, rows: Sequence[Operation]) -> None:
        """Add rows that prove no interval."""
        self.rows |= {row.location.id: row for row in rows}
        self._ordered = None

    def add_run(self, rows: Sequence[Operation]) -> None:
        """Add consecutive operations from the search index, newest first."""
        self.indexed |= {row.id for row in rows} - self.rows.keys()
        self.add_rows([row for row in rows if row.id not in self.rows])
        self._add_interval(Interval(position_of(rows[-1]), position_of(rows[0])))

    def contradicts(self, rows: Sequence[Operation]) -> bool:
        """Return True if consecutive operations lack a known row, or contain one that is proven
        not to exist.
        """
        ids = {row.id for row in rows}
        run = Interval(position_of(rows[-1]), position_of(rows[0]))
        lacking = any(row in run for row in self.rows.values() if row.id not in ids)
        return lacking or any(
            row in interval
            for row in rows
            if row.id not in self.rows
            for interval in self._intervals
        )

    def _add_interval(self, new: Interval) -> None:
        self._intervals = merged(self._intervals, new)

    def gaps(self, start: datetime, end: datetime) -> list[Interval]:
        """Return the parts of [start, end] that are not proven to be complete, oldest first."""
        position, found = (start, -1), []
        for interval in self._intervals:
            if interval.last < position:
                continue
            if interval.first > end_of_second(end):
                break
            if interval.first > position:
                found.append(Interval(position, interval.first))
            position = max(position, after(interval.last))
        if position <= end_of_second(end):
            found.append(Interval(position, end_of_second(end)))
        return found

    @property
    def page_duration(self) -> timedelta | None:
        """An estimate of the time that one page covers, divided by `SAFETY_FACTOR`.

        Rounded down to `FINE_STEP` times a power of two. None if it is shorter than that, or if
        there are too few rows to tell.
        """
        rows = self.ordered
        if len(rows) < 2:
            return None
        each = (rows[-1].at - rows[0].at) / len(rows)
        times = each * self.page_size / SAFETY_FACTOR / FINE_STEP
        return FINE_STEP * 2 ** min(8, int(math.log2(times))) if times >= 1 else None

    def may_lack_before(self, start: datetime, count: int) -> bool:
        """Return True if fewer than `count` operations before start are known and more may exist."""
        return self._count_before(start) < count and all(
            interval.first > BEGINNING for interval in self._intervals
        )

    def between(self, start: datetime, end: datetime) -> list[Operation]:
        """Return the rows of [start, end], oldest first."""
        return self.ordered[self._count_before(start) : self._count_until(end)]

    def log(self, start: datetime, end: datetime) -> Log:
        """Return the operations up to the end in chain order, with the unproven gaps in [start,
        end].
        """
        rows = self.ordered[: self._count_until(end)]
        return Log(tuple(rows), tuple(gap.span for gap in self.gaps(start, end)), start)

    def proof(self, start: datetime) -> Proof | None:
        """Return why nothing from start on is missing: an older operation, or the account's first one.

        Only meaningful if `gaps` is empty.
        """
        if older := self._count_before(start):
            return Proof("older_operation", self.ordered[older - 1].id)
        return Proof("first_operation", self.first.id) if self.first else None

    def _count_before(self, moment: datetime) -> int:
        return bisect_left(self.ordered, moment, key=_TIME)

    def _count_until(self, moment: datetime) -> int:
        return bisect_right(self.ordered, moment, key=_TIME)
