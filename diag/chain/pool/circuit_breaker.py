"""A circuit breaker: a node that fails several times in a row is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable

MOST_FAILURES = 3
"""How many failures in a row open the breaker."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds for which the breaker stays open the first time, and at most."""


class CircuitBreaker:
    """Counts the failures of one node; while it is open, the node should not be asked.

    Each time it stays open for twice as long, until the node answers again. Not thread-safe.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.failures = 0
        """Number of failures since the last success."""
        self._open_until, self._pause = 0.0, FIRST_PAUSE

    @property
    def is_open(self) -> bool:
        return self.failures > 0 and self._clock() < self._open_until

    def success(self) -> None:
        """Count an answer: close the breaker."""
        self.failures, self._pause = 0, FIRST_PAUSE

    def failure(self) -> bool:
        """Count a failure; returns True if the breaker opens."""
        self.failures += 1
        if self.failures < MOST_FAILURES or self.is_open:
            return False
        self._open_until = self._clock() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return True
