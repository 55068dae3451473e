"""Runs work in another thread while replies are awaited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from threading import Event

from diag.chain.rpc.crew import Crew

MOST = 64
"""The most jobs side by side in one process; a further job runs when its block has ended."""
_CREW = Crew(MOST)


@contextmanager
def aside(work: Callable[[Event], None]) -> Iterator[None]:
    """Context manager: run `work` in another thread while the block runs; raises what it raises.

    `work` gets an event that is set at the end of the block. It should then start nothing new; the
    end of the block waits for it to return.
    """
    over, done = Event(), Future[None]()

    def run() -> None:
        try:
            work(over)
            done.set_result(None)
        except BaseException as error:
            done.set_exception(error)

    begun = _CREW.begin(run)
    try:
        yield
    finally:
        over.set()
        if not begun:
            run()
        wait([done])
    done.result()
