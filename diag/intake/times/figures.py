"""Reads numeric dates and clock times, in any language: 2026-11-21, 29/11/26, 03:05 PM, 1795964700.

If day, month and year are ambiguous, every reading is kept, except readings in the future.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from diag.intake.cues import Cue, any_of
from diag.intake.normalized_text import each
from diag.intake.times import tokens
from diag.intake.times.tokens import Atom, Clock, Day, Days, Instant

_DATE = re.compile(
    r"(?<![0-9./-])(?<![0-9]:)(?<![a-z][.-])(?:(?P<ymd>20[0-9]{2}(?P<sep>[-/.])[0-9]{1,2}(?P=sep)[0-9]{1,2})"
    r"|(?P<three>[0-9]{1,2}(?P<sep2>[-/.])[0-9]{1,2}(?P=sep2)(?:20)?[0-9]{2})|(?P<two>[0-9]{1,2}/[0-9]{1,2})"
    r"|(?P<short>[0-9]{1,2}[-.][0-9]{1,2})(?= {1,2}[0-9]{1,2}:[0-9]{2})"
    r"|(?P<dotted>[0-3]?[0-9]\.[01]?[0-9]\.)(?= {1,2}(?:at |um |[0-9]{1,2}:[0-9]{2})))"
    r"(?![0-9/]|:(?![0-9]{1,2}:[0-9]{2})|[.-][0-9](?![0-9]?:)| ?(?:of|confirm)|%)"
)
_COMPACT = re.compile(
    r"(?<![0-9a-z.])(?P<day>20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))"
    r"(?:(?= ?t?[0-9]{2}:[0-9]{2})| ?(?P<clock>(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?)(?![0-9a-z.]))"
)
_EPOCH = Cue(
    lambda: (
        rf"{any_of('times.epoch')}[ :=]{{0,3}}(?P<count>1[0-9]{{9}}(?:[0-9]{{3}})?)(?![0-9a-z.])"
    ),
    "times.epoch",
)
_CLOCK = re.compile(
    r"(?<![0-9.:/#-])(?:(?P<before>[ap])\.?m\.? ?)?(?:(?P<h1>[01]?[0-9]|2[0-4])[:h](?P<m1>[0-5][0-9])(?::(?P<s1>[0-5][0-9])(?:[.,][0-9]{1,6})?)?(?![0-9:])(?: ?(?P<half1>[ap])\.?m\b\.?)?"
    r"|(?P<h2>1[0-2]|0?[0-9])(?:\.(?P<m2>[0-5][0-9]))? ?(?P<half2>[ap])\.?m\b\.?|(?P<h3>1[0-2]|[1-9]) ?o'?clock|(?P<h4>[01]?[0-9]|2[0-3])\.(?P<m4>[0-5][0-9]) ?(?:hrs|uhr|o'clock)\b)"
)
_VERSION = Cue(lambda: rf"{any_of('times.version')}[ .:]{{0,2}}\Z", "times.version")
_SOONEST = timedelta(days=1)
"""Users in eastern time zones may write tomorrow's date."""
_LONGEST_BACK = 12
"""Years; a two-digit year is not read as one before that."""


def atoms_in_figures(text: str, today: date) -> Iterator[Atom]:
    """The dates and clock times in a lower-case text; today rules out readings in the future."""
    yield from _dates(text, today)
    yield from _compact(text)
    yield from _epochs(text)
    yield from _clocks(text)


def _dates(text: str, today: date) -> Iterator[Atom]:
    for m in each(_DATE, text):
        if _VERSION.search(text[max(0, m.start() - 10) : m.start()]):
            continue
        if m["dotted"]:
            both = [tokens.on(int(m[0].split(".")[1]), int(m[0].split(".")[0]))]
        elif m["two"] or m["short"]:
            first, second = (int(part) for part in re.split("[-/.]", m["two"] or m["short"]))
            clock = re.match(r"[ ,]{0,2}[0-9]{1,2}(?::[0-9]{2}| ?[ap]\.?m)", text[m.end() :])
            if (first > 12 and second > 12) or (not clock and first > 12):
                continue
            both = [tokens.on(first, second), tokens.on(second, first)]
        else:
            both = [tokens.on(d.month, d.day, d.year) for d in _written(m[0], today)]
        readings = [what for what in both if what is not None]
        if readings:
            yield Atom(*m.span(), _either(readings))


def _written(text: str, today: date) -> list[date]:
    """The days that three numbers may mean, in the usual orders of day, month and year."""
    parts = re.split("[-/.]", text)
    if len(parts[0]) == 4:
        orders = [(0, 1, 2)]
    elif len(parts[2]) == 4:
        orders = [(2, 1, 0), (2, 0, 1)]
    else:
        orders = [(2, 1, 0), (2, 0, 1), (0, 1, 2)]
    found = []
    for year, month, day in orders:
        whole = int(parts[year]) + (2000 if len(parts[year]) < 3 else 0)
        try:
            read = date(whole, int(parts[month]), int(parts[day]))
        except ValueError:
            continue
        near = today.year - _LONGEST_BACK <= read.year
        if len(parts[year]) == 4 or (near and read <= today + _SOONEST):
            found.append(read)
    return list(dict.fromkeys(found))


def _either(days: list[Day]) -> Day:
    def readings(today: date) -> Days:
        return tuple(sorted({reading for day in days for reading in day.readings(today)}))

    return Day(readings)


def _compact(text: str) -> Iterator[Atom]:
    """Compact forms: 20261129 before a clock time, and 202611291505 with the time included."""
    for m in each(_COMPACT, text):
        what = tokens.on(int(m["day"][4:6]), int(m["day"][6:]), int(m["day"][:4]))
        if what is None:
            continue
        yield Atom(*m.span("day"), what)
        if m["clock"]:
            hour, minute, *second = (
                int(m["clock"][i : i + 2]) for i in range(0, len(m["clock"]), 2)
            )
            yield Atom(
                *m.span("clock"), Clock(hour, minute, second[0] if second else None, sure=True)
            )


def _epochs(text: str) -> Iterator[Atom]:
    for m in each(_EPOCH, text):
        seconds = int(m["count"]) / (1000 if len(m["count"]) == 13 else 1)
        yield Atom(*m.span("count"), Instant(datetime.fromtimestamp(int(seconds), UTC)))


def _clocks(text: str) -> Iterator[Atom]:
    for m in each(_CLOCK, text):
        hour = int(m["h1"] or m["h2"] or m["h3"] or m["h4"])
        minute = int(m["m1"] or m["m2"] or m["m4"] or 0)
        half = m["half1"] or m["half2"] or m["before"]
        if half:
            hour = hour % 12 + 12 * (half == "p") if hour <= 12 else hour
        written = bool(m["h4"]) or (m["h1"] is not None and (len(m["h1"]) == 2 or hour > 12))
        said = minute if m["m1"] or m["m2"] or m["m4"] else None
        second = int(m["s1"]) if m["s1"] else None
        name = f"{half}m" if half else None
        yield Atom(*m.span(), Clock(hour, said, second, name, sure=bool(half) or written))
