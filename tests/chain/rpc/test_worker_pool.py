"""Threads that stay: they are found again, go after a while, and survive what fails."""

from __future__ import annotations

import logging
import threading
from functools import partial
from threading import Event, get_ident

import pytest
from waiting import PATIENCE, beside, soon, waits

from diag.chain.rpc.worker_pool import WorkerPool


def did(pool: WorkerPool) -> int:
    """The thread that did a piece of work, once it is free again."""
    found: list[int] = []
    done = Event()

    def work() -> None:
        found.append(get_ident())
        done.set()

    assert pool.start(work, PATIENCE)
    assert done.wait(PATIENCE)
    assert soon(lambda: pool._idle._value > 0)
    return found[0]


def wait(go: Event) -> None:
    go.wait(PATIENCE)


def test_one_after_the_other_is_done_by_the_same_thread() -> None:
    pool = WorkerPool(4)
    assert len({did(pool) for _ in range(20)}) == 1


def test_side_by_side_no_more_than_the_most_are_under_way() -> None:
    pool, go = WorkerPool(3), Event()
    begun = [pool.start(partial(wait, go)) for _ in range(4)]
    assert begun == [True, True, True, False]
    go.set()
    assert soon(lambda: pool.start(lambda: None))


def test_who_has_patience_is_served_once_somebody_is_free() -> None:
    pool, go = WorkerPool(1), Event()
    assert pool.start(partial(wait, go))
    served: list[bool] = []
    with beside(lambda: served.append(pool.start(lambda: None, PATIENCE))) as [waiting]:
        assert soon(lambda: waits(waiting))
        go.set()
    assert served == [True]


def test_every_piece_is_done_whoever_begins_it() -> None:
    pool, lock, count = WorkerPool(8, max_idle=0.001), threading.Lock(), [0]

    def work() -> None:
        with lock:
            count[0] += 1

    def begin() -> None:
        for number in range(50):
            assert pool.start(work, PATIENCE)
            if number % 10 == 0:
                Event().wait(0.002)  # threads may be leaving meanwhile

    beginners = [threading.Thread(target=begin) for _ in range(8)]
    for beginner in beginners:
        beginner.start()
    for beginner in beginners:
        beginner.join()
    assert soon(lambda: count[0] == 400)


def test_work_that_fails_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    pool = WorkerPool(1)
    first = did(pool)
    with caplog.at_level(logging.ERROR):
        assert pool.start(partial(int, "no number"))
        assert soon(lambda: bool(caplog.records))
    assert did(pool) == first


def test_idle_threads_go_after_a_while() -> None:
    before = threading.active_count()
    pool = WorkerPool(4, max_idle=0.02)
    for _ in range(2):
        done = Event()
        assert pool.start(done.set)
        assert done.wait(PATIENCE)
        assert soon(lambda: threading.active_count() <= before)


def test_without_a_thread_to_have_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    pool = WorkerPool(1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert not pool.start(lambda: None)
    assert did(pool)
