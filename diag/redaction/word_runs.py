"""Finds runs of words as in a list, and the ranges in which most words are in a word list. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice, pairwise

FEWEST = 12
"""Words in the shortest phrase."""
_SEPARATOR = re.compile(r"[^A-Za-z]{1,40}\Z")
FILLERS = re.compile(
    r"(?<![A-Za-z])(?:and|et|und|st|nd|rd|th|is|no|nr|[yei]|(?:[a-z]|[ivx]{2,6})(?=[.)]))(?![A-Za-z])",
    re.IGNORECASE,
)
"""Separators of the words of a list: "1st", "b)", "iv.", "and"."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_MOST_HAN = 6
"""Chinese characters that may stand between two words, beside numbers and punctuation."""

Word = tuple[int, int, str]
"""The start and end of a word in the text; the word in lower case."""


def runs(text: str, word: re.Pattern[str], fewest: int = FEWEST) -> Iterator[list[Word]]:
    """Runs of at least this many words; a word is the first group of the pattern."""
    return (run for run in _all_runs(text, word.finditer(text)) if len(run) >= fewest)


def run_at(text: str, word: re.Pattern[str], start: int, most: int) -> list[Word]:
    """The run of up to this many words that begins with the first word after start."""
    return next(_all_runs(text, islice(word.finditer(text, start), most)), [])


def _all_runs(text: str, words: Iterable[re.Match[str]]) -> Iterator[list[Word]]:
    run: list[Word] = []
    for match in words:
        start, end = match.span(1)
        if FILLERS.match(text, start):
            continue
        if run and not _listing(text[run[-1][1] : start]):
            yield run
            run = []
        run.append((start, end, match[1].lower()))
    if run:
        yield run


def _listing(between: str) -> bool:
    """True for text that may separate two words of a list."""
    if between == " ":
        return True
    between = FILLERS.sub("", between)
    return bool(_SEPARATOR.match(between)) and len(_HAN.findall(between)) <= _MOST_HAN


_MOST_KINDS = 3
_NOT_A_MARK = re.compile(r"[\s0-9A-Za-z\u3400-\u9fff]+")


def set_alike(text: str, run: Sequence[Word], first: int, last: int) -> bool:
    """True if FEWEST of the words [first, last) have the same kind of separator, as in a list.

    Up to three kinds of separators may occur, and half of them must be of one kind. Program code has
    more kinds.
    """
    marks = [
        _NOT_A_MARK.sub("", text[before[1] : after[0]])
        for before, after in pairwise(run[first:last])
    ]
    if len(set(marks)) == 1:
        return True
    windows = (Counter(marks[at : at + FEWEST - 1]) for at in range(len(marks) - FEWEST + 2))
    return any(
        len(kinds) <= _MOST_KINDS and max(kinds.values()) * 2 >= FEWEST - 1 for kinds in windows
    )


def dense(
    counted: Sequence[bool], least: int, all_of: Sequence[bool] | None = None
) -> Iterator[tuple[int, int]]:
    """Ranges [first, last) made of windows of FEWEST words, of which at least this many count.

    If all_of is given, every word of a window must be in it.
    """
    sums = [0, *accumulate(counted)]
    whole = [0, *accumulate(all_of)] if all_of else None
    stretch: tuple[int, int] | None = None
    for first in range(len(counted) - FEWEST + 1):
        last = first + FEWEST
        if sums[last] - sums[first] < least or (whole and whole[last] - whole[first] < FEWEST):
            continue
        if stretch and first <= stretch[1]:
            stretch = stretch[0], last
            continue
        if stretch:
            yield stretch
        stretch = first, last
    if stretch:
        yield stretch


def trimmed(kept: Sequence[bool], first: int, last: int) -> tuple[int, int]:
    """The range without the words at its ends that are not kept."""
    while not kept[first]:
        first += 1
    while not kept[last - 1]:
        last -= 1
    return first, last
