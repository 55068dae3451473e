"""Work that needs no answer, done while answers are waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from threading import Event

from diag.chain.rpc.crew import Crew

MOST = 64
"""Pieces of work side by side, in one process; a further one is done when the block is over."""
_CREW = Crew(MOST)


@contextmanager
def aside(work: Callable[[Event], None]) -> Iterator[None]:
    """Do work beside the block, in a thread of its own; raises what it raises.

    The event is set when the block is over: work may then leave off what it has not begun, and
    its end is waited for.
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
