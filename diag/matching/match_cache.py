"""Keeps the latest results of `settlements.match`.

The cases of a batch look at the same few gateways, and a case is matched again each time that
another node confirms it. Mostly the operations to be matched are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

from cachetools import LRUCache

from diag.domain.operations import Burn, Operation, Transfer
from diag.matching.credits import Back
from diag.matching.settlements import Match, match

MAX_OPERATIONS = 2_000
"""How many operations the results may hold: those of some six gateways."""
MAX_OPERATIONS_IN_BATCH = 100_000
"""The same while a batch is under way whose cases share their operations in memory."""

_Inputs = tuple[tuple[Operation, ...], ...]


class MatchCache:
    """The latest results, by the operations that were matched; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._batches = 0
        self._results = _results(MAX_OPERATIONS)

    def match(
        self,
        sent: Sequence[Transfer],
        burns: Sequence[Burn],
        backs: Sequence[Back],
        *,
        read_from: int = 0,
        **how: Any,
    ) -> Match:
        """Return `settlements.match` of the same arguments."""
        inputs: _Inputs = tuple(sent), tuple(burns), tuple(backs)
        numbers = [tuple([o.location.number for o in some]) for some in inputs]
        unread = sum(number < read_from for number in numbers[0])
        key = (*numbers, unread, *sorted(how.items()))
        with self._lock:
            known = self._results.get(key)
        if known and known[0] == inputs:  # other chains have operations of the same numbers
            return known[1]
        found = match(sent, burns, backs, read_from=read_from, **how)
        with self._lock, suppress(ValueError):  # larger than the whole cache
            self._results[key] = inputs, found
        return found

    @contextmanager
    def batch(self, most: int = MAX_OPERATIONS_IN_BATCH) -> Iterator[None]:
        """A context in which many cases are diagnosed, so that more results are kept.

        most: how many operations they may hold; those of the first batch apply until the last one
        under way ends.
        """
        with self._lock:
            if not self._batches:
                self._results = _results(most)
            self._batches += 1
        try:
            yield
        finally:
            with self._lock:
                self._batches -= 1
                if not self._batches:
                    self._results = _results(MAX_OPERATIONS)


def _results(most: int) -> LRUCache[Any, tuple[_Inputs, Match]]:
    return LRUCache(most, _size)


def _size(result: tuple[_Inputs, Match]) -> int:
    return 1 + sum(map(len, result[0]))


MATCHES = MatchCache()
"""The results of this process."""
