"""Parses each row of history once: a gateway's pages serve many cases of a batch."""

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
"""Maximum number of parsed rows that are kept; then all are dropped and parsed again."""
MOST_READINGS = 4
_Named = tuple[tuple[str, ...], tuple[Asset | None, ...]]
"""Ids of the assets that a row names, and the assets as far as they are known."""
_Log = tuple[Sequence[Raw], _Named, tuple[Operation, ...]]
"""Rows, the assets that they name, and the parsed operations."""
_NUMBER = attrgetter("location.number")


class Remembered:
    """A cache of parsed rows, by the identity of the row objects.

    The result of parsing depends on the assets that a row names: it is parsed again for a case that
    knows other assets. Threads may parse a row twice; both results are right.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most = most_rows
        self._read: dict[int, tuple[Raw, tuple[tuple[_Named, Operation], ...]]] = {}
        self._lock = Lock()
        self._logs: BoundedAnswers[tuple[int, ...], _Log] = BoundedAnswers(most_rows)

    def reader(self, assets: Assets) -> Callable[[Raw], Operation]:
        """A function that parses a row, or raises what `ops.parse` raises.

        Use it for rows that are parsed with the same assets, in one thread.
        """
        return partial(self._reading, noted=_Noted(assets))

    def all(self, rows: Sequence[Raw], assets: Assets) -> tuple[Operation, ...]:
        """The rows that can be parsed, as operations in chain order; equal row objects give the same
        tuple object.
        """
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
    """Assets by id, which record the ids that are looked up while a row is parsed."""

    __slots__ = ("_alike", "_assets", "_compared", "asked")

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self.asked: list[str] = []
        """The ids that were looked up; emptied before a row is parsed."""
        self._alike: dict[tuple[str, ...], _Named] = {}
        self._compared: dict[int, tuple[_Named, bool]] = {}

    def by_one(self) -> _Named:
        """The assets of the row parsed last; rows that name the same assets share one object."""
        ids = tuple(self.asked)
        return self._alike.get(ids) or self._alike.setdefault(ids, self._known(ids))

    def by_all(self) -> _Named:
        """The assets of all rows, including those that were found in the cache."""
        held = (named[0] for named, same in self._compared.values() if same)
        return self._known(tuple(dict.fromkeys(chain(*self._alike, *held))))

    def as_in(self, named: _Named) -> bool:
        """True if the same assets were known when the cached result was made."""
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
        raise TypeError("parsing a row may depend only on the assets that it names")

    def __len__(self) -> int:
        return len(self._assets)
