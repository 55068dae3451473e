"""Threads that stay for a while after their work, so that the next wave finds them there."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Lock, Thread

STAYS = 10.0  # seconds
log = logging.getLogger(__name__)

Work = Callable[[], None]


class Crew:
    """Does pieces of work side by side, at most so many; safe to use from many threads.

    Unlike those of an executor its threads are daemons: work that hangs keeps no process from ending.
    """

    def __init__(self, most: int, stays: float = STAYS) -> None:
        self._free = BoundedSemaphore(most)
        self._stays = stays
        self._lock = Lock()
        self._process = os.getpid()
        self._idle = 0
        """Threads that wait for work and that nobody has counted on yet."""
        self._work: SimpleQueue[Work] = SimpleQueue()

    def begin(self, work: Work, patience: float = 0.0) -> bool:
        """True if the work is under way; False if nobody was free for it in so many seconds."""
        if not self._free.acquire(timeout=patience):
            return False
        if not self._counted_on():
            try:
                Thread(target=self._serve, daemon=True).start()
            except RuntimeError:  # the system has no thread to give
                self._free.release()
                return False
        self._work.put(work)
        return True

    def _counted_on(self) -> bool:
        """Count on one of the threads that wait, if there is one."""
        with self._lock:
            if self._process != os.getpid():  # a fork takes no thread along
                self._process, self._idle = os.getpid(), 0
            found = self._idle > 0
            self._idle -= found
            return found

    def _serve(self) -> None:
        while self._did_some():
            pass

    def _did_some(self) -> bool:
        work = self._next()
        if work is None:
            return False
        try:
            work()
        except Exception:
            log.exception("what a thread had to do failed")
        with self._lock:
            self._idle += 1
        self._free.release()
        return True

    def _next(self) -> Work | None:
        """The next piece of work; None where none has come for so long that the thread may go."""
        try:
            return self._work.get(timeout=self._stays)
        except Empty:
            with self._lock:
                if self._idle:
                    self._idle -= 1
                    return None
            return self._work.get()  # somebody counts on it
