"""Finds seed phrases and brain keys written without spaces, in CamelCase or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.redaction import wordlists
from diag.redaction.brain_keys import brain_keys
from diag.redaction.spans import Span
from diag.redaction.word_phrases import is_phrase
from diag.redaction.word_runs import FEWEST

_GLUED = re.compile(
    r"[A-Za-z]{36,}|[\u3041-\u30ff]{24,}|[\u1100-\u11ff]{48,}|[\u0400-\u04ff]{36,}"
)
_CAMEL = re.compile(r"[A-Z][a-z]*|[a-z]+|[\u0410-\u042f][\u0430-\u044f]*|[\u0430-\u044f]+")
_LONGEST = 600
"""Letters of the longest phrase."""
_SIZES = range(2, 13)
"""Letters of a word; those of a Korean word count single."""


def find(text: str) -> Iterator[Span]:
    """Yields phrases without spaces in a plain text. Pure."""
    for match in _GLUED.finditer(text):
        if len(match[0]) <= _LONGEST and (kind := _kind(match[0])):
            yield Span(*match.span(), kind)


def _kind(word: str) -> str | None:
    parts = [part.lower() for part in _CAMEL.findall(word)]
    if len(parts) < FEWEST:
        return "seed_phrase" if _in_one_case(word.lower()) else None
    if is_phrase(parts) or _in_one_case(word.lower()):
        return "seed_phrase"
    return "brain_key" if any(brain_keys(parts)) else None


def _in_one_case(word: str) -> bool:
    """True if a word consists only of words of one list, or of their first four letters."""
    size = wordlists.PREFIX
    starts = [word[at : at + size] for at in range(0, len(word), size)]
    return _most_words(word) >= FEWEST or is_phrase(starts, misspelt=0)


def _most_words(word: str) -> int:
    """The most words of one list into which a word can be split; 0 if it cannot."""
    counts: dict[int, dict[str, int]] = {0: dict.fromkeys(wordlists.ALL, 0)}
    """Possible split point → for each list, the number of words before it."""
    for at in range(len(word)):
        before = counts.pop(at, None)
        if before is None:
            continue
        for size in _SIZES:
            lists = wordlists.lists_with(word[at : at + size])
            for letter in lists:
                if letter in before:
                    after = counts.setdefault(at + size, {})
                    after[letter] = max(after.get(letter, 0), before[letter] + 1)
    return max(counts.get(len(word), {}).values(), default=0)
