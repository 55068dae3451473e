"""Counts of what went over the wire and what did not have to: for metrics, never for verdicts."""

from __future__ import annotations

from collections import defaultdict
from threading import Lock

Key = tuple[str, str, str]
"""What is counted, of which node, and more about it (why a call failed); "" where there is none."""


class Counters:
    """Sums that only grow; safe to use from many threads.

    Counted are: `calls`, `waves`, `wave_seconds`, `failures` (with the reason), `hits` and
    `misses` of what is remembered.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._sums: defaultdict[Key, float] = defaultdict(float)

    def add(self, what: str, node: str = "", more: str = "", amount: float = 1) -> None:
        """Count something."""
        with self._lock:
            self._sums[what, node, more] += amount

    def read(self) -> dict[Key, float]:
        """All sums as they stand."""
        with self._lock:
            return dict(self._sums)
