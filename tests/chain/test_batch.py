"""A batch of cases: the same answers as one by one, from one head, and with few calls."""

from __future__ import annotations

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from recorded import ledger, register
from stories import STORIES, question
from tickets import tickets
from waiting import FOREVER

from diag.chain.client import BatchClient
from diag.chain.collect.collector import Collector
from diag.chain.pool.pool import Pool
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain.case import Case
from diag.errors import DiagError
from diag.ledger.node import LedgerSource
from diag.ledger.view import View
from diag.render import options
from diag.render.json_document import dumps
from diag.schemas.case import parse

NOW = ledger().clock


class Noted:
    """A recorded node that notes its calls."""

    name = "ledger"

    def __init__(self, found=None):
        self.source = LedgerSource(found or ledger(), self.name)
        self.calls = []

    def ask(self, calls, deadline):
        self.calls += calls
        return self.source.ask(calls, deadline)


def batch_client(*sources, alone=None, now=NOW, gateways=None):
    gateways = gateways or register()
    alone = alone or Collector(sources, gateways, clock=lambda: now, seconds=FOREVER)
    return BatchClient(Pool.of(sources), gateways, alone, clock=lambda: now)


def answered(case, collect, gateways=None):
    return dumps(diagnose(case, collect, gateways or register(), CHECKS), options.View("en"))


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("", View()),
        ("", View(keep=60)),
        ("degraded_mild", View()),
        ("degraded_severe", View()),
    ],
    ids=str,
)
def test_every_story_is_the_same_shared_and_alone(name, view):
    seen, gateways = ledger(name).with_view(view), register(name)
    now = seen.clock
    cases = [question(p.values[1]) for p in STORIES if p.values[0] == name]
    alone = Collector([Noted(seen)], gateways, clock=lambda: now, seconds=FOREVER)
    shared = batch_client(Noted(seen), now=now, gateways=gateways)
    expected = [answered(case, alone, gateways) for case in cases]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda case: answered(case, shared, gateways), cases))

    assert found == expected


def test_mixed_tickets_are_the_same_shared_and_alone():
    alone, shared = (
        Collector([Noted()], register(), clock=lambda: NOW, seconds=FOREVER),
        batch_client(Noted()),
    )
    for ticket in tickets(120, bad=0, seed=11)[-12:]:
        asked = {name: value for name, value in ticket.items() if name != "ticket"}
        try:
            case = parse(asked, NOW)
            expected = answered(case, alone)
        except DiagError:
            continue
        assert answered(case, shared) == expected, ticket


def test_the_second_ticket_of_a_gateway_adds_only_its_own_accounts_calls():
    node = Noted()
    shared = batch_client(node)
    window = (NOW - timedelta(hours=3, minutes=59, seconds=50), NOW - timedelta(hours=3.99))
    first = shared(Case("zhao-ming", *window))
    before = len(node.calls)
    second = shared(Case("mei11", *window))
    added = [(call.method, str(call.args)) for call in node.calls[before:]]
    own = ("'mei11'", f"'{second.account.id}'")
    foreign = [method for method, asked in added if not any(name in asked for name in own)]

    assert second.gateway_logs.keys() & first.gateway_logs.keys()
    assert set(foreign) <= {"get_transaction", "get_objects"}
    assert foreign.count("get_objects") <= 1  # what only its own operations name
    assert len(added) <= 16


def test_the_head_is_asked_first_and_once():
    node = Noted()
    shared = batch_client(node)
    for story in STORIES[:10]:
        shared(question(story.values[1]))
    heads = [n for n, call in enumerate(node.calls) if "2.1.0" in json.dumps(call.args)]

    assert len(heads) == 1
    assert heads[0] < 4


def test_no_answer_is_changed_by_those_who_read_it():
    kept = []

    class Kept(Noted):
        def ask(self, calls, deadline):
            replies = self.source.ask(calls, deadline)
            kept.extend((reply, copy.deepcopy(reply)) for reply in replies)
            return replies

    shared = batch_client(Kept())
    for story in STORIES[:20]:
        answered(question(story.values[1]), shared)

    assert kept
    assert [reply for reply, _ in kept if not isinstance(reply, Exception)] == [
        before for _, before in kept if not isinstance(before, Exception)
    ]


def test_an_account_that_has_moved_since_the_head_is_asked_alone():
    late = ledger().with_view(View(behind=30 * 60))
    moved = Case("wang-bo88", NOW - timedelta(hours=1), NOW - timedelta(minutes=31))
    still = Case("lin-yue", NOW - timedelta(hours=20), NOW - timedelta(hours=10))
    alone = []

    class Moving(Noted):
        """Tells an old head, and what happened after it."""

        def ask(self, calls, deadline):
            old, new = LedgerSource(late, "old"), self.source
            heads = ("2.1.0",)
            return [
                (old if any(h in json.dumps(c.args) for h in heads) else new).ask(
                    [c], deadline
                )[0]
                for c in calls
            ]

    def fresh(case):
        alone.append(case.account)
        return Collector([Noted()], register(), clock=lambda: NOW, seconds=FOREVER)(case)

    shared = batch_client(Moving(), alone=fresh)
    shared(still)
    found = shared(moved)

    assert alone == ["wang-bo88"]
    assert found.as_of.time == NOW
    assert not found.later


def test_a_head_does_not_grow_stale_while_the_batch_lasts():
    clock = [NOW]
    node = Noted()
    shared = BatchClient(
        Pool.of([node]),
        register(),
        Collector([node], register(), seconds=FOREVER),
        clock=lambda: clock[0],
    )
    case = Case("lin-yue", NOW - timedelta(hours=20), NOW)
    before = answered(case, shared)
    clock[0] += timedelta(minutes=10)

    assert answered(case, shared) == before
