"""Memos: every grammar of the registers, and what users and wallets make of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diag.domain.memo_format import (
    BAD_ADDRESS,
    DEPOSIT_FORM,
    NO_ADDRESS,
    NO_COIN,
    OTHER_COIN,
    ParsedMemo,
    fault,
    parse,
)
from diag.gateways.register_file import builtin

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
MISTYPED = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"
CASH = "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
RIPPLE = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
MONERO = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
LEDGER = Path(__file__).parents[1] / "data" / "ledger" / "gateways.json"

FREE = "{coin lower-case}:{address}[:{memo}]"
TAGGED = "{coin lower-case}:{address}[:tag:{tag}][:{memo}]"
SHORT_TAG = "{coin lower-case}:{address}[:{tag}]"
ANY_CASE = "{coin any-case}:{address}[:{memo}]"
BRIDGED = "bridge.{coin lower-case}:{address}"
FIAT = "payeer:usd:{address}"
ALIAS = "xmr:{address}"
BANK = "BOZDURMA - {address}"
CODE = "{code}[:{memo}]"
TRIED = {FREE, TAGGED, SHORT_TAG, ANY_CASE, BRIDGED, FIAT, ALIAS, BANK, CODE}

READ = [
    (FREE, "BTC", f"btc:{GENESIS}", GENESIS, None),
    (FREE, "BTC", f"BTC:{GENESIS}", GENESIS, None),
    (FREE, "BTC", f" btc:{GENESIS}\n", GENESIS, None),
    (FREE, "BTC", f"btc: {GENESIS} ", GENESIS, None),
    (FREE, "BTC", f"btc:{GENESIS}:for rent", GENESIS, "for rent"),
    (FREE, "BTC", f"btc:{GENESIS}:", GENESIS, ""),
    (FREE, "BCH", f"bch:{CASH}", CASH, None),
    (FREE, "BCH", f"bch:{CASH}:for rent", CASH, "for rent"),
    (FREE, "BCH", f"bch:{CASH.partition(':')[2]}", CASH.partition(":")[2], None),
    (FREE, "BCH", f"BCH:{CASH.upper()}", CASH.upper(), None),
    (TAGGED, "XRP", f"xrp:{RIPPLE}:tag:104", RIPPLE, "tag:104"),
    (TAGGED, "XRP", f"xrp:{RIPPLE}:tag:104:rent", RIPPLE, "tag:104:rent"),
    (TAGGED, "XRP", f"xrp:{RIPPLE}", RIPPLE, None),
    (SHORT_TAG, "XRP", f"xrp:{RIPPLE}:104", RIPPLE, "104"),
    (ANY_CASE, "BTC", f"Btc:{GENESIS}", GENESIS, None),
    (BRIDGED, "BTC", f"bridge.btc:{GENESIS}", GENESIS, None),
    (BRIDGED, "BTC", f"BRIDGE.BTC:{GENESIS}", GENESIS, None),
    (FIAT, "USD", "payeer:usd:P1000123", "P1000123", None),
    (FIAT, "USD", "payeer:USD:P1000123", "P1000123", None),
    (ALIAS, "XMR", f"xmr:{MONERO}", MONERO, None),
    (BANK, "TRY", "BOZDURMA - TR330006100519786457841326", "TR330006100519786457841326", None),
    (BANK, "TRY", "bozdurma - TR33 0006 1005", "TR33 0006 1005", None),
]
REFUSED = [
    ("no coin", FREE, "BTC", GENESIS, NO_COIN),
    ("nothing", FREE, "BTC", "", NO_COIN),
    ("words", FREE, "BTC", "please send to my wallet", NO_COIN),
    ("a full-width colon", FREE, "BTC", f"btc：{GENESIS}", NO_COIN),
    ("a space before the colon", FREE, "BTC", f"btc :{GENESIS}", NO_COIN),
    ("the whole asset before the colon", FREE, "BTC", f"BROOK.BTC:{GENESIS}", NO_COIN),
    ("another coin", FREE, "BTC", f"eth:{GENESIS}", OTHER_COIN),
    ("another coin in capitals", FREE, "BTC", f"ETH:{GENESIS}", OTHER_COIN),
    ("a coin that begins alike", FREE, "BTC", f"btcx:{GENESIS}", OTHER_COIN),
    ("a coin that begins alike, the other way", FREE, "BTCX", f"btc:{GENESIS}", OTHER_COIN),
    ("no address", FREE, "BTC", "btc:", NO_ADDRESS),
    ("no address but spaces", FREE, "BTC", "btc:   ", NO_ADDRESS),
    ("no address but a memo", FREE, "BTC", "btc::rent", NO_ADDRESS),
    ("an address in the wrong place", TAGGED, "XRP", f"tag:104:xrp:{RIPPLE}", OTHER_COIN),
    ("without the bridge's name", BRIDGED, "BTC", f"btc:{GENESIS}", NO_COIN),
    ("another currency", FIAT, "USD", "payeer:rub:P1000123", OTHER_COIN),
    ("no currency", FIAT, "USD", "P1000123", NO_COIN),
    ("only the currency", FIAT, "USD", "payeer:usd:", NO_ADDRESS),
    ("the asset's name instead of the coin's", ALIAS, "XMR", f"monero:{MONERO}", OTHER_COIN),
    ("the bank account alone", BANK, "TRY", "TR330006100519786457841326", NO_COIN),
    ("the bank account missing", BANK, "TRY", "BOZDURMA - ", NO_COIN),
    ("another coin, where none is to be named", BANK, "TRY", f"btc:{GENESIS}", NO_COIN),
    ("a long name of a coin", FREE, "BTC", f"bridgecoin:{GENESIS}", OTHER_COIN),
    ("an address that begins with a word", FREE, "BCH", CASH, NO_COIN),
    ("the word of deposits, and nothing else", FREE, "BTC", "dex", NO_COIN),
]
FAULTS = [
    ("right", FREE, "BTC", f"btc:{GENESIS}", None),
    ("right, with a free memo", FREE, "BTC", f"btc:{GENESIS}:rent", None),
    ("mistyped", FREE, "BTC", f"btc:{MISTYPED}", BAD_ADDRESS),
    ("mistyped in lower case", FREE, "BTC", f"btc:{GENESIS.lower()}", BAD_ADDRESS),
    ("another chain's address", FREE, "BTC", f"btc:{RIPPLE}", BAD_ADDRESS),
    ("two addresses", FREE, "BTC", f"btc:{GENESIS} {GENESIS}", BAD_ADDRESS),
    ("for deposits", FREE, "BTC", "dex:maple-user", DEPOSIT_FORM),
    ("a colon inside the address", FREE, "BCH", f"bch:{CASH}", None),
    ("a tag after the address", TAGGED, "XRP", f"xrp:{RIPPLE}:tag:104", None),
    ("the tag is missing, which nobody can tell", TAGGED, "XRP", f"xrp:{RIPPLE}", None),
    ("a coin whose addresses are not known", FREE, "PPY", "ppy:anything", None),
    ("a bridge's", BRIDGED, "BTC", f"bridge.btc:{GENESIS}", None),
    ("a bridge's, mistyped", BRIDGED, "BTC", f"bridge.btc:{MISTYPED}", BAD_ADDRESS),
    ("a payment service's", FIAT, "USD", "payeer:usd:P1000123", None),
    ("an alias", ALIAS, "XMR", f"xmr:{MONERO}", None),
    ("a bank's", BANK, "TRY", "BOZDURMA - TR330006100519786457841326", None),
    ("a code is never judged", CODE, "BTS", "Q7X4", None),
    ("a code is never judged, even if empty", CODE, "BTS", "", None),
    ("no grammar", "", "BTC", "anything", None),
]

ANY_GRAMMAR = st.sampled_from(sorted(TRIED))
COINS = st.sampled_from(["BTC", "BCH", "ETH", "EOS", "XRP", "XLM", "USDT", "USD", "XMR", ""])


@pytest.mark.parametrize(("grammar", "coin", "text", "address", "extra"), READ)
def test_read(grammar, coin, text, address, extra):
    assert parse(grammar, coin, text) == ParsedMemo(address, extra)


@pytest.mark.parametrize(
    ("grammar", "coin", "text", "why"),
    [pytest.param(*row, id=what) for what, *row in REFUSED],
)
def test_refused(grammar, coin, text, why):
    assert parse(grammar, coin, text) == why
    assert fault(grammar, coin, text) == why


@pytest.mark.parametrize(
    ("grammar", "coin", "text", "why"),
    [pytest.param(*row, id=what) for what, *row in FAULTS],
)
def test_fault(grammar, coin, text, why):
    assert fault(grammar, coin, text) == why


def grammars():
    """Every grammar of the register that comes with the product and of the recorded chain's."""
    for gateway in builtin().gateways:
        yield from (gateway.memo, *(coin.memo for coin in gateway.coins))
    yield from (gateway["memo"] for gateway in json.loads(LEDGER.read_text())["gateways"])


def test_every_grammar_is_tried():
    known = {
        grammar.replace(":eur:", ":usd:").replace(":rub:", ":usd:")
        for grammar in grammars()
        if grammar
    }

    assert known == TRIED


@pytest.mark.parametrize("grammar", sorted(TRIED - {CODE}))
def test_what_a_grammar_describes_is_read(grammar):
    written = grammar.partition("[")[0].replace("{address}", "somewhere")
    for blank in ("{coin lower-case}", "{coin any-case}"):
        written = written.replace(blank, "doge")

    assert parse(grammar, "DOGE", written) == ParsedMemo("somewhere", None)


@given(ANY_GRAMMAR, COINS, st.text(max_size=120))
@example(FREE, "BTC", ":")
@example(FREE, "BTC", "::::")
@example(FREE, "BTC", "btc:\ud800")
@example(FREE, "BTC", "btc:\x00")
@example(FREE, "BTC", "\u0130btc:x")
@example(FREE, "BTC", "{address}")
@example(FREE, "BCH", "bch:bitcoincash:")
@example(FREE, "", ":x")
@example(BANK, "TRY", "bozdurma -")
def test_no_text_raises(grammar, coin, text):
    parsed = parse(grammar, coin, text)

    assert isinstance(parsed, ParsedMemo) or parsed in (NO_COIN, OTHER_COIN, NO_ADDRESS)
    assert fault(grammar, coin, text) in (None, NO_COIN, OTHER_COIN, NO_ADDRESS, BAD_ADDRESS)


@given(st.text(max_size=40), st.text(max_size=8), st.text(max_size=60))
@example("{coin lower-case", "BTC", "btc")
@example("{address}{address}", "BTC", "x")
@example("{coin \\1}:{address}", "\\1", "\\1:x")
@example("{coin lower-case}:{address}", "\\g<0>", "x:y")
def test_no_grammar_raises(grammar, coin, text):
    assert isinstance(parse(grammar, coin, text), ParsedMemo) or parse(grammar, coin, text)
    fault(grammar, coin, text)


@given(ANY_GRAMMAR, st.text(max_size=60))
def test_what_is_read_has_an_address(grammar, text):
    parsed = parse(grammar, "BTC", text)

    assert not isinstance(parsed, ParsedMemo) or parsed.address
