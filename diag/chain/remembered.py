"""Reading the same row of history once: a gateway's pages serve many cases of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from threading import Lock
from typing import Any

from diag.chain import ops
from diag.chain.answers import Answers
from diag.chain.values import UNREADABLE
from diag.records import Asset, Operation

Raw = dict[str, Any]
Assets = Mapping[str, Asset]

MOST_ROWS = 100_000
"""How many read rows are kept; then all are dropped and read again."""
MOST_READINGS = 4
_Reading = tuple[tuple[str, ...], tuple[Asset | None, ...], Operation]
"""The assets that a row names, their ids and what was known of them; and what it reads as with them."""
_Log = tuple[Sequence[Raw], tuple[str, ...], tuple[Asset | None, ...], tuple[Operation, ...]]
"""Rows, the assets that they name, and what they read as."""
_NUMBER = attrgetter("place.number")


class Remembered:
    """Reads rows, and knows those it has read, as long as they are the very same objects.

    What a row reads as depends on the assets it names: it is read again for a case that knows
    them differently. Threads may read a row twice; either result is right.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most = most_rows
        self._read: dict[int, tuple[Raw, tuple[_Reading, ...]]] = {}
        self._lock = Lock()
        self._logs: Answers[tuple[int, ...], _Log] = Answers(most_rows)

    def read(self, raw: Raw, assets: Assets) -> Operation:
        """The row as a typed record; raises what `ops.parse` raises."""
        return self._reading(raw, assets)[2]

    def all(self, rows: Sequence[Raw], assets: Assets) -> tuple[Operation, ...]:
        """Those that can be read, in chain order; of the very same rows the very same tuple."""
        key = tuple(map(id, rows))
        with self._lock:
            known = self._logs.get(key)
        if known is not None and tuple(map(assets.get, known[1])) == known[2]:
            return known[3]
        readings = []
        for row in rows:
            try:
                readings.append(self._reading(row, assets))
            except UNREADABLE:  # a row that proves nothing
                continue
        ids = tuple({identity for named, _, _ in readings for identity in named})
        log = tuple(sorted((operation for _, _, operation in readings), key=_NUMBER))
        with self._lock:
            self._logs.add(key, (rows, ids, tuple(map(assets.get, ids)), log), len(rows))
        return log

    def _reading(self, raw: Raw, assets: Assets) -> _Reading:
        held, readings = self._read.get(id(raw), (None, ()))
        if held is not raw:
            readings = ()
        for reading in readings:
            if tuple(map(assets.get, reading[0])) == reading[1]:
                return reading
        noted = _Noted(assets)
        operation = ops.parse(raw, noted)
        if len(self._read) >= self._most:
            self._read = {}
        ids = tuple(noted.ids)
        reading = ids, tuple(map(assets.get, ids)), operation
        self._read[id(raw)] = raw, (*readings[-MOST_READINGS + 1 :], reading)
        return reading


class _Noted(Mapping[str, Asset]):
    """Assets by id, and which of them were asked for."""

    __slots__ = ("_assets", "ids")

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self.ids: list[str] = []

    def get(self, key: str, default: Any = None) -> Any:
        self.ids.append(key)
        return self._assets.get(key, default)

    def __getitem__(self, key: str) -> Asset:
        self.ids.append(key)
        return self._assets[key]

    def __iter__(self) -> Iterator[str]:
        raise TypeError("what a row reads as may depend on the assets that it names only")

    def __len__(self) -> int:
        return len(self._assets)
