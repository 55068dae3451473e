"""Decides which pages of a history to request, and makes the calls.

Pages end at ticks of a clock, so that diagnoses at about the same time send equal calls, which the
caches answer once.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from diag.chain.history.coverage import (
    LAST_INSTANCE,
    PAGE_SIZE,
    SAFETY_FACTOR,
    SECOND,
    Interval,
    Position,
    before,
    end_of_second,
    position_of,
)
from diag.chain.history.timeline import Pages
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Reply
from diag.chain.rpc.values import node_time
from diag.domain.account import Account
from diag.domain.operations import Created, Operation

COARSE_STEP = timedelta(hours=3)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_STEPS = sorted(times << doubled for doubled in range(32) for times in (1, 3))
"""1, 2, 3, 4, 6, 8, 12 … seconds."""


def ticks(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """Yield the ticks in [start, end] of a clock that ticks once per step."""
    tick = next_tick(start, step)
    while tick <= end:
        yield tick
        tick += step


def next_tick(moment: datetime, step: timedelta) -> datetime:
    """Return the first tick at or after a time."""
    return _ZERO - (_ZERO - moment) // step * step


def last_tick(moment: datetime, step: timedelta) -> datetime:
    """Return the last tick at or before a time."""
    return _ZERO + (moment - _ZERO) // step * step


def round_step(step: timedelta) -> timedelta:
    """Round a step to the nearest of `_STEPS`, so that similar steps give equal ticks."""
    seconds = max(1.0, step.total_seconds())
    return timedelta(seconds=min(_STEPS, key=lambda known: abs(math.log(known / seconds))))


MAX_PAGES_PER_WAVE = 24


def by_time(account: str, moment: datetime | None, limit: int | None = None) -> Call:
    """Request the newest operations up to a time.

    moment: None means now. limit: None means the node's maximum.
    """
    start = node_time(moment) if moment else None
    return methods.HISTORY_BY_TIME.call(account, limit, start)


PROBES = ("first", "newest_two", "newest")


def probes(account: str) -> dict[str, Call]:
    """Return calls that show whether a node keeps an account's history in full, pruned or in an
    index.
    """
    return {
        "first": methods.HISTORY_BY_NUMBER.call(account, 0, 1, 1),
        "newest_two": methods.HISTORY_BY_NUMBER.call(account, 0, 2, 0),
        "newest": methods.HISTORY_BY_ID.call(account, "1.11.0", 1, "1.11.0"),
    }


def trusted_first_operation(account: Account, replies: Mapping[Any, Reply]) -> Operation | None:
    """Return the account's first operation, from the replies to `probes`; None if it is not reliable.

    A node that hands its history to Elasticsearch keeps at most one operation per account, and
    then answers calls by sequence number with operations of other accounts.
    """
    pages: list[Any] = [replies[probe] for probe in PROBES]
    if not all(isinstance(page, list) and page for page in pages):
        return None
    [found, *_], two, _ = pages
    if len(two) == 1 and (account.genesis or two[0].id != found.id):
        return None  # one operation alone proves nothing unless it is the account's creation
    made = isinstance(found, Created) and found.account == account.id
    return found if made or account.genesis else None


def gap_calls(pages: Pages, gap: Interval) -> dict[Position, Call]:
    """Return one wave of calls that closes a gap, or most of it.

    The newest part is requested by id, which always makes progress; the rest, in slices by
    time. The calls are given by the position up to which their page is complete
    (`Pages.add_page`).
    """
    moment, number = below = before(gap.last)
    calls = {end_of_second(end): by_time(pages.account, end) for end in _slice_ends(pages, gap)}
    if 0 < number < LAST_INSTANCE - 1:
        limit = min(pages.page_size, PAGE_SIZE)
        newest = methods.HISTORY_BY_ID.call(pages.account, "1.11.0", limit, f"1.11.{number}")
        return {below: newest, **calls}
    return {end_of_second(moment): by_time(pages.account, moment), **calls}


def _slice_ends(pages: Pages, gap: Interval) -> Iterable[datetime]:
    """Return the ends of pages that cover the part of a gap which its newest page does not reach.

    Their distance follows from the density of the neighbouring page, times `SAFETY_FACTOR`. The
    first page still reaches back to the beginning of the gap; the last one ends where the
    newest page is expected to begin.
    """
    expected, (start, end) = _expected_operations(pages, gap), (gap.first[0], gap.last[0])
    count = min(MAX_PAGES_PER_WAVE, math.ceil(SAFETY_FACTOR * expected / pages.page_size))
    if count <= 1:
        return ()
    whole = end - start
    step, held = round_step(whole / count), whole * (pages.page_size / SAFETY_FACTOR / expected)
    left = start + whole * max(0.0, 1 - pages.page_size / expected)
    last = min(next_tick(left, step), end - SECOND)
    first = min(start + max(SECOND, held - step), last)
    return ticks(first, last, step)


def _expected_operations(pages: Pages, gap: Interval) -> float:
    """Estimate the number of operations in a gap from the density of the page above it."""
    newer = bisect_left(pages.ordered, gap.last, key=position_of)
    above = pages.ordered[newer : newer + PAGE_SIZE]
    if len(above) < 2:
        return 0
    seconds = max(1.0, (above[-1].at - above[0].at).total_seconds())
    return len(above) / seconds * (gap.last[0] - gap.first[0]).total_seconds()
