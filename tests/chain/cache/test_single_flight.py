"""What many look for at once is looked for once, and nobody pays for another's bad luck."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from threading import Event

import pytest
from waiting import FOREVER, PATIENCE, Clock, beside, promptly, soon, waits

from diag.chain.cache.single_flight import SingleFlight
from diag.errors import Unreachable


class Search:
    """Looks when it is let, and finds one thing after the other."""

    def __init__(self, *found):
        self.found, self.looks, self.begun, self.gate = list(found), 0, Event(), Event()

    def __call__(self, deadline):
        self.looks += 1
        self.begun.set()
        self.gate.wait(FOREVER)
        found = self.found.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def many(finds, search, others=49):
    """What one who begins gets, and many who come while it looks."""
    found = [Future() for _ in range(1 + others)]

    def get(future):
        try:
            future.set_result(finds.get("a", FOREVER, search))
        except Unreachable as error:
            future.set_exception(error)

    with beside(partial(get, found[0])):
        assert search.begun.wait(PATIENCE)
        with beside(*(partial(get, future) for future in found[1:])) as waiting:
            assert soon(lambda: all(map(waits, waiting)))
            search.gate.set()
    return found


def finds(**options):
    return SingleFlight(2, lambda found: found == "whole", **options)


def test_many_at_once_cost_one_look():
    search = Search("whole")
    kept = finds()

    assert {found.result() for found in many(kept, search)} == {"whole"}
    assert kept.get("a", FOREVER, search) == "whole"
    assert search.looks == 1


@pytest.mark.parametrize(
    ("first", "told"), [("in part", "in part"), (Unreachable("no"), None)], ids=str
)
def test_what_is_not_whole_is_looked_for_again_by_those_who_have_the_time(first, told):
    search = Search(first, "whole", "whole", "whole")
    leader, *others = many(finds(), search, others=2)

    assert {other.result() for other in others} == {"whole"}
    if told is None:
        with pytest.raises(Unreachable):
            leader.result()
    else:
        assert leader.result() == told


def test_who_has_no_time_left_takes_what_there_is():
    clock = Clock()
    search, kept, late = Search("in part"), finds(clock=clock), []
    with beside(lambda: kept.get("a", FOREVER, search)):
        assert search.begun.wait(PATIENCE)
        with beside(lambda: late.append(kept.get("a", FOREVER, search))) as [waiting]:
            assert soon(lambda: waits(waiting))
            clock.now += 0.8 * FOREVER
            search.gate.set()

    assert late == ["in part"]
    assert search.looks == 1


def test_nobody_waits_past_the_own_deadline():
    search, kept = Search("whole"), finds()
    with beside(lambda: kept.get("a", FOREVER, search)):
        assert search.begun.wait(PATIENCE)
        with promptly():
            left = kept.get("a", 0.05, lambda deadline: deadline.left())
        search.gate.set()

    assert left == 0


def test_the_last_few_are_kept():
    kept, looks = finds(), []
    for key in "abca":
        kept.get(key, FOREVER, lambda _, key=key: looks.append(key) or "whole")

    assert looks == ["a", "b", "c", "a"]
