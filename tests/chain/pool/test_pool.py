"""Several nodes as one: a diagnosis goes to the best, others help, and nobody speaks for all alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from recorded import ledger, register
from told import bent
from waiting import FOREVER, PATIENCE, Clock, soon

from diag.chain.collect.collector import Collector
from diag.chain.collect.second_opinion import Weight, nothing_sent
from diag.chain.metrics import Counters
from diag.chain.pool.head import head_calls
from diag.chain.pool.health import State
from diag.chain.pool.pool import Member, Pool
from diag.chain.pool.status import StatusReader
from diag.chain.rpc.call import TOO_MANY_CALLS, Call, Deadline, Reply
from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.domain.case import Case
from diag.errors import OutOfTime, Unreachable
from diag.ledger.view import View

FULL = ledger()
REGISTER = replace(register(), chain_id=FULL.chain_id)
OTHER_CHAIN = "ab" * 32


@dataclass
class Node:
    """A recorded chain whose answers may go wrong: `spoil` gets each wave's place, call, reply."""

    name: str
    view: View = field(default_factory=View)
    spoil: Callable[[int, Call, Reply], Reply] = lambda wave, call, reply: reply
    asked: list[Sequence[Call]] = field(default_factory=list)
    gate: threading.Event | None = None
    slow_from: int = 0

    def __post_init__(self) -> None:
        self._ledger = FULL.with_view(self.view)

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        wave = len(self.asked)
        self.asked.append(calls)
        if self.gate and wave >= self.slow_from:
            self.gate.wait(deadline.left())
            if not deadline.left():
                return [OutOfTime() for _ in calls]
        return bent(self._ledger, calls, partial(self.spoil, wave))


def dead(wave: int, call: Call, reply: Reply) -> Reply:
    return Unreachable("connection refused")


def dying(wave: int, call: Call, reply: Reply) -> Reply:
    return reply if wave == 0 else Unreachable("connection broken off")


def losing(method: str) -> Callable[[int, Call, Reply], Reply]:
    def spoil(wave: int, call: Call, reply: Reply) -> Reply:
        return Unreachable("connection broken off") if call.method == method else reply

    return spoil


def losing_once(method: str) -> Callable[[int, Call, Reply], Reply]:
    return lambda wave, call, reply: reply if wave else losing(method)(wave, call, reply)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def case(account: str, start: str, end: str, **claim: Any) -> Case:
    return Case(account, at(start), at(end), **claim)


SETTLED = case("lin-yue", "2026-11-21T20:30:00", "2026-11-21T21:30:00")
OLD = case("chang-e1", "2026-11-21T20:50:33", "2026-11-21T21:20:33", asset="NORTH.BTC")
"""Longer ago than what a node that keeps 30 operations of each account holds."""
NOTHING = case(
    "tao-qian",
    "2026-11-21T09:00:00",
    "2026-11-21T10:00:00",
    asset="NORTH.BTC",
    amount=Decimal("0.09179"),
)


def asked_of(nodes: Sequence[Any], question: Case, **options: Any) -> Diagnosis:
    patient = {
        "seconds": FOREVER,
        "patience": lambda _: FOREVER,
        "clock": lambda: FULL.clock,
    }
    collect = Collector(nodes, REGISTER, **patient | options)
    return diagnose(question, collect, REGISTER, CHECKS)


def names(diagnosis: Diagnosis) -> list[str]:
    return [node.name for node in diagnosis.evidence.as_of.nodes]


# --- one diagnosis, several nodes ------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "question", "code", "used"),
    [
        pytest.param(
            [Node("one"), Node("two")], SETTLED, "gateway_settled", ["one"], id="one is enough"
        ),
        pytest.param(
            [Node("dead", spoil=dead), Node("two")],
            SETTLED,
            "gateway_settled",
            ["two"],
            id="a dead node is passed over",
        ),
        pytest.param(
            [Node("dying", spoil=dying), Node("two")],
            SETTLED,
            "gateway_settled",
            ["dying", "two"],
            id="a node that dies after the first wave is helped out, and both are named",
        ),
        pytest.param(
            [Node("losing", spoil=losing("get_transaction")), Node("two")],
            SETTLED,
            "gateway_settled",
            ["losing", "two"],
            id="what one node fails to answer another one does",
        ),
        pytest.param(
            [Node("losing", spoil=losing("get_account_balances")), Node("two")],
            SETTLED,
            "gateway_settled",
            ["two"],
            id="of two fresh nodes the one that answered everything is taken",
        ),
        pytest.param(
            [Node("losing", spoil=losing("get_account_balances"))],
            SETTLED,
            "gateway_settled",
            ["losing"],
            id="alone it has to do",
        ),
        pytest.param(
            [Node("stale", View(behind=600)), Node("two")],
            SETTLED,
            "gateway_settled",
            ["two"],
            id="a fresh node goes before one that is behind",
        ),
        pytest.param(
            [Node("dying", spoil=dying), Node("stale", View(behind=600))],
            SETTLED,
            "sources_unavailable",
            ["dying"],
            id="a node that is behind cannot help out",
        ),
        pytest.param(
            [Node("dying", spoil=dying), Node("foreign", View(chain_id=OTHER_CHAIN))],
            SETTLED,
            "sources_unavailable",
            ["dying"],
            id="nor one of another chain",
        ),
        pytest.param(
            [Node("foreign", View(chain_id=OTHER_CHAIN)), Node("two")],
            SETTLED,
            "gateway_settled",
            ["two"],
            id="the register's chain goes before another one",
        ),
        pytest.param(
            [Node("pruned", View(keep=30)), Node("pruned too", View(keep=40)), Node("full")],
            OLD,
            "gateway_settled",
            ["pruned", "pruned too", "full"],
            id="for what two nodes have dropped the third is asked",
        ),
        pytest.param(
            [Node("pruned", View(keep=30)), Node("stale", View(behind=600))],
            OLD,
            "gateway_settled",
            ["pruned", "stale"],
            id="an old gap is filled even by a node that is behind",
        ),
        pytest.param(
            [Node("one"), Node("one"), Node("stale", View(behind=600)), Node("two")],
            NOTHING,
            "never_included",
            ["one", "two"],
            id="a second opinion is another node's, and one that is not behind",
        ),
    ],
)
def test_who_answers(nodes: list[Node], question: Case, code: str, used: list[str]) -> None:
    diagnosis = asked_of(nodes, question)
    assert (diagnosis.verdict.code, names(diagnosis)) == (code, used)


def test_what_the_first_wave_lost_is_asked_once_more() -> None:
    late = threading.Event()

    def losing_balances(wave: int, call: Call, reply: Reply) -> Reply:
        if wave:
            late.set()
        return losing("get_account_balances")(wave, call, reply)

    def hasty(_: str) -> float:
        return FOREVER if late.is_set() else 0.01

    once = Node("losing", spoil=losing_once("get_account_balances"))
    always = Node("losing", spoil=losing("get_account_balances"))
    other = Node("other", spoil=losing("get_limit_orders_by_account"))
    first, slow = Node("losing", spoil=losing_balances), Node("slow", gate=late)
    for nodes, used, options in (
        ([once], ["losing"], {}),
        ([always, other], ["losing", "other"], {}),
        ([first, slow], ["losing", "slow"], {"patience": hasty}),
    ):
        diagnosis = asked_of(nodes, SETTLED, **options)
        assert (names(diagnosis), diagnosis.evidence.history.gaps) == (used, ())


def test_a_slow_node_is_hedged_in_every_wave() -> None:
    gate = threading.Event()
    for slow_from in (0, 1):
        slow, quick = Node("slow", gate=gate, slow_from=slow_from), Node("quick")
        diagnosis = asked_of([slow, quick], SETTLED, patience=lambda _: 0.05)
        assert diagnosis.verdict.code == "gateway_settled"
        assert names(diagnosis)[-1] == "quick"
    gate.set()


def test_a_node_that_forges_history_is_not_made_complete_by_another() -> None:
    def empty(wave: int, call: Call, reply: Reply) -> Reply:
        return [] if call.api == "history" else reply

    diagnosis = asked_of([Node("empty", spoil=empty), Node("dead", spoil=dead)], SETTLED)
    assert diagnosis.verdict.code == "history_incomplete"


def test_a_disturbed_network_is_looked_at_by_a_second_node() -> None:
    def disturbed(wave: int, call: Call, reply: Reply) -> Reply:
        if call.args and isinstance(call.args[0], list) and "2.1.0" in call.args[0]:
            return [reply[0] | {"recent_slots_filled": "1"}, *reply[1:]]
        return reply

    alone = asked_of([Node("odd", spoil=disturbed)], SETTLED)
    both = asked_of([Node("odd", spoil=disturbed), Node("two")], SETTLED)
    assert alone.evidence.history.network.disturbed
    assert not both.evidence.history.network.disturbed
    assert names(both) == ["two", "odd"] or names(both) == ["odd", "two"]


def test_what_nothing_was_sent_means_is_for_the_caller_to_say() -> None:
    one, two = Node("one"), Node("two")
    claimed = case("lin-yue", "2026-11-21T20:30:00", "2026-11-21T21:30:00", asset="BTS")
    assert names(asked_of([one, two], claimed)) == ["one"]
    negative = lambda *_: Weight.NEGATIVE  # noqa: E731
    assert names(asked_of([one, two], claimed, weigh=negative)) == ["one", "two"]
    found = asked_of([one], NOTHING).evidence.history
    assert nothing_sent(NOTHING, found) is Weight.NEGATIVE


# --- the pool --------------------------------------------------------------------------------


def pool_of(*nodes: Node, tally: Counters | None = None, **options: Any) -> tuple[Pool, Clock]:
    timer = Clock()
    options = {"clock": lambda: FULL.clock} | options
    return Pool.of(nodes, tally, timer=timer, **options), timer


HEAD = list(head_calls(()).values())


def order(pool: Pool) -> list[str]:
    return [source.name for source in pool]


def states(pool: Pool) -> list[State]:
    return [member.health.record().state for member in pool.members]


def settle(pool: Pool) -> None:
    """Ask every member for its head, as its background check does."""
    for member in pool.members:
        member.ask(HEAD, Deadline(PATIENCE))


def test_the_best_comes_first_and_those_of_no_use_not_at_all() -> None:
    pool, _ = pool_of(
        Node("foreign", View(chain_id=OTHER_CHAIN)),
        Node("stale", View(behind=600)),
        Node("dead", spoil=dead),
        Node("fit"),
        Node("fit too"),
        chain_id=FULL.chain_id,
    )
    settle(pool)
    assert order(pool) == ["fit", "fit too", "stale", "dead"]
    for _ in range(2):
        pool.members[2].ask(HEAD, Deadline(PATIENCE))
    assert order(pool) == ["fit", "fit too", "stale"]


def test_where_all_fail_all_are_tried() -> None:
    pool, _ = pool_of(Node("one", spoil=dead), Node("two", spoil=dead))
    for _ in range(3):
        settle(pool)
    assert states(pool) == [State.RESTING] * 2
    assert order(pool) == ["one", "two"]


def test_whoever_was_seconds_since_head_a_while_is_asked_for_its_head_beside_the_diagnosis() -> (
    None
):
    one, two = Node("one"), Node("two")
    pool, timer = pool_of(one, two)
    assert order(pool) == ["one", "two"]
    assert soon(lambda: states(pool) == [State.FIT, State.FIT])
    assert order(pool) and (len(one.asked), len(two.asked)) == (1, 1)
    timer.now += 11
    pool.members[0].ask(HEAD, Deadline(PATIENCE))
    assert order(pool) == ["one", "two"]
    assert soon(lambda: len(two.asked) == 2)
    assert len(one.asked) == 2  # once above: who answers diagnoses is not asked besides


def test_a_single_source_is_never_asked_beside_the_diagnosis() -> None:
    one = Node("one")
    pool, timer = pool_of(one)
    timer.now += 100
    assert order(pool) == ["one"] and one.asked == []


def test_what_we_are_too_busy_for_is_no_fault_of_the_source() -> None:
    def crowded(wave: int, call: Call, reply: Reply) -> Reply:
        return Unreachable(TOO_MANY_CALLS)

    pool, _ = pool_of(Node("busy", spoil=crowded))
    for _ in range(4):
        settle(pool)
    assert states(pool)[0] is State.UNKNOWN


def test_a_hurried_wave_is_no_fault_of_the_source() -> None:
    slow = Node("slow", gate=threading.Event())
    pool, _ = pool_of(slow)
    for _ in range(4):
        pool.members[0].ask(HEAD, Deadline(0.001))
    assert states(pool)[0] is State.UNKNOWN


def test_wrapped_sources_are_ranked_as_the_bare_ones() -> None:
    pool, _ = pool_of(Node("dead", spoil=dead), Node("fit"))
    wrapped = pool.wrapping(lambda source: Member(source, Counters()))
    settle(pool)
    assert order(wrapped) == order(pool) == ["fit", "dead"]
    assert {id(source) for source in wrapped} == {id(source) for source in wrapped}


def test_what_goes_over_the_wire_is_counted() -> None:
    tally = Counters()
    pool, _ = pool_of(Node("fit"), Node("dead", spoil=dead), tally=tally)
    for _ in range(3):
        settle(pool)
    counts = tally.read()
    assert counts["calls", "fit", ""] == counts["calls", "dead", ""] == 3 * len(HEAD)
    assert counts["waves", "fit", ""] == 3
    assert counts["failures", "dead", "connection refused"] == 3 * len(HEAD)
    assert counts["rests", "dead", ""] == 1
    assert not any(what == "failures" and node == "fit" for what, node, _ in counts)


@pytest.mark.parametrize("view", [View(keep=30), View(legacy=True)], ids=["pruned", "old"])
def test_a_pruned_or_old_node_gives_itself_away_while_it_answers(view: View) -> None:
    pool, _ = pool_of(Node("poor", view), Node("full"), clock=lambda: FULL.clock)
    settle(pool)
    assert order(pool) == ["poor", "full"]
    diagnose(
        OLD,
        Collector(pool, REGISTER, clock=lambda: FULL.clock, seconds=FOREVER),
        REGISTER,
        CHECKS,
    )
    assert order(pool) == ["full", "poor"]


def test_a_roll_call_looks_at_all_of_them_once_in_five_seconds() -> None:
    nodes = [Node("full"), Node("pruned", View(keep=30)), Node("dead", spoil=dead)]
    pool, timer = pool_of(*nodes)
    clock = lambda: FULL.clock  # noqa: E731
    call = StatusReader(pool, clock=clock, accounts=REGISTER.account_names, timer=timer)
    found = call(PATIENCE)
    assert [p.ok for p in found] == [True, True, False]
    assert [str(p.report.kind) for p in found] == ["full", "pruned", "unknown"]
    assert found[2].why == "connection refused"
    assert order(pool) == ["full", "pruned", "dead"]
    waves = [len(node.asked) for node in nodes]
    assert call(PATIENCE) == found and [len(node.asked) for node in nodes] == waves
    timer.now += 5
    call(PATIENCE)
    assert all(len(node.asked) > before for node, before in zip(nodes, waves, strict=True))
