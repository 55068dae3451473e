"""A transfer that a node holds for inclusion: not in a block yet, and not never either."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import recorded
from recorded import register
from told import bent
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.chain.collect.pending_transactions import MOST
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain.case import Case
from diag.errors import NodeError, Unreachable
from diag.ledger.node import Ledger, LedgerSource
from diag.render import FORMATS, options

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def case(account: str, start: str, end: str, amount: str) -> Case:
    low, high = (datetime.fromisoformat(f"2026-11-{t}+00:00") for t in (start, end))
    return Case(account, low, high, asset="NORTH.BTC", amount=Decimal(amount))


RECENT = case("jiang-nan", "22T11:20", "22T12:00", "0.09316")
OLD = case("tao-qian", "21T09:00", "21T10:00", "0.09179")
CASES = {"recent": RECENT, "old": OLD}
WITHOUT = {"recent": "not_seen_yet", "old": "never_included"}
"""What is found where no node holds anything."""


@cache
def ledger() -> Ledger:
    return recorded.ledger()


@cache
def account_id(name: str) -> str:
    [row] = ledger().answer("database", "get_accounts", [[name], False])
    return str(row["id"])


@dataclass
class Holding:
    """The recorded chain as a node that holds transactions: 2.7.first up to just before after."""

    rows: Any
    first: Any = "2.7.41"
    after: Any = "2.7.42"
    name: str = "holding"
    asked: list[list[str]] = field(default_factory=list)

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return bent(ledger(), calls, self._bent)

    def _bent(self, call: Call, reply: Reply) -> Reply:
        if call.method == "get_next_object_id":
            return self.after if call.args[2] else self.first
        if call.method == "get_objects" and str(call.args[0][0]).startswith("2.7."):
            self.asked.append(list(call.args[0]))
            return self.rows
        return reply


def transfer(sender: str, recipient: str = "north-wallet", **other: Any) -> list[Any]:
    body = {
        "fee": {"amount": 2136718, "asset_id": "1.3.0"},
        "from": account_id(sender),
        "to": account_id(recipient),
        "amount": {"amount": 9316000, "asset_id": "1.3.2"},
        "extensions": [],
    }
    return [0, body | other]


def held(*operations: Any, identity: str = "2.7.41") -> dict[str, Any]:
    """A transaction as a node keeps it until it stands in a block."""
    transaction = {
        "ref_block_num": 35906,
        "ref_block_prefix": 2768240640,
        "expiration": "2026-11-22T12:00:30",
        "operations": list(operations),
        "extensions": [],
        "signatures": ["1f" + "00" * 64],
    }
    return {"id": identity, "trx": transaction, "trx_id": "ab" * 20}


def answered(asked: Case, source: Holding) -> dict[str, Any]:
    collect = Collector([source], register(), clock=lambda: NOW, seconds=FOREVER)
    found = diagnose(asked, collect, register(), CHECKS)
    said: dict[str, Any] = json.loads(FORMATS["json"][1](found, options.View("en")))
    return said


def codes(said: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in said["findings"]]


def notes(said: dict[str, Any]) -> dict[str, str]:
    [found] = [f["note"] for f in said["findings"] if f["code"] == "not_seen_yet"]
    return dict(found)


# --- what the node holds --------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_a_transfer_that_waits_for_its_block_is_named(name: str) -> None:
    asked = CASES[name]
    said = answered(asked, Holding([held(transfer(asked.account))]))
    assert said["verdict"]["code"] == "not_seen_yet"
    assert "never_included" not in codes(said)
    assert said["verdict"]["resend_safe"] != "yes"
    note = notes(said)
    for lang in ("zh", "en"):
        assert "0.09316 NORTH.BTC" in note[lang]
        assert "north-wallet" in note[lang]


@pytest.mark.parametrize("name", CASES)
def test_the_wait_for_it_does_not_end_in_the_past(name: str) -> None:
    """It may still be included: whoever is told to wait until yesterday sends again at once."""
    asked = CASES[name]
    said = answered(asked, Holding([held(transfer(asked.account))]))
    assert said["verdict"]["eta"]["expected_by"] > said["as_of"]["time"]


def test_every_transfer_that_waits_is_named() -> None:
    rows = [
        held(transfer("jiang-nan"), transfer("jiang-nan", "stone-gate")),
        held(transfer("jiang-nan", "harbor-wallet"), identity="2.7.42"),
    ]
    note = notes(answered(RECENT, Holding(rows, after="2.7.43")))["en"]
    assert all(name in note for name in ("north-wallet", "stone-gate", "harbor-wallet"))


def test_an_asset_that_the_collection_does_not_know_is_no_harm() -> None:
    moved = {"amount": 5, "asset_id": "1.3.999999"}
    said = answered(OLD, Holding([held(transfer(OLD.account, amount=moved))]))
    assert said["verdict"]["code"] == "not_seen_yet"


def test_exactly_what_is_pending_is_asked_for() -> None:
    source = Holding([None, None], after="2.7.43")
    answered(RECENT, source)
    assert source.asked == [["2.7.41", "2.7.42"]]


def test_a_node_full_of_transactions_is_asked_for_a_part() -> None:
    source = Holding([], first="2.7.0", after="2.7.99999999999")
    answered(RECENT, source)
    assert [len(ids) for ids in source.asked] == [MOST]


NOT_MINE: dict[str, Any] = {
    "somebody else's": lambda who: transfer("lin-yue"),
    "to the account": lambda who: transfer("lin-yue", who),
    "another operation": lambda who: [
        15,
        {
            "fee": {"amount": 0, "asset_id": "1.3.0"},
            "payer": account_id(who),
            "amount_to_reserve": {"amount": 1, "asset_id": "1.3.2"},
            "extensions": [],
        },
    ],
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("what", NOT_MINE)
def test_what_the_account_does_not_send_is_no_reason(what: str, name: str) -> None:
    asked = CASES[name]
    said = answered(asked, Holding([held(NOT_MINE[what](asked.account))]))
    assert said["verdict"]["code"] == WITHOUT[name]
    if name == "recent":
        assert "holds no transfer" in notes(said)["en"]


def test_a_transfer_that_waits_does_not_hide_one_that_was_made() -> None:
    low, high = (
        datetime(2026, 11, 21, 20, 30, tzinfo=UTC),
        datetime(2026, 11, 21, 21, 30, tzinfo=UTC),
    )
    asked = Case("lin-yue", low, high, asset="NORTH.BTC", amount=Decimal("0.05205"))
    said = answered(asked, Holding([held(transfer("lin-yue"))]))
    assert said["verdict"]["code"] == "gateway_settled"


# --- nodes that tell nothing, or nonsense ---------------------------------------------------

JUNK: list[Any] = [
    None,
    [],
    {},
    "x",
    "",
    1,
    -1,
    True,
    1.5,
    "2.7",
    "2.7.",
    "2.7.x",
    "2.7.-9",
    "2.7." + "9" * 5000,
    "1.11.5",
    ["2.7.1"],
    NodeError(-32601, "method_not_found_exception", "Method not found"),
    NodeError(10, "assert_exception", "Assert Exception"),
    Unreachable("connection refused"),
]


def short(value: object) -> str:
    return repr(value)[:30]


@pytest.mark.parametrize("end", ["first", "after"])
@pytest.mark.parametrize("junk", JUNK, ids=short)
def test_junk_for_the_next_id_is_as_good_as_no_answer(junk: Any, end: str) -> None:
    source = Holding([], **{end: junk})
    said = answered(OLD, source)
    assert said["verdict"]["code"] == "never_included"
    assert all(len(ids) <= MOST for ids in source.asked)


ROWS: list[Any] = [
    *JUNK,
    [None],
    [{}],
    [[]],
    ["x"],
    [{"trx": None}],
    [{"trx": {}}],
    [{"trx": {"operations": None}}],
    [{"trx": {"operations": "x"}}],
    [{"trx": {"operations": [None]}}],
    [{"trx": {"operations": [[]]}}],
    [{"trx": {"operations": [[0]]}}],
    [{"trx": {"operations": [[0, {}]]}}],
    [{"trx": {"operations": [[0, None]]}}],
    [{"trx": {"operations": [["0", {"from": 1}]]}}],
    [{"trx": {"operations": [[10**30, {}]]}}],
    [{"trx": {"operations": [[77, {}]]}}],
]


@pytest.mark.parametrize("rows", ROWS, ids=short)
def test_junk_for_the_transactions_is_as_good_as_none(rows: Any) -> None:
    said = answered(OLD, Holding(rows))
    assert said["verdict"]["code"] == "never_included"


SPOILT: dict[str, dict[str, Any]] = {
    "an amount in words": {"amount": "much"},
    "no amount": {"amount": None},
    "an asset of another kind": {"amount": {"amount": 1, "asset_id": 7}},
    "a sender that is none": {"from": None},
    "a memo that is none": {"memo": "x"},
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_transfer_breaks_nothing(spoilt: str, name: str) -> None:
    asked = CASES[name]
    said = answered(asked, Holding([held(transfer(asked.account, **SPOILT[spoilt]))]))
    assert said["verdict"]["code"] in (WITHOUT[name], "not_seen_yet")


@pytest.mark.parametrize(
    "spoilt",
    [
        held([0, {}]),
        held(None),
        {"id": "2.7.41", "trx": None},
        {"id": "2.7.41", "trx": {"operations": [[0, {"amount": "x"}]]}},
    ],
    ids=["an empty operation", "no operation", "no transaction", "a spoilt operation"],
)
def test_a_spoilt_transaction_does_not_hide_the_next(spoilt: dict[str, Any]) -> None:
    """Somebody else's nonsense is no reason to call the account's own transfer never included."""
    rows = [spoilt, held(transfer(OLD.account), identity="2.7.42")]
    said = answered(OLD, Holding(rows, after="2.7.43"))
    assert said["verdict"]["code"] == "not_seen_yet"


@pytest.mark.parametrize("name", CASES)
def test_a_node_without_the_method(name: str) -> None:
    unknown = NodeError(-32601, "method_not_found_exception", "Method not found")
    source = Holding([], first=unknown, after=unknown)
    said = answered(CASES[name], source)
    assert said["verdict"]["code"] == WITHOUT[name]
    assert source.asked == []


@pytest.mark.parametrize("name", CASES)
def test_the_recorded_chain_holds_nothing(name: str) -> None:
    collect = Collector(
        [LedgerSource(ledger())], register(), clock=lambda: NOW, seconds=FOREVER
    )
    found = diagnose(CASES[name], collect, register(), CHECKS)
    assert found.evidence.history.pending == ()
    assert found.verdict.code == WITHOUT[name]
