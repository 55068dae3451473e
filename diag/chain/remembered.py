"""Reading the same row of history once: a gateway's pages serve many cases of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from diag.chain import ops
from diag.records import Asset, Operation

Raw = dict[str, Any]
Parse = Callable[[Raw, Mapping[str, Asset]], Operation]

MOST_ROWS = 100_000
"""How many read rows are kept; then all are dropped and read again."""


MOST_READINGS = 4
_Reading = tuple[tuple[str, ...], tuple[Asset | None, ...], Operation]
"""The assets that a row names, their ids and what was known of them; and what it reads as with them."""


class Remembered:
    """`ops.parse` that knows the rows it has read, as long as they are the very same objects.

    What a row reads as depends on the assets it names: it is read again for a case that knows
    them differently. Threads may read a row twice; either result is right.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most = most_rows
        self._read: dict[int, tuple[Raw, tuple[_Reading, ...]]] = {}

    def __call__(self, raw: Raw, assets: Mapping[str, Asset]) -> Operation:
        """The row as a typed record; raises what `ops.parse` raises."""
        held, readings = self._read.get(id(raw), (None, ()))
        if held is not raw:
            readings = ()
        for ids, known, operation in readings:
            if tuple(map(assets.get, ids)) == known:
                return operation
        noted = _Noted(assets)
        operation = ops.parse(raw, noted)
        if len(self._read) >= self._most:
            self._read = {}
        ids = tuple(noted.ids)
        reading = ids, tuple(map(assets.get, ids)), operation
        self._read[id(raw)] = raw, (*readings[-MOST_READINGS + 1 :], reading)
        return operation


class _Noted(Mapping[str, Asset]):
    """Assets by id, and which of them were asked for."""

    __slots__ = ("_assets", "ids")

    def __init__(self, assets: Mapping[str, Asset]) -> None:
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
