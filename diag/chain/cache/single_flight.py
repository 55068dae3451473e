"""Single flight: a result that several threads want at the same time is loaded once.

Invalidation: an instance belongs to one snapshot and is discarded with it. The last few
complete results are kept; incomplete ones and errors are not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

from diag.chain.rpc.call import Deadline

Result = TypeVar("Result")

LATE_SHARE = 0.25
"""With less than this share of a caller's time left, it accepts another thread's partial result."""


class SingleFlight(Generic[Result]):
    """Caches the last few complete results, and shares those being loaded; thread-safe.

    max_results: how many complete results are kept.
    is_complete: tells whether a result may be cached and shared without reservation.
    """

    def __init__(
        self,
        max_results: int,
        is_complete: Callable[[Result], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock, self._is_complete, self._clock = Lock(), is_complete, clock
        self._results: LRUCache[str, Result] = LRUCache(max_results)
        self._in_flight: dict[str, Future[Result | None]] = {}

    def get(self, key: str, seconds: float, load: Callable[[Deadline], Result]) -> Result:
        """Return the cached result, or the one being loaded by another thread, or load it.

        Raises what `load` raises. No caller waits longer than its own `seconds`. An incomplete result
        of another thread is returned only if too little time is left to load it again.
        """
        deadline = Deadline(seconds, self._clock)
        with self._lock:
            known, flight = self._results.get(key), self._in_flight.get(key)
            mine: Future[Result | None] = Future()
            if known is None and flight is None:
                self._in_flight[key] = mine
        if known is not None:
            return known
        if flight is None:
            return self._load(key, mine, deadline, load)
        result = _wait(flight, deadline)
        late = deadline.left() < seconds * LATE_SHARE
        if result is not None and (late or self._is_complete(result)):
            return result
        return load(deadline)

    def _load(
        self,
        key: str,
        flight: Future[Result | None],
        deadline: Deadline,
        load: Callable[[Deadline], Result],
    ) -> Result:
        result: Result | None = None
        try:
            result = load(deadline)
            return result
        finally:
            with self._lock:
                del self._in_flight[key]
                if result is not None and self._is_complete(result):
                    self._results[key] = result
            flight.set_result(result)


def _wait(flight: Future[Result | None], deadline: Deadline) -> Result | None:
    try:
        return flight.result(timeout=deadline.left())
    except TimeoutError:
        return None
