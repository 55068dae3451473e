"""Finds JSON that contains a private key: encrypted (keystores), as a JWK, or as a list of bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.redaction.checksums import is_ed25519_pair
from diag.redaction.labels import claimed_private
from diag.redaction.spans import Span

_SIGNS = (
    ("ciphertext", "kdf"),
    ("ciphertext", "mac"),
    ("xsalsa20-poly1305", "encoded"),
    ('"kty"', '"d"'),
    ('"data"', '"iv"', '"salt"'),
    ('"encrypted_key"', '"encryption_key"'),
    ('"encrypted_brainkey"',),
    ('"cipher_keys"',),
)
"""Field names that occur together in keystores: of Ethereum, Polkadot, JOSE, MetaMask, BitShares."""
_BRACE = re.compile(r"[{}]")
_LARGEST = 8000
"""Characters of the largest keystore."""
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_BYTES = re.compile(
    rf"(?<![0-9.,])(?P<open>\[\s{{0,8}})?{_BYTE}(?:\s{{0,8}}[,;\s]\s{{0,8}}{_BYTE}(?![0-9])){{15,}}"
    r"(?P<close>\s{0,8}\])?(?![0-9.])"
)
_PAIR = 64
"""Bytes of a key of Solana: a private key of 32 and its public key."""


def find(text: str) -> Iterator[Span]:
    """Yields keystores and lists of bytes in a plain text. Pure."""
    for match in _BYTES.finditer(text):
        if _is_key(text, match):
            yield Span(*match.span(), "private_key")
    if any(all(sign in text for sign in signs) for signs in _SIGNS):
        yield from _keystores(text)


def _is_key(text: str, match: re.Match[str]) -> bool:
    numbers = bytes(map(int, re.findall("[0-9]+", match[0])))
    bracketed = match["open"] and match["close"]
    return (
        len(numbers) == _PAIR and (bool(bracketed) or is_ed25519_pair(numbers))
    ) or claimed_private(text, *match.span())


def _keystores(text: str) -> Iterator[Span]:
    """JSON objects with the fields of a keystore, each with its enclosing object.

    Objects that are still open end with the text, because a keystore may be pasted in part.
    """
    opened: list[int] = []
    done = -1
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened:
            start = opened.pop()
            if start > done and _holds_key(text, start, brace.end()):
                span = _with_parent(text, opened, start, brace.end())
                yield span
                done = span.end
    while opened:
        start = opened.pop()
        if start > done and _holds_key(text, start, len(text)):
            yield Span(start, min(len(text), start + _LARGEST), "private_key")
            break


def _holds_key(text: str, start: int, end: int) -> bool:
    if end - start > _LARGEST:
        return False
    part = text[start:end]
    return any(all(sign in part for sign in signs) for signs in _SIGNS)


def _with_parent(text: str, opened: list[int], start: int, end: int) -> Span:
    """The span of the enclosing object if it ends soon after this one, else of this one."""
    if opened:
        depth = 1
        for brace in _BRACE.finditer(text, end, end + _LARGEST):
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                return Span(opened[-1], brace.end(), "private_key")
    return Span(start, end, "private_key")
