"""A stretch of one account's history, and the proof that nothing in it is missing.

A by-time page holds the newest operations up to a moment, without a gap; so it proves the
stretch from its oldest operation to that moment. Stretches that touch are one. A node keeps
for each account a contiguous newest part, so one operation older than the window proves the
window's left edge; where there is none, the account's own creation (sequence 1) does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Protocol

from diag.chain.history.coverage import (
    BEGINNING,
    CLOSELY,
    ROOM,
    SECOND,
    Key,
    Raw,
    Stretch,
    key,
    until,
)
from diag.chain.rpc.values import UNREADABLE
from diag.domain.history import Proof
from diag.errors import ChainError


class Pages:
    """The pages of one account as they come in."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.rows: dict[str, Raw] = {}
        self.keys: dict[str, Key] = {}
        """Where each row stands."""
        self.first: Raw | None = None
        self.page = 1
        """The most rows that one page has held: what the node gives at most, once a page was full."""
        self.indexed: set[str] = set()
        """The operations that an index of histories showed and no node."""
        self.refused: ChainError | None = None
        """Why the index could not be read."""
        self._stretches: list[Stretch] = []

    def add_until(self, moment: datetime, rows: Sequence[Raw]) -> None:
        """A by-time page, newest first: everything from its oldest row up to the moment."""
        self._add(until(moment), rows)

    def add_below(self, start: Key, rows: Sequence[Raw]) -> None:
        """A by-id page, newest first: everything from its oldest row up to just below start."""
        self._add((start[0], start[1] - 1), rows)

    def add_first(self, row: Raw) -> None:
        """The account's very first operation: before it there was nothing."""
        self.first = row
        self.hold([row])
        self._prove(Stretch(BEGINNING, key(row)))

    def add_nothing_before(self, created: datetime) -> None:
        """Before an account was made, it had no operations."""
        self._prove(Stretch(BEGINNING, until(created - SECOND)))

    def hold(self, rows: Sequence[Raw]) -> Key:
        """Take in rows, whatever they prove; gives the position of the first of them."""
        page = rows if isinstance(rows, Page) else Page(rows)
        self.rows.update(page.rows)
        self.keys.update(page.keys)
        return min(page.keys.values(), default=BEGINNING)

    def add_run(self, rows: Sequence[Raw]) -> None:
        """Operations known to follow each other with none between, newest first."""
        self.indexed |= {row["id"] for row in rows} - self.rows.keys()
        self.hold([row for row in rows if row["id"] not in self.rows])
        self._prove(Stretch(key(rows[-1]), key(rows[0])))

    def contradict(self, rows: Sequence[Raw]) -> bool:
        """True if such a run lacks what is known, or holds what is proven not to be there."""
        known, run = self.keys, {row["id"] for row in rows}
        first, last = key(rows[-1]), key(rows[0])
        lacking = any(first <= at <= last for i, at in known.items() if i not in run)
        return lacking or any(
            stretch.first <= key(row) <= stretch.last
            for row in rows
            if row["id"] not in known
            for stretch in self._stretches
        )

    def _add(self, last: Key, rows: Sequence[Raw]) -> None:
        if not rows:
            return
        self.page = max(self.page, len(rows))
        first = self.hold(rows)
        if first <= last:
            self._prove(Stretch(first, last))

    def _prove(self, new: Stretch) -> None:
        merged: list[Stretch] = []
        for stretch in sorted([*self._stretches, new], key=lambda s: s.first):
            if merged and merged[-1].touches(stretch):
                merged[-1] = Stretch(merged[-1].first, max(merged[-1].last, stretch.last))
            else:
                merged.append(stretch)
        self._stretches = merged

    def gaps(self, start: datetime, end: datetime) -> list[Stretch]:
        """What of [start, end] is not proven, oldest first."""
        position, found = (start, -1), []
        for stretch in self._stretches:
            if stretch.last < position:
                continue
            if stretch.first > until(end):
                break
            if stretch.first > position:
                found.append(Stretch(position, stretch.first))
            position = max(position, (stretch.last[0], stretch.last[1] + 1))
        if position <= until(end):
            found.append(Stretch(position, until(end)))
        return found

    @property
    def step(self) -> timedelta | None:
        """In which time a page fills, with `ROOM` to spare, as far as these rows tell: the longest of
        `CLOSELY`, doubled again and again, that is no longer. None if they do not tell, or it is
        shorter."""
        moments = [at for at, _ in self.keys.values()]
        if len(moments) < 2:
            return None
        each = (max(moments) - min(moments)) / len(moments)
        times = each * self.page / ROOM / CLOSELY
        return CLOSELY * 2 ** min(8, int(math.log2(times))) if times >= 1 else None

    def fewer_before(self, start: datetime, count: int) -> bool:
        """True if there may be more than what is known of the newest operations before start."""
        older = sum(at < (start, -1) for at in self.keys.values())
        return older < count and all(stretch.first > BEGINNING for stretch in self._stretches)

    def between(self, start: datetime, end: datetime) -> list[Raw]:
        """The rows of [start, end], oldest first."""
        inside = sorted((k, i) for i, k in self.keys.items() if start <= k[0] <= end)
        return [self.rows[identity] for _, identity in inside]

    def proof(self, start: datetime) -> Proof | None:
        """Why nothing before start can be missing: an older operation, or the very first one.

        Only meaningful where `gaps` finds none.
        """
        older = [(k, identity) for identity, k in self.keys.items() if k < (start, -1)]
        if older:
            return Proof("older_operation", max(older)[1])
        return Proof("first_operation", self.first["id"]) if self.first else None


class Earlier(Protocol):
    """Rows that came before, each with where it stands."""

    def get(self, identity: str) -> tuple[Raw, Key] | None:
        """The row of an id, if there is one."""
        ...


class Page(list[Raw]):
    """The rows of one answer, each with at least an id, a block and a time.

    Raises one of `UNREADABLE` where a row lacks them.
    """

    def __init__(self, raws: Iterable[Raw], held: Earlier | None = None) -> None:
        self.rows: dict[str, Raw] = {}
        self.keys: dict[str, Key] = {}
        """Where each of them stands, by id."""
        self.new = 0
        """How many rows had not come before."""
        super().__init__()
        for raw in raws:
            identity = raw["id"]
            known = held.get(identity) if held else None
            if known is None or (known[0] is not raw and known[0] != raw):
                known = _row(raw), key(raw)
                self.new += 1
            self.rows[identity], self.keys[identity] = known
            self.append(known[0])

    def again(self) -> Page:
        """The same page, which has come once more."""
        page = copy(self)
        page.new = 0
        return page


def rows_of(reply: object, held: Earlier | None = None) -> Page | None:
    """An answer as a page; None if it is none. held: rows that came before, where they are kept.

    An operation that is no [number, body] pair stays in the page as an unreadable one: the page
    still proves its stretch.
    """
    if isinstance(reply, Page):
        return reply
    if not isinstance(reply, list):
        return None
    try:
        return Page(reply, held)
    except UNREADABLE:
        return None


def _row(raw: Raw) -> Raw:
    int(raw["block_num"])
    match raw.get("op"):
        case [int(), dict()]:
            return raw
        case _:
            return raw | {"op": [-1, None]}
