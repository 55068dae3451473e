"""Checks addresses in the alphabet of Bech32: SegWit (BIP-173, BIP-350) and Bitcoin Cash (CashAddr).

Both end in a checksum that is the remainder of a polynomial division, with different
generators.
"""

from __future__ import annotations

from collections.abc import Iterable

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_BECH32 = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CASH = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
"""The generators: what each of the five bits that are shifted out adds to the remainder."""
_OLDER, _NEWER = 1, 0x2BC830A3
"""The remainder of a valid address: for witness version 0, and for all others (Bech32m)."""
_LONGEST_WITNESS = 90
_CASH_SIZES = (20, 24, 28, 32, 40, 48, 56, 64)
"""Length of the hash in bytes, by the last three bits of the version byte."""


def is_witness_address(prefix: str, address: str) -> bool:
    """Return True for a SegWit address with this prefix and the checksum of its version."""
    text = _one_case(address)
    start, mark, data = text.rpartition("1")
    values = _values(data)
    if mark == "" or start != prefix or len(text) > _LONGEST_WITNESS or values is None:
        return False
    if len(values) < 7:
        return False
    version, program = values[0], _bytes(values[1:-6])
    letters = [ord(letter) for letter in prefix]
    expanded = [*(code >> 5 for code in letters), 0, *(code & 31 for code in letters)]
    right = _OLDER if version == 0 else _NEWER
    if version > 16 or program is None or _remainder(expanded + values, _BECH32, 30) != right:
        return False
    return len(program) in (20, 32) if version == 0 else 2 <= len(program) <= 40


def is_cash_address(address: str, prefix: str = "bitcoincash") -> bool:
    """Return True for a Bitcoin Cash address (CashAddr), with or without its prefix."""
    text = _one_case(address)
    start, mark, data = text.rpartition(":")
    values = _values(data)
    if (mark and start != prefix) or values is None or len(values) <= 8:
        return False
    expanded = [*(ord(letter) & 31 for letter in prefix), 0]
    payload = _bytes(values[:-8])
    if payload is None or _remainder(expanded + values, _CASH, 40) != 1:
        return False
    return payload[0] < 0x80 and len(payload) - 1 == _CASH_SIZES[payload[0] & 7]


def _one_case(text: str) -> str:
    """Return an address in capitals in lower case; any other text, such as an invalid mixture,
    unchanged.
    """
    return text.lower() if text.isascii() and text == text.upper() else text


def _values(letters: str) -> list[int] | None:
    """Return the five-bit value of each letter; None if one is not in the alphabet."""
    values = [_VALUES.get(letter, -1) for letter in letters]
    return None if -1 in values else values


def _remainder(values: Iterable[int], generator: tuple[int, ...], bits: int) -> int:
    rest, keep = 1, bits - 5
    for value in values:
        out = rest >> keep
        rest = (rest & ((1 << keep) - 1)) << 5 ^ value
        for place, added in enumerate(generator):
            rest ^= added if out >> place & 1 else 0
    return rest


def _bytes(values: list[int]) -> bytes | None:
    """Join groups of five bits to bytes; None if the padding is not valid."""
    number = 0
    for value in values:
        number = number << 5 | value
    size, filling = divmod(5 * len(values), 8)
    if not values or filling >= 5 or number & ((1 << filling) - 1):
        return None
    return (number >> filling).to_bytes(size, "big")
