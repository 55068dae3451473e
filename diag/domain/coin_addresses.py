"""Is a text an address of a coin: form and checksum, by the rules of the coin's own chain.

The decoders are those of bip-utils; only which of them fits which coin stands here. They are
imported when the first address is looked at, because they are large and seldom needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_EOS_ACCOUNT = re.compile(r"(?=.{1,13}\Z)[a-z1-5](?:[a-z1-5.]*[a-z1-5])?\Z")
_HIVE_ACCOUNT = re.compile(r"(?=.{3,16}\Z)[a-z](?:[a-z0-9.-]*[a-z0-9])?\Z")
_NEAR_ACCOUNT = re.compile(
    r"(?=.{2,64}\Z)(?:[a-z0-9]+[-_])*[a-z0-9]+(?:\.(?:[a-z0-9]+[-_])*[a-z0-9]+)*\Z"
)
_HEX_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}\Z")
_RIPPLE_X = re.compile(r"X[1-9A-HJ-NP-Za-km-z]{46}\Z")


LONGEST = 128
"""No coin's address is longer, in characters; a longer text is not even looked at."""
SHORTEST_ENCODED = 12
"""No address that encodes a key or a hash is shorter, with much to spare."""
_MANY_CHAINS = frozenset({"BNB", "DAI", "LINK", "USDC", "USDT"})
"""Coins that live on more chains than are known here."""
_KNOWN_FORM = re.compile(
    r"0[xX]|bc1|T[1-9A-HJ-NP-Za-km-z]{33}\Z|[13][1-9A-HJ-NP-Za-km-z]{25,33}\Z"
)
_STELLAR_MULTIPLEXED = re.compile(r"M[A-Z2-7]{68}\Z")


def valid(coin: str, address: str) -> bool | None:
    """True or False where the coin's addresses are known, None where they are not."""
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
    """The fewest characters of an address of the coin; None where not every form of one is known."""
    kinds = _COINS.get(coin.upper())
    if kinds is None or coin.upper() in _MANY_CHAINS:
        return None
    return min(_SHORTEST_NAME.get(kind, SHORTEST_ENCODED) for kind in kinds)


def _uncommon(coin: str, address: str) -> bool:
    """Forms that exist and are not decoded here."""
    if coin == "XLM":
        return bool(_STELLAR_MULTIPLEXED.match(address))
    return coin == "LTC" and address.lower().startswith("ltcmweb1")


def _base58(*versions: int) -> Callable[[str], bool]:
    """Base58Check of a version byte and 20 bytes."""

    def check(address: str) -> bool:
        from bip_utils import Base58Decoder

        raw = _decoded(lambda: Base58Decoder.CheckDecode(address))
        return raw is not None and len(raw) == 21 and raw[0] in versions

    return check


def _segwit(prefix: str) -> Callable[[str], bool]:
    """Bech32 and Bech32m witness programs."""

    def check(address: str) -> bool:
        from bip_utils import SegwitBech32Decoder

        folded = address if address != address.upper() else address.lower()
        return _decoded(lambda: SegwitBech32Decoder.Decode(prefix, folded)) is not None

    return check


def _cash(address: str) -> bool:
    from bip_utils import BchBech32Decoder

    plain = address.lower() if address == address.upper() else address
    full = plain if ":" in plain else f"bitcoincash:{plain}"
    return _decoded(lambda: BchBech32Decoder.Decode("bitcoincash", full)) is not None


def _ethereum(address: str) -> bool:
    """20 bytes of hexadecimal; mixed case is a checksum (EIP-55) and has to hold."""
    if not _HEX_ADDRESS.match(address):
        return False
    digits = address[2:]
    if digits in (digits.lower(), digits.upper()):
        return True
    from bip_utils import EthAddrDecoder

    return _decoded(lambda: EthAddrDecoder.DecodeAddr("0x" + digits)) is not None


def _tron(address: str) -> bool:
    from bip_utils import TrxAddrDecoder

    return _decoded(lambda: TrxAddrDecoder.DecodeAddr(address)) is not None


def _ripple(address: str) -> bool:
    from bip_utils import Base58Alphabets, Base58Decoder

    raw = _decoded(lambda: Base58Decoder.CheckDecode(address, Base58Alphabets.RIPPLE))
    if raw is None:
        return False
    return (len(raw) == 21 and raw[0] == 0) or bool(_RIPPLE_X.match(address))


def _stellar(address: str) -> bool:
    from bip_utils import XlmAddrDecoder, XlmAddrTypes

    kind = XlmAddrTypes.PUB_KEY
    return _decoded(lambda: XlmAddrDecoder.DecodeAddr(address, addr_type=kind)) is not None


def _eos(address: str) -> bool:
    return bool(_EOS_ACCOUNT.match(address))


def _hive(address: str) -> bool:
    return bool(_HIVE_ACCOUNT.match(address))


def _near(address: str) -> bool:
    return bool(_NEAR_ACCOUNT.match(address))


def _decoded(decode: Callable[[], Any]) -> Any:
    """What a decoder makes of an address, or None where it refuses it."""
    try:
        return decode()
    except Exception:  # each decoder has errors of its own, without a common root
        return None


_BTC = (_base58(0x00, 0x05), _segwit("bc"))
_EVM = (_ethereum,)
_COINS: dict[str, tuple[Callable[[str], bool], ...]] = {
    "BTC": _BTC,
    "LTC": (_base58(0x30, 0x32, 0x05), _segwit("ltc")),
    "BCH": (_cash, _base58(0x00, 0x05)),
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
"""Coin → the kinds of address it may be sent to; a coin that is not here is not judged."""
_SHORTEST_NAME: dict[Callable[[str], bool], int] = {_eos: 1, _near: 2, _hive: 3}
"""Kinds of address that are account names: the fewest letters of one."""
