"""A pool of daemon threads that are kept for a while after their work."""

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
    """Runs jobs in threads; thread-safe.

    Unlike the threads of an executor these are daemons: a job that hangs does not keep the process
    from exiting.

    most: the most jobs side by side.
    stays: seconds after which an idle thread ends.
    """

    def __init__(self, most: int, stays: float = STAYS) -> None:
        self._free = BoundedSemaphore(most)
        self._stays = stays
        self._lock = Lock()
        self._process = os.getpid()
        self._idle = 0
        """The number of idle threads that are not reserved for a job."""
        self._work: SimpleQueue[Work] = SimpleQueue()

    def begin(self, work: Work, patience: float = 0.0) -> bool:
        """Run a job; False if no thread was free within so many seconds."""
        if not self._free.acquire(timeout=patience):
            return False
        if not self._counted_on():
            try:
                Thread(target=self._serve, daemon=True).start()
            except RuntimeError:  # the system cannot start another thread
                self._free.release()
                return False
        self._work.put(work)
        return True

    def _counted_on(self) -> bool:
        """Reserve an idle thread; False if there is none."""
        with self._lock:
            if self._process != os.getpid():  # a fork does not copy threads
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
        """The next job; None if the thread has been idle for long enough to end."""
        try:
            return self._work.get(timeout=self._stays)
        except Empty:
            with self._lock:
                if self._idle:
                    self._idle -= 1
                    return None
            return self._work.get()  # a job reserved this thread
