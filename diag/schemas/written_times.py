"""Reads unambiguous dates and times as spreadsheets and people write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from diag.domain.folding import fold
from diag.schemas.mistakes import Mistake

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<y>[0-9]{4})\s?[-/.年]\s?(?P<m>[0-9]{1,2})\s?[-/.月]\s?(?P<d>[0-9]{1,2})\s?日?"
)
_NAMED = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s)?"
    rf"(?:(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?[-/. ]?(?P<m>{_MONTH})\.?[-/., ]{{1,2}}"
    rf"|(?P<m2>{_MONTH})\.?[- ](?P<d2>[0-9]{{1,2}})(?:st|nd|rd|th)?[-, ]{{1,2}})(?P<y>[0-9]{{4}})"
)
_YEAR_LAST = re.compile(r"(?P<a>[0-9]{1,2})[-/.](?P<b>[0-9]{1,2})[-/.](?P<y>[0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/. ](?:[0-9]{1,2}|[a-z]{3,9})[-/. ]'?[0-9]{2}(?![0-9:])")
_CLOCK_IN_CHINESE = re.compile(
    r"(?P<h>[0-9]{1,2})时(?P<mi>[0-9]{1,2})分(?:(?P<s>[0-9]{1,2})秒)?"
)
_TIME = re.compile(
    r"[t,\s]*(?P<half>上午|下午|am|pm)?\s?(?P<h>[0-9]{1,2}):(?P<mi>[0-9]{2})"
    r"(?::(?P<s>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r"\s?(?P<half2>am|pm)?\s?(?P<zone>z|(?:utc|gmt)?(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?)\Z"
)
_COMPACT = re.compile(
    r"(20[0-9]{2})([01][0-9])([0-3][0-9])(?:[t ]?([0-2][0-9])([0-5][0-9])([0-5][0-9])?)?\Z"
)
_EPOCH = re.compile(r"(1[4-9][0-9]{8}|2[0-9]{9})([0-9]{3})?\Z")
"""Unix time in seconds or milliseconds, from 2014 on."""
_SERIAL = re.compile(r"(?:4[2-9]|5[0-9])[0-9]{3}(?:\.(?P<fraction>[0-9]{1,12}))?\Z")
"""A spreadsheet's number for a date between 2014 and 2064."""
_EXACT_DECIMALS = 4
"""With this many decimals, a serial number is exact to a few seconds."""
_DAY_ZERO = date(1899, 12, 30)
"""Day 0 of the serial numbers that spreadsheets use for dates."""


def read_time(text: str) -> datetime | date:
    """The time in a text: aware if it has an offset, else naive; a date if it has no time of day.

    Raises Mistake if it is ambiguous, has a two-digit year, or is not a time.
    """
    low = fold(text).lower()
    if match := _COMPACT.match(low):
        year, month, day, *clock = match.groups()
        found = _date(int(year), int(month), int(day))
        if clock[0] is None:
            return found
        return _at(found, *(int(part or 0) for part in clock))
    if match := _EPOCH.match(low):
        return datetime.fromtimestamp(int(match[1]), UTC)
    if match := _SERIAL.match(low):
        return _serial(low, match["fraction"])
    return _spelled(low)


def _serial(text: str, fraction: str | None) -> datetime | date:
    at = datetime.combine(_DAY_ZERO, time.min) + timedelta(seconds=round(float(text) * 86400))
    if fraction is None:
        return at.date()
    if at.second and len(fraction) < _EXACT_DECIMALS:  # rounded by up to minutes
        raise Mistake("value.time")
    return at


def _spelled(low: str) -> datetime | date:
    if match := _YEAR_FIRST.match(low):
        found = _date(*(int(match[name]) for name in "ymd"))
    elif match := _NAMED.match(low):
        month = _MONTHS.split().index((match["m"] or match["m2"])[:3]) + 1
        found = _date(int(match["y"]), month, int(match["d"] or match["d2"]))
    elif match := _YEAR_LAST.match(low):
        found = _either_order(int(match["y"]), int(match["a"]), int(match["b"]))
    elif _SHORT_YEAR.match(low):
        raise Mistake("value.short_year")
    else:
        raise Mistake("value.time")
    rest = low[match.end() :]
    return _with_time(found, rest) if rest.strip() else found


def _either_order(year: int, first: int, second: int) -> date:
    """Day and month in the only valid order; raises Mistake if both orders are valid."""
    if first != second and max(first, second) <= 12:
        one, other = f"{year}-{first:02}-{second:02}", f"{year}-{second:02}-{first:02}"
        raise Mistake("value.day_or_month", one=one, other=other)
    return _date(year, min(first, second), max(first, second))


def _with_time(day: date, rest: str) -> datetime:
    clock = _CLOCK_IN_CHINESE.sub(lambda m: f"{m['h']}:{m['mi']:0>2}:{m['s'] or 0:0>2}", rest)
    match = _TIME.match(clock.replace("a.m.", "am").replace("p.m.", "pm"))
    if not match:
        raise Mistake("value.time")
    hour = int(match["h"])
    half = match["half"] or match["half2"]
    if half:
        if not 1 <= hour <= 12:
            raise Mistake("value.time")
        hour = hour % 12 + (12 if half in ("下午", "pm") else 0)
    found = _at(day, hour, int(match["mi"]), int(match["s"] or 0))
    return found.replace(tzinfo=_offset(match["zone"])) if match["zone"] else found


def _offset(zone: str) -> timezone:
    digits = re.sub(r"[^0-9]", "", zone)
    if not digits:
        return UTC
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    length = timedelta(hours=int(hours), minutes=int(minutes))
    if length > timedelta(hours=14) or int(minutes) > 59:
        raise Mistake("value.time")
    return timezone(-length if "-" in zone else length)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Mistake("value.no_such_time") from None


def _at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    try:
        return datetime.combine(day, time(hour, minute, second))
    except ValueError:
        raise Mistake("value.no_such_time") from None
