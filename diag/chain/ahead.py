"""Work that is done ahead of the next question, as long as there were questions lately."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread

from diag.chain.source import CROWDED

SHORTEST = 0.02  # seconds
log = logging.getLogger(__name__)


class Ahead:
    """Calls `work` again and again, in a thread of its own, until nobody has asked for so many seconds.

    rest tells in how many seconds it is time for the next call. Safe to use from many threads.
    """

    def __init__(
        self,
        work: Callable[[], None],
        rest: Callable[[], float],
        seconds: float,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work, self._rest, self._seconds, self._timer = work, rest, seconds, timer
        self._lock = Lock()
        self._until = 0.0
        self._running = False

    def asked(self) -> None:
        """Somebody has asked now."""
        with self._lock:
            self._until = self._timer() + self._seconds
            if self._running or not self._seconds:
                return
            self._running = True
        try:
            Thread(target=self._run, name="ahead", daemon=True).start()
        except RuntimeError:  # the system has no thread to give
            log.warning(CROWDED)
            self._running = False

    def _run(self) -> None:
        while True:
            time.sleep(max(SHORTEST, self._rest()))
            if not self._wanted():
                return
            try:
                self._work()
            except Exception:
                log.exception("what was to be done ahead failed")

    def _wanted(self) -> bool:
        """True as long as it is to go on; once it is not, the next question starts it anew."""
        with self._lock:
            self._running = self._timer() < self._until
            return self._running
