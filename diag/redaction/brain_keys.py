"""Finds brain keys: sixteen words from the wallet's own dictionary.

The dictionary contains most short English words; a brain key differs from prose by how few of its
words are common. After the label "brain key:" words of any dictionary count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diag.redaction import wordlists
from diag.redaction.spans import Span
from diag.redaction.word_runs import FEWEST, dense, run_at, runs, set_alike, trimmed

_WORD = re.compile(r"(?<![0-9A-Za-z])[0-9]{0,2}([A-Za-z]+)[0-9]{0,2}(?![0-9A-Za-z])")
_LABEL = re.compile(r"(?i:brain[\s_-]?keys?)[\s\"')]{0,3}(?:[:=]|is\b)")
_WORDS_LABELLED = 16
"""Words of a brain key after its label, from any dictionary."""
_MOST_ORDINARY = 5
"""The most common words among twelve words of a brain key; 4 % of the dictionary are common."""
_LONGEST = 7
"""Letters of the longest word in the dictionary."""
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
"""Common words besides those of BIP-39."""


def find(text: str) -> Iterator[Span]:
    """Yields the brain keys in a plain text. Pure."""
    for run in runs(text, _WORD):
        capitals = all(text[start:end].isupper() for start, end, _ in run)
        for first, last in brain_keys([word for _, _, word in run], misspelt=capitals):
            if set_alike(text, run, first, last):
                yield Span(run[first][0], run[last - 1][1], "brain_key")
    for label in _LABEL.finditer(text):
        words = run_at(text, _WORD, label.end(), _WORDS_LABELLED)
        if len(words) == _WORDS_LABELLED and not any(word in _STOP for _, _, word in words):
            yield Span(words[0][0], words[-1][1], "brain_key")


def brain_keys(words: Sequence[str], misspelt: bool = False) -> Iterator[tuple[int, int]]:
    """Ranges [first, last) of lower-case words that are brain keys.

    misspelt: a single word among twelve may be missing from the dictionary, as in a typing error.
    """
    meant = [word not in _STOP for word in words]
    rare = [
        m and 2 < len(word) <= _LONGEST and wordlists.ENGLISH not in wordlists.lists_with(word)
        for m, word in zip(meant, words, strict=True)
    ]
    if not any(dense(rare, FEWEST - _MOST_ORDINARY)):
        return  # most prose ends here, before the dictionary is read
    known = [wordlists.in_dictionary(word) for word in words]
    rare = [r and k for r, k in zip(rare, known, strict=True)]
    if misspelt:
        known = [
            k or all(known[max(0, at - FEWEST + 1) : at] + known[at + 1 : at + FEWEST])
            for at, k in enumerate(known)
        ]
    for first, last in dense(rare, FEWEST - _MOST_ORDINARY, known):
        yield trimmed(meant, first, last)
