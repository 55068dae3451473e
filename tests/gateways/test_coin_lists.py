"""A gateway's own lists are read as wallets read them; whatever else they hold is left out."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.domain.gateway import Coin, Gateway
from diag.domain.gateway_live import LiveCoin
from diag.gateways.coin_lists import blocktrades_coins, simple_coins, switches

MAPLE = Gateway(
    key="MAPLE",
    name="Maple",
    prefixes=("MAPLE", "MPL"),
    coins=(
        Coin("OAK", "OAKCOIN"),
        Coin("BTS", "BTS", own=False),
        Coin("FIR", "MAPLE.FIR", own=False),
    ),
)
BTC = {
    "name": "Bitcoin",
    "symbol": "MAPLE.BTC",
    "backingCoin": "BTC",
    "walletType": "btc",
    "precision": 8,
    "minAmount": 21000,
    "withdrawFee": 20000,
    "depositFee": 5,
    "issuer": "maple-wallet",
    "issuerId": "1.2.345",
    "gatewayWallet": "bc1qmaple",
    "depositAllowed": True,
    "withdrawalAllowed": True,
    "isAvailable": True,
}


def simple(**changes: Any) -> LiveCoin:
    """The one coin of a list in which the sample row is changed; ... takes a field out."""
    row = {name: value for name, value in {**BTC, **changes}.items() if value is not ...}
    [coin] = simple_coins([row], MAPLE).values()
    return coin


# --- one list ---------------------------------------------------------------------------


def test_a_row_of_the_simple_family() -> None:
    assert simple_coins([BTC], MAPLE) == {
        "MAPLE.BTC": LiveCoin(
            asset="MAPLE.BTC",
            minimum=Decimal("0.00021"),
            fee=Decimal("0.0002"),
            available=True,
            account="maple-wallet",
        )
    }


@pytest.mark.parametrize(
    ("changes", "minimum", "fee"),
    [
        pytest.param({}, "0.00021", "0.0002", id="small units"),
        pytest.param({"minAmount": "21000"}, "0.00021", "0.0002", id="in words"),
        pytest.param({"minAmount": 21000.0}, "0.00021", "0.0002", id="a float"),
        pytest.param({"minAmount": ...}, "0.0004", "0.0002", id="else twice the fee"),
        pytest.param({"minAmount": None}, "0.0004", "0.0002", id="null is absent"),
        pytest.param({"minAmount": 0}, "0.0004", "0.0002", id="zero is absent"),
        pytest.param({"minAmount": ..., "withdrawFee": 0}, None, "0", id="no fee no minimum"),
        pytest.param({"minAmount": "many"}, None, "0.0002", id="unreadable is unknown"),
        pytest.param({"minAmount": 0.5}, "0.5", "0.0002", id="a fraction is no small unit"),
        pytest.param({"withdrawFee": "0.0001"}, "0.00021", "0.0001", id="nor in a fee"),
        pytest.param({"precision": ...}, None, None, id="no precision"),
        pytest.param({"precision": 13}, None, None, id="no such precision"),
        pytest.param({"precision": "8"}, "0.00021", "0.0002", id="precision in words"),
        pytest.param({"precision": 100000000}, "0.00021", "0.0002", id="precision as units"),
        pytest.param({"precision": "100000000.000"}, "0.00021", "0.0002", id="and in words"),
        pytest.param({"precision": 0}, "21000", "20000", id="whole coins only"),
        pytest.param(
            {"withdrawFee": ..., "gateFee": "0.0001"}, "0.00021", "0.0001", id="gate fee"
        ),
        pytest.param(
            {"withdrawFee": ..., "gateFee": 10, "precision": 3, "minAmount": 50000},
            "50",
            "10",
            id="gate fee in whole coins",
        ),
        pytest.param(
            {"withdrawFee": ..., "gateFee": 20000}, "0.00021", "0.0002", id="or they cannot be"
        ),
        pytest.param(
            {"withdrawFee": ..., "gateFee": 90000}, "0.00021", None, id="neither can be"
        ),
        pytest.param(
            {"withdrawFee": ..., "gateFee": 0.0001, "minAmount": ...},
            "0.0002",
            "0.0001",
            id="twice the gate fee",
        ),
        pytest.param({"withdrawFee": ...}, "0.00021", None, id="no fee"),
        pytest.param({"withdrawFee": -1}, "0.00021", None, id="negative"),
        pytest.param({"withdrawFee": True}, "0.00021", None, id="a truth"),
        pytest.param({"withdrawFee": 10**30}, "0.00021", None, id="huge"),
        pytest.param({"withdrawFee": float("nan")}, "0.00021", None, id="not a number"),
        pytest.param({"minAmount": float("inf")}, None, "0.0002", id="infinite"),
        pytest.param({"minAmount": "1_000"}, None, "0.0002", id="underscores"),
        pytest.param({"minAmount": "٣"}, None, "0.0002", id="other digits"),
        pytest.param({"minAmount": Decimal("1E-900000")}, None, "0.0002", id="tiny"),
        pytest.param({"minAmount": [1]}, None, "0.0002", id="nested"),
    ],
)
def test_terms(changes: dict[str, Any], minimum: str | None, fee: str | None) -> None:
    coin = simple(**changes)

    assert coin.minimum == (minimum and Decimal(minimum))
    assert coin.fee == (fee and Decimal(fee))


@pytest.mark.parametrize("raw", [100000, "100000", 100000.0])
def test_amounts_are_written_plainly(raw: Any) -> None:
    assert str(simple(minAmount=raw, precision=4).minimum) == "10"
    assert str(simple(minAmount=raw, precision=8).minimum) == "0.001"
    assert str(simple(minAmount=raw, precision=0).minimum) == "100000"


@pytest.mark.parametrize(
    ("changes", "available"),
    [
        ({}, True),
        ({"isAvailable": False}, False),
        ({"withdrawalAllowed": False}, False),
        ({"depositAllowed": False}, True),
        ({"isAvailable": ...}, True),
        ({"withdrawalAllowed": ...}, True),
        ({"withdrawalAllowed": ..., "isAvailable": ...}, None),
        ({"withdrawalAllowed": "no", "isAvailable": 0}, None),
        ({"withdrawalAllowed": "no", "isAvailable": False}, False),
        ({"maintenanceReason": "Node update"}, False),
        ({"maintenanceReason": ""}, True),
        ({"maintenanceReason": {"text": "x"}}, True),
    ],
)
def test_availability(changes: dict[str, Any], available: bool | None) -> None:
    assert simple(**changes).available is available


@pytest.mark.parametrize(
    ("changes", "account"),
    [
        ({}, "maple-wallet"),
        ({"intermediateAccount": "maple-gate"}, "maple-gate"),
        ({"intermediateAccount": ""}, "maple-wallet"),
        ({"intermediateAccount": None}, "maple-wallet"),
        ({"intermediateAccount": "Not A Name"}, None),
        ({"issuer": "null-account"}, None),
        ({"issuer": "1.2.7"}, "1.2.7"),
        ({"issuer": ...}, "1.2.345"),
        ({"issuer": ..., "issuerId": ...}, None),
        ({"issuer": ["maple-wallet"]}, None),
        ({"issuer": "x" * 64}, None),
        ({"issuer": "maple-wallet\n"}, None),
    ],
)
def test_the_account_is_never_the_one_outside(
    changes: dict[str, Any], account: str | None
) -> None:
    assert simple(**changes).account == account


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Node  update\r\n until noon ", "Node update until noon"),
        ("red \x1b[31malert\x07\x00", "red [31malert"),
        ("evil \u202etxt\u2066\u200b\ud800", "evil txt"),
        ("line\u2028line", "line line"),
        ("维护中", "维护中"),
        ("x" * 5000, "x" * 200),
        (" \t\x00", None),
    ],
)
def test_words_are_cleaned_and_cut(said: str, read: str | None) -> None:
    assert simple(maintenanceReason=said).reason == read


@pytest.mark.parametrize(
    ("symbol", "asset"),
    [
        ("MAPLE.BTC", "MAPLE.BTC"),
        ("maple.btc", "MAPLE.BTC"),
        ("BTC", "MAPLE.BTC"),
        ("XR", "MAPLE.XR"),
        ("MPL.ETH", "MPL.ETH"),
        ("OAKCOIN", "OAKCOIN"),
        ("BTS", None),
        ("MAPLE.FIR", None),
        ("FIR", "MPL.FIR"),
        ("BIRCH.BTC", None),
        ("MAPLE.", None),
        ("MAPLE.A.B", None),
        ("MAPLE.TOOLONGTOOLONG", None),
        ("MAPLE.BTC\n", None),
        ("", None),
        (None, None),
        (7, None),
        (["MAPLE.BTC"], None),
    ],
)
def test_only_coins_the_gateway_stands_behind(symbol: Any, asset: str | None) -> None:
    found = simple_coins([{**BTC, "symbol": symbol}], MAPLE)

    assert list(found) == ([asset] if asset else [])


def test_a_coin_that_nobody_issues_is_no_asset() -> None:
    assert simple_coins([{**BTC, "symbol": "OWL", "issuer": "null-account"}], MAPLE) == {}


def test_rows_that_disagree_leave_it_open() -> None:
    other = {**BTC, "minAmount": 99000, "withdrawalAllowed": False}

    assert simple_coins([BTC, other], MAPLE)["MAPLE.BTC"] == LiveCoin(
        "MAPLE.BTC", fee=Decimal("0.0002"), account="maple-wallet"
    )


def test_a_list_has_an_end() -> None:
    rows = [{**BTC, "symbol": f"MAPLE.C{number}"} for number in range(3000)]

    assert len(simple_coins(rows, MAPLE)) == 1000


# --- three lists ------------------------------------------------------------------------

INSIDE = {
    "coinType": "maple.ltc",
    "backingCoinType": "ltc",
    "symbol": "MAPLE.LTC",
    "walletSymbol": "MAPLE.LTC",
    "walletType": "bitshares2",
    "precision": "100000000.",
    "gateFee": "0.009",
    "transactionFee": "0",
    "intermediateAccount": "maple-gate",
    "restricted": False,
}
OUTSIDE = {
    "coinType": "ltc",
    "backingCoinType": None,
    "symbol": "LTC",
    "walletSymbol": "LTC",
    "walletType": "litecoin",
    "precision": "100000000.00000000000000000000",
    "gateFee": "0.003",
    "transactionFee": "0.001",
    "intermediateAccount": "maple-gate",
}
PAIRS = [
    {"inputCoinType": "ltc", "outputCoinType": "maple.ltc", "rateFee": "0"},
    {"inputCoinType": "maple.ltc", "outputCoinType": "ltc", "rateFee": "0"},
]
WALLETS = ["litecoin", "bitshares2"]


def test_the_terms_stand_in_the_row_of_the_coin_outside() -> None:
    assert blocktrades_coins([INSIDE, OUTSIDE], WALLETS, PAIRS, MAPLE) == {
        "MAPLE.LTC": LiveCoin(
            asset="MAPLE.LTC",
            minimum=Decimal("0.006"),
            fee=Decimal("0.003"),
            available=True,
            account="maple-gate",
        )
    }


@pytest.mark.parametrize(
    ("inside", "outside", "wallets", "pairs", "available"),
    [
        pytest.param({}, {}, WALLETS, PAIRS, True, id="all at work"),
        pytest.param({}, {}, ["LiteCoin"], PAIRS, True, id="whatever case"),
        pytest.param({}, {}, ["bitshares2"], PAIRS, False, id="wallet not at work"),
        pytest.param({}, {}, [], PAIRS, False, id="no wallet at work"),
        pytest.param({}, {}, None, PAIRS, None, id="wallets not known"),
        pytest.param({}, {}, {"litecoin": 1}, PAIRS, None, id="wallets no list"),
        pytest.param({}, {}, [7, None], PAIRS, None, id="wallets unreadable"),
        pytest.param({}, {}, WALLETS, PAIRS[:1], False, id="deposits only"),
        pytest.param({}, {}, WALLETS, [], False, id="no pair"),
        pytest.param({}, {}, WALLETS, None, None, id="pairs not known"),
        pytest.param({}, {}, WALLETS, "pairs", None, id="pairs no list"),
        pytest.param({}, {}, None, PAIRS[:1], False, id="one no is enough"),
        pytest.param({"isAvailable": False}, {}, WALLETS, PAIRS, False, id="not available"),
        pytest.param({}, {"allow_withdrawal": False}, WALLETS, PAIRS, False, id="not allowed"),
        pytest.param({"allow_deposit": False}, {}, WALLETS, PAIRS, True, id="deposits closed"),
        pytest.param({}, {"maintenanceReason": "fork"}, None, None, False, id="maintenance"),
        pytest.param({"maintenanceReason": "fork"}, {}, None, None, False, id="on the asset"),
        pytest.param({}, {"walletType": ...}, WALLETS, PAIRS, None, id="no wallet named"),
        pytest.param({"backingCoinType": "dot"}, {}, None, None, None, id="no row outside"),
    ],
)
def test_availability_of_three_lists(
    inside: dict[str, Any], outside: dict[str, Any], wallets: Any, pairs: Any, available: Any
) -> None:
    outer = {name: value for name, value in {**OUTSIDE, **outside}.items() if value is not ...}
    coin = blocktrades_coins([{**INSIDE, **inside}, outer], wallets, pairs, MAPLE)["MAPLE.LTC"]

    assert coin.available is available
    said = {**inside, **outside}.get("maintenanceReason")
    assert coin.reason == said


@pytest.mark.parametrize(
    ("outside", "minimum", "fee"),
    [
        ({"minAmount": 500000}, "0.005", "0.003"),
        ({"minAmount": "0.05"}, "0.05", "0.003"),
        ({"gateFee": 0}, "0.002", "0.001"),
        ({"gateFee": None}, "0.002", "0.001"),
        ({"gateFee": 0, "transactionFee": 0}, None, "0"),
        ({"gateFee": {}, "transactionFee": []}, None, None),
    ],
)
def test_terms_of_three_lists(
    outside: dict[str, Any], minimum: str | None, fee: str | None
) -> None:
    rows = [{**OUTSIDE, **outside}, INSIDE]
    coin = blocktrades_coins(rows, WALLETS, PAIRS, MAPLE)["MAPLE.LTC"]

    assert coin.minimum == (minimum and Decimal(minimum))
    assert coin.fee == (fee and Decimal(fee))


@pytest.mark.parametrize(
    ("inside", "assets"),
    [
        ({"walletSymbol": None}, ["MAPLE.LTC"]),
        ({"walletSymbol": "LTC", "symbol": "LTC"}, ["MAPLE.LTC"]),
        ({"walletSymbol": "LTC", "symbol": "LTC", "coinType": "birch.ltc"}, []),
        ({"backingCoinType": None}, []),
        ({"backingCoinType": "maple.ltc"}, []),
        ({"backingCoinType": ["ltc"]}, []),
        ({"walletSymbol": "BTS", "symbol": "BTS", "coinType": "bts"}, []),
    ],
)
def test_which_rows_are_assets_of_the_gateway(
    inside: dict[str, Any], assets: list[str]
) -> None:
    assert list(blocktrades_coins([{**INSIDE, **inside}, OUTSIDE], None, None, MAPLE)) == assets


def test_a_row_of_the_simple_shape_is_read_as_such() -> None:
    assert blocktrades_coins([BTC], [], [], MAPLE) == simple_coins([BTC], MAPLE)


def test_a_row_of_the_other_shape_leaves_availability_open() -> None:
    [coin] = simple_coins([INSIDE, OUTSIDE], MAPLE).values()

    assert (coin.fee, coin.available) == (Decimal("0.003"), None)


# --- the switch on the chain ------------------------------------------------------------

SENTENCE = "This asset is used for decentralized configuration of the wallet."


def description(config: Any, sentence: str = SENTENCE) -> str:
    inner = config if isinstance(config, str) else json.dumps(config)
    return json.dumps({"main": sentence + inner, "short_name": "", "market": ""})


def test_switches() -> None:
    gateways = {
        "MAPLE": {"enabled": False, "comment": "Node\nupdate\x07"},
        "BIRCH": {"enabled": True},
        "ALDER": {"enabled": False, "comment": 7},
        "OAK": {"enabled": "false"},
        "ELM": {"enabled": 0},
        "FIR": {"comment": "?"},
        "YEW": False,
        "": {"enabled": False},
        "a b": {"enabled": False},
    }
    config = {"notifications": [{"type": "info"}], "gateways": gateways, "blacklists": {}}

    assert switches(description(config)) == {
        "MAPLE": (False, "Node update"),
        "BIRCH": (True, None),
        "ALDER": (False, None),
    }


@pytest.mark.parametrize(
    "unreadable",
    [
        "",
        "words",
        "[]",
        "null",
        "{}",
        '{"main": null}',
        '{"main": ["{}"]}',
        '{"main": "only words"}',
        description("{"),
        description('{"gateways": {"MAPLE": {"enabled": false}}'),
        description('{"gateways": {"MAPLE": {"enabled": false}}} and more'),
        description('{"gateways": {"MAPLE": {"enabled": false}}, "x": NaN}'),
        description('{"gateways": {"MAPLE": {"enabled": false}}, "x": ' + "9" * 5000 + "}"),
        description('{"gateways": ' + "[" * 100_000),
        description({}),
        description({"gateways": []}),
        description({"gateways": {"MAPLE": {"enabled": None}}}),
        description([{"gateways": {"MAPLE": {"enabled": False}}}]) + "x",
        "{" * 100_000,
    ],
)
def test_an_unreadable_switch_says_nothing(unreadable: str) -> None:
    assert switches(unreadable) == {}


# --- hostile input ----------------------------------------------------------------------

FIELDS = sorted(
    {*BTC, *INSIDE, *PAIRS[0], "maintenanceReason", "minAmount", "gateways", "main"}
)
WORDS = ["MAPLE.BTC", "maple.ltc", "ltc", "litecoin", "BTC", "maple-wallet", "1.2.3", "8"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**20, 10**22)
    | st.floats()
    | st.decimals()
    | st.text(max_size=20)
    | st.sampled_from(WORDS)
    | st.decimals().map(str)
    | st.integers(0).map(str),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8)
    ),
    max_leaves=6,
)
ROWS = VALUES | st.lists(
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=12), max_size=4
)


def is_sane(coin: LiveCoin) -> bool:
    amounts = [amount for amount in (coin.minimum, coin.fee) if amount is not None]
    return (
        all(a.is_finite() and 0 <= a <= 10**22 and len(f"{a:f}") < 60 for a in amounts)
        and coin.available in (True, False, None)
        and len(coin.account or "") <= 63
        and len(coin.reason or "") <= 200
    )


@settings(max_examples=30, deadline=None)
@given(coins=ROWS, wallets=VALUES, pairs=ROWS)
def test_whatever_a_gateway_lists_is_read(coins: Any, wallets: Any, pairs: Any) -> None:
    found = [simple_coins(coins, MAPLE), blocktrades_coins(coins, wallets, pairs, MAPLE)]

    assert all(is_sane(coin) for coins in found for coin in coins.values())


@settings(max_examples=40, deadline=None)
@given(
    changes=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4),
    outside=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4),
)
def test_whatever_a_row_holds_is_read(changes: dict[str, Any], outside: dict[str, Any]) -> None:
    rows = [{**BTC, **changes}, {**INSIDE, **changes}, {**OUTSIDE, **outside}]

    for found in (simple_coins(rows, MAPLE), blocktrades_coins(rows, WALLETS, PAIRS, MAPLE)):
        assert all(is_sane(coin) for coin in found.values())


@settings(max_examples=40, deadline=None)
@given(config=VALUES.map(lambda value: json.dumps(value, default=str)) | st.text())
def test_whatever_stands_on_the_chain_is_read(config: str) -> None:
    for said in (config, description(config), json.dumps({"main": config})):
        for enabled, comment in switches(said).values():
            assert isinstance(enabled, bool)
            assert len(comment or "") <= 200
