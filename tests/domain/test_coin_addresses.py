"""Addresses of other chains: published examples, right and wrong, and whatever else is typed.

The right ones are examples of the standards (BIP 173, 341 and 350, EIP-55, SEP-23, the Bitcoin
Cash address format, the X-address format of XRP) and accounts known to everybody.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from waiting import promptly

from diag.domain.coin_addresses import shortest, valid
from diag.gateways.register_file import builtin

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
P2SH = "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"
SEGWIT = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
CASH = "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
CASH_SCRIPT = "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"
CHECKSUMMED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TETHER_ON_TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
RIPPLE = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
RIPPLE_X = "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ"
RIPPLE_X_TAGGED = "XVLhHMPHU98es4dbozjVtdWzVrDjtV5fdx1mHp98tDMoQXb"
STELLAR = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"
STELLAR_MUXED = "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ"
ON_SOLANA = "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCeBBp9KJb8"
ON_BINANCE_CHAIN = "bnb1grpf0955h0ykzq3ar5nmum7y6gdfl6lxfn46h2"


def mistyped(address):
    """The same with another last character of the same alphabet."""
    return address[:-1] + ("q" if address[-1] != "q" else "p")


RIGHT = [
    ("BTC", "legacy", GENESIS),
    ("BTC", "script hash", P2SH),
    ("BTC", "segwit", SEGWIT),
    ("BTC", "segwit in capitals", SEGWIT.upper()),
    ("BTC", "taproot", TAPROOT),
    ("btc", "the coin in lower case", GENESIS),
    ("LTC", "legacy", "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"),
    ("LTC", "script hash", "MQMcJhpWHYVeQArcZR3sBgyPZxxRtnH441"),
    ("LTC", "the former script hash", P2SH),
    ("LTC", "segwit", "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"),
    ("BCH", "with its scheme", CASH),
    ("BCH", "without its scheme", CASH.partition(":")[2]),
    ("BCH", "in capitals", CASH.upper()),
    ("BCH", "script hash", CASH_SCRIPT),
    ("BCH", "legacy", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu"),
    ("DOGE", "legacy", "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"),
    ("DASH", "legacy", "XpESxaUmonkq8RaLLp46Brx2K39ggQe226"),
    ("ETH", "with checksum", CHECKSUMMED),
    ("ETH", "with checksum, another", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
    ("ETH", "lower case", CHECKSUMMED.lower()),
    ("ETH", "capitals", "0x" + CHECKSUMMED[2:].upper()),
    ("USDC", "a token", CHECKSUMMED),
    ("BNB", "the newer chain", CHECKSUMMED),
    ("TRX", "its own", TETHER_ON_TRON),
    ("USDT", "on Tron", TETHER_ON_TRON),
    ("USDT", "on Ethereum", "0xdAC17F958D2ee523a2206206994597C13D831ec7"),
    ("USDT", "on Bitcoin", GENESIS),
    ("XRP", "classic", RIPPLE),
    ("XRP", "X-address", RIPPLE_X),
    ("XRP", "X-address with a tag", RIPPLE_X_TAGGED),
    ("XLM", "account", STELLAR),
    ("EOS", "with a dot", "eosio.token"),
    ("EOS", "twelve letters", "bitfinexdep1"),
    ("EOS", "short", "eosio"),
    ("STEEM", "account", "steemit"),
    ("HIVE", "account", "hiveio"),
    ("HBD", "account", "hiveio"),
    ("SBD", "account", "steemit"),
    ("BLURT", "account", "blurtio"),
    ("WAX", "account", "m.federation"),
    ("TLOS", "account", "eosio.token"),
    ("TLOS", "on its EVM", CHECKSUMMED),
    ("XPR", "account", "eosio"),
    ("VAULTA", "account", "core.vaulta"),
    ("NEAR", "account", "app.nearcrowd.near"),
    ("NEAR", "with an underline", "a_b-c.near"),
    ("NEAR", "a key", "98793cd91a3f870fb126f66285808c7e094afcfc4eda8a970f6648cdf0dbd6de"),
]
WRONG = [
    ("BTC", "legacy, mistyped", mistyped(GENESIS)),
    ("BTC", "script hash, mistyped", mistyped(P2SH)),
    ("BTC", "segwit, mistyped", mistyped(SEGWIT)),
    ("BTC", "taproot, mistyped", mistyped(TAPROOT)),
    ("BTC", "taproot with the older checksum", f"{TAPROOT[:-6]}h2y7hd"),
    ("BTC", "mixed case", SEGWIT[:3] + SEGWIT[3:].upper()),
    ("BTC", "the test network", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
    ("BTC", "the test network, legacy", "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"),
    ("BTC", "Litecoin's", "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"),
    ("BTC", "Ethereum's", CHECKSUMMED),
    ("BTC", "cut short", GENESIS[:-1]),
    ("BTC", "nothing", ""),
    ("LTC", "mistyped", mistyped("LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9")),
    ("LTC", "segwit, mistyped", mistyped("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9")),
    ("LTC", "Bitcoin's", GENESIS),
    ("BCH", "mistyped", mistyped(CASH)),
    ("BCH", "without its scheme, mistyped", mistyped(CASH.partition(":")[2])),
    ("BCH", "the test network", "bchtest:qpm2qsznhks23z7629mms6s4cwef74vcwvqcw003ap"),
    ("DOGE", "mistyped", mistyped("DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L")),
    ("DASH", "mistyped", mistyped("XpESxaUmonkq8RaLLp46Brx2K39ggQe226")),
    ("ETH", "wrong checksum", CHECKSUMMED.replace("5aA", "5aa")),
    ("ETH", "one digit short", CHECKSUMMED[:-1]),
    ("ETH", "one digit more", CHECKSUMMED + "0"),
    ("ETH", "a letter that is no digit", CHECKSUMMED[:-1] + "g"),
    ("TRX", "mistyped", mistyped(TETHER_ON_TRON)),
    ("XRP", "mistyped", mistyped(RIPPLE)),
    ("XRP", "X-address, mistyped", mistyped(RIPPLE_X)),
    ("XRP", "the test network", "T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ"),
    ("XLM", "mistyped", STELLAR[:-1] + "A"),
    ("EOS", "capitals", "Bitfinexdep1"),
    ("EOS", "a digit that names do not have", "eosio6"),
    ("EOS", "too long", "fourteenletter"),
    ("STEEM", "too short", "ab"),
    ("HBD", "capitals", "Hiveio"),
    ("WAX", "a digit that names do not have", "wam9"),
    ("NEAR", "two marks together", "a--b.near"),
    ("NEAR", "one letter", "a"),
    ("USDT", "mistyped on Tron", mistyped(TETHER_ON_TRON)),
]
NOT_JUDGED = [
    ("PPY", "a coin that is not known", GENESIS),
    ("XMR", "a coin whose addresses are not known", "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33D"),
    ("", "no coin", GENESIS),
]
NOT_WRONG = [
    ("USDT", "on a chain that is not looked at", ON_SOLANA),
    ("USDC", "on a chain that is not looked at", ON_SOLANA),
    ("USDC", "on Tron", "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8"),
    ("BNB", "the older chain", ON_BINANCE_CHAIN),
    ("XLM", "a multiplexed account", STELLAR_MUXED),
]
"""Addresses that exist: to call one wrong would be wrong."""

NAMES = ("EOS", "STEEM", "HIVE", "HBD", "SBD", "BLURT", "WAX", "TLOS", "XPR", "VAULTA", "NEAR")
"""Coins that are sent to account names."""
COINS = sorted({coin for coin, *_ in (*RIGHT, *WRONG, *NOT_JUDGED, *NOT_WRONG)})


def table(rows):
    return [pytest.param(coin, text, id=f"{coin}: {what}") for coin, what, text in rows]


@pytest.mark.parametrize(("coin", "address"), table(RIGHT))
def test_right(coin, address):
    assert valid(coin, address) is True


@pytest.mark.parametrize(("coin", "address"), table(WRONG))
def test_wrong(coin, address):
    assert valid(coin, address) is False


@pytest.mark.parametrize(("coin", "address"), table(NOT_JUDGED))
def test_not_judged(coin, address):
    assert valid(coin, address) is None


@pytest.mark.parametrize(("coin", "address"), table(NOT_WRONG))
def test_not_called_wrong(coin, address):
    assert valid(coin, address) is not False


@pytest.mark.parametrize(
    ("coin", "address"), table(row for row in RIGHT if row[0] not in NAMES)
)
def test_one_letter_off_is_never_right(coin, address):
    """Names have no checksum; lower-case hexadecimal has none either."""
    without = address in (CHECKSUMMED.lower(), "0x" + CHECKSUMMED[2:].upper())
    assert without or valid(coin, mistyped(address)) is False


@pytest.mark.parametrize(("coin", "address"), table(RIGHT))
def test_no_address_is_shorter_than_the_shortest(coin, address):
    assert len(address) >= (shortest(coin) or 0)


@pytest.mark.parametrize(
    ("coin", "length"),
    [
        ("BTC", 12),
        ("ETH", 12),
        ("EOS", 1),
        ("WAX", 1),
        ("TLOS", 1),
        ("HBD", 3),
        ("hive", 3),
        ("NEAR", 2),
    ],
)
def test_the_shortest_is_that_of_the_coins_own_grammar(coin, length):
    assert shortest(coin) == length


@pytest.mark.parametrize("coin", ["RUB", "PPY", "FIO", "", "USDT", "USDC"])
def test_no_length_is_told_of_addresses_that_are_not_all_known(coin):
    assert shortest(coin) is None


@pytest.mark.parametrize("coin", ["BTC", "USDT", "XRP"])
def test_a_long_text_takes_no_time(coin):
    """Anybody may write a long memo on the chain; decoding takes the square of its length."""
    with promptly():
        assert valid(coin, "z" * 4_000_000) is not True


@given(st.sampled_from(COINS), st.text(max_size=120))
@example("BCH", ":")
@example("BCH", "bitcoincash:")
@example("BTC", "bc1")
@example("BTC", "bc1\ud800")
@example("ETH", "0x" + "\uff10" * 40)
@example("XLM", "G" * 56)
@example("EOS", "eosio\n")
@example("XRP", "r\x00")
def test_no_text_raises(coin, text):
    assert valid(coin, text) in (True, False, None)


@given(st.text(max_size=20), st.text(max_size=60))
def test_no_coin_raises(coin, text):
    assert valid(coin, text) in (True, False, None)


def test_every_coin_of_the_register_can_be_asked_about():
    coins = {coin.coin for gateway in builtin().gateways for coin in gateway.coins}

    assert coins
    assert all(valid(coin, "-") is not True for coin in coins)
