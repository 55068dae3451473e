"""One function on many items, a bounded number at a time."""

from __future__ import annotations

from threading import Barrier, Event, Lock

import pytest
from waiting import PATIENCE

from diag.parallel import as_finished


def double(item: int) -> int:
    return 2 * item


@pytest.mark.parametrize("items", [[], [1], [3, 1, 2], list(range(50))], ids=len)
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_every_item_comes_once_with_its_result(items, workers):
    found = list(as_finished(double, items, workers, name="test"))

    assert sorted(found) == [(item, 2 * item) for item in sorted(items)]


def test_items_that_finish_first_come_first():
    gate = Event()

    def work(item):
        return gate.wait(PATIENCE) if item == 1 else True

    found = as_finished(work, [1, 2, 3], 3, name="test")
    early = {next(found)[0], next(found)[0]}
    gate.set()

    assert early == {2, 3}
    assert list(found) == [(1, True)]


def test_no_more_run_side_by_side_than_there_are_workers():
    together, lock, most = [0], Lock(), [0]
    pair = Barrier(2)

    def work(item):
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        pair.wait(PATIENCE)
        with lock:
            together[0] -= 1

    list(as_finished(work, range(8), 2, name="test"))

    assert most[0] == 2


def test_nothing_further_is_started_once_there_shall_be_no_more():
    started = []
    found = as_finished(started.append, range(100), 1, name="test", more=lambda: not started)

    assert [item for item, _ in found] == started == [0]


def test_an_error_of_the_work_reaches_the_consumer():
    with pytest.raises(ZeroDivisionError):
        list(as_finished(lambda item: 1 / item, [1, 0], 1, name="test"))


@pytest.mark.parametrize("finish", [True, False])
def test_closing_waits_for_what_is_under_way_only_where_it_is_asked_to(finish):
    begun, gate, ended = Event(), Event(), Event()

    def work(item):
        if item == "slow":
            begun.set()
            assert gate.wait(PATIENCE)
            ended.set()

    found = as_finished(work, ["fast", "slow"], 2, name="test", finish=finish)
    assert next(found) == ("fast", None)
    assert begun.wait(PATIENCE)
    if finish:
        gate.set()
    found.close()

    assert ended.is_set() is finish
    gate.set()
    assert ended.wait(PATIENCE)
