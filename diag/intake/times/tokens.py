"""The parts that a stated time is composed of: a day, a part of a day, a clock time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

Days = tuple[tuple[date, date], ...]
"""Readings of a stated day: first and last day of each."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day, week or month, relative to today."""

    readings: Callable[[date], Days]
    since: bool = False
    relative: bool = False
    """Whether it is relative, so that it means another day when said on another day."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a day: from one hour to another, which may be on the next day."""

    start: int
    end: int
    clock: tuple[int, int]
    """The hours that a clock beside it may show: 下午 covers 12 to 23, 上午 0 to 11."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time; half: "am", "pm" or None; sure: the hour is unambiguous."""

    hour: int
    minute: int | None
    second: int | None = None
    half: str | None = None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A duration back from now; None if no number is given."""

    length: timedelta | None
    slack: timedelta
    waited: bool
    sure: bool = True
    """False if nothing but the duration is stated, so that it may not be a wait."""


@dataclass(frozen=True, slots=True)
class Instant:
    """Seconds or milliseconds since 1970; `at` is aware UTC."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone, as the text names it."""

    words: str


@dataclass(frozen=True, slots=True)
class Atom:
    """One part of a stated time, and its place in the text."""

    start: int
    end: int
    what: Day | Part | Clock | Span | Instant | Zone


UNITS = {
    # unit: (its length, how far "n units ago" may be off)
    "minute": (timedelta(minutes=1), timedelta(minutes=30)),
    "hour": (timedelta(hours=1), timedelta(hours=1)),
    "day": (timedelta(days=1), timedelta(days=1)),
    "week": (timedelta(days=7), timedelta(days=3)),
    "month": (timedelta(days=30), timedelta(days=10)),
    "year": (timedelta(days=365), timedelta(days=30)),
}


def day(back: int, ahead: int = 0) -> Day:
    """The day this many days before today, and as many days after it as ahead says."""
    return Day(
        lambda today: ((today - timedelta(days=back), today - timedelta(days=back - ahead)),),
        relative=True,
    )


def on(month: int, number: int, year: int | None = None) -> Day | None:
    """A calendar date; without a year, the latest such day that is not in the future."""
    try:
        date(year or 2024, month, number)
    except ValueError:
        return None
    return Day(lambda today: tuple(_dated(today, month, number, year)))


def _dated(today: date, month: int, number: int, year: int | None) -> list[tuple[date, date]]:
    if year is not None:
        found = date(year, month, number)
        return [(found, found)]
    for back in range(9):
        try:
            found = date(today.year - back, month, number)
        except ValueError:
            continue
        if found <= today + timedelta(days=1):
            return [(found, found)]
    return []


def weekday(index: int, weeks_back: int | None = None, since: bool = False) -> Day:
    """A day of the week (Monday is 0): in this or an earlier week, or the latest one so far."""

    def readings(today: date) -> Days:
        monday = today - timedelta(days=today.weekday())
        if weeks_back is None:
            found = today - timedelta(days=(today.weekday() - index) % 7)
        else:
            found = monday + timedelta(days=index - 7 * weeks_back)
        return ((found, found),)

    return Day(readings, since, relative=True)


def week(back: int) -> Day:
    """A whole week, from Monday."""

    def readings(today: date) -> Days:
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return ((monday, monday + timedelta(days=6)),)

    return Day(readings, relative=True)


def last_month() -> Day:
    """The month before this one."""

    def readings(today: date) -> Days:
        end = today.replace(day=1) - timedelta(days=1)
        return ((end.replace(day=1), end),)

    return Day(readings, relative=True)


def of_month(number: int | None, back: int | None = None) -> Day | None:
    """Day n of a month: of the month this many back, or of the latest month that has reached it."""
    if number is None or not 1 <= number <= 31:
        return None

    def readings(today: date) -> Days:
        for months in (0, 1, 2) if back is None else (back,):
            index = today.year * 12 + today.month - 1 - months
            found = exactly(index // 12, index % 12 + 1, number)
            if found and (back is not None or found[0][0] <= today):
                return found
        return ()

    return Day(readings, relative=True)


def exactly(year: int, month: int, number: int) -> Days:
    """One calendar date, or none if it does not exist."""
    try:
        found = date(year, month, number)
    except ValueError:
        return ()
    return ((found, found),)
