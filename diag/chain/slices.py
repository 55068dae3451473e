"""The pages that show how a gateway acted around and after some withdrawals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from diag.chain.history import Pages
from diag.chain.marks import CLOSELY, EVENLY, mark_from, mark_until, marks

MOST_SLICES = 16
_SECOND = timedelta(seconds=1)


def slices(
    moments: Iterable[datetime],
    now: datetime,
    horizon: timedelta,
    pages: Pages | None = None,
) -> list[datetime]:
    """The ends of the pages that show how a gateway acted around and after some withdrawals.

    Just before the first moment (its page looks back), the first hour closely, then evenly to the
    horizon. Where pages show already how busy it is, only as many as close what gaps they leave.
    All but now stand at marks of the clock: questions about the same gateway at about the same
    time are the same questions, so that one answer can serve them all.
    """
    ordered = sorted(moments)
    if not ordered:
        return []
    first, last = ordered[0], mark_from(min(now, ordered[-1] + horizon), EVENLY)
    marked = _anyhow(first, ordered[-1], last)
    step = pages.step if pages else None
    if pages and step and (last - first) / step < len(marked):
        marked = set(_closing(pages, first, last, now - step, step))
    before = mark_until(first, CLOSELY) - _SECOND
    return sorted({end for end in (before, *marked, now) if end <= now})


def _closing(
    pages: Pages, first: datetime, last: datetime, seen: datetime, step: timedelta
) -> Iterator[datetime]:
    """The marks whose pages close the gaps, if each holds a step; from `seen` on all will be there."""
    for gap in reversed(pages.gaps(first, last)):
        seen = min(seen, gap.last[0])
        while seen > gap.first[0]:
            mark = mark_from(seen, CLOSELY)
            yield mark
            seen = mark - step


def _anyhow(first: datetime, newest: datetime, last: datetime) -> set[datetime]:
    """The marks that show even a busy gateway from the first withdrawal to the last moment."""
    step = EVENLY
    while (last - first) / step > MOST_SLICES:
        step *= 2
    near = {mark_from(moment, CLOSELY) for moment in (first, newest)}
    closely = {mark + times * CLOSELY for mark in near for times in (0, 1, 3)}
    return closely | {last, *marks(first, last, step)}
