"""What a look at a node says of it: head, version, kind, limits; and what a node may not spoil."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from indexed import MODES, Indexed
from recorded import ledger, register
from told import bent
from waiting import PATIENCE, PATIENT, growing

from diag.chain.history import pagination
from diag.chain.pool.history_service import NodeKind, kind_of
from diag.chain.pool.survey import NodeReport, Version, marked, survey, survey_all
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.chain.rpc.http import HttpNode
from diag.chain.rpc.objects import Statistics
from diag.chain.rpc.websocket import WebSocketNode
from diag.errors import Malformed, NodeError, Unreachable
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.replay.faults import Faults
from diag.ledger.replay.server import Replay
from diag.ledger.view import View

BUSIEST = "1.2.98"
NOW = ledger().clock


@dataclass
class Bent:
    """A node whose answers are altered on their way: by method, or all by None."""

    ledger: Ledger
    bend: dict[str | None, Callable[[Any], Any]] = field(default_factory=dict)
    name: str = "bent"

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return bent(self.ledger, calls, self._bent)

    def _bent(self, call: Call, said: Any) -> Any:
        same = lambda said: said  # noqa: E731
        return self.bend.get(call.method, self.bend.get(None, same))(said)


def looked(at: Ledger, **bend: Callable[[Any], Any]) -> NodeReport:
    source = Bent(at, {None if method == "every" else method: b for method, b in bend.items()})
    return survey(source, Deadline(PATIENCE), clock=lambda: NOW, accounts=accounts())


def accounts() -> tuple[str, ...]:
    return (*register().account_names, BUSIEST)


def seen(**view: Any) -> Ledger:
    return ledger().with_view(View(**view))


def refused(reply: Any) -> NodeError:
    return NodeError(10, "assert_exception", "Execution error: is_allowed: Access denied")


def gone(reply: Any) -> NodeError:
    return NodeError(-32601, "method_not_found_exception", "Method not found")


def lost(reply: Any) -> Unreachable:
    return Unreachable("connection broken off")


def newer_fees(found: list[Any]) -> list[Any]:
    found[1]["parameters"]["current_fees"]["parameters"].append([77, {"fee": 1}])
    return found


# --- version, kind, limits ------------------------------------------------------------------

VIEWS = {
    # what is looked at → version, kind, operations dropped of the one that lost most, page
    "everything": (seen(), Version.FROM_6_1, NodeKind.FULL, 0, 100),
    "the newest hundred": (seen(keep=100), Version.FROM_6_1, NodeKind.PRUNED, 25_405, 100),
    "the newest one": (seen(keep=1), Version.FROM_6_1, NodeKind.PRUNED, 25_504, 100),
    "old": (seen(legacy=True), Version.BEFORE_6_1, NodeKind.UNKNOWN, 0, None),
    "old and cut": (
        seen(legacy=True, keep=5),
        Version.BEFORE_6_1,
        NodeKind.UNKNOWN,
        25_500,
        None,
    ),
    "reads the index": (
        Indexed(ledger(), "query"),
        Version.FROM_7_0,
        NodeKind.ELASTICSEARCH,
        0,
        100,
    ),
    "reads it, 6.1": (
        Indexed(ledger(), "query", times=False),
        Version.ONLY_6_1,
        NodeKind.ELASTICSEARCH,
        0,
        100,
    ),
    "writes the index": (
        Indexed(ledger(), "save"),
        Version.FROM_6_1,
        NodeKind.ELASTICSEARCH,
        0,
        100,
    ),
    "does both": (Indexed(ledger(), "all"), Version.FROM_6_1, NodeKind.ELASTICSEARCH, 0, 100),
}


@pytest.mark.parametrize("case", VIEWS)
def test_what_a_node_is(case: str) -> None:
    at, version, kind, removed, page = VIEWS[case]
    found = looked(at)
    assert found.failure is None and found.head is not None
    assert (found.version, found.kind, found.page) == (version, kind, page)
    assert found.most_removed[1] == removed
    assert found.helper_indexes is (True if page else None)
    assert found.chain_id == ledger().chain_id
    assert found.head.age == timedelta()


def test_a_fee_for_an_operation_of_seven_tells_seven() -> None:
    def with_fees(found: Any) -> Any:
        return newer_fees(found) if len(found) == 2 and "parameters" in found[1] else found

    assert looked(seen(), get_objects=with_fees).version is Version.FROM_7_0


@pytest.mark.parametrize(
    ("config", "by_time", "version"),
    [
        pytest.param(gone, lambda r: r, Version.FROM_6_1, id="a proxy keeps the login API"),
        pytest.param(lambda r: r, refused, Version.FROM_6_1, id="histories are not for all"),
        pytest.param(lost, lost, None, id="both were lost"),
        pytest.param(lost, gone, Version.BEFORE_6_1, id="an old one, and one was lost"),
        pytest.param(refused, refused, None, id="nobody may ask"),
    ],
)
def test_the_version_is_told_by_what_is_known_not_by_what_fails(
    config: Any, by_time: Any, version: Version | None
) -> None:
    found = looked(seen(), get_config=config, get_account_history_by_time=by_time)
    assert found.version is version


@pytest.mark.parametrize("how", [lost, refused, lambda r: {"strange": 1}, lambda r: None])
def test_what_cannot_be_told_is_unknown_and_the_head_stands(how: Any) -> None:
    mute = dict.fromkeys(
        (
            "get_relative_account_history",
            "get_account_history",
            "get_config",
            "get_block_header_batch",
        ),
        how,
    )
    found = looked(seen(), **mute)
    assert found.failure is None and found.head is not None
    assert (found.kind, found.page, dict(found.landmarks)) == (NodeKind.UNKNOWN, None, {})


def test_accounts_that_have_done_little_prove_no_full_history() -> None:
    found = survey(LedgerSource(seen(keep=100)), Deadline(PATIENCE), clock=lambda: NOW)
    assert found.kind is NodeKind.UNKNOWN  # the committee alone, with a handful of operations


# --- one account's probes, as every diagnosis asks them --------------------------------------


def probed(at: Ledger, who: str) -> dict[str, Reply]:
    calls = pagination.probes(who)
    return dict(
        zip(calls, LedgerSource(at).ask(list(calls.values()), Deadline(PATIENCE)), strict=True)
    )


PROBES = {
    "whole": (seen(), BUSIEST, None, NodeKind.FULL),
    "cut": (seen(keep=100), BUSIEST, None, NodeKind.PRUNED),
    "cut, short account": (seen(keep=100), "1.2.85", None, NodeKind.FULL),
    "one is left, which may be an index's": (seen(keep=1), BUSIEST, None, NodeKind.UNKNOWN),
    "one is left, the rest dropped": (seen(keep=1), BUSIEST, (25505, 25504), NodeKind.PRUNED),
    "one is left, none dropped": (seen(keep=1), BUSIEST, (25505, 0), NodeKind.ELASTICSEARCH),
    "nobody": (seen(), "1.2.999999", None, NodeKind.UNKNOWN),
    **{
        f"index, {mode}": (Indexed(ledger(), mode), "1.2.27", None, NodeKind.ELASTICSEARCH)
        for mode in MODES
    },
}


@pytest.mark.parametrize("case", PROBES)
def test_what_an_accounts_probes_show(case: str) -> None:
    at, who, totals, kind = PROBES[case]
    assert kind_of(probed(at, who), Statistics(*totals) if totals else None) is kind


@pytest.mark.parametrize("bad", [None, Malformed(), Unreachable("x"), gone(0)])
@pytest.mark.parametrize("name", pagination.probes(BUSIEST))
def test_probes_that_failed_show_nothing(name: str, bad: Any) -> None:
    assert kind_of(probed(seen(), BUSIEST) | {name: bad}) is NodeKind.UNKNOWN


# --- the head --------------------------------------------------------------------------------


def test_a_node_that_lags_is_said_to_by_how_much() -> None:
    fresh, late = looked(seen()), looked(seen(behind=600))
    assert fresh.head and late.head and late.head.gap is not None
    assert timedelta(seconds=600) <= late.head.age < timedelta(seconds=620)
    assert late.head.irreversible < fresh.head.irreversible


@pytest.mark.parametrize("seconds", [0, 60, 3600, 50_000])
def test_nodes_at_different_heads_have_a_landmark_in_common(seconds: int) -> None:
    one, other = looked(seen()).landmarks, looked(seen(behind=seconds)).landmarks
    common = one.keys() & other.keys()
    assert common and all(one[block] == other[block] for block in common)


@pytest.mark.parametrize("apart", [0, 1, 63, 64, 1000, 20_000, 1_000_000, 4_000_000])
def test_marks_meet_wherever_two_heads_stand(apart: int) -> None:
    for block in (5_000_000, 97_531_024, 97_531_025, 2**27 - 1):
        assert set(marked(block)) & set(marked(block - apart))
    assert marked(100) == [1, 64] and marked(0) == [1]


@pytest.mark.parametrize(
    ("interval", "seconds", "stale"),
    [
        pytest.param(3, 0, False, id="new"),
        pytest.param(3, 30, False, id="ten blocks"),
        pytest.param(3, 31, True, id="more than ten blocks"),
        pytest.param(1, 30, False, id="half a minute of short blocks"),
        pytest.param(1, 31, True, id="more than half a minute"),
        pytest.param(5, 50, False, id="ten long blocks"),
        pytest.param(5, 51, True, id="more than ten long blocks"),
    ],
)
def test_from_when_on_a_head_is_too_old(interval: int, seconds: int, stale: bool) -> None:
    def with_interval(found: Any) -> Any:
        if len(found) == 2 and "parameters" in found[1]:
            found[1]["parameters"]["block_interval"] = interval
        return found

    source = Bent(seen(), {"get_objects": with_interval})
    now = ledger().clock + timedelta(seconds=seconds)
    found = survey(source, Deadline(PATIENCE), clock=lambda: now, accounts=accounts())
    assert found.head and found.head.age == timedelta(seconds=seconds)
    assert (found.head.gap is not None) is stale


def test_a_node_that_is_ahead_of_the_clock_is_said_to_by_how_much() -> None:
    early = lambda: NOW - timedelta(minutes=5)  # noqa: E731
    found = survey(LedgerSource(seen()), Deadline(PATIENCE), clock=early)
    assert found.head and found.head.gap is not None
    assert found.head.node.ahead == timedelta(minutes=5)


# --- over the wire ---------------------------------------------------------------------------

LATE = "deadline passed"
WIRE = (
    # the fault → what is said of the node over HTTP, and over WebSocket
    (Faults(), None, None),
    (Faults(garbage=True), "not a JSON object", "not a JSON object"),
    (Faults(html_error=True), "HTTP 503", "HTTP 503"),
    (Faults(wrong_id=True), "answer to another question", LATE),
    (Faults(die_mid_answer=True), "connection broken off", "connection broken off"),
    (Faults(hang=True), LATE, LATE),
)


def test_each_node_is_judged_by_itself_within_one_deadline() -> None:
    wanted = [http for _, http, _ in WIRE] + [websocket for _, _, websocket in WIRE]
    with ExitStack() as stack:
        served = [stack.enter_context(Replay(seen(), faults)) for faults, _, _ in WIRE]
        over_http = [HttpNode(replay.url, **PATIENT) for replay in served]
        over_websocket = [WebSocketNode(replay.ws_url, **PATIENT) for replay in served]
        for seconds in growing():
            found = survey_all(
                [*over_http, *over_websocket], seconds, clock=lambda: NOW, accounts=accounts()
            )
            if [report.failure for report in found] == wanted:
                break
        for node in over_websocket:
            node.close()
    assert [report.failure for report in found] == wanted
    assert [report.name for report in found] == 2 * [replay.address for replay in served]
    whole = [report for report in found if report.failure is None]
    assert all(r.kind is NodeKind.FULL and r.page == 100 and r.landmarks for r in whole)


def test_no_source_no_report() -> None:
    assert survey_all([], 1, clock=lambda: NOW) == []
