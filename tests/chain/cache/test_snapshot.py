"""Equal calls are answered once, whoever asks; failures are not kept, and nobody waits too long."""

from __future__ import annotations

from collections import Counter
from threading import Event

import pytest
from recorded import ledger
from waiting import FOREVER, beside, promptly, soon, waits

from diag.chain.cache.snapshot import SnapshotCache
from diag.chain.rpc.call import Call, Deadline
from diag.errors import NodeError, OutOfTime, Unreachable
from diag.ledger.node import LedgerSource

HEAD = Call("database", "get_objects", (["2.1.0"],))
PAGE = Call("history", "get_account_history_by_time", ("a", None, "2026-11-22T12:00:00"))


FOUND = LedgerSource(ledger()).ask([HEAD], Deadline(FOREVER))[0]


def row(number):
    return {
        "id": f"1.11.{number}",
        "block_num": number,
        "block_time": "2026-11-22T11:00:00",
        "op": [0, {}],
    }


class Node:
    """Answers by name and notes what it was asked, wave by wave."""

    name = "node"

    def __init__(self, **answers):
        self.answers = answers
        self.waves = []
        self.gate = Event()
        self.gate.set()

    def ask(self, calls, deadline):
        self.waves.append(list(calls))
        self.gate.wait(FOREVER)
        return [self.answer(call) for call in calls]

    def answer(self, call):
        answer = self.answers.get(call.method)
        if isinstance(answer, list) and answer and isinstance(answer[0], Exception | None):
            found = answer.pop(0) if len(answer) > 1 else answer[0]
            if found is not None:
                return found
        if call == HEAD:
            return FOUND
        if call.method in ("get_objects", "get_accounts", "lookup_asset_symbols"):
            return [{"id": item} for item in call.args[0]]
        return [row(2), row(1)]

    @property
    def asked(self):
        return [call for wave in self.waves for call in wave]


def snapshot(node, **more):
    """A cache of a node that has told its head."""
    cache = SnapshotCache(node, **more)
    ask(cache, HEAD)
    node.waves.clear()
    return cache


def ask(source, *calls, seconds=FOREVER):
    return source.ask(list(calls), Deadline(seconds))


def objects(*ids):
    return Call("database", "get_objects", (list(ids),))


@pytest.mark.parametrize(
    ("calls", "asked"),
    [
        pytest.param([PAGE, PAGE], [PAGE], id="the same call twice in a wave"),
        pytest.param([objects("1", "2")], [objects("1", "2")], id="a list as it is"),
        pytest.param(
            [objects("1", "2"), objects("2", "3")],
            [objects("1", "2"), objects("3")],
            id="of a list only what is not known",
        ),
        pytest.param([objects("1", "1")], [objects("1")], id="an item named twice, once"),
        pytest.param(
            [Call("database", "get_accounts", (["1"], False)), objects("1")],
            [Call("database", "get_accounts", (["1"], False)), objects("1")],
            id="other methods are other questions",
        ),
    ],
)
def test_what_is_known_is_not_asked_again(calls, asked):
    node = Node()
    shared = snapshot(node)
    together = ask(shared, *calls)
    one_by_one = [reply for call in calls for reply in ask(shared, call)]

    assert node.asked == asked
    assert together == one_by_one == ask(Node(), *calls)


def test_the_first_calls_go_before_all_others_and_are_kept_whatever_comes():
    node = Node()
    shared = SnapshotCache(node, [HEAD], max_rows=1)
    for number in range(50):
        ask(shared, Call("history", "page", (number,)), HEAD)

    assert node.waves[0] == [HEAD]
    assert Counter(call.method for call in node.asked) == {"get_objects": 1, "page": 50}


def test_little_used_answers_are_forgotten_first():
    node = Node()
    shared = snapshot(node, max_rows=40)
    often = Call("history", "often")
    for number in range(60):
        ask(shared, Call("history", "page", (number,)), often)
    ask(shared, Call("history", "page", (0,)))

    assert [call.args for call in node.asked].count((0,)) == 2
    assert node.asked.count(often) == 1


@pytest.mark.parametrize(
    "failure", [Unreachable("connection refused"), NodeError(1, "assert", "no")], ids=str
)
def test_a_failure_is_told_and_not_kept(failure):
    shared = snapshot(Node(page=[failure, None]))

    assert ask(shared, Call("history", "page")) == [failure]
    assert ask(shared, Call("history", "page")) == [[row(2), row(1)]]


def test_a_source_that_does_not_tell_its_head_rests_and_is_asked_again():
    down, now = Unreachable("connection refused"), [0.0]
    node = Node(get_objects=[down, None])
    shared = SnapshotCache(node, [HEAD], clock=lambda: now[0])

    assert ask(shared, PAGE) == ask(shared, PAGE) == [down]
    assert node.asked == [HEAD]

    now[0] += 60
    assert ask(shared, PAGE) == [[row(2), row(1)]]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([{"id": "1"}], id="too short"),
        pytest.param({"1": {}}, id="no list"),
        pytest.param(None, id="nothing"),
    ],
)
def test_a_list_that_does_not_fit_the_question_is_no_answer(answer):
    node = Node()
    node.answer = lambda call: answer
    [reply] = ask(snapshot(node), objects("1", "2"))

    assert isinstance(reply, Unreachable)


def test_who_asks_while_the_answer_is_under_way_waits_for_it():
    node = Node()
    shared = snapshot(node)
    node.gate.clear()
    replies = []
    with beside(*[lambda: replies.append(ask(shared, PAGE))] * 8) as asking:
        assert soon(lambda: all(map(waits, asking)))
        node.gate.set()

    assert node.asked == [PAGE]
    assert replies == [[[row(2), row(1)]]] * 8


def test_nobody_waits_past_the_own_deadline():
    node = Node()
    shared = snapshot(node)
    node.gate.clear()
    slow = []
    with beside(lambda: slow.extend(ask(shared, PAGE))):
        assert soon(lambda: bool(node.waves))
        with promptly():
            [reply] = ask(shared, PAGE, seconds=0.05)
        node.gate.set()

    assert isinstance(reply, OutOfTime)
    assert slow == [[row(2), row(1)]]


def test_a_failure_of_somebody_elses_call_is_not_mine():
    node = Node(get_account_history_by_time=[Unreachable("reading timed out"), None])
    shared = snapshot(node)
    node.gate.clear()
    first, second = [], []
    with beside(lambda: first.extend(ask(shared, PAGE))):
        assert soon(lambda: bool(node.waves))
        with beside(lambda: second.extend(ask(shared, PAGE))) as [waiting]:
            assert soon(lambda: waits(waiting))
            node.gate.set()

    assert isinstance(first[0], Unreachable)
    assert second == [[row(2), row(1)]]


def test_a_source_that_breaks_leaves_nobody_waiting():
    class Broken(Node):
        def ask(self, calls, deadline):
            raise RuntimeError("broken")

    shared = SnapshotCache(Broken())
    for _ in range(2):
        with pytest.raises(RuntimeError):
            ask(shared, PAGE)
