"""Which pages to ask for: those that close a gap, and those that show how a gateway acted.

Pages end at marks of the clock, so that questions at about the same time are the same questions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from diag.chain.history.coverage import (
    CLOSELY,
    LAST_INSTANCE,
    PAGE,
    ROOM,
    SECOND,
    Key,
    Raw,
    Stretch,
    until,
)
from diag.chain.history.timeline import Pages, rows_of
from diag.chain.rpc.call import Call
from diag.chain.rpc.values import node_time

EVENLY = timedelta(hours=3)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_STEPS = sorted(times << doubled for doubled in range(32) for times in (1, 3))
"""1, 2, 3, 4, 6, 8, 12 … seconds."""


def marks(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """The moments of [start, end] at which a clock that ticks once a step does so."""
    mark = mark_from(start, step)
    while mark <= end:
        yield mark
        mark += step


def mark_from(moment: datetime, step: timedelta) -> datetime:
    """The first tick from a moment on."""
    return _ZERO - (_ZERO - moment) // step * step


def mark_until(moment: datetime, step: timedelta) -> datetime:
    """The last tick up to a moment."""
    return _ZERO + (moment - _ZERO) // step * step


def round_step(step: timedelta) -> timedelta:
    """The nearest of `_STEPS`: what is almost as far apart ticks alike."""
    seconds = max(1.0, step.total_seconds())
    return timedelta(seconds=min(_STEPS, key=lambda known: abs(math.log(known / seconds))))


MOST_PAGES_A_WAVE = 24


def by_time(account: str, moment: datetime | None, limit: int | None = None) -> Call:
    """The newest operations up to a moment; None is now, and for the limit the node's maximum."""
    start = node_time(moment) if moment else None
    return Call("history", "get_account_history_by_time", (account, limit, start))


def before(account: str, position: Key, limit: int) -> Call:
    """The newest operations below a position."""
    start = f"1.11.{position[1] - 1}"
    return Call("history", "get_account_history", (account, "1.11.0", limit, start))


def probes(account: str) -> dict[str, Call]:
    """What tells a pruned or index-backed node from a full one (node type, first operation)."""
    relative = "get_relative_account_history"
    return {
        "first": Call("history", relative, (account, 0, 1, 1)),
        "newest_two": Call("history", relative, (account, 0, 2, 0)),
        "newest": Call("history", "get_account_history", (account, "1.11.0", 1, "1.11.0")),
    }


def trusted_first(
    account_id: str, genesis: bool, first: object, newest_two: object, newest: object
) -> Raw | None:
    """The account's first operation, if the node can be believed about it.

    A node that hands its history to Elasticsearch keeps one local operation per account, or
    none, and then answers sequence questions with other accounts' operations.
    """
    firsts, two, latest = rows_of(first), rows_of(newest_two), rows_of(newest)
    if not firsts or not two or not latest:
        return None
    found = firsts[0]
    if len(two) == 1 and (genesis or two[0]["id"] != found["id"]):
        return None  # one operation alone proves nothing unless it is the account's creation
    made = found["op"][0] == 5 and found.get("result") == [1, account_id]
    return found if made or genesis else None


def fill(pages: Pages, gap: Stretch) -> dict[tuple[str, Key], Call]:
    """One wave of calls that closes a gap, or most of it, wherever its operations stand.

    The newest part is asked by id, which always makes progress; what a page leaves of it by time.
    """
    calls: dict[tuple[str, Key], Call] = {}
    if 1 < gap.last[1] < LAST_INSTANCE:
        calls["below", gap.last] = before(pages.account, gap.last, min(pages.page, PAGE))
    else:
        calls["until", gap.last] = by_time(pages.account, gap.last[0])
    for moment in _slices(pages, gap):
        calls["until", until(moment)] = by_time(pages.account, moment)
    return calls


def _slices(pages: Pages, gap: Stretch) -> Iterable[datetime]:
    """The ends of pages that show what the newest page of a gap leaves, where it leaves anything.

    They are as dense as the neighbouring page says, with `ROOM` to spare: the first stands where its
    page still reaches back to the beginning of the gap, the last where the newest page is to end.
    """
    expected, (start, end) = _expected(pages, gap), (gap.first[0], gap.last[0])
    count = min(MOST_PAGES_A_WAVE, math.ceil(ROOM * expected / pages.page))
    if count <= 1:
        return ()
    whole = end - start
    step, held = round_step(whole / count), whole * (pages.page / ROOM / expected)
    left = start + whole * max(0.0, 1 - pages.page / expected)
    last = min(mark_from(left, step), end - SECOND)
    first = min(start + max(SECOND, held - step), last)
    return marks(first, last, step)


def take(pages: Pages, asked: tuple[str, Key], rows: object) -> None:
    """Put the answer to one of the calls of `fill` where it belongs."""
    how, position = asked
    page = rows_of(rows)
    if page is None:
        return
    if how == "below":
        pages.add_below(position, page)
    else:
        pages.add_until(position[0], page)


def _expected(pages: Pages, gap: Stretch) -> float:
    """How many operations the gap may hold, from the density of the page just above it."""
    above = sorted(k for k in pages.keys.values() if k >= gap.last)[:PAGE]
    if len(above) < 2:
        return 0
    seconds = max(1.0, (above[-1][0] - above[0][0]).total_seconds())
    return len(above) / seconds * (gap.last[0] - gap.first[0]).total_seconds()


MOST_SLICES = 16


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
    before = mark_until(first, CLOSELY) - SECOND
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
