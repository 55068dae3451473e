"""Seed phrases (BIP-39) in Chinese, simplified or traditional: one character stands for a word.

The lists hold the 2048 most common characters, of which prose is made too. What tells a phrase
from prose is how strange it reads: the lists are in the order of frequency, chance takes from all
of them alike, and it makes no words. Where the characters stand without spaces the checksum has to
hold as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, count, pairwise
from math import log2

from diag.redaction import wordlists
from diag.redaction.checksums import is_checked_phrase
from diag.redaction.common_chinese_words import WORDS
from diag.redaction.labels import PHRASE_LABEL
from diag.redaction.spans import Span

LENGTHS = (12, 15, 18, 21, 24)
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_SET_APART = re.compile(
    rf"{_HAN}(?:[^A-Za-z\u3400-\u9fff]{{1,12}}{_HAN}(?!{_HAN})){{10,}}"
    rf"[^A-Za-z\u3400-\u9fff]{{1,12}}{_HAN}"
)
"""Characters one by one, with blanks, punctuation or numbers between them; the first and the last
may stand beside other words."""
_TOGETHER = re.compile(rf"{_HAN}(?:[\s,，、]{{0,3}}{_HAN}){{11,}}")
_COUNTED = re.compile(
    rf"第[0-9一二三四五六七八九十]{{1,3}}[个個]?[字词詞]?[是为為]?[^A-Za-z\u3400-\u9fff]{{0,6}}({_HAN})"
)
"""A character with its number in words before it."""
_LABELLED = re.compile(rf"{_HAN}(?:[^A-Za-z\u3400-\u9fff]{{1,6}}{_HAN}(?!{_HAN})){{5,23}}")
"""Characters one by one behind a label that says what they are."""
_OF_SUPPORT = frozenset(
    "请网户关间提已转币没数查该回区写您处确笔核号或最资块记取前内收节段新期完交退认送应待给项"
    "仍再据填常密录按改另入案包单位并被批余换开暂登付原通更但表联手费限充除钱停留接件告还问次"
    "到账钥词助私箱客服帮忙谢急昨午晚早微信截图显示链址错备注"
)
"""Characters that talk with customer service is full of, though the language is not."""
_STRANGE_TOGETHER = 6.6
_STRANGE_APART = 6.3
_STRANGE_ALONE = 7.2
"""How strange, in bits per character: prose stays below 6, chance above 7 (12 characters) or 7.6
(24 characters), but for one in ten thousand of each.
"""
_A_WORD = 13.0
"""What a word takes from it: so much likelier is it in prose than by chance."""
_LISTED = 10
_PROSE = 5.5
"""A window that reads less strange begins no phrase."""
_MOST_DOUBTS = 1000
"""Of one text; where more checksums would have to decide, it is no prose, and they are not asked."""


def find(text: str) -> Iterator[Span]:
    """Phrases of Chinese characters in a plain text. Pure."""
    for match in _SET_APART.finditer(text):
        yield from _apart(_Letters(_in(match)))
    yield from _apart(_Letters((m.start(1), m[1]) for m in _COUNTED.finditer(text)))
    for label in PHRASE_LABEL.finditer(text):
        if part := _LABELLED.match(text, label.end()):
            yield from _in_part(_Letters(_in(part)))
    doubts = count()
    for match in _TOGETHER.finditer(text):
        yield from _together(_Letters(_in(match)), doubts)


def _in(match: re.Match[str]) -> Iterator[tuple[int, str]]:
    """The characters of a match, with their places in the text."""
    letters = enumerate(match[0], match.start())
    return ((at, letter) for at, letter in letters if "\u3400" <= letter <= "\u9fff")


class _Letters:
    """Characters in a row: where they stand in the text, their places in the list."""

    def __init__(self, letters: Iterable[tuple[int, str]]) -> None:
        row = list(letters)
        self.at = [at for at, _ in row]
        self.places = [wordlists.chinese().get(letter) for _, letter in row]
        self._listed = [0, *accumulate(place is not None for place in self.places)]
        self._bits = [0.0, *accumulate(_strange(self.places))]

    def listed(self, first: int, last: int) -> int:
        """How many of [first, last) are in the list."""
        return self._listed[last] - self._listed[first]

    def bits(self, first: int, last: int) -> float:
        """How strange [first, last) reads, in all."""
        return self._bits[last] - self._bits[first]

    def span(self, first: int, last: int) -> Span:
        return Span(self.at[first], self.at[last - 1] + 1, "seed_phrase")


def _strange(places: Sequence[int | None]) -> list[float]:
    """How seldom each character is, less what a word that it begins takes away."""
    weights, words = _everyday()
    strange = [0.0 if place is None else weights[place] for place in places]
    for at, pair in enumerate(pairwise(places)):
        if pair in words:
            strange[at] -= _A_WORD
    return strange


@cache
def _everyday() -> tuple[list[float], frozenset[tuple[int | None, int | None]]]:
    """How strange each place of the list is; the everyday words as pairs of places.

    The two lists are parallel, so both hold for simplified and traditional characters.
    """
    index = wordlists.chinese()
    common = set(map(index.get, _OF_SUPPORT))
    words = {(index.get(word[0]), index.get(word[1])) for word in WORDS}
    weights = [log2(48 if place in common else 8 + place) for place in range(2048)]
    return weights, frozenset(pair for pair in words if None not in pair)


def _apart(letters: _Letters) -> Iterator[Span]:
    for first in range(len(letters.at) - LENGTHS[0] + 1):
        last = first + LENGTHS[0]
        listed = letters.listed(first, last)
        if listed >= _LISTED and letters.bits(first, last) >= _STRANGE_APART * listed:
            yield letters.span(first, last)


def _in_part(letters: _Letters) -> Iterator[Span]:
    """What is left of a phrase, behind a label."""
    last = len(letters.at)
    listed = letters.listed(0, last)
    if listed * 5 >= last * 4 and letters.bits(0, last) >= _STRANGE_APART * listed:
        yield letters.span(0, last)


def _together(letters: _Letters, doubts: Iterator[int]) -> Iterator[Span]:
    done = 0
    for first in range(len(letters.at) - LENGTHS[0] + 1):
        if letters.bits(first, first + LENGTHS[0]) < LENGTHS[0] * _PROSE:
            continue
        for length in reversed(LENGTHS):
            last = first + length
            if done < last <= len(letters.at) and _phrase(letters, first, last, doubts):
                yield letters.span(first, last)
                done = last
                break


def _phrase(letters: _Letters, first: int, last: int, doubts: Iterator[int]) -> bool:
    length = last - first
    strange = letters.bits(first, last) / length
    if strange < _STRANGE_TOGETHER or letters.listed(first, last) < length:
        return False
    if length == LENGTHS[-1] and strange >= _STRANGE_ALONE:
        return True
    return next(doubts) >= _MOST_DOUBTS or is_checked_phrase(
        [place or 0 for place in letters.places[first:last]]
    )
