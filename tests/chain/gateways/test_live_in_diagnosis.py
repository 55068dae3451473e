"""What gateways say of themselves now, in a diagnosis: it explains who waits, and nothing more."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from recorded import RECORDED, ledger, register
from told import bent
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain import gateway_register
from diag.domain.case import Case
from diag.domain.gateway_live import LiveCoin, LiveState
from diag.errors import NodeError, Unreachable
from diag.ledger.node import LedgerSource
from diag.render import FORMATS
from diag.render.options import View

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FETCHED = datetime(2026, 11, 22, 11, 59, 58, tzinfo=UTC)
Lists = Callable[[Sequence[str]], Mapping[str, LiveState]]


def case(account: str, start: str, end: str) -> Case:
    low, high = (datetime.fromisoformat(f"2026-11-{t}+00:00") for t in (start, end))
    return Case(account, low, high, asset="NORTH.BTC")


WAITING = case("chen-hui", "22T11:28", "22T12:00")
OVERDUE = case("zhao-ming", "22T07:30", "22T08:30")
SETTLED = case("lin-yue", "21T20:30", "21T21:30")
RETURNED = case("chu-han", "21T20:45", "21T21:45")
OWN = {
    "waiting": (WAITING, "gateway_processing"),
    "overdue": (OVERDUE, "gateway_overdue"),
    "settled": (SETTLED, "gateway_settled"),
    "returned": (RETURNED, "gateway_returned"),
}
"""Cases, and what leads in each where no gateway says anything."""


@dataclass(frozen=True)
class Switched:
    """The recorded chain with this answer to the question for the asset TEST."""

    answer: Any
    name: str = "ledger"

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return bent(ledger(), calls, self._bent)

    def _bent(self, call: Call, said: Any) -> Any:
        return self.answer if call.method == "get_assets" else said


def described(**gateways: Any) -> list[dict[str, Any]]:
    """The asset TEST with switches in its description, as the wallet's maintainers write it."""
    inner = json.dumps({"gateways": gateways}, ensure_ascii=False)
    outer = json.dumps({"main": f"Switches of the wallet. {inner}", "short_name": "TEST"})
    return [{"id": "1.3.9", "symbol": "TEST", "options": {"description": outer}}]


def nothing(keys: Sequence[str]) -> dict[str, LiveState]:
    return {}


def saying(state: LiveState) -> Lists:
    return lambda keys: {state.key: state} if state.key in keys else {}


def state(**coin: Any) -> LiveState:
    return LiveState("NORTH", {"NORTH.BTC": LiveCoin("NORTH.BTC", **coin)}, fetched_at=FETCHED)


def answered(
    asked: Case,
    lists: Lists | None,
    source: Source | None = None,
    known: gateway_register.Register | None = None,
) -> dict[str, Any]:
    known = known or register()
    source = source or LedgerSource(ledger())
    collect = Collector([source], known, clock=lambda: NOW, lists=lists, seconds=FOREVER)
    found = diagnose(asked, collect, known, CHECKS)
    said: dict[str, Any] = json.loads(FORMATS["json"][1](found, View("en")))
    return said


@cache
def unasked(asked: Case) -> dict[str, Any]:
    """The answer where no gateway is asked anything."""
    return answered(asked, None)


def codes(said: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in said["findings"]]


def maintenance(said: dict[str, Any]) -> dict[str, Any]:
    """The exhibit that shows what the gateway says."""
    assert said["verdict"]["code"] == "gateway_maintenance"
    claim = "what the gateway says of itself"
    [shown] = [e for e in said["verdict"]["evidence"] if e["claim"]["en"] == claim]
    return dict(shown)


# --- who is asked ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        pytest.param(WAITING, ["NORTH"], id="waiting"),
        pytest.param(SETTLED, ["NORTH"], id="settled"),
        pytest.param(case("jiang-nan", "22T11:20", "22T12:00"), None, id="nothing sent"),
        pytest.param(case("nobody-here", "22T11:20", "22T12:00"), None, id="no such account"),
    ],
)
def test_only_the_gateways_that_were_sent_to_are_asked(
    asked: Case, keys: list[str] | None
) -> None:
    wanted: list[list[str]] = []

    def lists(found: Sequence[str]) -> dict[str, LiveState]:
        wanted.append(list(found))
        return {}

    answered(asked, lists)
    assert all(found == keys for found in wanted)
    assert bool(wanted) is (keys is not None)


@pytest.mark.parametrize("name", OWN)
def test_lists_that_say_nothing_change_nothing(name: str) -> None:
    asked, code = OWN[name]
    said = answered(asked, nothing)
    assert said == unasked(asked)
    assert said["verdict"]["code"] == code


# --- a coin that is not available -----------------------------------------------------------


@pytest.mark.parametrize("name", ["waiting", "overdue"])
def test_a_coin_that_is_off_leads_while_a_withdrawal_waits(name: str) -> None:
    said = answered(OWN[name][0], saying(state(available=False, reason="wallet upgrade")))
    shown = maintenance(said)
    assert shown["observed"] == "wallet upgrade"
    assert (shown["source"], shown["time"]) == ("gateway's coin list", "2026-11-22T11:59:58Z")
    assert said["verdict"]["advice"] == "wait"
    assert said["verdict"]["resend_safe"] == "no"
    for lang in ("zh", "en"):
        assert "wallet upgrade" in said["note"][lang]


def test_a_coin_that_is_off_without_a_reason() -> None:
    assert maintenance(answered(WAITING, saying(state(available=False))))["observed"] == "-"


@pytest.mark.parametrize("name", ["settled", "returned"])
def test_a_coin_that_is_off_now_does_not_matter_to_what_is_done(name: str) -> None:
    asked, code = OWN[name]
    said = answered(asked, saying(state(available=False, reason="wallet upgrade")))
    assert said["verdict"]["code"] == code
    assert "gateway_maintenance" not in codes(said)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(state(available=True), id="available"),
        pytest.param(state(available=None), id="not said"),
        pytest.param(
            LiveState("NORTH", {"NORTH.USDT": LiveCoin("NORTH.USDT", available=False)}),
            id="another coin is off",
        ),
        pytest.param(
            LiveState("RIVER", {"NORTH.BTC": LiveCoin("NORTH.BTC", available=False)}),
            id="another gateway says so",
        ),
    ],
)
def test_anything_else_is_no_maintenance(other: LiveState) -> None:
    said = answered(WAITING, lambda keys: {other.key: other})
    assert said["verdict"]["code"] == "gateway_processing"
    assert "gateway_maintenance" not in codes(said)


# --- terms ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["waiting", "overdue"])
def test_a_minimum_that_was_raised_explains_a_recent_withdrawal(name: str) -> None:
    said = answered(OWN[name][0], saying(state(minimum=Decimal("0.5"))))
    [found] = [f for f in said["findings"] if f["code"] == "below_minimum"]
    assert found["facts"]["minimum"] == "0.5 NORTH.BTC"


@pytest.mark.parametrize("name", ["settled", "returned"])
def test_a_minimum_of_today_says_nothing_about_what_is_done(name: str) -> None:
    asked, code = OWN[name]
    said = answered(asked, saying(state(minimum=Decimal("0.5"))))
    assert said["verdict"]["code"] == code
    assert "below_minimum" not in codes(said)


@cache
def old() -> tuple[Case, str]:
    """The first withdrawal to RIVER, which answers none on the chain: more than a day ago."""
    [wallet] = ledger().answer("database", "get_accounts", [["river-gateway"], False])
    numbers = ledger().recording.histories[wallet["id"]].operations
    asked = [f"1.11.{n}" for n in numbers[:40]]
    rows = ledger().answer("database", "get_objects", [asked])
    sent = next(
        row
        for row in rows
        if row["op"][0] == 0
        and row["op"][1]["to"] == wallet["id"]
        and row["op"][1]["amount"]["asset_id"] != "1.3.0"
    )
    at = datetime.fromisoformat(sent["block_time"]).replace(tzinfo=UTC)
    return Case(sent["op"][1]["from"], at, at, operation=sent["id"]), sent["id"]


def test_a_minimum_of_today_says_nothing_about_the_day_before_yesterday() -> None:
    asked, operation = old()
    river = LiveCoin("RIVER.LTC", minimum=Decimal(100_000))
    said = answered(asked, saying(LiveState("RIVER", {"RIVER.LTC": river})))
    assert [w["operation"] for w in said["withdrawals"]] == [operation]
    assert (NOW - asked.start).total_seconds() > 24 * 3600
    assert "below_minimum" not in codes(said)
    assert said == unasked(asked)


def test_a_minimum_that_was_lowered_takes_the_reason_away() -> None:
    small = case("kong-yi", "22T05:30", "22T06:30")
    assert answered(small, None)["verdict"]["code"] == "below_minimum"
    said = answered(small, saying(state(minimum=Decimal("0.0001"))))
    assert "below_minimum" not in codes(said)


def test_the_fee_of_today_is_that_of_a_recent_withdrawal() -> None:
    said = answered(WAITING, saying(state(fee=Decimal("0.0007"))))
    assert Decimal(said["verdict"]["amounts"]["gateway_fee"]) == Decimal("0.0007")
    assert unasked(WAITING)["verdict"]["amounts"]["gateway_fee"] == "0.00030000"


# --- lists that are missing -----------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_lists_that_could_not_be_read_change_nothing(name: str) -> None:
    asked, _ = OWN[name]
    broken = LiveState("NORTH", {}, error="north.example: timed out")
    assert answered(asked, saying(broken)) == unasked(asked)


def test_what_the_other_lists_tell_counts_beside_an_error() -> None:
    half = replace(state(available=False), error="north.example: not JSON")
    maintenance(answered(WAITING, saying(half)))


# --- the switch on the chain ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["waiting", "overdue"])
def test_a_switch_that_is_off_leads_and_its_comment_is_shown(name: str) -> None:
    off = Switched(described(NORTH={"enabled": False, "comment": "节点升级 node upgrade"}))
    shown = maintenance(answered(OWN[name][0], nothing, off))
    assert shown["observed"] == "节点升级 node upgrade"
    assert shown["source"] == "asset TEST on the chain"


@pytest.mark.parametrize("name", ["settled", "returned"])
def test_a_switch_that_is_off_now_does_not_matter_to_what_is_done(name: str) -> None:
    asked, code = OWN[name]
    said = answered(asked, nothing, Switched(described(NORTH={"enabled": False})))
    assert said["verdict"]["code"] == code
    assert "gateway_maintenance" not in codes(said)


def test_without_the_setting_the_switch_is_not_looked_at() -> None:
    off = Switched(described(NORTH={"enabled": False, "comment": "off"}))
    assert answered(WAITING, None, off)["verdict"]["code"] == "gateway_processing"


def test_a_comment_with_orders_to_the_terminal_is_shown_without_them() -> None:
    comment = "off \x1b[31m\u202eand\nmore"
    off = Switched(described(NORTH={"enabled": False, "comment": comment}))
    shown = maintenance(answered(WAITING, nothing, off))["observed"]
    assert shown.isprintable()
    assert shown.startswith("off")


def test_the_reason_of_the_list_goes_before_the_comment_of_the_switch() -> None:
    off = Switched(described(NORTH={"enabled": False, "comment": "the switch"}))
    said = answered(WAITING, saying(state(available=False, reason="the list")), off)
    assert maintenance(said)["observed"] == "the list"


ON_OR_NOTHING: list[Any] = [
    described(NORTH={"enabled": True, "comment": "all well"}),
    described(RIVER={"enabled": False}),
    described(north={"enabled": False}),
    described(NORTH={"enabled": "false"}),
    described(NORTH={"enabled": 0}),
    described(NORTH={"enabled": None}),
    described(NORTH={}),
    described(NORTH=None),
    described(),
    [None],
    [],
    None,
    {},
    "x",
    1,
    [{"id": "1.3.9"}],
    [{"options": None}],
    [{"options": {"description": None}}],
    [{"options": {"description": "not JSON"}}],
    [{"options": {"description": "[]"}}],
    [{"options": {"description": json.dumps({"main": "{"})}}],
    [{"options": {"description": json.dumps({"main": "{" * 9000})}}],
    NodeError(-32601, "method_not_found_exception", "Method not found"),
    Unreachable("connection refused"),
]


@pytest.mark.parametrize("answer", ON_OR_NOTHING, ids=lambda answer: repr(answer)[-40:])
def test_a_switch_that_is_on_or_not_to_be_read_changes_nothing(answer: Any) -> None:
    assert answered(WAITING, nothing, Switched(answer)) == unasked(WAITING)


# --- a register of another chain ------------------------------------------------------------


def test_a_register_of_another_chain_is_not_used_and_that_is_said() -> None:
    wanted: list[Sequence[str]] = []

    def lists(keys: Sequence[str]) -> dict[str, LiveState]:
        wanted.append(keys)
        return {"NORTH": state(available=False)}

    foreign = replace(register(), chain_id="4018d784" * 8)
    off = Switched(described(NORTH={"enabled": False}))
    said = answered(OVERDUE, lists, off, known=foreign)
    assert wanted == []
    assert "gateway_maintenance" not in codes(said)
    assert [w["gateway"] for w in said["withdrawals"]] == [None]
    unchecked = {gap["what"]: gap["reason"] for gap in said["verdict"]["not_checked"]}
    assert "another chain" in unchecked["register"]["en"]
    assert "另一条链" in unchecked["register"]["zh"]
    assert "register" in [gap["code"] for gap in said["coverage"]["gaps"]]


def test_a_register_of_this_chain_is_used() -> None:
    chain = json.loads((RECORDED / "chain.json").read_text(encoding="utf-8"))["chain_id"]
    own = replace(register(), chain_id=chain)
    said = answered(OVERDUE, nothing, known=own)
    assert [w["gateway"] for w in said["withdrawals"]] == ["NORTH"]
    assert "register" not in [gap["code"] for gap in said["coverage"]["gaps"]]
