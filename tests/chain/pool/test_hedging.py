"""A wave is put to the next source where one is slow or of no use; the first good answer counts."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from waiting import FOREVER, growing, promptly

from diag.chain.pool.hedging import HedgedRequest
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.errors import OutOfTime

CALLS = {"head": Call("database", "get_chain_id")}
QUICKLY = 0.02


@dataclass
class Node:
    """Answers with its name, at once or after `wait` is set."""

    name: str
    wait: threading.Event | None = None
    asked: list[int] = field(default_factory=list)
    breaks: bool = False

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        self.asked.append(len(calls))
        if self.breaks:
            raise RuntimeError("a source never raises")
        if self.wait and not self.wait.wait(deadline.left()):
            return [OutOfTime() for _ in calls]
        return [self.name for _ in calls]


def race(
    nodes: list[Node], *, seconds: float = FOREVER, patience: float = FOREVER
) -> HedgedRequest:
    return HedgedRequest(nodes, lambda _: CALLS, Deadline(seconds), lambda _: patience)


def never() -> threading.Event:
    return threading.Event()


def test_the_first_answer_may_be_enough() -> None:
    one, two = Node("one"), Node("two")
    for source, answer in race([one, two]):
        assert (source.name, answer) == ("one", {"head": "one"})
        break
    assert (one.asked, two.asked) == ([1], [])


def test_an_answer_of_no_use_brings_the_next_source_at_once() -> None:
    nodes = [Node("one"), Node("two"), Node("three")]
    assert [source.name for source, _ in race(nodes)] == ["one", "two", "three"]


def test_a_slow_source_is_hedged_and_may_still_win() -> None:
    gate = threading.Event()
    slow, quick = Node("slow", gate), Node("quick")
    came = []
    for source, _ in race([slow, quick], patience=QUICKLY):
        came.append(source.name)
        gate.set()
    assert came == ["quick", "slow"]
    assert slow.asked == quick.asked == [1]


@pytest.mark.parametrize("silent", [1, 2])
def test_silent_sources_take_their_time_and_no_more(silent: int) -> None:
    nodes = [*(Node(f"silent {n}", never()) for n in range(silent)), Node("last")]
    found, _ = next(iter(race(nodes, patience=QUICKLY)))
    assert found.name == "last"


def test_without_measure_a_silent_source_leaves_time_for_those_after_it() -> None:
    nodes = [Node("silent", never()), Node("last")]
    for seconds in growing():
        deadline = Deadline(seconds)
        found = HedgedRequest(nodes, lambda _: CALLS, deadline, lambda _: FOREVER)
        came = [(source.name, deadline.left()) for source, _ in itertools.islice(found, 1)]
        if came and came[0][1] > seconds / 4:
            break
    [(name, left)] = came
    assert name == "last" and left > seconds / 4


def test_all_silent_ends_with_the_deadline() -> None:
    nodes = [Node("one", never()), Node("two", never())]
    with promptly():
        for _, answer in race(nodes, seconds=0.1, patience=QUICKLY):
            assert isinstance(answer["head"], OutOfTime)


def test_with_something_in_hand_nobody_is_waited_for_long() -> None:
    hurried = race([Node("good enough"), Node("silent", never())], patience=QUICKLY)
    with promptly():
        for _ in hurried:
            hurried.hurry = True


def test_the_question_is_put_anew_to_each_source() -> None:
    known: dict[str, Call] = {"a": CALLS["head"], "b": CALLS["head"]}
    nodes = [Node("one"), Node("two")]
    for _ in HedgedRequest(nodes, lambda _: known, Deadline(FOREVER), lambda _: FOREVER):
        known.pop("a", None)
    assert [node.asked for node in nodes] == [[2], [1]]


def test_a_source_that_breaks_its_promise_is_an_unreachable_one() -> None:
    (broken, answer), (good, _) = race([Node("broken", breaks=True), Node("good")])
    assert (broken.name, good.name) == ("broken", "good")
    assert answer["head"].reason == "no answer"
