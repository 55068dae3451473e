"""Joins words that may be the pieces of one key. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from itertools import accumulate
from typing import NamedTuple


class Joined(NamedTuple):
    """Consecutive pieces of a text, and their span text[start:end]."""

    start: int
    end: int
    pieces: tuple[str, ...]
    before: str = ""
    """The piece before the run, which may belong to the same key."""

    @property
    def letters(self) -> str:
        return "".join(self.pieces)


def joined(
    text: str,
    piece: re.Pattern[str],
    gap: Callable[[str], object],
    lengths: Collection[int],
    starts: Callable[[str], object] = bool,
) -> Iterator[Joined]:
    """Yields all runs of pieces whose total length is one of these.

    A run begins with a piece for which `starts` is true. A piece is the first group of its pattern;
    gap decides from the text between two pieces whether they belong together. Sums of lengths are
    looked up, so the work is linear in the length of the text.
    """
    run: list[re.Match[str]] = []
    for match in piece.finditer(text):
        if run and not gap(text[run[-1].end() : match.start()]):
            yield from _groups(run, lengths, starts)
            run = []
        run.append(match)
    yield from _groups(run, lengths, starts)


def _groups(
    run: list[re.Match[str]], lengths: Collection[int], starts: Callable[[str], object]
) -> Iterator[Joined]:
    pieces = [match[1] for match in run]
    sums = [0, *accumulate(map(len, pieces))]
    last_of = {total: place for place, total in enumerate(sums)}
    for first, letters in enumerate(sums[:-1]):
        if not starts(pieces[first]):
            continue
        for length in lengths:
            last = last_of.get(letters + length)
            if last is not None:
                start, end = run[first].start(), run[last - 1].end()
                before = pieces[first - 1] if first else ""
                yield Joined(start, end, tuple(pieces[first:last]), before)
