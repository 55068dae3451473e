"""A replayed node gives over WebSocket what it gives over HTTP, and its faults do the same harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import recorded
from recorded import RECORDED, register
from waiting import PATIENCE, PATIENT, promptly

from diag.chain.collect.collector import Collector
from diag.chain.rpc.call import Source
from diag.chain.rpc.http import HttpNode
from diag.chain.rpc.websocket import WebSocketNode
from diag.domain.case import Case
from diag.domain.history import History
from diag.errors import Unreachable
from diag.ledger.node import LedgerSource
from diag.ledger.replay.faults import Faults
from diag.ledger.replay.server import Replay
from diag.ledger.view import View
from diag.matching.withdrawals import build_evidence

TRUTH = json.loads((RECORDED / "truth.json").read_text())
CASES = {
    case["id"]: Case(case["account"], *(utc(case[end]) for end in ("from", "to")))
    for utc in [lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)]
    for case in TRUTH["cases"]
}
SOME = list(CASES)[::7]
HEAD = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def collect(asked: Case, *sources: Source, seconds: float = PATIENCE) -> History:
    options: dict[str, Any] = {"chain_id": TRUTH["chain_id"], "clock": lambda: HEAD}
    return Collector(sources, register(), seconds=seconds, **options)(asked)


def http(replay: Replay) -> HttpNode:
    return HttpNode(replay.url, **PATIENT)


@contextmanager
def websocket(replay: Replay, **options: Any) -> Iterator[WebSocketNode]:
    node = WebSocketNode(replay.ws_url, **PATIENT, **options)
    try:
        yield node
    finally:
        node.close()


@pytest.mark.parametrize("legacy", [False, True], ids=["modern", "before 6.1"])
def test_the_same_history_comes_over_both(legacy: bool) -> None:
    view = View(legacy=legacy)
    with Replay(recorded.ledger().with_view(view)) as replay, websocket(replay) as node:
        for name in SOME:
            assert collect(CASES[name], node) == collect(CASES[name], http(replay)), name


FAULTS = [
    pytest.param(Faults(drop=0.3, seed=2), False, id="a third dropped"),
    pytest.param(Faults(drop=1.0), True, id="all dropped"),
    pytest.param(Faults(die_mid_answer=True), True, id="dies in the middle of an answer"),
    pytest.param(Faults(garbage=True), True, id="garbage"),
    pytest.param(Faults(hang=True), True, id="hangs"),
    pytest.param(Faults(drip=0.05), True, id="drips"),
    pytest.param(Faults(wrong_id=True), True, id="answers another question"),
    pytest.param(Faults(oversize=True), True, id="answers without end"),
    pytest.param(Faults(html_error=True), True, id="a proxy's error page"),
    pytest.param(Faults(latency=0.4), False, id="slow"),
]


@pytest.mark.parametrize(("faults", "hopeless"), FAULTS)
def test_a_faulty_node_gives_what_is_true_or_nothing_and_in_time(
    faults: Faults, hopeless: bool
) -> None:
    asked = CASES["settled-by-burn"]
    options = {"max_body": 1_000_000, "close_timeout": 0.1}
    with Replay(recorded.ledger(), faults) as replay, websocket(replay, **options) as node:
        try:
            with promptly():
                found = collect(asked, node, seconds=0.6)
        except Unreachable:
            found = None
    assert not (hopeless and found)
    if found:
        seen = build_evidence(asked, found, register())
        truth = build_evidence(
            asked, collect(asked, LedgerSource(recorded.ledger())), register()
        )
        shown, true = ([o.id for o in evidence.window] for evidence in (seen, truth))
        assert set(shown) <= set(true)
        assert shown == true or not seen.complete


@pytest.mark.parametrize("fault", ["hang", "garbage", "wrong_id", "html_error"])
@pytest.mark.parametrize("faulty_one", ["ws", "http"])
def test_transports_stand_in_for_each_other(fault: str, faulty_one: str) -> None:
    asked = CASES["settled-by-burn"]
    faults = Faults(**{fault: True})
    with Replay(recorded.ledger(), faults) as faulty, Replay(recorded.ledger()) as sound:
        over_ws, over_http = (faulty, sound) if faulty_one == "ws" else (sound, faulty)
        with websocket(over_ws, close_timeout=0.1) as node:
            sources = [node, http(over_http)]
            found = collect(asked, *(sources if faulty_one == "ws" else reversed(sources)))
    assert [node.name for node in found.as_of.nodes] == [sound.address]
    assert found.gaps == ()
