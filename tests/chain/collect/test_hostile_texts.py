"""A node that sends names, symbols and messages made to harm: nobody is misled, nothing breaks, and no
terminal, log, note or table gets what would steer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from recorded import ledger, register
from stories import BY_ID, question
from told import bent, told
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.chain.rpc.objects import Unreadable
from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.errors import ChainError, Malformed, NodeError
from diag.i18n import LANGUAGES
from diag.render import FORMATS
from diag.render.options import View

FULL, REGISTER = ledger(), register()
BAD = {
    "an escape": "a\x1b[31mb",
    "a C1 escape": "a\x9b2Jb",
    "a title of a terminal": "a\x1b]0;x\x07",
    "another direction": "a\u202ebnimda",
    "isolates": "\u2066a\u2069",
    "not seen": "a\u200bb",
    "lines": "a\nb\rc",
    "a placeholder": "{account}",
    "an attribute": "{0.__class__}",
    "half a placeholder": "a{",
    "the other half": "a}b",
    "markup": "<script>alert(1)</script>",
    "a formula": "=1+1",
    "a link": "[a](https://example.org)",
    "capitals": "Admin",
    "long": "a" * 5000,
    "nothing": "",
}
Bend = Callable[[Call, Any], Any]


def anywhere(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The reply with each object in it changed."""
    if isinstance(value, dict):
        return change({name: anywhere(inner, change) for name, inner in value.items()})
    return [anywhere(inner, change) for inner in value] if isinstance(value, list) else value


def named(bad: str, asked: str) -> Bend:
    """Gives this name to every account that the node was asked for by its id."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        account = str(row.get("id", "")).startswith("1.2.") and row.get("name") != asked
        return row | {"name": bad} if account and "name" in row else row

    return lambda call, reply: (
        anywhere(reply, change) if call.method == "get_objects" else reply
    )


def called(bad: str, asked: str) -> Bend:
    """Gives this symbol to every asset but the core asset."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        asset = str(row.get("id", "")).startswith("1.3.") and row["id"] != "1.3.0"
        return row | {"symbol": bad} if asset and "symbol" in row else row

    return lambda call, reply: anywhere(reply, change) if call.api == "database" else reply


def failing(bad: str, asked: str) -> Bend:
    """Says this of every proposal."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"fail_reason": bad} if "proposed_transaction" in row else row

    return lambda call, reply: anywhere(reply, change)


def refusing(bad: str, asked: str) -> Bend:
    """Answers every question about histories with an error in these words."""
    error = NodeError(1, bad, bad)
    return lambda call, reply: error if call.api == "history" else reply


@dataclass
class Node:
    bend: Bend
    name: str = "one"

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return bent(FULL, calls, self.bend)


def asked(bend: Bend, story: str) -> Diagnosis:
    collect = Collector([Node(bend)], REGISTER, clock=lambda: FULL.clock, seconds=FOREVER)
    return diagnose(question(BY_ID[story]), collect, REGISTER, CHECKS)


HARMED = [
    # what is bent, and a story in which it is read
    (named, "sent-to-lookalike"),
    (named, "friend-got-it"),
    (called, "settled-by-burn"),
    (called, "gateway-overdue-alone"),
    (named, "proposal-failed"),
    (called, "proposal-failed"),
    (failing, "proposal-failed"),
    (refusing, "settled-by-burn"),
]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(("harm", "story"), HARMED)
def test_nothing_of_it_is_shown_and_nothing_breaks(
    story: str, harm: Callable[[str, str], Bend], bad: str
) -> None:
    found = asked(harm(BAD[bad], BY_ID[story]["account"]), story)
    for lang in LANGUAGES:
        for name, (_, render) in FORMATS.items():
            shown = render(found, View(lang))
            assert name in ("json", "html") or shown.replace("\n", "").isprintable()
            if harm in (named, called) and len(BAD[bad]) > 5:
                assert BAD[bad] not in shown


@pytest.mark.parametrize("bad", [bad for bad in BAD if bad != "nothing"])
@pytest.mark.parametrize(
    ("harm", "story"), [(named, "friend-got-it"), (called, "settled-by-burn")]
)
def test_what_no_name_can_be_is_a_gap_and_never_a_name(
    harm: Callable[[str, str], Bend], story: str, bad: str
) -> None:
    """What the window names could not be read: so nothing is called proven that rests on it."""
    found = asked(harm(BAD[bad], BY_ID[story]["account"]), story)
    names = [account.name for account in found.evidence.history.accounts.values()]
    symbols = [w.amount.asset.symbol for w in found.evidence.withdrawals]
    assert BAD[bad] not in [*names, *symbols]
    assert found.evidence.history.gaps


@pytest.mark.parametrize("bad", BAD)
def test_a_node_that_misnames_the_account_that_was_asked_for_is_not_believed(bad: str) -> None:
    def bend(call: Call, reply: Any) -> Any:
        if call.method != "get_accounts":
            return reply
        return [row and row | {"name": BAD[bad]} for row in reply]

    with pytest.raises(ChainError):
        asked(bend, "settled-by-burn")


@pytest.mark.parametrize("bad", BAD)
def test_names_that_are_near_are_names(bad: str) -> None:
    def bend(call: Call, reply: Any) -> Any:
        if call.method == "lookup_accounts":
            return [[BAD[bad], "1.2.7"], *reply]
        return reply

    found = asked(bend, "no-such-account")
    assert found.verdict.code == "account_not_found"
    assert BAD[bad] not in found.evidence.history.near_names


ASSET: dict[str, Any] = {
    "id": "1.3.7",
    "symbol": "NORTH.BTC",
    "precision": 8,
    "issuer": "1.2.9",
}


def read(**changes: Any) -> Any:
    [found] = told(methods.OBJECTS.call(["1.3.7"]), [ASSET | changes])
    return found


@pytest.mark.parametrize("symbol", ["BTS", "NORTH.BTC", "A1B", "ABCDEFGHIJKLMNOP", "X.0XBTC"])
def test_a_symbol_of_the_chain_is_read(symbol: str) -> None:
    assert read(symbol=symbol).symbol == symbol


@pytest.mark.parametrize(
    "symbol",
    [
        "",
        "AB",
        "abc",
        "1AB",
        "A.",
        ".AB",
        "A..B",
        "A.B.C",
        "A-B",
        "A B",
        "ABC\n",
        "Ａ.BTC",
        "АBC",
        "ABCDEFGHIJKLMNOPQ",
        "NORTH.BTC\u200b",
        None,
        7,
        ["BTS"],
    ],
)
def test_what_no_symbol_can_be_is_not_read(symbol: Any) -> None:
    assert isinstance(read(symbol=symbol), Unreadable)


@pytest.mark.parametrize("precision", [-1, 13, 10**9, "8 places", None])
def test_what_no_precision_can_be_is_not_read(precision: Any) -> None:
    """A number with 10⁹ digits would fill the memory."""
    assert isinstance(read(precision=precision), Unreadable)


@pytest.mark.parametrize("amount", [2**63, -(2**70), "9" * 4000, "9" * 5000, "١x", None])
def test_what_no_amount_can_be_is_not_read(amount: Any) -> None:
    balance = {"amount": amount, "asset_id": "1.3.0"}
    assert isinstance(told(methods.BALANCES.call("a", []), [balance]), Malformed)
