"""Finds seed phrases: words of one list (BIP-39 in any language, SLIP-39, Monero), twelve or more.

One word in twelve may be misspelt, because prose never has so many listed words in a row. Words may
be shortened to their first four letters. After a label such as "seed phrase:" fewer words are enough;
eleven are enough if they are the whole paragraph. Words of which most are common are prose, unless
the checksum of BIP-39 holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from diag.redaction import wordlists
from diag.redaction.checksums import is_checked_phrase
from diag.redaction.common_english_words import WORDS
from diag.redaction.labels import PHRASE_LABEL
from diag.redaction.spans import Span
from diag.redaction.word_runs import FEWEST, Word, dense, run_at, runs, set_alike, trimmed

_WORD = re.compile(
    r"([A-Za-z]{3,}|[\u3041-\u30ff]{2,}|[\u1100-\u11ff]{2,}|[\u0400-\u04ff]{2,})"
)
_LISTED = 11
"""The least words in twelve that must be in the list."""
_COUNTING = """
word words number no is the then next last my first second third fourth fifth sixth seventh eighth
ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth
nineteenth twentieth twenty one two three four five six seven eight nine ten eleven twelve
"""
_ORDINALS = frozenset(_COUNTING.split())
"""Words between those of a dictated phrase: "the first word is …, the second …"."""
_FEWEST_LABELLED = 5
_SHARE = 0.8


def find(text: str) -> Iterator[Span]:
    """Yields the seed phrases in a plain text. Pure."""
    for run in runs(text, _WORD, FEWEST - 1):
        if len(run) < FEWEST:
            yield from _one_lacks(text, run)
            continue
        yield from _phrases(text, run)
        for words in _without_counting(run):
            yield from _phrases(text, words)
    for label in PHRASE_LABEL.finditer(text):
        yield from _labelled(text, label.end())


def _without_counting(run: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """The run without ordinals, and without a word that is repeated before each number."""
    [(commonest, count)] = Counter(word for _, _, word in run).most_common(1)
    if count >= FEWEST // 2:
        yield [word for word in run if word[2] != commonest]
    told = [word for word in run if word[2] not in _ORDINALS]
    if len(run) - len(told) >= 4:
        yield told


def _one_lacks(text: str, run: Sequence[Word]) -> Iterator[Span]:
    """A phrase with one word missing, if it is the whole paragraph."""
    before = text[: run[0][0]].rpartition("\n\n")[2]
    after = text[run[-1][1] :].partition("\n\n")[0]
    if any(map(str.isalpha, before + after)) or not _varied(run):
        return
    lists = [wordlists.lists_with(word) for _, _, word in run]
    if _common(lists, len(run)) and set_alike(text, run, 0, len(run)) and not _prose(run):
        yield Span(run[0][0], run[-1][1], "seed_phrase")


def _prose(words: Sequence[Word]) -> bool:
    """True if two thirds of the words are common, unless they are a valid phrase."""
    common = sum(word in WORDS for _, _, word in words)
    if common * 3 < len(words) * 2:
        return False
    places = [wordlists.english().get(word) for _, _, word in words]
    known = [place for place in places if place is not None]
    return len(known) < len(places) or len(known) % 3 > 0 or not is_checked_phrase(known)


def _phrases(text: str, run: Sequence[Word]) -> Iterator[Span]:
    lists = [wordlists.lists_known_by(word) for _, _, word in run]
    for letter in _common(lists, _LISTED):
        listed = [letter in of_word for of_word in lists]
        for first, last in dense(listed, _LISTED):
            first, last = trimmed(listed, first, last)
            listed_words = run[first:last]
            if (
                _varied(listed_words)
                and set_alike(text, run, first, last)
                and not (letter in wordlists.ENGLISH_LISTS and _prose(listed_words))
            ):
                yield Span(run[first][0], run[last - 1][1], "seed_phrase")


def _varied(words: Sequence[Word]) -> bool:
    """True unless a few words are repeated; a phrase may repeat one word except for the last."""
    counts = Counter(word for _, _, word in words)
    (_, most), *others = counts.most_common()
    return bool(others) and (len(counts) * 3 >= len(words) * 2 or most >= len(words) - 2)


def _common(lists: Sequence[str], least: int) -> list[str]:
    """The lists that contain at least this many of the words."""
    counts = Counter(letter for of_word in lists for letter in of_word)
    return [letter for letter, count in counts.most_common() if count >= least]


def is_phrase(words: Sequence[str], misspelt: int = 1) -> bool:
    """True if all words are in one list, except for this many in twelve."""
    lists = [wordlists.lists_known_by(word) for word in words]
    least = FEWEST - misspelt
    return len(set(words)) > 1 and any(
        next(dense([letter in of_word for of_word in lists], least), None) == (0, len(words))
        for letter in _common(lists, least)
    )


def _labelled(text: str, start: int) -> Iterator[Span]:
    """The incomplete phrase that follows a label."""
    words = run_at(text, _WORD, start, FEWEST)
    if len(words) < _FEWEST_LABELLED or words[0][0] > start + 4:
        return
    lists = [wordlists.lists_with(word) for _, _, word in words]
    for letter in _common(lists, _FEWEST_LABELLED):
        listed = [letter in of_word for of_word in lists]
        sums = list(accumulate(listed))
        last = max(
            (n for n, sum_ in enumerate(sums, 1) if listed[n - 1] and sum_ >= _SHARE * n),
            default=0,
        )
        if (
            sums[last - 1] >= _FEWEST_LABELLED
            and len({word for _, _, word in words[:last]}) > 3
        ):
            yield Span(words[0][0], words[last - 1][1], "seed_phrase")
            return
