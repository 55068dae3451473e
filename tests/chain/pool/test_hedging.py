"""A wave is put to the next source where one is slow or of no use; the first good answer counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from diag.chain.pool.hedging import HedgedRequest
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.errors import OutOfTime

CALLS = {"head": Call("database", "get_chain_id")}
QUICKLY, LONG = 0.02, 20.0


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
        if self.wait and not self.wait.wait(min(deadline.left(), 5)):
            return [OutOfTime() for _ in calls]
        return [self.name for _ in calls]


def race(nodes: list[Node], *, seconds: float = 5.0, patience: float = LONG) -> HedgedRequest:
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
    deadline = Deadline(0.2)
    for source, _ in HedgedRequest(nodes, lambda _: CALLS, deadline, lambda _: LONG):
        assert source.name == "last"
        assert deadline.left() > 0.05
        break


def test_all_silent_ends_with_the_deadline() -> None:
    began = time.monotonic()
    nodes = [Node("one", never()), Node("two", never())]
    for _, answer in race(nodes, seconds=0.1, patience=QUICKLY):
        assert isinstance(answer["head"], OutOfTime)
    assert time.monotonic() - began < 2


def test_with_something_in_hand_nobody_is_waited_for_long() -> None:
    deadline = Deadline(30)
    hurried = HedgedRequest(
        [Node("good enough"), Node("silent", never())],
        lambda _: CALLS,
        deadline,
        lambda _: QUICKLY,
    )
    for _ in hurried:
        hurried.hurry = True
    assert deadline.left() > 20


def test_the_question_is_put_anew_to_each_source() -> None:
    known: dict[str, Call] = {"a": CALLS["head"], "b": CALLS["head"]}
    nodes = [Node("one"), Node("two")]
    for _ in HedgedRequest(nodes, lambda _: known, Deadline(5), lambda _: LONG):
        known.pop("a", None)
    assert [node.asked for node in nodes] == [[2], [1]]


def test_a_source_that_breaks_its_promise_is_an_unreachable_one() -> None:
    (broken, answer), (good, _) = race([Node("broken", breaks=True), Node("good")])
    assert (broken.name, good.name) == ("broken", "good")
    assert answer["head"].reason == "no answer"
