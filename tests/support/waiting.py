"""Waiting for what other threads and programs bring about, on a machine however busy.

No test may depend on how fast the machine is. What is to happen is waited for with `PATIENCE`; what
must not be waited for is given a limit of `FOREVER`, so that whoever waits for it is told apart from
whoever does not by minutes, not by fractions of a second (`promptly`).
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 60.0
"""Seconds in which even a very busy machine does what a test waits for."""
FOREVER = 10 * PATIENCE
"""Seconds that no test lasts: a limit that is not to be reached."""
PATIENT = {"connect_timeout": FOREVER, "read_timeout": FOREVER}
"""The limits of a node that no machine is too slow for."""


def soon(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether it comes to hold within so many seconds."""
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.005)
    return holds()


@contextmanager
def promptly() -> Iterator[None]:
    """What is done here waits for nothing that lasts `FOREVER`."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE


def took(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes: at least what it has to wait, and more on a busy machine."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def growing() -> Iterator[float]:
    """Seconds to try with, a fraction of one first: what is not done in time may be with more of it."""
    seconds = 0.25
    while seconds < PATIENCE:
        yield seconds
        seconds *= 2


class Clock:
    """Seconds that pass when they are told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Nap:
    """A sleep that lasts until the test ends it; its seconds have passed then."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun, self._over = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, seconds: float) -> None:
        self._begun.release()
        assert self._over.acquire(timeout=FOREVER)
        self._clock.now += seconds

    def begins(self) -> None:
        """Wait until somebody sleeps."""
        assert self._begun.acquire(timeout=PATIENCE)
        self._begun.release()

    def end(self) -> None:
        """Wake whoever sleeps, or the next one who does."""
        assert self._begun.acquire(timeout=PATIENCE)
        self._over.release()


def waits(thread: threading.Thread) -> bool:
    """Whether a thread waits for an event, a condition or a future just now."""
    frame = sys._current_frames().get(thread.ident or 0)
    return bool(frame and frame.f_code is threading.Condition.wait.__code__)


@contextmanager
def beside(*works: Callable[[], object]) -> Iterator[list[threading.Thread]]:
    """A thread for each piece of work; they have ended when the block has."""
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
