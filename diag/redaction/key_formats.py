"""Finds keys that have a prefix, a frame or a checksum of their own.

A prefix that only private keys have (`xprv`, `nsec1`, `PVT_K1_`) is enough, so that incomplete keys
are found too. If public data have the same form, the checksum or the words nearby decide: 64 bytes in
base58 are a key of Solana or one of its transaction ids.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from diag.redaction.checksums import (
    class_changes,
    from_base58,
    from_base58check,
    is_ed25519_pair,
    is_ripple_seed,
    is_stellar_seed,
)
from diag.redaction.labels import claimed_private
from diag.redaction.pieces import joined
from diag.redaction.spans import Span
from diag.redaction.wif_keys import GAP, is_no_word, is_random

_BASE58 = "1-9A-HJ-NP-Za-km-z"
_BECH32 = "02-9ac-hj-np-zAC-HJ-NP-Z"


@dataclass(frozen=True, slots=True)
class Prefix:
    """A beginning that only private keys have."""

    start: str
    letters: str
    """What follows, as the inside of a character class."""
    least: int
    """The least letters after the prefix, for a key or a part of one."""
    whole: tuple[int, ...] = ()
    """The lengths of a whole key, if keys of this form have fixed lengths."""
    kind: str = "private_key"
    one_case: bool = False
    """True if upper and lower case are never mixed after the prefix."""

    def pattern(self) -> re.Pattern[str]:
        """The pattern of a key: the prefix, and as group 1 the rest of the word."""
        return re.compile(rf"(?:{self.start})([{self.letters}]*+)")


PREFIXES = (
    Prefix(
        r"(?<![0-9A-Za-z])(?:[A-Za-z]prv|[LMt]tpv|dgpv)"
        rf"|[xyzXYZtuvUV]prv(?=[{_BASE58}]{{107}})",
        _BASE58,
        12,
        (107, 108),
    ),
    Prefix(r"PVT_(?:K1|R1|WA)_", _BASE58, 20),
    Prefix(r"(?<![0-9A-Za-z])(?:edsk|spsk|p2sk|edesk|spesk|p2esk)", _BASE58, 40),
    Prefix(r"(?:ed25519|secp256k1):", _BASE58, 60),
    Prefix(
        r"(?i:(?:nsec\s?|x?sk|xprv|ncryptsec|suiprivkey|age-secret-key-"
        r"|secret-(?:extended|spending)-key-[a-z]{1,8})1)",
        _BECH32,
        20,
        (58, 109, 160),
        one_case=True,
    ),
    Prefix(r"(?:0x)?7[bB]2254797065223[aA]22|302e020100300506032b657004220420"
           r"|3030020100300706052b8104000a04220420", "0-9A-Fa-f", 40),
    Prefix(r"(?:MC4CAQAwBQYDK2Vw|MHQCAQEEI|MI[GH][A-Za-z0-9]AgEAM|MII[A-Za-z0-9+/]{3}IBADAN"
           r"|MII[A-Za-z0-9+/]{3}IBAAKC)", r"A-Za-z0-9+/=\n\r", 30),
    Prefix(r"(?i:diag\\?_)", "a-zA-Z2-7", 16, (52,), "api_key"),
)  # fmt: skip
"""Extended keys (BIP-32), EOS, Tezos, NEAR, nostr, Cardano and others in bech32, keys in DER (of
Filecoin, Hedera, OpenSSL), and the keys of this service's own API."""

_FRAME = re.compile(
    r"-{0,5}\s{0,3}BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?\s{0,3}-{0,5}"
    r"|Private-Lines: {0,3}[0-9]{1,3}"
)
_FRAME_BODY = re.compile(
    r"(?:[\s>|]{0,8}(?:[A-Za-z-]{3,16}: (?:[^\n]{0,80}\n|\S{1,60}\s)|[A-Za-z0-9+/=]{16,})){1,400}"
    r"(?:[\s>|]{1,8}[A-Za-z0-9+/]{1,64}={1,2}(?:[\s>|]{1,8}=[A-Za-z0-9+/]{4})?)?"
    r"|[\s>|]{0,8}[A-Za-z0-9+/]{8,15}={0,2}\s"
)
_FRAME_END = re.compile(
    r"\s{0,8}-{0,5}\s{0,3}END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?\s{0,3}-{0,5}"
)

_WORD = re.compile(r"(?<![0-9A-Za-z])([0-9A-Za-z]+)(?![0-9A-Za-z])")
_KEY_LONG = re.compile(r"(?<![0-9A-Za-z])([0-9A-Za-z]{28,60})(?![0-9A-Za-z])")
_CAPITALS = re.compile(r"(?<![0-9A-Za-z])([A-Z2-7]+)(?![0-9A-Za-z])")
_BASE58_WORD = re.compile(rf"(?<![0-9A-Za-z])([{_BASE58}]+)(?![0-9A-Za-z])")
_GAP = re.compile(rf"{GAP}{{1,12}}")
_BASE64 = re.compile(r"(?<![0-9A-Za-z+/])[0-9A-Za-z+/]{86}==")
_HEX_PAIR = re.compile(r"(?<![0-9A-Za-z])(?:0[xX])?([0-9A-Fa-f]{128})(?![0-9A-Za-z])")
_BASIC = re.compile(
    r"(?i:basic)\s{1,3}((?:[A-Za-z0-9+/]{4}){4,}+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)"
)
_NAME_AND_KEY = re.compile(rb"[!-~]+:[!-~]+")
"""The credentials in a header of Basic authentication, and their decoded form."""
_TOKEN = re.compile(
    r"(?i:bearer)\s{1,3}([A-Za-z0-9._~+/-]{20,}+=*)|\b(eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]{16,}+)"
    r"|(?<![0-9A-Za-z])([0-9]{8,10}:AA[\w-]{33})(?![\w-])"
    r"|(?<![0-9A-Za-z])((?:sk-[a-z]{0,8}-?|gh[opsur]_|github_pat_|glpat-|xox[abps]-|AIza)[\w-]{20,}+)"
)
"""Access tokens: in an Authorization header, as JWT, of a Telegram bot, or with a prefix that only
tokens have.
"""
_API_KEY = re.compile(
    r"(?i:(?:api|access|auth)[\s_-]?(?:key|token)s?|apikey)[\"']?\s{0,3}(?:[:=：]|is\s)\s{0,3}[\"']?([\w-]{16,}+)"
)
_MIXTURE = re.compile(r"(?=[^0-9]*[0-9][^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])")
_NEXT_PIECE = re.compile(rf"{GAP}{{1,12}}([0-9A-Za-z]+)")
_WORD_BEFORE = re.compile(r"[0-9A-Za-z_]+\Z")
_MOST_PIECES = 30
"""Of a key with a prefix."""
_MIXED = re.compile(r"(?=[0-9]*[A-Za-z])[A-Za-z]*[0-9]")
_SPELT = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Za-z][\s._-]{1,3}){40,400}[0-9A-Za-z]?")
"""A key with its letters written apart."""


def find(text: str) -> Iterator[Span]:
    """Yields the keys of known forms in a plain text. Pure."""
    for prefix, pattern in _PATTERNS:
        done = 0
        for match in pattern.finditer(text):
            if match.start() >= done and (end := _end_of_key(prefix, match)):
                yield Span(_start_of_word(text, match.start()), end, prefix.kind)
                done = end
    yield from _framed(text)
    if "6P" in text:
        yield from _encrypted(text)
    yield from _checked(text)
    yield from _pairs(text)
    for basic in _BASIC.finditer(text):
        if _NAME_AND_KEY.fullmatch(b64decode(basic[1])):
            yield Span(*basic.span(1), "api_key")
    yield from (Span(*t.span(t.lastindex or 0), "api_key") for t in _TOKEN.finditer(text))
    for key in _API_KEY.finditer(text):
        if _MIXTURE.match(key[1]):
            yield Span(*key.span(1), "api_key")
    for spelt in _SPELT.finditer(text):
        word = re.sub(r"[\s._-]", "", spelt[0])
        if any(
            _end_of_key(prefix, m) for prefix, p in _PATTERNS for m in p.finditer(word)
        ) or any(_checked(word)):
            yield Span(*spelt.span(), "private_key")


_PATTERNS = tuple((prefix, prefix.pattern()) for prefix in PREFIXES)


def _end_of_key(prefix: Prefix, match: re.Match[str]) -> int | None:
    """The end of the key after a prefix; None if too few letters follow."""
    start, end = match.span(1)
    if prefix.whole:
        end = _end_of_pieces(match.string, end, [n - (end - start) for n in prefix.whole])
    body = re.sub(r"[^0-9A-Za-z]", "", match.string[start:end])
    if prefix.one_case and not (body.islower() or body.isupper()):
        return None
    whole = len(body) in prefix.whole and re.fullmatch(rf"[{prefix.letters}]+", body)
    if not whole:
        digits = sum(map(str.isdigit, body))
        if len(body) < prefix.least or digits * 25 < len(body):
            return None
    return end


def _start_of_word(text: str, at: int) -> int:
    """The start of the word that contains a prefix: in `ed25519_sk1` the prefix is `sk1`."""
    word = _WORD_BEFORE.search(text, max(0, at - 40), at)
    return word.start() if word else at


def _end_of_pieces(text: str, end: int, missing: list[int]) -> int:
    """The end of the last piece of a key that lacks this many letters.

    Pieces of random letters belong to it; words do only if they complete it exactly.
    """
    letters, at = 0, end
    for _ in range(_MOST_PIECES):
        piece = _NEXT_PIECE.match(text, at)
        if letters in missing or letters > max(missing) or not piece:
            break
        letters, at = letters + len(piece[1]), piece.end()
        if letters in missing or _MIXED.match(piece[1]):
            end = at
    return end


def _framed(text: str) -> Iterator[Span]:
    """Keys between the BEGIN and END lines of a PEM file, or in a PuTTY file."""
    for frame in _FRAME.finditer(text):
        if body := _FRAME_BODY.match(text, frame.end()):
            end = _FRAME_END.match(text, body.end())
            yield Span(frame.start(), (end or body).end(), "private_key")


def _encrypted(text: str) -> Iterator[Span]:
    """BIP-38 keys in pieces: 58 letters, starting with 6P."""
    for group in joined(text, _WORD, _GAP.fullmatch, (58,), re.compile("6P?").match):
        if not group.letters.startswith("6P") or len(group.pieces) == 1:
            continue
        if from_base58check(group.letters) is not None or is_random(group.pieces, True):
            yield Span(group.start, group.end, "private_key")


def _checked(text: str) -> Iterator[Span]:
    """Words with a valid checksum: seeds of Stellar and the XRP ledger, BIP-38 keys, mini keys of
    Bitcoin.
    """
    for group in joined(text, _CAPITALS, _GAP.fullmatch, (56,), re.compile("S").match):
        if is_stellar_seed(group.letters):
            yield Span(group.start, group.end, "private_key")
    for match in _KEY_LONG.finditer(text):
        if any(check(match[1]) for check in _CHECKS.get(len(match[1]), ())):
            yield Span(*match.span(), "private_key")


def _is_stellar(word: str) -> bool:
    """True for a word with the form of a Stellar seed; one or two typing errors are allowed."""
    digits = sum(letter.isdigit() for letter in word)
    return word[0] == "S" and digits >= 4 and bool(_CAPITALS.fullmatch(word))


def _is_encrypted(word: str) -> bool:
    """True for a word with the form of a BIP-38 key; one or two typing errors are allowed."""
    return word.startswith("6P") and class_changes(word) >= 15


def _is_mini_key(word: str) -> bool:
    return (
        word[0] == "S"
        and class_changes(word) >= 10
        and from_base58(word) is not None
        and sha256(f"{word}?".encode()).digest()[0] == 0
    )


_CHECKS: dict[int, tuple[Callable[[str], bool], ...]] = {
    28: (is_ripple_seed,),
    29: (is_ripple_seed,),
    30: (_is_mini_key,),
    31: (is_ripple_seed,),
    **dict.fromkeys((54, 55), (_is_stellar,)),
    **dict.fromkeys((56, 57, 58), (_is_stellar, _is_encrypted)),
    **dict.fromkeys((59, 60), (_is_encrypted,)),
}
"""Length of a word → the test for a key of that length."""


_MOST_OF_PAIR = 22
"""Pieces of a pair of keys: four letters each. Shorter ones are too many to calculate with."""


def _pairs(text: str) -> Iterator[Span]:
    """Pairs of an Ed25519 private key and its public key in 64 bytes, as Solana uses them."""
    for group in joined(text, _BASE58_WORD, _GAP.fullmatch, (88, 87, 86), is_no_word):
        if len(group.pieces) > _MOST_OF_PAIR:
            continue
        raw = from_base58(group.letters)
        if raw is None:
            continue
        whole = len(group.pieces) == 1 or is_random(group.pieces, True)
        if is_ed25519_pair(raw) or (whole and _is_pair(text, group.start, group.end, raw)):
            yield Span(group.start, group.end, "private_key")
    for match in _BASE64.finditer(text):
        if _is_pair(text, *match.span(), b64decode(match[0])):
            yield Span(*match.span(), "private_key")
    for match in _HEX_PAIR.finditer(text):
        if _is_pair(text, *match.span(), bytes.fromhex(match[1])):
            yield Span(*match.span(), "private_key")


def _is_pair(text: str, start: int, end: int, raw: bytes) -> bool:
    return len(raw) == 64 and (is_ed25519_pair(raw) or claimed_private(text, start, end))
