"""What holds for a block is asked once a block; no verdict is older than that, and none a mixture."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from threading import Barrier, Event

import pytest
from recorded import ledger, register
from stories import STORIES, question
from told import told
from waiting import FOREVER, PATIENCE, PATIENT, Clock, Nap, soon

from diag.chain.cache.immutable import ImmutableCache
from diag.chain.cache.prefetch import THREAD_NAME, CallHistory, HeadPrefetch
from diag.chain.client import ChainClient
from diag.chain.collect.collector import Collector
from diag.chain.metrics import Counters
from diag.chain.pool.head import head_calls
from diag.chain.pool.pool import Pool
from diag.chain.rpc.http import HttpNode
from diag.chain.rpc.websocket import WebSocketNode
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain.case import Case
from diag.errors import BadInput, NodeError, Unreachable
from diag.ledger.node import LedgerSource
from diag.ledger.replay.server import Replay
from diag.ledger.view import View
from diag.render import options
from diag.render.json_document import dumps

NOW = ledger().clock
BLOCK = 3.0
WINDOW = (NOW - timedelta(hours=20), NOW + timedelta(hours=1))
CASES = [question(p.values[1]) for p in STORIES if p.values[0] == ""]
BUSY = next(
    question(p.values[1]) for p in STORIES if p.values[1]["id"] == "needle-in-a-busy-account"
)


@cache
def shown(behind):
    return LedgerSource(ledger().with_view(View(behind=behind)), "ledger")


class Chain:
    """A recorded chain whose head moves when it is told to, also in the middle of a wave.

    One that does not answer in order may tell its head last, and what came before it first.
    """

    name = "ledger"

    def __init__(self, behind=0, in_order=False, chance=None):
        self.behind, self.in_order, self.chance = behind, in_order, chance
        self.calls, self.waves, self.failing = [], [], None
        self.told = "1970-01-01T00:00:00"
        self.gate = Event()
        self.gate.set()

    def ask(self, calls, deadline):
        self.waves.append(list(calls))
        self.calls += calls
        self.gate.wait(FOREVER)
        if self.failing:
            return [self.failing for _ in calls]
        order = list(range(len(calls)))
        if self.chance and not self.in_order:
            self.chance.shuffle(order)
        moves = self.chance.randrange(len(calls)) if self.chance else len(calls)
        replies = {}
        for position, n in enumerate(order):
            if position == moves and self.chance.random() < 0.5 and self.behind >= BLOCK:
                self.behind -= BLOCK
            [replies[n]] = shown(self.behind).ask([calls[n]], deadline)
            if "2.1.0" in str(calls[n].args):
                self.told = shown(self.behind).ledger.head()["time"]
        return [replies[n] for n in range(len(calls))]

    def clock(self):
        """What time it is by the head that it told last: it is never behind."""
        return datetime.fromisoformat(f"{self.told}+00:00")


def chain_client(chain, *, timer=lambda: 0.0, call_history=None, **more):
    pool = Pool.of([chain])
    pool = pool.wrapping(
        lambda _: ImmutableCache(chain)
    )  # the pool's own does not tell of the order
    return ChainClient(
        pool,
        register(),
        chain_id=None,
        clock=chain.clock,
        timer=timer,
        call_history=call_history,
        seconds=FOREVER,
        **more,
    )


def document(case, collect):
    return dumps(diagnose(case, collect, register(), CHECKS), options.View("en"))


def fresh(case, behind):
    chain = Chain(behind)
    return document(case, Collector([chain], register(), clock=chain.clock, seconds=FOREVER))


@pytest.mark.parametrize("in_order", [True, False], ids=["in order", "in any order"])
def test_every_story_is_the_same_cold_warm_and_after_the_head_has_moved(in_order):
    chain, now = Chain(6, in_order), [0.0]
    asked = chain_client(chain, timer=lambda: now[0], call_history=CallHistory())
    some = CASES[::13]
    for behind in (6, 0):
        chain.behind = behind
        now[0] += BLOCK
        expected = [fresh(case, behind) for case in some]
        assert [document(case, asked) for case in some] == expected
        assert [document(case, asked) for case in some] == expected


@pytest.mark.parametrize("in_order", [True, False], ids=["in order", "in any order"])
@pytest.mark.parametrize("seed", range(2))
def test_whatever_moves_in_between_the_answer_is_that_of_one_head(seed, in_order):
    """Also where a block comes in the middle of a wave."""
    chance, now, heads = random.Random(seed), [0.0], []
    chain = Chain(9 * 3600, in_order, chance)
    asked = chain_client(chain, timer=lambda: now[0], call_history=CallHistory())
    accounts = ["wang-bo88", "lin-yue", "zhao-ming", "no-such-name", "mei11"]
    for _ in range(8):
        now[0] += chance.choice([0, 0.5, 2, 5])
        chain.behind -= chance.choice([0, 0, BLOCK, 600, 1800])
        heads.append((now[0], chain.behind))
        case = Case(chance.choice(accounts), *WINDOW)
        found = asked(case)
        behind = (NOW - found.as_of.time).total_seconds()
        oldest = max(b for at, b in heads if at >= now[0] - BLOCK)
        assert found.as_of.block >= shown(oldest).ledger.head_number
        assert document(case, lambda _, found=found: found) == fresh(case, behind)


def test_a_verdict_is_never_older_than_a_block():
    chain, now = Chain(3600), [0.0]
    asked = chain_client(chain, timer=lambda: now[0])
    case = Case("lin-yue", *WINDOW)
    heads, seen = [], []
    for seconds in (0, 1, 1.9, 0.2, 2.9):
        now[0] += seconds
        chain.behind -= BLOCK
        heads.append(shown(chain.behind).ledger.head_number)
        seen.append(asked(case).as_of.block)

    assert seen == [heads[0]] * 3 + [heads[3]] * 2


def test_a_moment_is_no_longer_than_a_block_of_its_chain():
    chain, now = Chain(3600), [0.0]
    asked = chain_client(chain, timer=lambda: now[0])
    asked(CASES[0])
    asked._interval = timedelta(seconds=1)
    for _ in range(4):
        now[0] += BLOCK
        asked(CASES[0])
    heads = len([1 for call in chain.calls if "2.1.0" in str(call.args)])
    now[0] += 1.5
    asked(CASES[0])

    assert len([1 for call in chain.calls if "2.1.0" in str(call.args)]) == heads
    assert asked._interval == timedelta(seconds=BLOCK)


def test_the_same_question_in_the_same_moment_asks_nothing():
    chain = Chain()
    asked = chain_client(chain)
    first = asked(CASES[0])
    before = len(chain.waves)

    assert asked(CASES[0]) is first
    assert asked(replace(CASES[0], end=CASES[0].end + timedelta(seconds=1))) is not first
    assert len(chain.waves) > before


def test_an_account_that_has_moved_is_asked_in_a_new_moment():
    case = Case("wang-bo88", NOW - timedelta(hours=2), NOW + timedelta(hours=1))
    chain = Chain(3600, in_order=True)
    asked = chain_client(chain)
    before = asked(Case("lin-yue", *WINDOW))
    chain.behind = 0
    found = asked(case)

    assert before.as_of.time < max(o.at for o in found.log.operations)
    assert not found.later
    assert document(case, lambda _: found) == fresh(case, 0)
    assert asked(Case("lin-yue", *WINDOW)).as_of == found.as_of  # it is there for all


class Failing(Chain):
    """A chain that answers calls of one method with an error."""

    def __init__(self, method):
        super().__init__()
        self.method = method

    def ask(self, calls, deadline):
        error = NodeError(1, "assert_exception", "no such API")
        replies = super().ask(calls, deadline)
        return [
            error if call.method == self.method else reply
            for call, reply in zip(calls, replies, strict=True)
        ]


@pytest.mark.parametrize(
    ("method", "complete"),
    [
        pytest.param(None, True, id="nothing fails"),
        pytest.param("lookup_asset_symbols", False, id="the coins cannot be read"),
    ],
)
def test_a_gateway_is_complete_only_if_everything_was_read(method, complete):
    gateway = next(g for g in register().gateways if g.account_names)
    assert chain_client(Failing(method)).gateway_view(gateway).complete is complete


@pytest.mark.parametrize("in_order", [True, False], ids=["in order", "in any order"])
def test_fifty_who_ask_about_one_gateway_at_once_cost_one_look(in_order):
    gateway = next(g for g in register().gateways if g.account_names)
    chain = Chain(in_order=in_order)
    alone = Chain(in_order=in_order)
    chain_client(alone).gateway_view(gateway)
    asked, ready = chain_client(chain), Barrier(50)

    def agent(_):
        ready.wait()
        return asked.gateway_view(gateway)

    chain.gate.clear()
    with ThreadPoolExecutor(50) as threads:
        looks = [threads.submit(agent, n) for n in range(50)]
        assert soon(lambda: bool(chain.waves))
        chain.gate.set()
        found = {id(view.logs) and view.now for view in (look.result() for look in looks)}

    assert found == {NOW}
    history = [call for call in chain.calls if call.api == "history"]
    assert Counter(history) == Counter(c for c in alone.calls if c.api == "history")
    assert len([1 for call in chain.calls if "2.1.0" in str(call.args)]) == 1


def test_users_of_one_gateway_share_its_pages():
    chain = Chain(in_order=True)
    asked = chain_client(chain)
    window = (NOW - timedelta(hours=3, minutes=59, seconds=50), NOW - timedelta(hours=3.99))
    first = asked(Case("zhao-ming", *window))
    before = len(chain.calls)
    second = asked(Case("mei11", *window))
    added = [str(call.args) for call in chain.calls[before:] if call.api == "history"]

    assert second.gateway_logs.keys() & first.gateway_logs.keys()
    assert all("mei11" in text or f"'{second.account.id}'" in text for text in added)


def test_a_window_that_begins_after_the_moments_head_is_no_mistake():
    chain = Chain(3600)
    asked = chain_client(chain)
    asked(CASES[0])
    chain.behind = 0
    case = Case("lin-yue", NOW - timedelta(minutes=30), NOW)

    assert document(case, asked) == fresh(case, 0)
    with pytest.raises(BadInput):
        asked(replace(case, start=NOW + timedelta(seconds=1)))


def test_a_failure_is_over_when_it_is_over():
    chain = Chain()
    asked = chain_client(chain)
    chain.failing = Unreachable("connection refused")
    with pytest.raises(Unreachable):
        asked(CASES[0])
    chain.failing = None

    assert document(CASES[0], asked) == fresh(CASES[0], 0)


def test_what_was_missing_is_asked_again_in_the_same_moment():
    chain = Chain()
    source = chain.ask
    chain.ask = lambda calls, deadline: [
        Unreachable("reading timed out") if c.method == "get_account_balances" else r
        for c, r in zip(calls, source(calls, deadline), strict=True)
    ]
    asked = chain_client(chain)
    assert asked(CASES[0]).gaps
    chain.ask = source

    assert document(CASES[0], asked) == fresh(CASES[0], 0)


def test_a_recorded_chain_keeps_its_moment_until_its_head_moves():
    chain, now = Chain(3600), [0.0]
    asked = chain_client(chain, timer=lambda: now[0], local_head=lambda: chain.behind)
    first = asked(CASES[0])
    now[0] += 10**6
    assert asked(CASES[0]) is first
    chain.behind = 0

    assert document(CASES[0], asked) == fresh(CASES[0], 0)


def test_health_and_gateways_are_seen_in_the_moment_of_the_diagnoses():
    chain = Chain(60, in_order=True)
    asked = chain_client(chain)
    found = asked(CASES[0])
    chain.behind = 0
    gateway = next(g for g in register().gateways if g.account_names)

    assert asked.health(PATIENCE).time == asked.gateway_view(gateway).now == found.as_of.time


def test_what_was_made_of_a_moment_is_kept_no_longer_and_not_without_bound():
    chain, now, made = Chain(), [0.0], []
    asked = chain_client(chain, timer=lambda: now[0])

    def answer(key, weight=1):
        return asked.memoize(
            key, lambda: made.append(key) or (key, len(made)), lambda _: weight
        )

    assert answer("a") is answer("a")
    answer("unfit", None)
    answer("unfit", None)
    for n in range(10):
        answer(f"large {n}", 1024 * 1024)
    answer("a")
    now[0] += BLOCK
    answer("large 9")

    assert Counter(made)["a"] == 2
    assert Counter(made)["unfit"] == 2
    assert Counter(made)["large 9"] == 2


@pytest.mark.parametrize("in_order", [True, False], ids=["in order", "in any order"])
@pytest.mark.parametrize(
    ("case", "cold"),
    [*((case, 2) for case in CASES[::17]), (BUSY, 3)],
    ids=lambda given: getattr(given, "account", None),
)
def test_a_question_asked_again_after_a_block_or_two_costs_one_wave(case, cold, in_order):
    """Where answers come in any order, if somebody has asked for the head before."""
    chain, now = Chain(6, in_order), [0.0]
    asked = chain_client(
        chain, timer=lambda: now[0], call_history=CallHistory(timer=lambda: now[0])
    )
    asked(case)
    assert len(chain.waves) <= cold
    for _ in range(2):
        now[0] += BLOCK
        chain.behind -= BLOCK
        if not in_order:
            asked.health(PATIENCE)
        before = len(chain.waves)
        found = asked(case)
        assert len(chain.waves) == before + 1

    assert document(case, lambda _: found) == fresh(case, 0)


def test_a_block_number_that_no_chain_has_is_no_crash():
    """It comes as text, so it can be any number; what is asked about it is a key as well."""

    class Bragging(Chain):
        def ask(self, calls, deadline):
            replies = super().ask(calls, deadline)
            return [
                told(call, [row | {"block_num": "9" * 30} for row in page(call)])
                if call.method == "get_account_history_by_time"
                else reply
                for call, reply in zip(calls, replies, strict=True)
            ]

    def page(call):
        return ledger().answer(call.api, call.method, call.args)

    found = diagnose(CASES[0], chain_client(Bragging()), register(), CHECKS)
    assert found.verdict.rule.outcome


def test_what_is_asked_next_rides_along_when_a_window_is_completed():
    """A moment has those answers then; what only the completed window shows is left to ask."""
    case = BUSY
    alone, chain = Chain(in_order=True), Chain(in_order=True)
    Collector([alone], register(), clock=alone.clock, seconds=FOREVER)(case)
    found = chain_client(chain)(case)
    assert len(chain.waves) <= len(alone.waves) == 3
    asked_twice = {repr(call) for call in alone.waves[1]} & {repr(c) for c in alone.waves[2]}
    assert asked_twice
    assert asked_twice.isdisjoint(repr(call) for wave in chain.waves[2:] for call in wave)
    assert document(case, lambda _: found) == fresh(case, 0)


def threads_ahead():
    return [thread for thread in threading.enumerate() if thread.name == THREAD_NAME]


@pytest.mark.prefetch
def test_the_head_is_asked_for_ahead_of_the_next_question():
    case, chain, clock = CASES[0], Chain(in_order=False), Clock()
    nap = Nap(clock)
    asked = chain_client(
        chain,
        timer=clock,
        call_history=CallHistory(timer=clock),
        prefetch_seconds=5,
        sleep=nap,
    )
    asked(case)
    before = len(chain.waves)
    nap.end()  # with the first moment
    nap.begins()
    [wave] = chain.waves[before:]
    assert {call.method for call in wave} == {call.method for call in head_calls(()).values()}

    found = asked(case)
    assert len(chain.waves) == before + 2
    assert document(case, lambda _: found) == fresh(case, 0)
    clock.now += 10
    nap.end()
    assert soon(lambda: not threads_ahead())


@pytest.mark.prefetch
def test_where_answers_come_in_order_nothing_is_asked_ahead():
    chain, clock = Chain(in_order=True), Clock()
    nap = Nap(clock)
    asked = chain_client(
        chain,
        timer=clock,
        call_history=CallHistory(timer=clock),
        prefetch_seconds=10,
        sleep=nap,
    )
    asked(CASES[0])
    before = len(chain.waves)
    for _ in range(4):
        nap.end()
    assert soon(lambda: not threads_ahead())
    assert len(chain.waves) == before


def test_work_ahead_ends_when_nobody_asks_and_begins_again_when_somebody_does():
    done, clock = [], Clock()
    nap = Nap(clock)
    ahead = HeadPrefetch(lambda: done.append(clock.now), lambda: 1.0, 10, clock, nap)
    for began in (clock.now, clock.now + 100):
        clock.now = began
        done.clear()
        ahead.keep_alive()
        ahead.keep_alive()
        for _ in range(10):
            nap.end()
        assert soon(lambda: not threads_ahead())
        assert done == [began + passed for passed in range(1, 10)]


def test_what_is_noted_of_many_accounts_is_bounded():
    chain, now = Chain(in_order=True), [0.0]
    noted = CallHistory(max_ids=60, timer=lambda: now[0])
    asked = chain_client(chain, timer=lambda: now[0], call_history=noted)

    def waves(case):
        now[0] += BLOCK
        before = len(chain.waves)
        asked(case)
        return len(chain.waves) - before

    first, *others = CASES[::11]
    assert [waves(first), waves(first)] == [2, 1]
    assert all(waves(case) > 1 for case in others)
    assert waves(first) == 2  # forgotten since


@pytest.mark.parametrize(("kind", "before"), [(WebSocketNode, 0), (HttpNode, 1)])
def test_a_warm_question_to_a_node_on_sockets_costs_one_wave(kind, before):
    """Over HTTP the answers come in any order: the head must have been asked for before."""
    tally, now, case = Counters(), [0.0], CASES[0]
    with Replay(ledger()) as replay:
        url = replay.ws_url if kind is WebSocketNode else replay.url
        node = kind(url, **PATIENT)
        pool = Pool.of([node], tally).wrapping(ImmutableCache)
        more = {"timer": lambda: now[0], "call_history": CallHistory(timer=lambda: now[0])}
        asked = ChainClient(
            pool, register(), seconds=FOREVER, chain_id=None, clock=lambda: NOW, **more
        )
        for _ in range(2):
            asked(case)
            now[0] += BLOCK
        for _ in range(before):
            asked.health(PATIENCE)
        waves = tally.read()["waves", node.name, ""]
        found = asked(case)
        assert tally.read()["waves", node.name, ""] == waves + 1
        if kind is WebSocketNode:
            node.close()

    assert document(case, lambda _: replace_node(found)) == fresh(case, 0)


def replace_node(found):
    """The same from a node of another name."""
    nodes = (replace(found.as_of.nodes[0], name="ledger"),)
    as_of = replace(found.as_of, nodes=nodes)
    return replace(found, as_of=as_of, confirmed_by=("ledger",))
