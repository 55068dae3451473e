"""What a user may be told only if other nodes agree, and which nodes are named as agreeing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from recorded import ledger, register
from stories import BY_ID, question
from told import bent
from waiting import FOREVER

from diag.bootstrap import weigh
from diag.chain.collect.collector import Collector
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.errors import Unreachable
from diag.ledger.view import View

FULL = ledger()
REGISTER = register()
Bend = Callable[[Call, Reply], Reply]


def honest(call: Call, reply: Reply) -> Reply:
    return reply


def dead(call: Call, reply: Reply) -> Reply:
    return Unreachable("connection refused")


def without(*operations: str) -> Bend:
    """A node that shows none of these operations, and no gap where they were."""

    def bend(call: Call, reply: Reply) -> Reply:
        if call.api != "history" or not isinstance(reply, list):
            return reply
        return [row for row in reply if row["id"] not in operations]

    return bend


def changed(operation: str, **body: Any) -> Bend:
    """A node that shows an operation otherwise than it was."""

    def bend(call: Call, reply: Reply) -> Reply:
        if call.api != "history" or not isinstance(reply, list):
            return reply
        return [
            row | {"op": [row["op"][0], row["op"][1] | body]} if row["id"] == operation else row
            for row in reply
        ]

    return bend


def no_account(call: Call, reply: Reply) -> Reply:
    return [None for _ in reply] if call.method == "get_accounts" else reply


@dataclass
class Node:
    name: str
    bend: Bend = honest
    view: View = field(default_factory=View)
    waves: int = 0
    calls: int = 0

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        self.waves += 1
        self.calls += len(calls)
        return bent(FULL.with_view(self.view), calls, self.bend)


def asked(nodes: Sequence[Node], story: str) -> Diagnosis:
    collect = Collector(
        nodes,
        REGISTER,
        clock=lambda: FULL.clock,
        weigh=partial(weigh, REGISTER, CHECKS),
        seconds=FOREVER,
    )
    return diagnose(question(BY_ID[story]), collect, REGISTER, CHECKS)


def confirmed_by(diagnosis: Diagnosis) -> list[str]:
    return list(diagnosis.evidence.history.confirmed_by)


YES = ["returned-in-full", "htlc-refunded"]


@pytest.mark.parametrize("story", YES)
def test_every_node_is_asked_before_anybody_is_told_to_send_again(story: str) -> None:
    nodes = [Node("one"), Node("two"), Node("three")]
    found = asked(nodes, story)
    assert confirmed_by(found) == ["one", "two", "three"]
    assert found.evidence.history.known_nodes == 3
    assert found.verdict.code == BY_ID[story]["expect"]


@pytest.mark.parametrize(
    "story", [*YES, "returned-less-a-fee", "settled-by-burn", "no-such-account"]
)
def test_a_node_alone_confirms_nothing_and_is_asked_no_more_than_before(story: str) -> None:
    alone, beside = Node("one"), Node("one")
    found = asked([alone], story)
    assert confirmed_by(found) == ["one"]
    assert found.evidence.history.known_nodes == 1
    asked([beside, Node("two")], story)
    assert (alone.waves, alone.calls) == (beside.waves, beside.calls)


@pytest.mark.parametrize(
    ("others", "names"),
    [
        pytest.param([Node("two")], ["one", "two"], id="one that agrees"),
        pytest.param([Node("two", dead)], ["one"], id="one that is dead"),
        pytest.param([Node("two", view=View(behind=600))], ["one"], id="one that is behind"),
        pytest.param([Node("one")], ["one"], id="another address of the same host"),
        pytest.param(
            [Node("two", view=View(keep=1))], ["one"], id="one that dropped the window"
        ),
        pytest.param(
            [Node("two", dead), Node("three")], ["one", "three"], id="a dead one first"
        ),
    ],
)
def test_only_a_node_that_saw_the_same_confirms(others: list[Node], names: list[str]) -> None:
    found = asked([Node("one"), *others], "returned-in-full")
    assert confirmed_by(found) == names
    assert found.evidence.history.disagreement == ()


RETURN = "1.11.14076"
HIDES = without(RETURN)
ALTERS = changed(RETURN, amount={"amount": 1, "asset_id": "1.3.2"})


@pytest.mark.parametrize(
    ("nodes", "story"),
    [
        pytest.param(
            [Node("1"), Node("2", HIDES)],
            "returned-in-full",
            id="a return that one of two shows",
        ),
        pytest.param(
            [Node("1"), Node("2"), Node("3", HIDES)],
            "returned-in-full",
            id="a return that two of three show",
        ),
        pytest.param(
            [Node("1"), Node("2", ALTERS)], "returned-in-full", id="a return of another amount"
        ),
        pytest.param(
            [Node("1", no_account), Node("2")],
            "settled-by-burn",
            id="an account that one denies",
        ),
        pytest.param(
            [Node("1"), Node("2", no_account)],
            "nothing-sent-long-ago",
            id="an account that the second denies",
        ),
    ],
)
def test_what_nodes_contradict_each_other_in_is_not_decided(
    nodes: list[Node], story: str
) -> None:
    found = asked(nodes, story)
    assert found.verdict.code == "sources_disagree"
    assert len(found.evidence.as_of.nodes) == len(nodes)


@pytest.mark.parametrize("story", ["nothing-sent-just-now", "no-such-account"])
def test_that_nothing_was_found_is_confirmed_by_one_more_node(story: str) -> None:
    third = Node("three")
    found = asked([Node("one"), Node("two"), third], story)
    assert (confirmed_by(found), third.waves) == (["one", "two"], 0)


@pytest.mark.parametrize("order", [1, -1], ids=["second", "first"])
def test_what_is_not_final_yet_is_believed_to_the_node_that_shows_it(order: int) -> None:
    nodes = [Node("late", without("1.11.28695")), Node("new")][::order]
    found = asked(nodes, "still-reversible")
    assert found.verdict.code == BY_ID["still-reversible"]["expect"]
    assert found.evidence.history.disagreement == ()
    assert confirmed_by(found) == ["new"]


def test_what_was_found_is_one_node_s_word() -> None:
    second = Node("two")
    found = asked([Node("one"), second], "settled-by-burn")
    assert (confirmed_by(found), second.waves) == (["one"], 0)
