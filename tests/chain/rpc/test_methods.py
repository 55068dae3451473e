"""Every method: a recorded node's answers become records, and nothing else is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recorded import ledger
from told import told

import diag
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call
from diag.chain.rpc.methods import METHODS
from diag.chain.rpc.objects import (
    BlockHeader,
    Described,
    GlobalProperties,
    Head,
    PendingTransaction,
    Statistics,
    Unreadable,
)
from diag.domain.account import Account
from diag.domain.asset import Asset
from diag.domain.chain_objects import Holding, OpenTimeLock, Proposal
from diag.domain.operations import Operation
from diag.errors import Malformed

BUSY, SENDER = "chang-e1", "zou-yan"
CALLS = [
    # call, the type of its answer, the type of what is in it
    (methods.CHAIN_ID.call(), str, None),
    (methods.OBJECTS.call(["2.1.0"]), list, Head),
    (methods.OBJECTS.call(["2.0.0"]), list, GlobalProperties),
    (methods.OBJECTS.call(["1.2.42", "1.2.53"]), list, Account),
    (methods.OBJECTS.call(["1.3.0", "1.3.2"]), list, Asset),
    (methods.OBJECTS.call(["1.10.2"]), list, Proposal),
    (methods.OBJECTS.call(["1.11.500"]), list, Operation),
    (methods.OBJECTS.call(["2.6.42"]), list, Statistics),
    (methods.OBJECTS.call(["1.3.99999", "1.16.99999"]), list, type(None)),
    (methods.ACCOUNTS.call([BUSY, SENDER], False), list, Account),
    (methods.ACCOUNTS.call(["nobody-at-all"], False), list, type(None)),
    (methods.ACCOUNT_NAMES.call("lin", 5), list, str),
    (methods.ASSETS.call(["BTS", "NORTH.BTC"]), list, Asset),
    (methods.ASSETS.call(["NOTHING"]), list, type(None)),
    (methods.DESCRIPTIONS.call(["BTS"]), list, Described),
    (methods.BALANCES.call(BUSY, []), dict, str),
    (methods.ORDERS.call(BUSY), list, Holding),
    (methods.VESTING.call(BUSY), list, Holding),
    (methods.PROPOSALS.call(SENDER), list, Proposal),
    (methods.TIME_LOCKS.call(SENDER, "1.16.0", 100), list, OpenTimeLock),
    (methods.NEXT_ID.call(2, 7, False), str, None),
    (methods.HEADER.call(500), BlockHeader, None),
    (methods.HEADER.call(10**9), type(None), None),
    (methods.HEADERS.call([499, 500, 10**9]), dict, int),
    (methods.RECENT_TRANSACTION.call("ab" * 20), type(None), None),
    (methods.HISTORY_BY_TIME.call(BUSY, None, None), list, Operation),
    (methods.HISTORY_BY_ID.call(BUSY, "1.11.0", 100, "1.11.0"), list, Operation),
    (methods.HISTORY_BY_NUMBER.call(BUSY, 0, 2, 0), list, Operation),
    (methods.CONFIG.call(), dict, str),
]


def said(call: Call) -> Any:
    return ledger().answer(call.api, call.method, call.args)


@pytest.mark.parametrize(
    ("call", "kind", "inner"), CALLS, ids=lambda v: getattr(v, "method", "")
)
def test_an_answer_becomes_records(call: Call, kind: type, inner: type | None) -> None:
    found = told(call, said(call))
    assert isinstance(found, kind)
    for one in found if inner else ():  # type: ignore[union-attr]
        assert isinstance(one, inner)  # type: ignore[arg-type]


def test_a_transaction_stays_as_it_is() -> None:
    row = said(methods.HISTORY_BY_TIME.call(SENDER, 1, None))[0]
    call = methods.TRANSACTION.call(row["block_num"], row["trx_in_block"])
    assert told(call, said(call)) == said(call)


def test_every_method_is_tried() -> None:
    tried = {call.method for call, *_ in CALLS} | {methods.TRANSACTION.name}
    assert tried == METHODS.keys()


@pytest.mark.parametrize(
    "junk", [7, True, [7], [None, None, None], [{}], [[]], {"a": 1}], ids=repr
)
@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"get_config", "get_transaction"}))
def test_what_is_of_another_type_is_malformed(name: str, junk: Any) -> None:
    call = next(call for call, *_ in CALLS if call.method == name)
    found = told(call, junk)
    taken = name == "get_objects" and junk in ([7], [{}], [[]])  # an object that cannot be read
    taken |= name == "get_recent_transaction_by_id" and isinstance(junk, dict)
    assert found == [Unreadable()] if isinstance(found, list) else taken or found is not None
    assert taken or isinstance(found, Malformed)


GOOD = {
    "1.2.53": {"name": ["UPPER", "a b", "", "x" * 64, "-a", "\u0430bc"], "id": ["1.3.5", 7]},
    "1.3.2": {"symbol": ["lower", "A", "A" * 17, "A..B"], "precision": [-1, 13, "x"]},
    "2.1.0": {"time": ["soon", "9999-12-31T23:59:59"], "head_block_number": [-1, 2**40]},
}


@pytest.mark.parametrize(
    ("identity", "field", "value"),
    [(i, f, v) for i, fields in GOOD.items() for f, values in fields.items() for v in values],
    ids=repr,
)
def test_an_object_with_what_the_chain_does_not_allow_is_unreadable(
    identity: str, field: str, value: Any
) -> None:
    call = methods.OBJECTS.call([identity, "1.3.0"])
    [good, other] = said(call)
    found = told(call, [good | {field: value}, other])
    assert isinstance(found, list)
    assert isinstance(found[0], Unreadable)
    assert isinstance(found[1], Asset)


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("method", [methods.OBJECTS, methods.ACCOUNTS, methods.ASSETS])
def test_a_list_of_another_length_is_no_answer(method: methods.Method, count: int) -> None:
    assert isinstance(told(method.call(["1.3.0", "1.3.2"]), [None] * count), Malformed)


def test_a_transaction_that_waits_shows_its_transfers() -> None:
    body = {"from": "1.2.42", "to": "1.2.21", "amount": {"amount": 7, "asset_id": "1.3.0"}}
    held = {"expiration": "2026-11-22T12:00:00", "operations": [[0, body], [8, {}], [0, {}]]}
    [found] = told(methods.OBJECTS.call(["2.7.5"]), [{"id": "2.7.5", "trx": held}])  # type: ignore[misc]
    assert isinstance(found, PendingTransaction)
    [transfer] = found.transfers
    assert (transfer.sender, transfer.id, transfer.amount.base_units) == ("1.2.42", "2.7.5", 7)


def test_nobody_else_names_a_method() -> None:
    """But for the recorded node, which answers them."""
    root = Path(diag.__file__).parent
    here = {root / "chain" / "rpc" / "methods.py"}
    files = [f for f in root.rglob("*.py") if f not in here and "ledger" not in f.parts]
    named = [
        (str(file.relative_to(root)), name)
        for file in files
        for name in METHODS
        if json.dumps(name) in file.read_text(encoding="utf-8")
    ]
    assert named == []
