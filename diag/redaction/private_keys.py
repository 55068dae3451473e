"""Private keys: wallet import format, the wallet's passwords (P and such a key), other forms.

What has the form is taken for one also when its checksum fails: a key with a typing error is
nearly a key. Where the form alone says little, because the key stands in pieces or glued to other
letters, the checksum decides, or else how random the letters look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import count, pairwise

Span = tuple[int, int, str]

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_DIGITS)}
_GAP = r"[\s>|*_·•‐‑–—-]"
"""What stands between the pieces of a key that was broken: blanks, hyphens, marks of quoting."""
_APART = rf"(?:{_GAP}|[.,+='\"，。、()（）\u3400-\u4dbf\u4e00-\u9fff])"
"""What may stand between them besides, where the checksum proves that they belong together."""
_START = re.compile(
    rf"(?<![0-9A-Za-z])(?:P{_GAP}{{0,12}})?"
    rf"(?:5{_GAP}{{0,12}}[HJK]|K{_GAP}{{0,12}}[w-z]|L{_GAP}{{0,12}}[1-5]|[KL][0-9A-Za-z]{{51}}"
    r"(?![0-9A-Za-z]))"
)
_PIECE = re.compile(rf"([0-9A-Za-z]+)(?:({_GAP}{{1,12}}(?![^0-9A-Za-z]))|{_APART}{{1,12}})?")
_WORD = re.compile(r"[A-Z]?[a-z]{2,}\Z|[A-Z]{2,}\Z|[0-9]+\Z")
_LONG = re.compile(r"[0-9A-Za-z]{51,}")
_INSIDE = re.compile(r"5[HJK]|K[w-z]|L[1-5]")
_OTHER = re.compile(
    r"(?:私[钥鑰]|密[钥鑰]|(?:private|secret|priv)[\s_-]{0,3}key)[^0-9A-Za-z]{0,12}"
    r"(?:(?:is|was|hex|=)[^0-9A-Za-z]{1,6}){0,2}((?:0[xX])?[0-9A-Fa-f]{64})(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])([a-zA-Z]prv[1-9A-HJ-NP-Za-km-z]{100,115}|PVT_[KR]1_[1-9A-HJ-NP-Za-km-z]{45,55})",
    re.IGNORECASE,
)
_CLASSES = str.maketrans(
    {c: "0" if c.isdigit() else "A" if c.isupper() else "a" for c in map(chr, range(48, 123))}
)
_FORMS = (("wif", range(49, 54), (51, 52)), ("password", range(41, 64), (52, 45)))
"""Of a key and of a password, which is P and a key: lengths that may be, and the usual ones.

A key has 51 letters, or 52 where it is compressed, and may have lost one or two or got too many;
old pages of the wallet show the first 45 of a password only.
"""
_MOST = 64
"""Letters that are put together at most."""
_FEWEST_CHANGES = 8
_MANY_CHANGES = 0.3
"""Changes between digits, capitals and small letters: chance gives 0.62 per letter, prose 0.1."""
_MOST_DOUBTS = 300
"""Of one text; where more beginnings of keys have to be looked into, it is no prose, and whatever
begins like a key is taken for one: the work stays small, and nothing gets through."""


def find(text: str) -> Iterator[Span]:
    """Keys in a plain text. Pure."""
    done, doubts = 0, count()
    for start in _START.finditer(text):
        if start.start() >= done and (span := _standing(text, start.start(), doubts)):
            yield span
            done = span[1]
    for word in _LONG.finditer(text):
        yield from _glued(word, doubts)
    for other in _OTHER.finditer(text):
        yield *other.span(other.lastindex or 0), "private_key"


def _standing(text: str, start: int, doubts: Iterator[int]) -> Span | None:
    """The key that begins here, at the beginning of a word."""
    pieces: list[str] = []
    cuts: dict[int, tuple[int, int]] = {}
    joined, at, near = "", start, True
    while len(joined) < _MOST and (piece := _PIECE.match(text, at)):
        pieces.append(piece[1])
        joined += piece[1]
        if near:
            cuts[len(joined)] = (len(pieces), piece.end(1))
        near = near and piece[2] is not None
        if piece.end() == piece.end(1):
            break
        at = piece.end()
    password = joined[0] == "P"
    kind, lengths, usual = _FORMS[password]
    if len(pieces) > 1 and len(joined) >= lengths.start and next(doubts) >= _MOST_DOUBTS:
        return start, _end(text, start, lengths.start), kind
    if len(pieces) > 1 and _changes(joined[: lengths.start]) >= _FEWEST_CHANGES:
        for length in (51 + password, 52 + password):
            if len(joined) >= length and _sound(joined[password:length]):
                return start, _end(text, start, length), kind
    for length in sorted(cuts, key=lambda n: (n not in usual, -n)):
        number, end = cuts[length]
        if length in lengths and (number == 1 or _random(pieces[:number], length in usual)):
            return start, end, kind
    return None


def _random(pieces: list[str], usual: bool) -> bool:
    """True if pieces look like parts of one key rather than like words and numbers."""
    length = sum(map(len, pieces))
    if len(pieces) * 4 > length or (not usual and _WORD.match(pieces[-1])):
        return False
    words = sum(len(piece) for piece in pieces if _WORD.match(piece))
    return words * 3 <= length and _changes("".join(pieces)) >= _MANY_CHANGES * length


def _changes(letters: str) -> int:
    classes = letters.translate(_CLASSES)
    return sum(a != b for a, b in pairwise(classes))


def _end(text: str, start: int, letters: int) -> int:
    """Where so many letters and digits from start on end."""
    at = start
    while letters:
        letters -= text[at].isascii() and text[at].isalnum()
        at += 1
    return at


def _glued(word: re.Match[str], doubts: Iterator[int]) -> Iterator[Span]:
    """Keys inside a long word; and a key of any coin that is the whole word."""
    letters, offset = word[0], word.start()
    if len(letters) in (51, 52) and _sound(letters):
        yield offset, word.end(), "wif"
        return
    done = 0
    for inside in _INSIDE.finditer(letters):
        at = inside.start()
        end = at + (51 if letters[at] == "5" else 52)
        if at < done or end > len(letters):
            continue
        if next(doubts) >= _MOST_DOUBTS or _sound(letters[at:end]):
            password = letters[at - 1 : at] == "P"
            yield offset + at - password, offset + end, "password" if password else "wif"
            done = end


def _sound(key: str) -> bool:
    """True if the checksum of a private key in base58 holds (version, 32 bytes, mark, checksum)."""
    number = 0
    for letter in key:
        if letter not in _VALUE:
            return False
        number = number * 58 + _VALUE[letter]
    size = (number.bit_length() + 7) // 8
    raw = number.to_bytes(size, "big")
    if size not in (37, 38) or raw[0] < 0x80:
        return False
    return sha256(sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]
