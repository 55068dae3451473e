"""Reading the same row of history once: a gateway's pages serve many cases of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from operator import attrgetter
from threading import Lock
from typing import Any

from diag.chain.cache.answers import BoundedAnswers
from diag.chain.rpc import ops
from diag.chain.rpc.values import UNREADABLE
from diag.domain.asset import Asset
from diag.domain.operations import Operation

Raw = dict[str, Any]
Assets = Mapping[str, Asset]

MOST_ROWS = 100_000
"""How many read rows are kept; then all are dropped and read again."""
MOST_READINGS = 4
_Named = tuple[tuple[str, ...], tuple[Asset | None, ...]]
"""The ids of the assets that something names, and what is known of them."""
_Log = tuple[Sequence[Raw], _Named, tuple[Operation, ...]]
"""Rows, the assets that they name, and what they read as."""
_NUMBER = attrgetter("location.number")


class Remembered:
    """Reads rows, and knows those it has read, as long as they are the very same objects.

    What a row reads as depends on the assets it names: it is read again for a case that knows
    them differently. Threads may read a row twice; either result is right.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most = most_rows
        self._read: dict[int, tuple[Raw, tuple[tuple[_Named, Operation], ...]]] = {}
        self._lock = Lock()
        self._logs: BoundedAnswers[tuple[int, ...], _Log] = BoundedAnswers(most_rows)

    def reader(self, assets: Assets) -> Callable[[Raw], Operation]:
        """What makes a typed record of a row, or raises what `ops.parse` raises.

        For several rows, one after another, while the assets stay as they are.
        """
        return partial(self._reading, noted=_Noted(assets))

    def all(self, rows: Sequence[Raw], assets: Assets) -> tuple[Operation, ...]:
        """Those that can be read, in chain order; of the very same rows the very same tuple."""
        key, noted = tuple(map(id, rows)), _Noted(assets)
        with self._lock:
            known = self._logs.get(key)
        if known is not None and noted.as_in(known[1]):
            return known[2]
        found = []
        for row in rows:
            try:
                found.append(self._reading(row, noted))
            except UNREADABLE:  # a row that proves nothing
                continue
        log = tuple(sorted(found, key=_NUMBER))
        with self._lock:
            self._logs.add(key, (rows, noted.by_all(), log), len(rows))
        return log

    def _reading(self, raw: Raw, noted: _Noted) -> Operation:
        held, readings = self._read.get(id(raw), (None, ()))
        if held is not raw:
            readings = ()
        for named, operation in readings:
            if noted.as_in(named):
                return operation
        noted.asked = []
        operation = ops.parse(raw, noted)
        if len(self._read) >= self._most:
            self._read = {}
        reading = noted.by_one(), operation
        self._read[id(raw)] = raw, (*readings[-MOST_READINGS + 1 :], reading)
        return operation


class _Noted(Mapping[str, Asset]):
    """Assets by id, and which of them the rows name that are read with them."""

    __slots__ = ("_alike", "_assets", "_compared", "asked")

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self.asked: list[str] = []
        """The ids that were asked for; emptied before a row is read."""
        self._alike: dict[tuple[str, ...], _Named] = {}
        self._compared: dict[int, tuple[_Named, bool]] = {}

    def by_one(self) -> _Named:
        """What the row names that was read last: the same object for all rows that name the same."""
        ids = tuple(self.asked)
        return self._alike.get(ids) or self._alike.setdefault(ids, self._known(ids))

    def by_all(self) -> _Named:
        """What all the rows name, those that were known to read alike as well."""
        held = (named[0] for named, same in self._compared.values() if same)
        return self._known(tuple(dict.fromkeys(chain(*self._alike, *held))))

    def as_in(self, named: _Named) -> bool:
        """True if these assets are what was known then; the same object is compared once."""
        compared = self._compared.get(id(named))
        if compared is None:
            compared = named, self._known(named[0]) == named
            self._compared[id(named)] = compared
        return compared[1]

    def _known(self, ids: tuple[str, ...]) -> _Named:
        return ids, tuple(map(self._assets.get, ids))

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.append(key)
        return self._assets.get(key, default)

    def __getitem__(self, key: str) -> Asset:
        self.asked.append(key)
        return self._assets[key]

    def __iter__(self) -> Iterator[str]:
        raise TypeError("what a row reads as may depend on the assets that it names only")

    def __len__(self) -> int:
        return len(self._assets)
