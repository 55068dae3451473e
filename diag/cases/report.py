"""Computes the figures of a desk over a period: times, open cases, right verdicts, satisfaction.
Pure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from statistics import fmean
from typing import Literal

By = Literal["gateway", "code", "lang", "agent"]
Every = Literal["day", "week"]
DAYS = 35
"""The longest period, in days, that is shown by day; longer ones are shown by week by default."""
_Z = 1.959963984540054
"""The quantile of the normal distribution for an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """The fields of a case that a report needs. Times are aware; None means unknown or absent."""

    opened: datetime
    answered: datetime | None
    """When somebody first sent the user a reply."""
    closed: datetime | None
    is_open: bool
    promised: datetime | None
    """When the last verdict expects the money to arrive; without such a time a case is never overdue."""
    gateway: str | None
    code: str
    lang: str
    agent: str | None
    judged: str | None
    """The code of the assessed verdict."""
    right: bool | None
    really: str | None
    """The code that would have been right for a wrong verdict; None if nobody named it."""
    score: int | None
    """1 to 5."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took: the number of cases for which it is known, and seconds; None without
    cases.
    """

    count: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """The number and share of right ones, with the 95 % Wilson interval; None if there are none at
    all.
    """

    count: int
    right: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Ratings from 1 to 5: their number, their mean (None without ratings), and the number of each
    score.
    """

    count: int
    mean: float | None
    scores: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a set of cases."""

    cases: int
    open: int
    """Still open or waiting now."""
    overdue: int
    """Open cases whose expected time has passed."""
    first_answer: Times
    """From the opening to the first reply that somebody sent."""
    resolution: Times
    """From the opening to the end: resolved or closed."""
    verdicts: Share
    satisfaction: Satisfaction


@dataclass(frozen=True, slots=True)
class Group:
    """The cases that share a gateway, code, language or agent; key is None for those without."""

    key: str | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class Judged:
    """The assessed verdicts of one code.

    really: right code → number of wrong verdicts that should have had it; the most frequent first.
    """

    code: str
    verdicts: Share
    really: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Bucket:
    """The cases that were opened in a day or week, from `start` on."""

    start: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """The cases opened in [start, end), in their current state.

    total: all of them. groups: by `by` (gateway, code, lang or agent), the largest first. verdicts:
    right verdicts by code, the most frequently assessed first. trend: the days or weeks (`every`) of
    the period in order, including those without cases; each begins at midnight of the time zone of
    `start`, a week on Monday. complete: False where there were more cases than a report reads; it
    is then of the newest.
    """

    start: datetime
    end: datetime
    by: By
    every: Every
    total: Figures
    groups: tuple[Group, ...]
    verdicts: tuple[Judged, ...]
    trend: tuple[Bucket, ...]
    complete: bool


def report(
    rows: Sequence[CaseRow],
    start: datetime,
    end: datetime,
    now: datetime,
    by: By = "gateway",
    every: Every | None = None,
    *,
    zone: tzinfo | None = None,
    complete: bool = True,
) -> Report:
    """The report of the cases of a period; zone: the time zone of the days, by default that of
    `start`.
    """
    if zone:
        start, end = start.astimezone(zone), end.astimezone(zone)
    every = every or ("day" if end - start <= timedelta(days=DAYS) else "week")
    return Report(
        start=start,
        end=end,
        by=by,
        every=every,
        total=figures(rows, now),
        groups=_groups(rows, _KEYS[by], now),
        verdicts=_judged(rows),
        trend=_trend(rows, start, end, every, now),
        complete=complete,
    )


def figures(rows: Sequence[CaseRow], now: datetime) -> Figures:
    """The figures of these cases at the time now."""
    judged = [row.right for row in rows if row.right is not None]
    return Figures(
        cases=len(rows),
        open=sum(row.is_open for row in rows),
        overdue=sum(_is_overdue(row, now) for row in rows),
        first_answer=_times((row.opened, row.answered) for row in rows),
        resolution=_times((row.opened, row.closed) for row in rows),
        verdicts=share(sum(judged), len(judged)),
        satisfaction=_satisfaction([row.score for row in rows if row.score is not None]),
    )


def share(right: int, count: int) -> Share:
    """The share of right ones, with its Wilson interval."""
    if not count:
        return Share(0, 0, None, None, None)
    found, square = right / count, _Z * _Z
    middle = found + square / (2 * count)
    spread = _Z * math.sqrt(found * (1 - found) / count + square / (4 * count * count))
    scale = 1 + square / count
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return Share(count, right, found, max(0.0, low), min(1.0, high))


def percentile(ordered: Sequence[float], part: float) -> float:
    """The quantile of sorted values at a share from 0 to 1, with linear interpolation."""
    place = part * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


_KEYS: Mapping[By, Callable[[CaseRow], str | None]] = {
    "gateway": lambda row: row.gateway,
    "code": lambda row: row.code,
    "lang": lambda row: row.lang,
    "agent": lambda row: row.agent,
}


def _is_overdue(row: CaseRow, now: datetime) -> bool:
    return row.is_open and row.promised is not None and row.promised < now


def _times(spans: Iterable[tuple[datetime, datetime | None]]) -> Times:
    seconds = sorted(
        max(0.0, (end - start).total_seconds()) for start, end in spans if end is not None
    )
    if not seconds:
        return Times(0, None, None)
    return Times(len(seconds), percentile(seconds, 0.5), percentile(seconds, 0.95))


def _satisfaction(scores: Sequence[int]) -> Satisfaction:
    each = Counter(scores)
    mean = fmean(scores) if scores else None
    return Satisfaction(len(scores), mean, (each[1], each[2], each[3], each[4], each[5]))


def _groups(
    rows: Sequence[CaseRow], key: Callable[[CaseRow], str | None], now: datetime
) -> tuple[Group, ...]:
    found: dict[str | None, list[CaseRow]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    order = sorted(found, key=lambda name: (-len(found[name]), name is None, name or ""))
    return tuple(Group(name, figures(found[name], now)) for name in order)


def _judged(rows: Iterable[CaseRow]) -> tuple[Judged, ...]:
    found: dict[str, list[CaseRow]] = {}
    for row in rows:
        if row.judged is not None and row.right is not None:
            found.setdefault(row.judged, []).append(row)
    order = sorted(found, key=lambda code: (-len(found[code]), code))
    return tuple(
        Judged(
            code,
            share(sum(bool(row.right) for row in found[code]), len(found[code])),
            dict(Counter(row.really for row in found[code] if row.really).most_common()),
        )
        for code in order
    )


def _trend(
    rows: Iterable[CaseRow], start: datetime, end: datetime, every: Every, now: datetime
) -> tuple[Bucket, ...]:
    zone = start.tzinfo
    place = {begin: number for number, begin in enumerate(_begins(start, end, every))}
    found: list[list[CaseRow]] = [[] for _ in place]
    for begin, same in groupby(
        rows, key=lambda row: _begin(row.opened.astimezone(zone), every)
    ):
        if begin in place:
            found[place[begin]] += same
    return tuple(Bucket(begin, figures(found[number], now)) for begin, number in place.items())


def _begins(start: datetime, end: datetime, every: Every) -> Iterable[datetime]:
    step = timedelta(days=1 if every == "day" else 7)
    begin = _begin(start, every)
    while begin < end:
        yield begin
        begin = _begin(
            begin + step + timedelta(hours=12), every
        )  # a day may have 23 or 25 hours


def _begin(moment: datetime, every: Every) -> datetime:
    """Midnight of the day, or of the Monday before."""
    days = moment.weekday() if every == "week" else 0
    return moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) - timedelta(days)
