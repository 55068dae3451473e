"""What many look for at once is looked for once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

from diag.chain.cache.answers import BoundedAnswers
from diag.chain.rpc.call import Deadline

Found = TypeVar("Found")

LATE = 0.25
"""The share of a question's time below which it is too late to begin anew."""


class SingleFlight(Generic[Found]):
    """The last few things that were found whole, and what is being looked for just now."""

    def __init__(
        self,
        most: int,
        whole: Callable[[Found], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock, self._whole, self._clock = Lock(), whole, clock
        self._kept: BoundedAnswers[str, Found] = BoundedAnswers(most)
        self._under_way: dict[str, Future[Found | None]] = {}

    def get(self, key: str, seconds: float, look: Callable[[Deadline], Found]) -> Found:
        """What is known, or found by somebody else meanwhile, or now; raises what look raises.

        Nobody waits past the own deadline, and what somebody else found that is not whole is taken
        only by those who have no time to do better.
        """
        deadline = Deadline(seconds, self._clock)
        with self._lock:
            known, flight = self._kept.get(key), self._under_way.get(key)
            mine: Future[Found | None] = Future()
            if known is None and flight is None:
                self._under_way[key] = mine
        if known is not None:
            return known
        if flight is None:
            return self._look(key, mine, deadline, look)
        found = _landed(flight, deadline)
        late = deadline.left() < seconds * LATE
        if found is not None and (late or self._whole(found)):
            return found
        return look(deadline)

    def _look(
        self,
        key: str,
        flight: Future[Found | None],
        deadline: Deadline,
        look: Callable[[Deadline], Found],
    ) -> Found:
        found: Found | None = None
        try:
            found = look(deadline)
            return found
        finally:
            with self._lock:
                del self._under_way[key]
                if found is not None and self._whole(found):
                    self._kept.add(key, found, 1)
            flight.set_result(found)


def _landed(flight: Future[Found | None], deadline: Deadline) -> Found | None:
    try:
        return flight.result(timeout=deadline.left())
    except TimeoutError:
        return None
