"""A node that serves no histories is not fit, is asked last, and its answer says what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from elastic import URL, Elastic, serving
from indexed import MODES, Indexed
from recorded import RECORDED, ledger, register
from stories import BY_ID, question
from told import bent
from waiting import FOREVER, PATIENCE

from diag.api.app import create_app
from diag.bootstrap import weigh
from diag.chain.collect.collector import Collector
from diag.chain.elasticsearch.client import Elasticsearch
from diag.chain.pool.health import State
from diag.chain.pool.history_service import Lack, NodeKind, refusal
from diag.chain.pool.pool import Pool
from diag.chain.pool.status import StatusReader
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.checks import CHECKS
from diag.config.settings import Settings
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.errors import NodeError, Unreachable
from diag.ledger.node import LedgerSource
from diag.ledger.replay.server import Replay
from diag.ledger.view import View

FULL = ledger()
REGISTER = register()
GATEWAYS = frozenset(REGISTER.account_names)
DENIED, MISSING = View(history="denied"), View(history="missing")
LEGACY = View(legacy=True)
TRACKED, ONLY_GATEWAYS = View(tracked=frozenset(["zou-yan"])), View(tracked=GATEWAYS)


def node(name: str, view: View = View()) -> LedgerSource:  # noqa: B008 - it is frozen
    return LedgerSource(FULL.with_view(view), name)


@dataclass
class Bent:
    """A node whose answers about histories are altered on their way."""

    bend: Callable[[Reply], Reply]
    name: str = "bent"

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return bent(FULL, calls, self._bent)

    def _bent(self, call: Call, said: Any) -> Any:
        return self.bend(said) if call.api == "history" else said


def asked(story: str, *nodes: Any) -> Diagnosis:
    collect = Collector(
        nodes,
        REGISTER,
        clock=lambda: FULL.clock,
        weigh=partial(weigh, REGISTER, CHECKS),
        seconds=FOREVER,
    )
    return diagnose(question(BY_ID[story]), collect, REGISTER, CHECKS)


NO_METHOD = NodeError(-32601, "method_not_found_exception", "Method not found")
ASSERTION = NodeError(10, "assert_exception", "Execution error: Assert Exception: tmp: ")
NOT_ALLOWED = NodeError(10, "assert_exception", "Execution error: is_allowed: Access denied")
LOST = Unreachable("connection broken off")


@pytest.mark.parametrize(
    ("probes", "by_time", "lack"),
    [
        pytest.param([], [], None, id="nothing was asked"),
        pytest.param([[], []], [[]], None, id="an account without operations"),
        pytest.param([ASSERTION, []], [[]], None, id="one question refused"),
        pytest.param([[]], [ASSERTION], None, id="the question by time refused"),
        pytest.param([[]], [NO_METHOD, []], None, id="a proxy before several versions"),
        pytest.param([LOST], [LOST], None, id="nobody answered"),
        pytest.param([ASSERTION], [LOST], None, id="one refused, one lost: not known"),
        pytest.param([LOST], [NO_METHOD], None, id="no questions by time, the others lost"),
        pytest.param([ASSERTION], [ASSERTION], Lack.REFUSED, id="all refused"),
        pytest.param([NOT_ALLOWED], [NOT_ALLOWED], Lack.DENIED, id="all denied"),
        pytest.param([NO_METHOD], [NO_METHOD], Lack.REFUSED, id="an API that is not there"),
        pytest.param([[]], [NO_METHOD], Lack.OUTDATED, id="no questions by time"),
        pytest.param([LOST, []], [NO_METHOD] * 2, Lack.OUTDATED, id="and one was lost"),
    ],
)
def test_a_refusal_is_told_from_silence_and_from_emptiness(
    probes: list[Reply], by_time: list[Reply], lack: Lack | None
) -> None:
    assert refusal(probes, by_time) is lack


@pytest.mark.parametrize(
    ("view", "kind", "lack", "words"),
    [
        (View(), NodeKind.FULL, None, None),
        (View(keep=30), NodeKind.PRUNED, None, None),
        (View(behind=20), NodeKind.FULL, None, None),
        (DENIED, NodeKind.NONE, Lack.DENIED, "does not allow its history API"),
        (MISSING, NodeKind.NONE, Lack.REFUSED, "account_history plugin"),
        (LEGACY, NodeKind.UNKNOWN, Lack.OUTDATED, "older than version 6.1"),
        (TRACKED, NodeKind.SELECTED, Lack.SELECTED, "selected accounts only"),
        (ONLY_GATEWAYS, NodeKind.SELECTED, Lack.SELECTED, "selected accounts only"),
    ],
)
def test_readiness_says_what_a_node_lacks(
    view: View, kind: NodeKind, lack: Lack | None, words: str | None
) -> None:
    pool = Pool.of([node("one", view)], clock=lambda: FULL.clock)
    read = StatusReader(pool, clock=lambda: FULL.clock, accounts=REGISTER.account_names)
    [found] = read(PATIENCE)
    assert (found.report.kind, found.record.lack) == (kind, lack)
    assert found.ok is (lack is None)
    assert found.record.state is (State.LACKING if lack else State.FIT)
    assert (words or "") in (found.why or "")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("indexed", [True, False])
def test_a_node_that_writes_an_index_is_fit_where_the_index_is_named(
    mode: str, indexed: bool
) -> None:
    pool = Pool.of([LedgerSource(Indexed(FULL, mode), "one")], clock=lambda: FULL.clock)
    options: Any = {"accounts": REGISTER.account_names, "indexed": indexed}
    [found] = StatusReader(pool, clock=lambda: FULL.clock, **options)(PATIENCE)
    assert (found.ok, found.report.kind) == (indexed, NodeKind.ELASTICSEARCH)
    assert found.record.lack is (None if indexed else Lack.INDEXED)


@pytest.mark.parametrize("view", [DENIED, MISSING, LEGACY])
def test_a_node_without_histories_is_asked_last_once_it_has_shown_itself(view: View) -> None:
    pool = Pool.of([node("poor", view), node("full")], clock=lambda: FULL.clock)
    collect = Collector(pool, REGISTER, clock=lambda: FULL.clock, seconds=FOREVER)
    found = diagnose(question(BY_ID["settled-by-burn"]), collect, REGISTER, CHECKS)
    assert found.verdict.code == "gateway_settled"
    assert [node.name for node in found.evidence.as_of.nodes] == ["full"]
    assert [source.name for source in pool] == ["full", "poor"]


def test_a_node_that_serves_histories_again_is_fit_again() -> None:
    bent = Bent(lambda reply: NOT_ALLOWED)
    pool = Pool.of([bent], clock=lambda: FULL.clock)
    collect = Collector(pool, REGISTER, clock=lambda: FULL.clock, seconds=FOREVER)
    case = question(BY_ID["settled-by-burn"])
    collect(case)
    assert pool.members[0].health.record().state is State.LACKING
    bent.bend = lambda reply: reply
    collect(case)
    assert pool.members[0].health.record().state is State.FIT


@pytest.mark.parametrize(
    ("view", "code", "words"),
    [
        (DENIED, "sources_unavailable", "does not allow its history API"),
        (MISSING, "sources_unavailable", "account_history plugin"),
        (LEGACY, "sources_unavailable", "older than version 6.1"),
        (TRACKED, "history_incomplete", "selected accounts only"),
    ],
)
@pytest.mark.parametrize("story", ["settled-by-burn", "nothing-sent-long-ago"])
def test_a_diagnosis_says_what_is_lacking_and_that_waiting_will_not_help(
    view: View, code: str, words: str, story: str
) -> None:
    found = asked(story, node("one", view))
    assert (found.verdict.code, found.verdict.rule.advice) == (code, "do_not_resend")
    assert found.verdict.rule.actor == "support"
    assert "won't help" in found.verdict.rule.note.en
    assert words in str(found.verdict.finding.facts["why"])


def test_the_history_of_an_account_is_in_an_index_that_nobody_named() -> None:
    found = asked("settled-by-burn", LedgerSource(Indexed(FULL, "query"), "one"))
    assert found.verdict.code == "history_incomplete"
    assert found.verdict.rule.advice == "do_not_resend"
    assert "DIAG_ELASTICSEARCH" in str(found.verdict.finding.facts["why"])


@pytest.mark.parametrize("bend", [lambda r: LOST, lambda r: {"strange": 1}])
def test_what_may_pass_is_asked_again_later(bend: Callable[[Reply], Reply]) -> None:
    found = asked("settled-by-burn", Bent(bend))
    assert found.verdict.code == "sources_unavailable"
    assert found.verdict.rule.advice == "retry_later"


@pytest.mark.parametrize("view", [DENIED, MISSING, LEGACY, TRACKED])
@pytest.mark.parametrize(
    "story", ["settled-by-burn", "gateway-overdue-alone", "no-such-account"]
)
def test_beside_a_full_node_nothing_is_lost(view: View, story: str) -> None:
    found = asked(story, node("poor", view), node("full"))
    assert found.verdict.code == BY_ID[story]["expect"]


def test_an_index_does_not_make_up_for_an_old_version() -> None:
    with serving(Elastic(FULL)):
        collect = Collector(
            [node("one", LEGACY)],
            REGISTER,
            clock=lambda: FULL.clock,
            index=Elasticsearch(URL),
            seconds=FOREVER,
        )
        found = diagnose(question(BY_ID["settled-by-burn"]), collect, REGISTER, CHECKS)
    assert found.verdict.code == "sources_unavailable"
    assert "older than version 6.1" in str(found.verdict.finding.facts["why"])


def test_an_account_that_the_node_tracks_is_diagnosed() -> None:
    names = GATEWAYS | {BY_ID["settled-by-burn"]["account"]}
    found = asked("settled-by-burn", node("one", View(tracked=names)))
    assert found.verdict.code == "gateway_settled"


@pytest.mark.parametrize("view", [DENIED, MISSING, LEGACY, TRACKED])
def test_over_http_nothing_is_ready_with_such_a_node_alone(view: View) -> None:
    with Replay(FULL.with_view(view)) as poor, Replay(FULL) as full:
        given: Any = {"gateways": RECORDED / "gateways.json", "clock": FULL.clock, "ahead": 0}
        for nodes, status in (((poor.url,), 503), ((poor.url, full.url), 200)):
            client = create_app(Settings(nodes=nodes, **given)).test_client()
            answer = client.get("/readyz")
            assert answer.status_code == status
            first = answer.get_json()["nodes"][0]
            assert (first["ok"], first["state"]) == (False, "lacking")
            assert first["lacks"] and first["why"]
