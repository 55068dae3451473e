"""What many look for at once is looked for once, and nobody pays for another's bad luck."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from diag.chain.cache.single_flight import SingleFlight
from diag.errors import Unreachable


class Search:
    """Looks when it is let, and finds one thing after the other."""

    def __init__(self, *found):
        self.found, self.looks, self.begun, self.gate = list(found), 0, Event(), Event()

    def __call__(self, deadline):
        self.looks += 1
        self.begun.set()
        self.gate.wait(5)
        found = self.found.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def many(finds, search, seconds=5.0, threads=50):
    """One who begins, and many who come while it looks."""
    with ThreadPoolExecutor(threads) as pool:
        first = pool.submit(finds.get, "a", 5, search)
        search.begun.wait(5)
        others = [pool.submit(finds.get, "a", seconds, search) for _ in range(threads - 1)]
        while any(not other.running() for other in others):
            pass
        time.sleep(0.02)
        search.gate.set()
        return [first, *others]


def finds():
    return SingleFlight(2, lambda found: found == "whole")


def test_many_at_once_cost_one_look():
    search = Search("whole")
    kept = finds()

    assert {found.result() for found in many(kept, search)} == {"whole"}
    assert kept.get("a", 5, search) == "whole"
    assert search.looks == 1


@pytest.mark.parametrize(
    ("first", "told"), [("in part", "in part"), (Unreachable("no"), None)], ids=str
)
def test_what_is_not_whole_is_looked_for_again_by_those_who_have_the_time(first, told):
    search = Search(first, "whole", "whole", "whole")
    leader, *others = many(finds(), search, threads=3)

    assert {other.result() for other in others} == {"whole"}
    if told is None:
        with pytest.raises(Unreachable):
            leader.result()
    else:
        assert leader.result() == told


def test_who_has_no_time_left_takes_what_there_is():
    search, kept = Search("in part"), finds()
    with ThreadPoolExecutor(2) as pool:
        pool.submit(kept.get, "a", 5, search)
        search.begun.wait(5)
        late = pool.submit(kept.get, "a", 0.12, search)
        time.sleep(0.1)
        search.gate.set()

    assert late.result() == "in part"
    assert search.looks == 1


def test_nobody_waits_past_the_own_deadline():
    search, kept = Search("whole"), finds()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(kept.get, "a", 5, search)
        search.begun.wait(5)
        left = kept.get("a", 0.05, lambda deadline: deadline.left())
        search.gate.set()

    assert left == 0


def test_the_last_few_are_kept():
    kept, looks = finds(), []
    for key in "abca":
        kept.get(key, 5, lambda _, key=key: looks.append(key) or "whole")

    assert looks == ["a", "b", "c", "a"]
