"""Counters of network calls and cache hits: for metrics, never for verdicts."""

from __future__ import annotations

from collections import defaultdict
from threading import Lock

Key = tuple[str, str, str]
"""Name of the counter, name of the node, detail (such as why a call failed); "" if there is none."""


class Counters:
    """Sums that only grow; thread-safe.

    Counters: `calls`, `waves`, `wave_seconds`, `rests` and `failures` (with the reason) per node,
    and `hits` and `misses` of the caches.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._sums: defaultdict[Key, float] = defaultdict(float)

    def add(self, name: str, node: str = "", detail: str = "", amount: float = 1) -> None:
        """Add an amount to a counter."""
        with self._lock:
            self._sums[name, node, detail] += amount

    def read(self) -> dict[Key, float]:
        """Return a copy of all sums."""
        with self._lock:
            return dict(self._sums)
