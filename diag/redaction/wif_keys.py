"""Finds private keys in wallet import format (WIF), and wallet passwords (P followed by such a key).

A word of this form counts as a key even if its checksum fails, because a key with a typing error can
be repaired. If the form is weak evidence (a key in pieces, or attached to other letters), the
checksum decides, or else how random the letters are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

from diag.redaction.checksums import class_changes, is_substrate_address, is_wif
from diag.redaction.pieces import joined
from diag.redaction.spans import Span

GAP = r"[\s>|*_·•‐‑–—-]"
"""Separators of the pieces of a broken key: spaces, hyphens, quotation marks."""
_WIDE_GAP = rf"(?:{GAP}|[.,+='\"，。、()（）\u3400-\u4dbf\u4e00-\u9fff])"
"""Further separators, allowed if the checksum proves that the pieces belong together."""
_START = re.compile(
    rf"(?<![0-9A-Za-z])(?:P{GAP}{{0,12}})?"
    rf"(?:5{GAP}{{0,12}}[HJK]|K{GAP}{{0,12}}[w-z]|L{GAP}{{0,12}}[1-5]|[KL][0-9A-Za-z]{{51}}"
    r"(?![0-9A-Za-z]))"
)
_PIECE = re.compile(rf"([0-9A-Za-z]+)(?:({GAP}{{1,12}}(?![^0-9A-Za-z]))|{_WIDE_GAP}{{1,12}})?")
_ELIDED = re.compile(
    r"(?<![0-9A-Za-z])(P?)((?:5[HJK]|K[w-z]|L[1-5]|6P)[0-9A-Za-z]{2,}+)"
    r"[\s\[(-]{0,3}(?:\.{2,6}|\*{2,60}|_{3,60})[\s\])-]{0,3}([0-9A-Za-z]*)"
)
"""A key whose middle or end is replaced by dots or asterisks."""
_FEWEST_SHOWN = 20
"""The least letters that such a key shows; a shortened address shows fewer."""
_WORD = re.compile(r"[A-Z]?[a-z]{2,}\Z|[A-Z]{2,}\Z|[0-9]+\Z")
_LONG = re.compile(r"[0-9A-Za-z]{51,}")
_BEGINNING = re.compile(r"P?(?:5[HJK]|K[w-z]|L[1-5])")
_INSIDE = re.compile(r"5[HJK]|K[w-z]|L[1-5]")
_PART = re.compile(r"(?<![0-9A-Za-z])([1-9A-HJ-NP-Za-km-z]{8,51})(?![0-9A-Za-z])")
_WIDEST = 40
"""Characters between two long parts of a key, such as "and the second half is"."""
_FORMS = (("wif", range(45, 54), (51, 52)), ("password", range(41, 64), (52, 45)))
"""Possible and usual lengths, of a key and of a password (P and a key). A key has 51 letters, or 52
if compressed, perhaps with some missing or added. Except for Polkadot's, no address that begins like
a key has 45 letters or more. Old pages of the wallet show only the first 45 letters of a password.
"""
_MOST = 64
"""The most letters that are joined."""
_FEWEST_CHANGES = 8
_MANY_CHANGES = 0.3
"""A word is random from this many changes between digits, capitals and small letters per letter."""
_MOST_DOUBTS = 300
"""The most possible key starts that are examined. In a text with more, every one counts as a key,
which limits the work without letting a key through.
"""


def find(text: str) -> Iterator[Span]:
    """Yields keys and passwords in a plain text. Pure."""
    done, doubts = 0, count()
    for start in _START.finditer(text):
        if start.start() >= done and (span := _key_at(text, start.start(), doubts)):
            yield span
            done = span.end
    for word in _LONG.finditer(text):
        yield from _keys_inside(word, doubts)
    for group in joined(text, _PART, _near, (51, 52, 53), _BEGINNING.match):
        password = group.letters[0] == "P"
        if len(group.pieces) > 1 and is_wif(group.letters[password:]):
            yield Span(group.start, group.end, "password" if password else "wif")
    for match in _ELIDED.finditer(text):
        shown = match[2] + match[3]
        if len(shown) >= _FEWEST_SHOWN and _changes_much(shown):
            encrypted = shown.startswith("6P")
            kind = "password" if match[1] else "private_key" if encrypted else "wif"
            yield Span(*match.span(), kind)


def _near(between: str) -> bool:
    """True for a text that may stand between two long parts of a key."""
    return len(between) <= _WIDEST


def _key_at(text: str, start: int, doubts: Iterator[int]) -> Span | None:
    """The key that begins at this start of a word, whole or in pieces."""
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
        return Span(start, _end_of(text, start, lengths.start), kind)
    if len(pieces) > 1 and class_changes(joined[: lengths.start]) >= _FEWEST_CHANGES:
        for length in (51 + password, 52 + password):
            if len(joined) >= length and is_wif(joined[password:length]):
                return Span(start, _end_of(text, start, length), kind)
    for length in sorted(cuts, key=lambda n: (n not in usual, -n)):
        number, end = cuts[length]
        if length not in lengths:
            continue
        if number == 1 and not is_substrate_address(pieces[0]):
            return Span(start, end, kind)
        if number > 1 and is_random(pieces[:number], length in usual):
            return Span(start, end, kind)
    return None


def is_no_word(piece: str) -> bool:
    """True unless a piece is a word or a number."""
    return _WORD.match(piece) is None


def is_random(pieces: Sequence[str], usual_length: bool) -> bool:
    """True if the pieces look like parts of one key, and not like words and numbers."""
    length = sum(map(len, pieces))
    if len(pieces) * 4 > length or (not usual_length and _WORD.match(pieces[-1])):
        return False
    words = sum(len(piece) for piece in pieces if _WORD.match(piece))
    return words * 3 <= length and _changes_much("".join(pieces))


def _changes_much(letters: str) -> bool:
    return class_changes(letters) >= _MANY_CHANGES * len(letters)


def _end_of(text: str, start: int, letters: int) -> int:
    """The end of this many letters and digits, counted from start."""
    at = start
    while letters:
        letters -= text[at].isascii() and text[at].isalnum()
        at += 1
    return at


def _keys_inside(word: re.Match[str], doubts: Iterator[int]) -> Iterator[Span]:
    """Keys inside a long word, and keys of any coin that are the whole word."""
    letters, offset = word[0], word.start()
    if len(letters) in (51, 52) and is_wif(letters):
        yield Span(offset, word.end(), "wif")
        return
    done = 0
    for inside in _INSIDE.finditer(letters):
        at = inside.start()
        end = at + (51 if letters[at] == "5" else 52)
        if at < done or end > len(letters):
            continue
        if next(doubts) >= _MOST_DOUBTS or is_wif(letters[at:end]):
            password = letters[at - 1 : at] == "P"
            kind = "password" if password else "wif"
            yield Span(offset + at - password, offset + end, kind)
            done = end
