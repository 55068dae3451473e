"""Keys written as words: seed phrases (BIP-39, English) and brain keys.

Both are runs of at least twelve words of their list. A seed phrase may hold an error, because
prose never has as many words of that list together. The dictionary of brain keys holds most short
English words; what tells a brain key from prose is how few of them are ordinary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from diag.redaction import wordlists
from diag.redaction.private_keys import Span

FEWEST = 12
"""Words in the shortest phrase."""
_LISTED = 11
"""Of so many words: those that have to be in the list of BIP-39."""
_ORDINARY = 5
"""Of so many words of a brain key, by chance not more are ordinary (share in the dictionary 4 %)."""
_LONGEST = 7
"""Letters of the longest word in the dictionary of brain keys."""
_WORD = re.compile(r"(?<![0-9A-Za-z])[0-9]{0,2}([A-Za-z]+)[0-9]{0,2}(?![0-9A-Za-z])")
_BETWEEN = re.compile(r"[^A-Za-z]{1,40}\Z")
_FILLERS = re.compile(r"(?<![A-Za-z])(?:and|st|nd|rd|th)(?![A-Za-z])", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_MOST_HAN = 6
"""Numbers, punctuation, brackets, a few Chinese characters: what a list of words is set with."""
_STOP_WORDS = """
a about after again all also am an and any are as at back be been before but by can could did
do does for from get go got had has have he her here him his how i if in into is it its just
let like me more my need new no not now of off on one or our out over please she so some still
that the their them then there they this to too two under up us very was we were what when
where which who why will with would yes yet you your brain coin day days dont fee gateway
hello help hour hours key keys lost memo money phrase sent seed sir thanks token txid wait
waiting wallet words
"""
_STOP = frozenset(_STOP_WORDS.split())

_Word = tuple[int, int, str]


def find(text: str) -> Iterator[Span]:
    """Phrases of English words in a plain text. Pure."""
    for run in _runs(text):
        listed = [word in wordlists.english() for _, _, word in run]
        seeds = list(_dense(listed, _LISTED))
        for first, last in seeds:
            yield _span(run, *_trimmed(listed, first, last), "seed_phrase")
        yield from _brain_keys(run, listed)


def _brain_keys(run: Sequence[_Word], listed: Sequence[bool]) -> Iterator[Span]:
    meant = [word not in _STOP for _, _, word in run]
    rare = [
        m and not i and 2 < len(word) <= _LONGEST
        for m, i, (_, _, word) in zip(meant, listed, run, strict=True)
    ]
    if not any(_dense(rare, FEWEST - _ORDINARY)):
        return  # most prose ends here, before the dictionary is asked
    known = [wordlists.in_dictionary(word) for _, _, word in run]
    rare = [r and k for r, k in zip(rare, known, strict=True)]
    for first, last in _dense(rare, FEWEST - _ORDINARY, known):
        yield _span(run, *_trimmed(meant, first, last), "brain_key")


def _runs(text: str) -> Iterator[list[_Word]]:
    """Words that follow each other as in a list: nothing but marks and numbers between them."""
    run: list[_Word] = []
    for match in _WORD.finditer(text):
        if _FILLERS.match(match[1]):
            continue
        if run and not _listing(text[run[-1][1] : match.start(1)]):
            if len(run) >= FEWEST:
                yield run
            run = []
        run.append((match.start(1), match.end(1), match[1].lower()))
    if len(run) >= FEWEST:
        yield run


def _listing(between: str) -> bool:
    if between == " ":
        return True
    between = _FILLERS.sub("", between)
    return bool(_BETWEEN.match(between)) and len(_HAN.findall(between)) <= _MOST_HAN


def _dense(
    counted: Sequence[bool], least: int, all_of: Sequence[bool] | None = None
) -> Iterator[tuple[int, int]]:
    """Stretches [first, last) made of windows of FEWEST words, at least so many of them counted.

    Where all_of is given, every word of a window has to be in it.
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


def _trimmed(kept: Sequence[bool], first: int, last: int) -> tuple[int, int]:
    """The stretch without words at its ends that are not kept."""
    while not kept[first]:
        first += 1
    while not kept[last - 1]:
        last -= 1
    return first, last


def _span(run: Sequence[_Word], first: int, last: int, kind: str) -> Span:
    return run[first][0], run[last - 1][1], kind
