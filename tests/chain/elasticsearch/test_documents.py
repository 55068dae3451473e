"""Documents of the index become what a node would have shown, whoever wrote them."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import elastic
import pytest
from elastic import STYLES
from msgspec import structs
from recorded import ledger

from diag.chain.elasticsearch.documents import parse_entry, with_block_operation
from diag.chain.rpc.history_rows import decode_row
from diag.domain.custody_operations import Lock
from diag.domain.memo import Memo
from diag.domain.operations import Fill, Transfer, Unreadable

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data/elasticsearch/documents.json").read_text("utf-8")
)


def read(document: Any) -> Any:
    return parse_entry(document).operation


# --- recorded answers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "facts"),
    [
        (
            "transfer",
            Transfer,
            {
                "id": "1.11.1033359",
                "at": "2016-01-23 20:31:36",
                "sender": "1.2.22583",
                "recipient": "1.2.100678",
                "units": 95000000,
                "memo": None,
                "virtual": False,
            },
        ),
        (
            "transfer null op object",
            Transfer,
            {
                "id": "1.11.1000559231",
                "at": "2019-10-25 13:44:21",
                "sender": "1.2.973383",
                "recipient": "1.2.466056",
                "units": 203463500,
                "memo": 402434830178474,
                "virtual": False,
            },
        ),
        ("trade", Fill, {"id": "1.11.1038971", "order": "1.7.24116", "virtual": True}),
        (
            "trade null op object",
            Fill,
            {"id": "1.11.1005897922", "order": "1.7.417432224", "virtual": True},
        ),
        ("settlement regular", Lock, {"units": 19176495066, "holder": "1.4.12525"}),
        ("settlement regular new", Lock, {"units": 2000000, "virtual": False}),
        ("settlement gs", Lock, {"units": 28056255, "at": "2022-08-10 18:23:12"}),
        ("settlement gs old style", Lock, {"units": 9603253, "at": "2021-02-06 10:08:00"}),
    ],
)
def test_recorded_documents(name: str, kind: type, facts: dict[str, Any]) -> None:
    found = read(RECORDED[name])
    amounts = [getattr(found, "amount", None), *getattr(found, "amounts", ())]
    memo = getattr(found, "memo", None)
    shown = {
        "at": f"{found.at:%Y-%m-%d %H:%M:%S}",
        "units": next((amount.base_units for amount in amounts if amount), None),
        "memo": memo.nonce if memo else None,
        "virtual": found.location.virtual,
    }
    assert isinstance(found, kind)
    assert {n: shown[n] if n in shown else getattr(found, n) for n in facts} == facts


def test_recorded_entries_are_linked() -> None:
    later, earlier = (parse_entry(RECORDED[f"linked, {name}"]) for name in ("later", "earlier"))
    assert later.account == earlier.account == "1.2.12376"
    assert (later.sequence, earlier.sequence) == (8809, 8808)
    assert later.previous_id == earlier.id


# --- the recorded chain in every style ------------------------------------------------------


@cache
def samples() -> list[tuple[str, int]]:
    """Some entries about every kind of operation: account, and place in its list."""
    found: dict[Any, list[tuple[str, int]]] = defaultdict(list)
    for account, held in ledger().recording.histories.items():
        for place in range(0, len(held.operations), 7 if len(held.operations) > 300 else 1):
            row = ledger().operation(held.operations[place])
            found[row["op"][0], row["is_virtual"], "memo" in row["op"][1]].append(
                (account, place)
            )
    return [sample for some in found.values() for sample in some[:5]]


@pytest.mark.parametrize("style", sorted(STYLES.keys() - {"stripped"}))
def test_every_kind_of_operation_is_what_the_node_shows(style: str) -> None:
    kinds = set()
    for account, place in samples():
        shown = ledger().operation(ledger().history(account).operations[place])
        found = parse_entry(elastic.document(ledger(), account, place, style))
        kinds.add(shown["op"][0])
        assert found.operation == decode_row(shown)
        assert (found.account, found.sequence) == (account, place + 1)
    assert len(kinds) >= 15


# --- variants and damage --------------------------------------------------------------------


def changed(path: str, value: Any, name: str = "transfer") -> Any:
    document = copy.deepcopy(RECORDED[name])
    part = document
    *way, last = path.split("/")
    for step in way:
        part = part[step]
    part[last] = value
    return document


@pytest.mark.parametrize(
    "text",
    [
        "2016-01-23T20:31:36",
        "2016-01-23T20:31:36Z",
        "2016-01-23T20:31:36.000Z",
        "2016-01-23T20:31:36+00:00",
        "2016-01-24T04:31:36+08:00",
    ],
)
def test_times_in_every_form_are_utc(text: str) -> None:
    found = read(changed("block_data/block_time", text))
    assert found.at == datetime(2016, 1, 23, 20, 31, 36, tzinfo=UTC)


@pytest.mark.parametrize("amount", [95000000, "95000000"])
def test_amounts_are_numbers_or_text(amount: Any) -> None:
    path = "operation_history/op_object/amount_/amount"
    assert read(changed(path, amount)) == read(RECORDED["transfer"])


def test_what_visitors_add_changes_nothing() -> None:
    more = {"fee_data": {"amount": 1.5e-9}, "transfer_data": {}, "fill_data": {}}
    assert parse_entry(RECORDED["transfer"] | {"additional_data": more}) == parse_entry(
        RECORDED["transfer"]
    )


@pytest.mark.parametrize(
    ("count", "transaction", "virtual"),
    [
        pytest.param(0, "ab" * 20, False, id="in a transaction"),
        pytest.param(1, "ab" * 20, True, id="follows from another"),
        pytest.param(16285, "ab" * 20, False, id="counted by a version before 3.1"),
        pytest.param(0, "", True, id="at the end of the block"),
    ],
)
def test_operations_that_the_chain_added_are_told_apart(
    count: int, transaction: str, virtual: bool
) -> None:
    document = changed("operation_history/virtual_op", count)
    document["block_data"]["trx_id"] = transaction
    assert read(document).location.virtual is virtual


UNREADABLE = [
    pytest.param("operation_history/op_object", None, id="neither text nor object"),
    pytest.param("operation_history/op_object", [], id="an object that is none"),
    pytest.param("operation_history/op", "[0,{", id="text broken off"),
    pytest.param("operation_history/op", "[4,{}]", id="text of another operation"),
    pytest.param("operation_history/op", "[0]", id="no body"),
    pytest.param("operation_history/op", 7, id="text that is a number"),
    pytest.param("operation_history/op", "[" * 100_000, id="nested without end"),
    pytest.param("operation_history/op", "[0," + "[" * 120 + "]" * 121, id="nested deep"),
    pytest.param(
        "operation_history/op",
        '[0,{"from":"\\ud800","to":"1.2.3","amount":{"amount":1,"asset_id":"\\ud800"}}]',
        id="half a character",
    ),
    pytest.param("operation_history/operation_result", None, id="no result"),
    pytest.param("operation_history/op_object/amount_", "lots", id="an amount that is none"),
    pytest.param("operation_history/op_object/from", None, id="no sender"),
    pytest.param("operation_type", "many", id="no number"),
]


@pytest.mark.parametrize(("path", "value"), UNREADABLE)
def test_an_operation_that_cannot_be_read_keeps_its_place(path: str, value: Any) -> None:
    document = changed(path, value)
    found = read(document)
    assert isinstance(found, Unreadable)
    assert found.id == "1.11.1033359"
    assert parse_entry(document).sequence == 2


NO_ENTRIES = [
    ("account_history", None),
    ("account_history/id", "2.9.x"),
    ("account_history/id", None),
    ("account_history/next", None),
    ("account_history/account", "alice"),
    ("account_history/operation_id", "\ud800.1"),
    ("account_history/sequence", "x"),
    ("operation_history", None),
    ("operation_history/trx_in_block", None),
    ("block_data", None),
    ("block_data/block_num", {}),
    ("block_data/block_time", "yesterday"),
    ("block_data/block_time", 1453581096),
]


@pytest.mark.parametrize(("path", "value"), NO_ENTRIES)
def test_what_has_no_place_is_no_entry(path: str, value: Any) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        parse_entry(changed(path, value))


# --- the block as the last word -------------------------------------------------------------


def test_a_memo_that_the_index_left_out_comes_from_the_block() -> None:
    shown = read(RECORDED["transfer"])
    memo = {"from": "BTSa", "to": "BTSb", "nonce": "7", "message": "00"}
    coins = {"amount": shown.amount.base_units, "asset_id": shown.amount.asset_id}
    sent = {"from": shown.sender, "to": shown.recipient, "amount": coins, "memo": memo}
    found = with_block_operation(shown, {"operations": [[0, sent]]})
    assert found == structs.replace(shown, fee=None, memo=Memo("BTSa", "BTSb", 7, "00"))


def test_what_a_transaction_brought_about_does_not_stand_in_it() -> None:
    shown = read(RECORDED["transfer"])
    assert with_block_operation(shown, {"operations": [[23, {}]]}) == shown
    with pytest.raises(IndexError):
        with_block_operation(shown, {"operations": []})
