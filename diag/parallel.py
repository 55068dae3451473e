"""Runs one function on many items in threads, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def as_finished(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    *,
    name: str,
    more: Callable[[], bool] = lambda: True,
    finish: bool = False,
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with the result of `work`, in the order in which they finish.

    Further items are started only when the finished ones have been consumed, so the work stops when
    the consumer stops iterating or closes the iterator. An error of `work` is raised here.

    name: of the threads. more: returns whether further items may be started; those under way are
    yielded in any case. finish: wait at the end for items under way that nobody consumes.
    """
    waiting = iter(items)
    running: dict[Future[Result], Item] = {}
    pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
    try:
        while True:
            for item in islice(waiting, workers - len(running) if more() else 0):
                running[pool.submit(work, item)] = item
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in [future for future in running if future in finished]:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(wait=finish, cancel_futures=True)
