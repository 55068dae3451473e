"""Beside a block: at the same time, waited for, and nothing is lost where no thread is free."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event, get_ident

import pytest
from waiting import PATIENCE

from diag.chain.rpc.aside import MOST, aside


def test_the_block_and_the_work_run_side_by_side() -> None:
    met, threads = Event(), set[int]()

    def work(over: Event) -> None:
        threads.add(get_ident())
        met.set()
        assert over.wait(PATIENCE)

    with aside(work):
        assert met.wait(PATIENCE)
    assert threads.isdisjoint({get_ident()})


def test_the_end_of_the_work_is_waited_for() -> None:
    done = []

    def work(over: Event) -> None:
        over.wait(PATIENCE)
        done.append(over.is_set())

    with aside(work):
        assert not done
    assert done == [True]


def test_what_goes_wrong_aside_is_told() -> None:
    def work(over: Event) -> None:
        raise LookupError("aside")

    with pytest.raises(LookupError, match="aside"), aside(work):
        pass


def test_what_goes_wrong_in_the_block_comes_first() -> None:
    done = Event()

    def work(over: Event) -> None:
        over.wait(PATIENCE)
        done.set()
        raise LookupError("aside")

    with pytest.raises(ZeroDivisionError), aside(work):
        raise ZeroDivisionError
    assert done.is_set()


def test_where_no_thread_is_free_the_work_is_done_afterwards() -> None:
    order = []
    with ExitStack() as busy:
        for _ in range(MOST):
            busy.enter_context(aside(lambda over: over.wait(PATIENCE) and None))
        with aside(lambda over: order.append(("work", over.is_set(), get_ident()))):
            order.append(("block", False, get_ident()))
    assert order == [("block", False, get_ident()), ("work", True, get_ident())]
