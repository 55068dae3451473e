"""Decodes keys and addresses, and verifies the checksums that distinguish them from random letters.
Pure.
"""

from __future__ import annotations

from base64 import b32decode
from binascii import crc_hqx
from collections.abc import Sequence
from hashlib import blake2b, sha256
from itertools import pairwise

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
"""The digits of base58, and the same in the order in which the XRP ledger uses them."""
_VALUES = {
    digits: {digit: value for value, digit in enumerate(digits)} for digits in (BASE58, RIPPLE)
}
_MOST_DIGITS = 130
"""Characters of the longest base58 word that is decoded: no key is longer, and the time grows with
the square.
"""
_CLASSES = str.maketrans(
    {c: "0" if c.isdigit() else "A" if c.isupper() else "a" for c in map(chr, range(48, 123))}
)


def class_changes(letters: str) -> int:
    """The number of changes between digits, capitals and small letters in a word.

    Random base58 changes 0.62 times per letter, prose 0.1 times.
    """
    classes = letters.translate(_CLASSES)
    return sum(a != b for a, b in pairwise(classes))


def from_base58(text: str, digits: str = BASE58) -> bytes | None:
    """The decoded bytes of a base58 word; None if it is not base58 or too long."""
    if len(text) > _MOST_DIGITS:
        return None
    values, number = _VALUES[digits], 0
    try:
        for letter in text:
            number = number * 58 + values[letter]
    except KeyError:
        return None
    zeros = len(text) - len(text.lstrip(digits[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def from_base58check(text: str, digits: str = BASE58) -> bytes | None:
    """As `from_base58`, without the four checksum bytes at the end; None if the checksum is wrong."""
    raw = from_base58(text, digits)
    if raw is None or sha256(sha256(raw[:-4]).digest()).digest()[:4] != raw[-4:]:
        return None
    return raw[:-4]


def is_wif(text: str) -> bool:
    """True for a key in wallet import format: a version from 0x80 on, 32 bytes, perhaps the
    compression mark.
    """
    raw = from_base58check(text)
    return raw is not None and len(raw) in (33, 34) and raw[0] >= 0x80


def stellar_version(text: str) -> int | None:
    """The version byte of a Stellar key (SEP-23): 56 base32 letters with CRC-16; None for other
    words.
    """
    try:
        raw = b32decode(text)
    except ValueError:
        return None
    return raw[0] if len(raw) == 35 and crc_hqx(raw[:-2], 0) == _little(raw[-2:]) else None


def is_stellar_seed(text: str) -> bool:
    """True for a secret seed of Stellar."""
    return stellar_version(text) == 18 << 3


def is_substrate_address(text: str) -> bool:
    """True for a public address of Polkadot and related chains (SS58), which may begin like a key."""
    raw = from_base58(text)
    if raw is None or len(raw) not in (35, 36):
        return False
    return blake2b(b"SS58PRE" + raw[:-2]).digest()[:2] == raw[-2:]


def is_ripple_seed(text: str) -> bool:
    """True for a family seed of the XRP ledger: sn…, ss…, or sEd… for an Ed25519 key."""
    raw = from_base58check(text, RIPPLE)
    return raw is not None and (
        (len(raw) == 17 and raw[0] == 0x21) or (len(raw) == 19 and raw[:3] == b"\x01\xe1\x4b")
    )


def is_ed25519_pair(raw: bytes) -> bool:
    """True for 64 bytes of which the second half is the public key of the first.

    A signature of 64 bytes, such as a transaction id of Solana, fails this test.
    """
    if len(raw) != 64:
        return False
    from nacl.signing import SigningKey  # a C library: imported only if used

    return bytes(SigningKey(raw[:32]).verify_key) == raw[32:]


PHRASE_LENGTHS = (12, 15, 18, 21, 24)
"""How many words a BIP-39 seed phrase may have."""


def is_checked_phrase(places: Sequence[int]) -> bool:
    """True for a BIP-39 seed phrase, given as indexes into its word list.

    The last bits must be the first bits of the SHA-256 of the others.
    """
    if len(places) not in PHRASE_LENGTHS:
        return False
    number = 0
    for place in places:
        number = number << 11 | place
    size = len(places) // 3
    entropy = (number >> size).to_bytes(4 * size, "big")
    return sha256(entropy).digest()[0] >> (8 - size) == number & ((1 << size) - 1)


def _little(raw: bytes) -> int:
    return int.from_bytes(raw, "little")
