"""The requests of each caller within the limit's window, counted in this process.

Memory is bounded: requests older than the window are dropped, and if there are too many callers,
the least recently seen ones are forgotten first.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

from limits.storage import Storage

MOST_CALLERS = 20_000
MOST_TIMES = 500_000
"""Times of requests, of all callers together: 32 bytes each."""


class Memory(Storage):
    """A storage backend for the moving-window strategy of the library `limits`; no other strategy
    is supported.
    """

    STORAGE_SCHEME = None

    def __init__(self, most_callers: int = MOST_CALLERS, most_times: int = MOST_TIMES) -> None:
        super().__init__()
        self._most_callers, self._most_times = most_callers, most_times
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        """By caller, the last one heard of at the end; oldest first."""
        self._windows: dict[str, int] = {}
        self._held = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """The number of callers that are remembered."""
        return len(self._times)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts a request; returns False if it exceeds the limit."""
        now = time.time()
        with self._lock:
            self._forget_old(now)
            times = self._times.setdefault(key, deque())
            self._times.move_to_end(key)
            self._windows[key] = expiry
            self._drop_before(times, now - expiry)
            if len(times) + amount > limit:
                return False
            times.extend([now] * amount)
            self._held += amount
            while self._full():
                self._forget(next(iter(self._times)))
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """The time of the oldest request in the window, and how many there are."""
        now = time.time()
        with self._lock:
            within = [at for at in self._times.get(key, ()) if at >= now - expiry]
        return (within[0] if within else now), len(within)

    def _full(self) -> bool:
        too_many = len(self._times) > self._most_callers or self._held > self._most_times
        return too_many and len(self._times) > 1

    def _forget_old(self, now: float) -> None:
        """Forgets the callers at the front of the queue that have sent nothing for a whole window."""
        while self._times:
            key = next(iter(self._times))
            times = self._times[key]
            if times and times[-1] >= now - self._windows[key]:
                return
            self._forget(key)

    def _forget(self, key: str) -> None:
        self._held -= len(self._times.pop(key))
        del self._windows[key]

    def _drop_before(self, times: deque[float], start: float) -> None:
        while times and times[0] < start:
            times.popleft()
            self._held -= 1

    # --- what every store has --------------------------------------------------------------------

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError  # of another kind of window

    def get(self, key: str) -> int:
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._lock:
            count = len(self._times)
            for key in list(self._times):
                self._forget(key)
        return count

    def clear(self, key: str) -> None:
        with self._lock:
            if key in self._times:
                self._forget(key)
