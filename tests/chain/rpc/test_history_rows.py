"""JSON in, records out: every operation, every form, and whatever else may come."""

from __future__ import annotations

import copy
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import RECORDED

from diag.chain.rpc import history_rows, values
from diag.chain.rpc.history_rows import decode_page, name_of, proposed
from diag.domain.account import Authority
from diag.domain.asset import Amount, Asset, Quantity
from diag.domain.custody_operations import Custody, Lock, Release
from diag.domain.memo import Memo
from diag.domain.operations import (
    AuthorityUpdate,
    Burn,
    Created,
    Fill,
    Issue,
    Operation,
    Other,
    Override,
    PermissionClaim,
    ProposalCreated,
    ProposalDeleted,
    ProposalUpdated,
    TimeLock,
    TimeLockRedeemed,
    TimeLockRefunded,
    Transfer,
    Unreadable,
)

AT = datetime(2026, 11, 21, 20, 30, 3, tzinfo=UTC)
BTS = Asset("1.3.0", "BTS", 5)
COIN = Asset("1.3.2", "NORTH.BTC", 8, issuer="1.2.19")
ASSETS = {asset.id: asset for asset in (BTS, COIN)}
FEE = {"amount": 2000000, "asset_id": "1.3.0"}
NULL_KEY = "BTS1111111111111111111111111111111114T1Anm"
KEY = "BTS6brFxML2J73yJKhqqPStBvHPjrZyFofk69EHs63pynwYTpdPbF"
MY_KEY = "BTS7GqNmJr1Kb2WuDGLVRSYe5iurvZqVLJMk4EkVMTaQs78gj275E"

# The static variant `operation` of bitshares-core 7.0, in its order.
NAMES = {
    0: "transfer",
    1: "limit_order_create",
    2: "limit_order_cancel",
    3: "call_order_update",
    4: "fill_order",
    5: "account_create",
    6: "account_update",
    7: "account_whitelist",
    8: "account_upgrade",
    9: "account_transfer",
    10: "asset_create",
    11: "asset_update",
    12: "asset_update_bitasset",
    13: "asset_update_feed_producers",
    14: "asset_issue",
    15: "asset_reserve",
    16: "asset_fund_fee_pool",
    17: "asset_settle",
    18: "asset_global_settle",
    19: "asset_publish_feed",
    20: "witness_create",
    21: "witness_update",
    22: "proposal_create",
    23: "proposal_update",
    24: "proposal_delete",
    25: "withdraw_permission_create",
    26: "withdraw_permission_update",
    27: "withdraw_permission_claim",
    28: "withdraw_permission_delete",
    29: "committee_member_create",
    30: "committee_member_update",
    31: "committee_member_update_global_parameters",
    32: "vesting_balance_create",
    33: "vesting_balance_withdraw",
    34: "worker_create",
    35: "custom",
    36: "assert",
    37: "balance_claim",
    38: "override_transfer",
    39: "transfer_to_blind",
    40: "blind_transfer",
    41: "transfer_from_blind",
    42: "asset_settle_cancel",
    43: "asset_claim_fees",
    44: "fba_distribute",
    45: "bid_collateral",
    46: "execute_bid",
    47: "asset_claim_pool",
    48: "asset_update_issuer",
    49: "htlc_create",
    50: "htlc_redeem",
    51: "htlc_redeemed",
    52: "htlc_extend",
    53: "htlc_refund",
    54: "custom_authority_create",
    55: "custom_authority_update",
    56: "custom_authority_delete",
    57: "ticket_create",
    58: "ticket_update",
    59: "liquidity_pool_create",
    60: "liquidity_pool_delete",
    61: "liquidity_pool_deposit",
    62: "liquidity_pool_withdraw",
    63: "liquidity_pool_exchange",
    64: "samet_fund_create",
    65: "samet_fund_delete",
    66: "samet_fund_update",
    67: "samet_fund_borrow",
    68: "samet_fund_repay",
    69: "credit_offer_create",
    70: "credit_offer_delete",
    71: "credit_offer_update",
    72: "credit_offer_accept",
    73: "credit_deal_repay",
    74: "credit_deal_expired",
    75: "liquidity_pool_update",
    76: "credit_deal_update",
    77: "limit_order_update",
}


def row(number: Any, body: Any, result: Any = None, **changes: Any) -> dict[str, Any]:
    """An operation history object around a body."""
    return {
        "id": "1.11.1234567890123",
        "op": [number, body],
        "result": result or [0, {}],
        "block_num": 17609,
        "trx_in_block": 2,
        "op_in_trx": 1,
        "virtual_op": 0,
        "is_virtual": False,
        "block_time": "2026-11-21T20:30:03",
    } | changes


def decoded(*rows: Any) -> list[Operation]:
    return decode_page(json.dumps(rows).encode())


def parse(number: Any, body: Any, result: Any = None, **changes: Any) -> Operation:
    [found] = decoded(row(number, body, result, **changes))
    return found


def raw(base_units: int | str, asset: Asset = COIN) -> dict[str, Any]:
    return {"amount": base_units, "asset_id": asset.id}


# --- names ----------------------------------------------------------------------------------


def test_there_are_78_operations() -> None:
    assert list(NAMES) == list(range(78))
    assert len(history_rows.OPERATIONS) == 78


@pytest.mark.parametrize(("number", "name"), NAMES.items(), ids=list(NAMES.values()))
def test_name_of_every_operation(number: int, name: str) -> None:
    assert name_of(number) == name
    assert parse(number, {"fee": FEE}).kind == name


@pytest.mark.parametrize("number", [78, 255, -1])
def test_an_operation_newer_than_the_table_keeps_its_number(number: int) -> None:
    found = parse(number, {"fee": FEE, "anything": [1]})
    assert (found.kind, found.fee) == (f"operation_{number}", PAID)
    assert isinstance(found, Other) and found.readable


@pytest.mark.parametrize("number", ["0", "\x1b[31m", None, 1.5, [], {}])
def test_what_is_no_number_is_not_repeated(number: object) -> None:
    assert parse(number, {"fee": FEE}).kind == "operation_unknown"


# --- where it stands ------------------------------------------------------------------------


def test_place() -> None:
    place = parse(0, {}).location
    assert (place.id, place.number) == ("1.11.1234567890123", 1234567890123)
    assert (place.at, place.block) == (AT, 17609)
    assert (place.transaction, place.position, place.virtual) == (2, 1, False)


@pytest.mark.parametrize(
    ("number", "changes", "virtual"),
    [
        pytest.param(0, {"is_virtual": True}, True, id="said by the node"),
        pytest.param(4, {"is_virtual": False}, False, id="denied by the node"),
        pytest.param(0, {"virtual_op": 3}, True, id="older node, numbered as virtual"),
        pytest.param(0, {}, False, id="older node, a real one"),
        *(
            pytest.param(number, {}, True, id=f"older node, {NAMES[number]}")
            for number in (4, 42, 44, 46, 51, 53, 74)
        ),
    ],
)
def test_virtual(number: int, changes: dict[str, Any], virtual: bool) -> None:
    given_row = row(number, {})
    del given_row["is_virtual"]
    [found] = decoded(given_row | changes)
    assert found.location.virtual is virtual


def test_a_row_without_a_time_proves_nothing() -> None:
    old = row(0, {})
    del old["block_time"], old["is_virtual"]
    with pytest.raises(ValueError):
        decoded(old)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"id": None}, id="no id"),
        pytest.param({"id": "1.11.x"}, id="an id that is no number"),
        pytest.param({"block_num": None}, id="no block"),
        pytest.param({"block_time": "soon"}, id="no time"),
        pytest.param({"block_time": 5}, id="a time that is a number"),
        pytest.param({"block_time": "2026-11-21T20:30:03+08:00"}, id="a time of a zone"),
        pytest.param({"block_time": "2107-01-01T00:00:00"}, id="a time that no chain has"),
        pytest.param({"id": "1.2.5"}, id="an id of another kind"),
        pytest.param({"id": "1.11." + "9" * 40}, id="an id that no chain has"),
        pytest.param({"block_num": -1}, id="a block before the first"),
        pytest.param({"block_num": "9" * 30}, id="a block that no chain has"),
    ],
)
def test_a_row_that_proves_nothing_spoils_its_page(changes: dict[str, Any]) -> None:
    whole = row(0, {"fee": FEE} | SENT)
    with pytest.raises(ValueError):
        decoded(whole, whole | changes)


@pytest.mark.parametrize("page", [None, {}, "x", 7, [None], [[]], [7], [{}]], ids=repr)
def test_what_is_no_page_is_refused(page: Any) -> None:
    with pytest.raises(ValueError):
        decode_page(json.dumps(page).encode())


def test_a_row_that_does_not_fit_changes_no_other() -> None:
    good, newer = row(0, {"fee": FEE} | SENT), row(99, {"fee": FEE})
    bad = row(0, {"fee": FEE} | SENT | {"from": "nobody"})
    alone = [found for one in (good, bad, newer, good) for found in decoded(one)]
    assert decoded(good, bad, newer, good) == alone
    assert [type(found) for found in alone] == [Transfer, Unreadable, Other, Transfer]


@pytest.mark.parametrize("at", [AT, AT.astimezone(tz=None)], ids=["UTC", "local"])
def test_times_are_written_as_a_node_wants_them(at: datetime) -> None:
    assert values.node_time(at) == "2026-11-21T20:30:03"
    assert values.chain_time(datetime(2026, 11, 21, 20, 30, 3)) == AT  # noqa: DTZ001


# --- every kind -----------------------------------------------------------------------------

COINS = Quantity(5205000, COIN.id)
CORE = Quantity(5000000, BTS.id)
PAID = Quantity(2000000, BTS.id)
MEMO = {
    "from": MY_KEY,
    "to": KEY,
    "nonce": "18446744073709551615",
    "message": "3e48de71dd3efc83",
}
AUTHORITY = {
    "weight_threshold": 2,
    "account_auths": [["1.2.86", 1], ["1.2.87", 1]],
    "key_auths": [[KEY, 1]],
    "address_auths": [],
}
TWO_OF_THREE = Authority(2, (("1.2.86", 1), ("1.2.87", 1)), ((KEY, 1),))
SENT = {"from": "1.2.85", "to": "1.2.18", "amount": raw(5205000), "extensions": []}

# operation id, body without fee, result, record, its own fields
KINDS: dict[str, tuple[int, dict[str, Any], Any, type[Operation], dict[str, Any]]] = {
    "transfer": (
        0,
        SENT,
        None,
        Transfer,
        {"sender": "1.2.85", "recipient": "1.2.18", "amount": COINS, "memo": None},
    ),
    "transfer with memo": (
        0,
        SENT | {"memo": MEMO},
        None,
        Transfer,
        {
            "sender": "1.2.85",
            "recipient": "1.2.18",
            "amount": COINS,
            "memo": Memo(MY_KEY, KEY, 2**64 - 1, "3e48de71dd3efc83"),
        },
    ),
    "override": (
        38,
        {"issuer": "1.2.24", "from": "1.2.93", "to": "1.2.24", "amount": raw("9123750000")},
        None,
        Override,
        {
            "issuer": "1.2.24",
            "sender": "1.2.93",
            "recipient": "1.2.24",
            "amount": Quantity(9123750000, COIN.id),
        },
    ),
    "issue": (
        14,
        {"issuer": "1.2.19", "asset_to_issue": raw(5205000), "issue_to_account": "1.2.42"},
        None,
        Issue,
        {"issuer": "1.2.19", "recipient": "1.2.42", "amount": COINS},
    ),
    "burn": (
        15,
        {"payer": "1.2.18", "amount_to_reserve": raw(5205000), "extensions": []},
        None,
        Burn,
        {"payer": "1.2.18", "amount": COINS},
    ),
    "fill": (
        4,
        {
            "order_id": "1.7.5",
            "account_id": "1.2.98",
            "pays": raw(5000000, BTS),
            "receives": raw(5205000),
            "fill_price": {"base": raw(1), "quote": raw(1, BTS)},
            "is_maker": True,
        },
        None,
        Fill,
        {"owner": "1.2.98", "order": "1.7.5", "paid": CORE, "received": COINS},
    ),
    "account made": (
        5,
        {"registrar": "1.2.17", "referrer": "1.2.17", "name": "lin-yue", "owner": AUTHORITY},
        [1, "1.2.42"],
        Created,
        {"account": "1.2.42", "name": "lin-yue", "owner": TWO_OF_THREE, "active": None},
    ),
    "account updated": (
        6,
        {
            "account": "1.2.85",
            "owner": AUTHORITY,
            "active": AUTHORITY,
            "new_options": {"memo_key": KEY, "voting_account": "1.2.5"},
            "extensions": {},
        },
        None,
        AuthorityUpdate,
        {
            "account": "1.2.85",
            "owner": TWO_OF_THREE,
            "active": TWO_OF_THREE,
            "memo_key": KEY,
        },
    ),
    "account updated, keys only": (
        6,
        {"account": "1.2.85", "active": AUTHORITY},
        None,
        AuthorityUpdate,
        {"account": "1.2.85", "owner": None, "active": TWO_OF_THREE, "memo_key": None},
    ),
    "proposal deleted": (
        24,
        {"fee_paying_account": "1.2.87", "using_owner_authority": False, "proposal": "1.10.1"},
        None,
        ProposalDeleted,
        {"payer": "1.2.87", "proposal": "1.10.1"},
    ),
    "proposal updated": (
        23,
        {"fee_paying_account": "1.2.86", "proposal": "1.10.1", "key_approvals_to_add": []},
        None,
        ProposalUpdated,
        {"payer": "1.2.86", "proposal": "1.10.1"},
    ),
    "permission claimed": (
        27,
        {
            "withdraw_permission": "1.12.0",
            "withdraw_from_account": "1.2.103",
            "withdraw_to_account": "1.2.104",
            "amount_to_withdraw": raw(5205000),
        },
        None,
        PermissionClaim,
        {"giver": "1.2.103", "taker": "1.2.104", "amount": COINS},
    ),
    "time-lock": (
        49,
        {
            "from": "1.2.90",
            "to": "1.2.91",
            "amount": raw(5000000, BTS),
            "preimage_hash": [2, "0e8d"],
            "preimage_size": 32,
            "claim_period_seconds": 1200,
            "extensions": {},
        },
        [1, "1.16.0"],
        TimeLock,
        {
            "sender": "1.2.90",
            "recipient": "1.2.91",
            "amount": CORE,
            "lock": "1.16.0",
            "expires": AT + timedelta(minutes=20),
        },
    ),
    "time-lock redeemed": (
        51,
        {
            "htlc_id": "1.16.0",
            "from": "1.2.90",
            "to": "1.2.91",
            "redeemer": "1.2.91",
            "amount": raw(5000000, BTS),
            "preimage": "00",
        },
        None,
        TimeLockRedeemed,
        {"lock": "1.16.0", "sender": "1.2.90", "recipient": "1.2.91"},
    ),
    "time-lock refunded": (
        53,
        {"htlc_id": "1.16.0", "to": "1.2.90", "original_htlc_recipient": "1.2.91"},
        None,
        TimeLockRefunded,
        {"lock": "1.16.0", "owner": "1.2.90"},
    ),
}


def lock(
    number: int,
    owner: str,
    custody: Custody,
    holder: str | None,
    /,
    *amounts: str,
    **more: Any,
) -> tuple[int, dict[str, Any], Any, type[Operation], dict[str, Any]]:
    """A row for an operation that locks 5205000 of the coin, once per name of an amount."""
    result = more.pop("result", None)
    body = {owner: "1.2.98"} | {name: raw(5205000) for name in amounts} | more
    fields = {
        "owner": "1.2.98",
        "custody": custody,
        "amounts": (COINS,) * len(amounts),
        "holder": holder,
    }
    return number, body, result, Lock, fields


def release(
    number: int, owner: str, custody: Custody, holder: str, value: str, /, **more: Any
) -> tuple[int, dict[str, Any], Any, type[Operation], dict[str, Any]]:
    body = {owner: "1.2.98", holder: value} | more
    return (
        number,
        body,
        None,
        Release,
        {"owner": "1.2.98", "custody": custody, "holder": value},
    )


MADE = {"result": [1, "1.7.9"]}
KINDS |= {
    "order made": lock(
        1, "seller", Custody.ORDER, "1.7.9", "amount_to_sell", min_to_receive=raw(1), **MADE
    ),
    "order changed": lock(
        77, "seller", Custody.ORDER, "1.7.9", "delta_amount_to_sell", order="1.7.9"
    ),
    "order changed in price only": lock(77, "seller", Custody.ORDER, "1.7.9", order="1.7.9"),
    "order cancelled": release(2, "fee_paying_account", Custody.ORDER, "order", "1.7.9"),
    "debt position": lock(
        3, "funding_account", Custody.COLLATERAL, None, "delta_collateral", delta_debt=raw(1)
    ),
    "bid": lock(45, "bidder", Custody.COLLATERAL, None, "additional_collateral"),
    "settlement": lock(
        17, "account", Custody.SETTLEMENT, "1.4.1", "amount", result=[1, "1.4.1"]
    ),
    "settlement, answered at once": lock(
        17, "account", Custody.SETTLEMENT, None, "amount", result=[2, raw(7)]
    ),
    "settlement cancelled": release(
        42, "account", Custody.SETTLEMENT, "settlement", "1.4.1", amount=raw(7)
    ),
    "vesting made": lock(
        32,
        "creator",
        Custody.VESTING,
        "1.13.2",
        "amount",
        owner="1.2.99",
        policy=[0, {}],
        result=[1, "1.13.2"],
    ),
    "vesting taken": release(
        33, "owner", Custody.VESTING, "vesting_balance", "1.13.2", amount=raw(7)
    ),
    "made blind": lock(39, "from", Custody.BLIND, None, "amount", outputs=[]),
    "ticket": lock(
        57, "account", Custody.TICKET, "1.18.3", "amount", target_type=1, result=[1, "1.18.3"]
    ),
    "into a pool": lock(
        61, "account", Custody.POOL, "1.19.0", "amount_a", "amount_b", pool="1.19.0"
    ),
    "out of a pool": release(
        62, "account", Custody.POOL, "pool", "1.19.0", share_amount=raw(7)
    ),
    "exchanged in a pool": lock(
        63, "account", Custody.EXCHANGE, "1.19.0", "amount_to_sell", pool="1.19.0"
    ),
    "credit taken": lock(
        72, "borrower", Custody.CREDIT, "1.22.0", "collateral", result=[1, "1.22.0"]
    ),
    "credit repaid": lock(
        73,
        "account",
        Custody.EXCHANGE,
        None,
        "repay_amount",
        credit_fee=raw(1),
        deal_id="1.22.0",
    ),
    # balance is a bare number of the asset_type here (credit_offer.hpp)
    "credit offered": (
        69,
        {"owner_account": "1.2.98", "asset_type": COIN.id, "balance": 5205000, "fee_rate": 1},
        [1, "1.21.0"],
        Lock,
        {
            "owner": "1.2.98",
            "custody": Custody.CREDIT,
            "amounts": (COINS,),
            "holder": "1.21.0",
        },
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_typed_record(kind: str) -> None:
    number, body, result, record, fields = KINDS[kind]
    found = parse(number, {"fee": FEE} | body, result)
    assert isinstance(found, record)
    assert (found.kind, found.fee) == (NAMES[number], PAID)
    for name, value in fields.items():
        shown = getattr(found, name)
        if name == "amounts":  # some of them may be negative, and are of another type
            shown = tuple(Quantity(a.base_units, a.asset_id) for a in shown)
        assert shown == value, name


def test_a_release_from_blind_goes_to_its_recipient() -> None:
    found = parse(41, {"fee": FEE, "to": "1.2.98", "amount": raw(1), "blinding_factor": "00"})
    assert isinstance(found, Release)
    assert (found.owner, found.custody) == ("1.2.98", Custody.BLIND)


@pytest.mark.parametrize(
    "made", [None, [0, {}], [5, {"new_objects": ["1.16.0"]}], [1], [1, 7], "x"]
)
def test_without_a_made_object_a_time_lock_has_no_id(made: Any) -> None:
    number, body, _, _, _ = KINDS["time-lock"]
    found = parse(number, body, made)
    assert isinstance(found, TimeLock)
    assert found.lock is None


TYPED = {number for number, *_ in KINDS.values()} | {22, 41}


@pytest.mark.parametrize("number", sorted(set(NAMES) - TYPED), ids=lambda n: NAMES[n])
def test_what_moves_no_coins_of_the_account_is_other(number: int) -> None:
    found = parse(number, {"fee": FEE, "anything": 1})
    assert found == Other(location=found.location, kind=NAMES[number], fee=PAID)


# --- proposals ------------------------------------------------------------------------------

INNER = [0, {"fee": FEE} | SENT]


@pytest.mark.parametrize(
    "given_inner", [[{"op": INNER}], [INNER]], ids=["as in the operation", "as in the object"]
)
def test_proposal(given_inner: list[Any]) -> None:
    found = parse(
        22,
        {
            "fee": FEE,
            "fee_paying_account": "1.2.86",
            "expiration_time": "2026-11-21T21:00:00",
            "proposed_ops": given_inner,
            "extensions": [],
        },
        [1, "1.10.4"],
    )
    inner = Transfer(
        "1.2.85", "1.2.18", COINS, location=found.location, kind="transfer", fee=PAID
    )
    assert found == ProposalCreated(
        location=found.location,
        kind="proposal_create",
        fee=PAID,
        created="1.10.4",
        proposer="1.2.86",
        proposal="1.10.4",
        expires=AT + timedelta(minutes=29, seconds=57),
        inner=(inner,),
    )


def test_a_bad_operation_inside_a_proposal_spoils_no_other() -> None:
    place = parse(0, {}).location
    found = proposed([None, "x", {"op": [0]}, [99, {}], [0, {}], INNER], place)
    assert [type(o) for o in found] == [*[Unreadable] * 3, Other, Unreadable, Transfer]


@pytest.mark.parametrize("operations", [None, {}, "x", 7])
def test_a_proposal_without_a_list_holds_nothing(operations: object) -> None:
    assert proposed(operations, parse(0, {}).location) == ()


# --- amounts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_units", "exact", "said"),
    [
        (5205000, "0.05205000", "0.05205 NORTH.BTC"),
        ("5205000", "0.05205000", "0.05205 NORTH.BTC"),
        (0, "0.00000000", "0 NORTH.BTC"),
        ("100000000", "1.00000000", "1 NORTH.BTC"),
        (1, "0.00000001", "0.00000001 NORTH.BTC"),
        ("1000000000000000", "10000000.00000000", "10000000 NORTH.BTC"),
        ("9007199254740993", "90071992.54740993", "90071992.54740993 NORTH.BTC"),
    ],
)
def test_amount(base_units: int | str, exact: str, said: str) -> None:
    found = parse(0, SENT | {"amount": raw(base_units)})
    assert isinstance(found, Transfer)
    assert found.amount == Quantity(int(base_units), COIN.id)
    shown = Amount(found.amount.base_units, COIN)
    assert (shown.exact, str(shown)) == (exact, said)


@pytest.mark.parametrize("base_units", [-1, 2**63, "-7", "9" * 30, 0.5, "0.5", "many", True])
def test_an_amount_that_no_transfer_can_have_is_refused(base_units: Any) -> None:
    assert isinstance(parse(0, SENT | {"amount": raw(base_units)}), Unreadable)


@pytest.mark.parametrize("base_units", [-7, "-7"])
def test_what_an_order_holds_can_become_less(base_units: Any) -> None:
    order = {"seller": "1.2.98", "order": "1.7.9"}
    found = parse(77, order | {"delta_amount_to_sell": raw(base_units)})
    assert isinstance(found, Lock)
    assert [amount.base_units for amount in found.amounts] == [-7]


@given(st.integers(-(10**15), 10**15), st.integers(0, 12))
def test_no_amount_loses_a_digit(base_units: int, precision: int) -> None:
    asset = Asset("1.3.9", "A", precision)
    assert asset.base_units(Amount(base_units, asset).value) == base_units


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"from": "1.3.5"}, id="an asset as the sender"),
        pytest.param({"to": "1.2.x"}, id="no number"),
        pytest.param({"to": "1.2.\u0665"}, id="a number in other digits"),
        pytest.param({"to": "1.2.5\n"}, id="a line"),
        pytest.param(
            {"amount": {"amount": 1, "asset_id": "1.2.5"}}, id="an account as the asset"
        ),
        pytest.param({"memo": MEMO | {"message": "xyz"}}, id="a memo that is no hex"),
        pytest.param({"memo": MEMO | {"from": "a key"}}, id="a key that is none"),
        pytest.param({"memo": MEMO | {"nonce": -1}}, id="a negative nonce"),
    ],
)
def test_what_is_not_of_its_kind_is_refused(body: dict[str, Any]) -> None:
    assert isinstance(parse(0, SENT | body), Unreadable)


# --- memos ----------------------------------------------------------------------------------


def memo(message: bytes, sender: str = MY_KEY) -> Memo:
    told = {"from": sender, "to": KEY, "nonce": 5, "message": message.hex()}
    found = parse(0, SENT | {"memo": told})
    assert isinstance(found, Transfer) and found.memo is not None
    return found.memo


ADDRESS = "btc:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


@pytest.mark.parametrize(
    ("found", "public", "text"),
    [
        pytest.param(memo(bytes(range(64))), False, None, id="encrypted"),
        pytest.param(
            memo(b"\0\0\0\0" + ADDRESS.encode(), NULL_KEY), True, ADDRESS, id="null key"
        ),
        pytest.param(
            memo("提币".encode(), NULL_KEY), True, "提币", id="null key, without the checksum"
        ),
        pytest.param(
            memo(b"\0\0\0\0" + "提币 btc".encode(), NULL_KEY),
            True,
            "提币 btc",
            id="null key, Han",
        ),
        pytest.param(memo(b"", NULL_KEY), True, "", id="null key, empty"),
        pytest.param(memo(ADDRESS.encode()), False, ADDRESS, id="plain bytes"),
        pytest.param(memo(b"btc:bc1q12345678"), False, None, id="plain, as long as a cipher"),
        pytest.param(memo(b"\xff\xfe\xfd"), False, None, id="no utf-8"),
        pytest.param(memo(b"a\0b"), False, None, id="not printable"),
    ],
)
def test_memo_text(found: Memo, public: bool, text: str | None) -> None:
    assert (found.public, found.text) == (public, text)


@pytest.mark.parametrize(("length", "most"), [(0, 0), (16, 11), (32, 27), (64, 59)])
def test_the_longest_text_a_memo_can_hold(length: int, most: int) -> None:
    assert memo(bytes(length)).most_bytes == most


def test_no_memo() -> None:
    found = parse(0, SENT | {"memo": None})
    assert isinstance(found, Transfer) and found.memo is None


# --- whatever comes -------------------------------------------------------------------------

JUNK = [None, [], {}, "x", -1, 10**30, 1.5, True, [None], [[]], {"amount": None}]


@pytest.mark.parametrize("body", [None, [], "x", 7, True, [{}]], ids=repr)
@pytest.mark.parametrize("number", [0, 22, 77, 99, None])
def test_a_body_that_is_no_object_is_unreadable(number: Any, body: Any) -> None:
    found = parse(number, body)
    assert isinstance(found, Other)
    assert (found.readable, found.fee) == (False, None)


@pytest.mark.parametrize("op", [None, [], [0], [0, {}, 1], "x", 7, {}, {"0": 1}], ids=repr)
def test_an_operation_that_is_no_pair_is_unreadable(op: Any) -> None:
    [found] = decoded(row(0, {}) | {"op": op})
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize("number", [78, 500, -3, "0", None, [], {}, True], ids=repr)
@pytest.mark.parametrize("indexed", [False, True], ids=["from a node", "from an index"])
def test_an_unknown_operation_is_other(number: Any, indexed: bool) -> None:
    given_row = row(number, {"fee": FEE})
    if indexed:
        del given_row["is_virtual"]
    [found] = decoded(given_row)
    assert isinstance(found, Other)


NEEDED = {
    "transfer": ("from", "to", "amount"),
    "override": ("issuer", "from", "to", "amount"),
    "issue": ("issuer", "asset_to_issue", "issue_to_account"),
    "burn": ("payer", "amount_to_reserve"),
    "fill": ("order_id", "account_id", "pays", "receives"),
    "account updated": ("account",),
    "proposal updated": ("fee_paying_account", "proposal"),
    "proposal deleted": ("fee_paying_account", "proposal"),
    "permission claimed": (
        "withdraw_from_account",
        "withdraw_to_account",
        "amount_to_withdraw",
    ),
    "time-lock": ("from", "to", "amount", "claim_period_seconds"),
    "time-lock redeemed": ("htlc_id", "from", "to"),
    "time-lock refunded": ("htlc_id", "to"),
    "order made": ("seller",),
    "order cancelled": ("fee_paying_account",),
    "settlement": ("account",),
    "vesting taken": ("owner",),
}


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, names in NEEDED.items() for field in names]
)
def test_without_a_field_it_needs_an_operation_is_unreadable(kind: str, field: str) -> None:
    number, body, result, _, _ = KINDS[kind]
    kept = {name: value for name, value in body.items() if name != field}
    found = parse(number, {"fee": FEE} | kept, result)
    assert found == Unreadable(location=found.location, kind=NAMES[number])


def paths(body: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Where something stands in a body: its fields, and those of the objects in it."""
    for name, value in body.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, inner) for inner in value)


def spoilt(body: dict[str, Any], path: tuple[str, ...], junk: object) -> dict[str, Any]:
    changed = copy.deepcopy({"fee": FEE} | body)
    inside = changed
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = junk
    return changed


def is_sound(found: Operation) -> bool:
    """True if who and what a record names is text, or nothing where it may be nothing."""
    names = ("sender", "recipient", "payer", "issuer", "giver", "taker", "proposal", "order")
    people = [getattr(found, name) for name in (*names, "account") if hasattr(found, name)]
    if not isinstance(found, AuthorityUpdate | Created):
        people.append(getattr(found, "owner", ""))
    loose = [getattr(found, name, None) for name in ("holder", "lock", "memo_key")]
    return all(isinstance(who, str) for who in people) and all(
        isinstance(what, str | None) for what in loose
    )


@pytest.mark.parametrize("kind", KINDS)
def test_junk_in_a_field_never_raises_and_never_becomes_a_name(kind: str) -> None:
    number, body, result, _, _ = KINDS[kind]
    wrong = [
        f"{'.'.join(path)} = {junk!r}"
        for path in paths(body)
        for junk in JUNK
        if not is_sound(parse(number, spoilt(body, path, junk), result))
    ]
    assert not wrong


@pytest.mark.parametrize("fee", JUNK[1:-1], ids=repr)
def test_junk_for_a_fee_is_unreadable(fee: Any) -> None:
    found = parse(0, SENT | {"fee": fee})
    assert found == Unreadable(location=found.location, kind="transfer")


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


@settings(max_examples=150)
@given(anything, anything, anything)
def test_no_operation_whatever_raises(number: Any, body: Any, result: Any) -> None:
    assert isinstance(parse(number, body, result), Operation)


# --- the recorded chain ---------------------------------------------------------------------


def recorded(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(RECORDED / name / "operations.jsonl.gz", "rb") as file:
        yield from map(json.loads, file)


@pytest.mark.parametrize("name", [".", "degraded_mild", "degraded_severe"])
def test_every_recorded_operation_is_readable(name: str) -> None:
    found = Counter()
    rows = list(recorded(name))
    for raw_row, parsed in zip(rows, decoded(*rows), strict=True):
        assert not isinstance(parsed, Unreadable), raw_row
        assert parsed == history_rows.decode_row(raw_row)
        assert parsed.id == raw_row["id"]
        assert parsed.kind == NAMES[raw_row["op"][0]]
        found[next(kind for kind in RECORDS if isinstance(parsed, kind))] += 1
    assert found.total() > 20
    assert found[Transfer] and found[Burn]
    if name == ".":
        whole = {Transfer, Issue, Burn, Override, TimeLock, TimeLockRefunded, Lock, Release}
        assert whole < set(found)
        assert found[Lock] + found[Release] > 25_000


RECORDS = (*(record for _, _, _, record, _ in KINDS.values()), ProposalCreated, Operation)
