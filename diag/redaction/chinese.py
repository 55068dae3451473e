"""Seed phrases (BIP-39) in Chinese, simplified or traditional: one character stands for a word.

The lists hold the 2048 most common characters, of which prose is made too. What tells a phrase
from prose is how seldom its characters are: the lists are in the order of frequency, and chance
takes from all of it alike. Where the characters stand without spaces the checksum has to hold too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import accumulate
from math import log2

from diag import wordlists
from diag.redaction.keys import Span

LENGTHS = (12, 15, 18, 21, 24)
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_SET_APART = re.compile(
    rf"{_HAN}(?:[^A-Za-z\u3400-\u9fff]{{1,12}}{_HAN}(?!{_HAN})){{10,}}"
    rf"[^A-Za-z\u3400-\u9fff]{{1,12}}{_HAN}"
)
"""Characters one by one, with blanks, punctuation or numbers between them; the first and the last
may stand beside other words."""
_TOGETHER = re.compile(rf"{_HAN}(?:\s{{0,3}}{_HAN}){{11,}}")
_OF_SUPPORT = frozenset(
    "请网户关间提已转币没数查该回区写您处确笔核号或最资块记取前内收节段新期完交退认送应待给项"
    "仍再据填常密录按改另入案包单位并被批余换开暂登付原通更但表联手费限充除钱停留接件告还问次"
    "到账钥词助私箱客服帮忙谢急昨午晚早微信截图显示链址错备注"
)
"""Characters that talk with customer service is full of, though the language is not."""
_STRANGE_TOGETHER = 7.1
_STRANGE_APART = 6.9
_STRANGE_ALONE = 7.6
"""How strange, in bits: prose stays below 6.8, chance above 7.0 (12 characters) or 7.6 (24)."""
_LISTED = 10
_MOST_CHECKSUMS = 2000
"""Of one text; where more would be needed, it is no prose, and strangeness alone counts."""


def find(text: str) -> Iterator[Span]:
    """Phrases of Chinese characters in a plain text. Pure."""
    for match in _SET_APART.finditer(text):
        yield from _apart(match)
    checksums = 0
    for match in _TOGETHER.finditer(text):
        for span, spent in _together(match, _MOST_CHECKSUMS - checksums):
            checksums += spent
            if span:
                yield span


def _letters(match: re.Match[str]) -> list[tuple[int, int | None]]:
    """Each character's place in the text and in the list."""
    index = wordlists.chinese()
    return [
        (match.start() + at, index.get(letter))
        for at, letter in enumerate(match[0])
        if "\u3400" <= letter <= "\u9fff"
    ]


def _bits(places: Sequence[int | None]) -> list[float]:
    """Running sums of how seldom each character is."""
    common = _common()
    weights = [
        0.0 if place is None else log2(48 if place in common else 8 + place) for place in places
    ]
    return [0.0, *accumulate(weights)]


def _common() -> frozenset[int | None]:
    index = wordlists.chinese()
    return frozenset(map(index.get, _OF_SUPPORT))


def _apart(match: re.Match[str]) -> Iterator[Span]:
    letters = _letters(match)
    bits = _bits([place for _, place in letters])
    listed = [0, *accumulate(place is not None for _, place in letters)]
    for first in range(len(letters) - LENGTHS[0] + 1):
        last = first + LENGTHS[0]
        count = listed[last] - listed[first]
        if count >= _LISTED and bits[last] - bits[first] >= _STRANGE_APART * count:
            yield letters[first][0], letters[last - 1][0] + 1, "seed_phrase"


def _together(match: re.Match[str], budget: int) -> Iterator[tuple[Span | None, int]]:
    letters = _letters(match)
    places = [place for _, place in letters]
    bits = _bits(places)
    unlisted = [0, *accumulate(place is None for place in places)]
    done = 0
    for first in range(len(letters)):
        for length in reversed(LENGTHS):
            last = first + length
            if last <= done or last > len(letters) or unlisted[last] > unlisted[first]:
                continue
            strange = (bits[last] - bits[first]) / length
            if strange < _STRANGE_TOGETHER:
                continue
            alone = length == LENGTHS[-1] and strange >= _STRANGE_ALONE
            sure = alone or budget <= 0
            budget -= not sure
            if sure or _sound(places[first:last]):
                done = last
                yield (letters[first][0], letters[last - 1][0] + 1, "seed_phrase"), not sure
                break
            yield None, 1


def _sound(places: Sequence[int | None]) -> bool:
    """True if the checksum of a phrase holds: its last bits are the first of the rest's SHA-256."""
    number = 0
    for place in places:
        number = number << 11 | (place or 0)
    size = len(places) // 3
    entropy = (number >> size).to_bytes(4 * size, "big")
    return sha256(entropy).digest()[0] >> (8 - size) == number & ((1 << size) - 1)
