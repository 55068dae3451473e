"""Checks addresses of coins: form and checksum, by the rules of the coin's own chain.

This module says which encodings fit which coin; the encodings are in `bech32` and
`redaction.checksums`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from diag.domain.bech32 import is_cash_address, is_witness_address
from diag.redaction.checksums import RIPPLE, from_base58check, stellar_version

_EOS_ACCOUNT = re.compile(r"(?=.{1,13}\Z)[a-z1-5](?:[a-z1-5.]*[a-z1-5])?\Z")
_HIVE_ACCOUNT = re.compile(r"(?=.{3,16}\Z)[a-z](?:[a-z0-9.-]*[a-z0-9])?\Z")
_NEAR_ACCOUNT = re.compile(
    r"(?=.{2,64}\Z)(?:[a-z0-9]+[-_])*[a-z0-9]+(?:\.(?:[a-z0-9]+[-_])*[a-z0-9]+)*\Z"
)
_HEX_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}\Z")
_RIPPLE_X = re.compile(r"X[1-9A-HJ-NP-Za-km-z]{46}\Z")


LONGEST = 128
"""Maximum length of an address in characters; a longer text is never valid."""
SHORTEST_ENCODED = 12
"""Lower bound for the length of an address that encodes a key or a hash."""
_MANY_CHAINS = frozenset({"BNB", "DAI", "LINK", "USDC", "USDT"})
"""Coins that exist on more chains than are known here."""
_KNOWN_FORM = re.compile(
    r"0[xX]|bc1|T[1-9A-HJ-NP-Za-km-z]{33}\Z|[13][1-9A-HJ-NP-Za-km-z]{25,33}\Z"
)
_STELLAR_MULTIPLEXED = re.compile(r"M[A-Z2-7]{68}\Z")


def valid(coin: str, address: str) -> bool | None:
    """Return True or False if it is known whether the coin has such an address, else None."""
    kinds = _COINS.get(coin.upper())
    if kinds is None:
        return None
    if len(address) > LONGEST:
        return False
    if any(kind(address) for kind in kinds):
        return True
    unknown = coin.upper() in _MANY_CHAINS and not _KNOWN_FORM.match(address)
    return None if unknown or _uncommon(coin.upper(), address) else False


def shortest(coin: str) -> int | None:
    """Return the minimum length of an address of the coin; None if not every form is known."""
    kinds = _COINS.get(coin.upper())
    if kinds is None or coin.upper() in _MANY_CHAINS:
        return None
    return min(_SHORTEST_NAME.get(kind, SHORTEST_ENCODED) for kind in kinds)


def _uncommon(coin: str, address: str) -> bool:
    """Return True for a form of address that exists but is not decoded here."""
    if coin == "XLM":
        return bool(_STELLAR_MULTIPLEXED.match(address))
    return coin == "LTC" and address.lower().startswith("ltcmweb1")


def _base58(*versions: int) -> Callable[[str], bool]:
    """Return a check for Base58Check of one of these version bytes and 20 more bytes."""

    def check(address: str) -> bool:
        raw = from_base58check(address)
        return raw is not None and len(raw) == 21 and raw[0] in versions

    return check


def _witness(prefix: str) -> Callable[[str], bool]:
    return partial(is_witness_address, prefix)


def _ethereum(address: str) -> bool:
    """Return True for 20 bytes of hexadecimal; in mixed case the checksum (EIP-55) must be right."""
    if not _HEX_ADDRESS.match(address):
        return False
    digits = address[2:]
    if digits in (digits.lower(), digits.upper()):
        return True
    from Crypto.Hash import keccak  # imported only if used

    small = digits.lower()
    checksum = keccak.new(digest_bits=256, data=small.encode()).hexdigest()
    return all(
        digit == (letter.upper() if mark > "7" else letter)
        for digit, letter, mark in zip(digits, small, checksum, strict=False)
    )


def _ripple(address: str) -> bool:
    raw = from_base58check(address, RIPPLE)
    if raw is None:
        return False
    return (len(raw) == 21 and raw[0] == 0) or bool(_RIPPLE_X.match(address))


def _stellar(address: str) -> bool:
    return stellar_version(address) == 6 << 3


def _eos(address: str) -> bool:
    return bool(_EOS_ACCOUNT.match(address))


def _hive(address: str) -> bool:
    return bool(_HIVE_ACCOUNT.match(address))


def _near(address: str) -> bool:
    return bool(_NEAR_ACCOUNT.match(address))


_BTC = (_base58(0x00, 0x05), _witness("bc"))
_EVM = (_ethereum,)
_tron = _base58(0x41)
_COINS: dict[str, tuple[Callable[[str], bool], ...]] = {
    "BTC": _BTC,
    "LTC": (_base58(0x30, 0x32, 0x05), _witness("ltc")),
    "BCH": (is_cash_address, _base58(0x00, 0x05)),
    "DOGE": (_base58(0x1E, 0x16),),
    "DASH": (_base58(0x4C, 0x10),),
    "ETH": _EVM,
    "ETC": _EVM,
    "BNB": _EVM,
    "USDC": (*_EVM, _tron),
    "DAI": _EVM,
    "LINK": _EVM,
    "USDT": (*_EVM, _tron, *_BTC, _eos),  # it lives on several chains
    "TRX": (_tron,),
    "XRP": (_ripple,),
    "XLM": (_stellar,),
    "NEAR": (_near, _ethereum),
    **dict.fromkeys(("EOS", "WAX", "WAXP", "XPR", "PROTON", "UX", "UOS"), (_eos,)),
    **dict.fromkeys(("A", "VAULTA", "TLOS"), (_eos, _ethereum)),  # they have an EVM as well
    **dict.fromkeys(("STEEM", "SBD", "HIVE", "HBD", "BLURT"), (_hive,)),
}
"""Coin → checks for the kinds of address it may be sent to; other coins are not checked."""
_SHORTEST_NAME: dict[Callable[[str], bool], int] = {_eos: 1, _near: 2, _hive: 3}
"""Minimum length of the kinds of address that are account names."""
