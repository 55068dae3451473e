"""Finds seed phrases (BIP-39) in Chinese, where one character stands for a word.

The lists contain the 2048 most common characters, so prose consists of them too. A phrase differs
from prose by the rarity of its characters: the lists are sorted by frequency, a random phrase uses
all parts of them equally, and its characters seldom form words. Without spaces between the characters
the checksum has to hold as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, count, pairwise
from math import log2

from diag.redaction import wordlists
from diag.redaction.checksums import PHRASE_LENGTHS, is_checked_phrase
from diag.redaction.common_chinese_words import WORDS
from diag.redaction.labels import PHRASE_LABEL
from diag.redaction.spans import Span

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_SPACED = re.compile(
    rf"{_HAN}(?:[^A-Za-z\u3400-\u9fff]{{1,12}}{_HAN}(?!{_HAN})){{10,}}"
    rf"[^A-Za-z\u3400-\u9fff]{{1,12}}{_HAN}"
)
"""Single characters with spaces, punctuation or numbers between them; the first and the last may
touch other words.
"""
_UNSPACED = re.compile(rf"{_HAN}(?:[\s,，、]{{0,3}}{_HAN}){{11,}}")
_COUNTED = re.compile(
    rf"第[0-9一二三四五六七八九十]{{1,3}}[个個]?[字词詞]?[是为為]?[^A-Za-z\u3400-\u9fff]{{0,6}}({_HAN})"
)
"""A character with its number in words before it."""
_LABELLED = re.compile(rf"{_HAN}(?:[^A-Za-z\u3400-\u9fff]{{1,6}}{_HAN}(?!{_HAN})){{5,23}}")
"""Characters after a label of a seed phrase."""
_SUPPORT_CHARACTERS = frozenset(
    "请网户关间提已转币没数查该回区写您处确笔核号或最资块记取前内收节段新期完交退认送应待给项"
    "仍再据填常密录按改另入案包单位并被批余换开暂登付原通更但表联手费限充除钱停留接件告还问次"
    "到账钥词助私箱客服帮忙谢急昨午晚早微信截图显示链址错备注"
)
"""Characters that are common in messages to customer service, though not in the language."""
_RARE_UNSPACED = 6.6
_RARE_SPACED = 6.3
_RARE_WITHOUT_CHECKSUM = 7.2
"""The least rarity of a phrase, in bits per character. Of ten thousand prose texts only one reaches
6; of ten thousand phrases only one is below 7 (12 words) or 7.6 (24 words).
"""
_WORD_BONUS = 13.0
"""Bits subtracted for a common word of two characters, which is that much likelier in prose than by
chance.
"""
_LISTED = 10
_PROSE = 5.5
"""Below this rarity in bits per character no phrase is searched for."""
_MOST_CHECKSUMS = 1000
"""The most checksums that are computed for one text, more than any prose needs. Beyond it a rare
range counts as a phrase without checking.
"""


def find(text: str) -> Iterator[Span]:
    """Yields the phrases of Chinese characters in a plain text. Pure."""
    for match in _SPACED.finditer(text):
        yield from _find_spaced(_Characters(_characters_of(match)))
    yield from _find_spaced(_Characters((m.start(1), m[1]) for m in _COUNTED.finditer(text)))
    for label in PHRASE_LABEL.finditer(text):
        if part := _LABELLED.match(text, label.end()):
            yield from _find_labelled(_Characters(_characters_of(part)))
    checksums_tried = count()
    for match in _UNSPACED.finditer(text):
        yield from _find_unspaced(_Characters(_characters_of(match)), checksums_tried)


def _characters_of(match: re.Match[str]) -> Iterator[tuple[int, str]]:
    """The characters of a match, with their places in the text."""
    letters = enumerate(match[0], match.start())
    return ((at, letter) for at, letter in letters if "\u3400" <= letter <= "\u9fff")


class _Characters:
    """A sequence of characters: the place of each in the text, and its index in the list."""

    def __init__(self, letters: Iterable[tuple[int, str]]) -> None:
        row = list(letters)
        self.at = [at for at, _ in row]
        self.places = [wordlists.chinese().get(letter) for _, letter in row]
        self._listed = [0, *accumulate(place is not None for place in self.places)]
        self._bits = [0.0, *accumulate(_rarities(self.places))]

    def listed(self, first: int, last: int) -> int:
        """The number of characters in [first, last) that are in the list."""
        return self._listed[last] - self._listed[first]

    def bits(self, first: int, last: int) -> float:
        """The rarity of [first, last), in bits."""
        return self._bits[last] - self._bits[first]

    def span(self, first: int, last: int) -> Span:
        return Span(self.at[first], self.at[last - 1] + 1, "seed_phrase")


def _rarities(places: Sequence[int | None]) -> list[float]:
    """The rarity of each character in bits, reduced where it begins a common word."""
    weights, words = _statistics()
    rarity = [0.0 if place is None else weights[place] for place in places]
    for at, pair in enumerate(pairwise(places)):
        if pair in words:
            rarity[at] -= _WORD_BONUS
    return rarity


@cache
def _statistics() -> tuple[list[float], frozenset[tuple[int | None, int | None]]]:
    """The rarity of each index of the list in bits, and the common words as pairs of indexes.

    The simplified and the traditional list are parallel, so both hold for either.
    """
    index = wordlists.chinese()
    common = set(map(index.get, _SUPPORT_CHARACTERS))
    words = {(index.get(word[0]), index.get(word[1])) for word in WORDS}
    weights = [log2(48 if place in common else 8 + place) for place in range(2048)]
    return weights, frozenset(pair for pair in words if None not in pair)


def _find_spaced(row: _Characters) -> Iterator[Span]:
    """Windows of twelve characters of which most are listed and rare."""
    for first in range(len(row.at) - PHRASE_LENGTHS[0] + 1):
        last = first + PHRASE_LENGTHS[0]
        listed = row.listed(first, last)
        if listed >= _LISTED and row.bits(first, last) >= _RARE_SPACED * listed:
            yield row.span(first, last)


def _find_labelled(row: _Characters) -> Iterator[Span]:
    """The whole sequence after a label, if most characters are listed and rare: part of a phrase."""
    last = len(row.at)
    listed = row.listed(0, last)
    if listed * 5 >= last * 4 and row.bits(0, last) >= _RARE_SPACED * listed:
        yield row.span(0, last)


def _find_unspaced(row: _Characters, checksums_tried: Iterator[int]) -> Iterator[Span]:
    """Ranges with the length, the rarity and the checksum of a phrase."""
    done = 0
    for first in range(len(row.at) - PHRASE_LENGTHS[0] + 1):
        if row.bits(first, first + PHRASE_LENGTHS[0]) < PHRASE_LENGTHS[0] * _PROSE:
            continue
        for length in reversed(PHRASE_LENGTHS):
            last = first + length
            if done < last <= len(row.at) and _is_phrase(row, first, last, checksums_tried):
                yield row.span(first, last)
                done = last
                break


def _is_phrase(row: _Characters, first: int, last: int, checksums_tried: Iterator[int]) -> bool:
    length = last - first
    rarity = row.bits(first, last) / length
    if rarity < _RARE_UNSPACED or row.listed(first, last) < length:
        return False
    if length == PHRASE_LENGTHS[-1] and rarity >= _RARE_WITHOUT_CHECKSUM:
        return True
    return next(checksums_tried) >= _MOST_CHECKSUMS or is_checked_phrase(
        [place or 0 for place in row.places[first:last]]
    )
