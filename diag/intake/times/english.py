"""Times as they are said in English, and dates in figures: Nov 21st 3pm, 3 days ago, 2026-11-21."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from dateutil.parser import ParserError, isoparse
from dateutil.parser import parse as read_date

from diag.intake.extract.numerals import WORDS, number
from diag.intake.normalized_text import each
from diag.intake.times import tokens
from diag.intake.times.tokens import UNITS, Atom, Clock, Day, Instant, Part, Span

_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NUMBER = rf"(?:[0-9]{{1,3}}(?:\.[0-9])?|{'|'.join(sorted(WORDS, key=len, reverse=True))})"
_YEAR = r"(?:,?\s{1,2}(?P<%s>20[0-9]{2})(?![0-9.:]))?"
_ISO = re.compile(
    r"(?<![0-9.])(20[0-9]{2}-[0-9]{2}-[0-9]{2})[t ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?![0-9:])"
)
_FIGURES = re.compile(
    r"(?<![0-9./:-])(?:(?P<ymd>20[0-9]{2}(?P<sep>[-/.])[0-9]{1,2}(?P=sep)[0-9]{1,2})"
    r"|(?P<dmy>[0-9]{1,2}(?P<sep2>[-/.])[0-9]{1,2}(?P=sep2)(?:20)?[0-9]{2})|(?P<dm>[0-9]{1,2}/[0-9]{1,2}))(?![0-9/:]|[.-][0-9](?![0-9]?:)|\s?(?:of|confirm))"
)
_NAMED = re.compile(
    rf"\b(?:(?P<m1>{_MONTHS})\s?(?P<d1>[0-3]?[0-9])(?:st|nd|rd|th)?(?![0-9.:]|\s?(?:btc|bts|%|am\b|pm\b)){_YEAR % 'y1'}"
    rf"|(?P<d2>[0-3]?[0-9])(?:st|nd|rd|th)?(?:\s|-)(?:of\s)?(?P<m2>{_MONTHS})\b{_YEAR % 'y2'})",
    re.ASCII,
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RELATIVE = re.compile(
    rf"\b(?:(?P<since>since\s)?(?:(?P<word>the day before yesterday|day before yesterday|yesterday|last night|tonight|today|this morning"
    rf"|this afternoon|this evening|earlier today|overnight|last week|this week|last month)"
    rf"|(?P<which>last |this |on |past )?(?P<weekday>{'|'.join(_DAYS)}|mon|tues?|wed|thur?s?|fri)\b)|(?P<now>just now|a moment ago|right now i sent))\b"
    rf"(?!'s)"
)
_WORDS: dict[str, tuple[Day, Part | None]] = {
    "the day before yesterday": (tokens.day(2), None), "day before yesterday": (tokens.day(2), None),
    "yesterday": (tokens.day(1), None), "last night": (tokens.day(1), Part(18, 30)),
    "overnight": (tokens.day(1), Part(18, 32)), "tonight": (tokens.day(0), Part(18, 26)),
    "today": (tokens.day(0), None), "earlier today": (tokens.day(0), None),
    "this morning": (tokens.day(0), Part(5, 12)), "this afternoon": (tokens.day(0), Part(12, 18)),
    "this evening": (tokens.day(0), Part(17, 24)), "last week": (tokens.week(1), None),
    "this week": (tokens.week(0), None), "last month": (tokens.last_month(), None),
}  # fmt: skip
_PART = re.compile(
    r"\b(?:(?:in the |at |early |late )?(?:early morning|morning|afternoon|evening|night|noon|midday|midnight))\b"
)
_PARTS = {"early morning": Part(2, 8), "morning": Part(5, 12), "afternoon": Part(12, 18), "evening": Part(17, 24),
          "night": Part(18, 28)}  # fmt: skip
_CLOCK = re.compile(
    r"(?<![0-9.:/#-])(?:(?P<h1>[01]?[0-9]|2[0-4])[:h](?P<m1>[0-5][0-9])(?::(?P<s1>[0-5][0-9]))?(?![0-9:])(?:\s?(?P<half1>[ap])\.?m\b\.?)?"
    r"|(?P<h2>1[0-2]|0?[1-9])(?:\.(?P<m2>[0-5][0-9]))?\s?(?P<half2>[ap])\.?m\b\.?|(?P<h3>1[0-2]|[1-9])\s?o'?clock)"
)
_SPAN = re.compile(
    rf"(?P<wait>\b(?:for|after|waiting|waited|been|over|already|since|pending|more than|almost|nearly|about|past|another|it's|its|is)\s(?:about |over |almost |more than |nearly |already |the |now |at least |around ){{0,2}})?"
    rf"(?<![0-9.,$-])\b(?P<count>{_NUMBER}|a few|few|several|many|a couple of|couple of|some)?\s?-?(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|weeks?|wks?|months?|years?)\b"
    rf"(?!\s?(?:fee|limit|delay for))(?P<half>\sand a half)?(?P<ago>\s(?:ago|back|earlier|before now))?(?P<after>\s(?:now|already|and (?:still |no|nothing)|later|passed|have passed|gone|of waiting|waiting|without))?"
)
_PROMISED = re.compile(
    r"\b(?:within|in|up to|every|per|max(?:imum)?|usual(?:ly)?|takes?|normal(?:ly)?|next|min(?:imum)?|each|than|to|or|average|until|lasts?|the|last|past|old)\s(?:the |about |only |to )?\Z|[0-9]\s?-\s?\Z"
)
"""What makes a length of time a promise or a habit rather than a wait."""
_EDGE = re.compile(r"(?:^|[,;.!?\n(，。；！？])\s*\Z")


def _by_itself(text: str, m: re.Match[str]) -> bool:
    """Whether a length of time is all that a clause says: "no memo, 72 hours, can I cancel"."""
    before = _EDGE.search(text[max(0, m.start() - 4) : m.start()])
    return bool(before) and bool(
        re.match(r"\s*(?:[,;!?\n)]|\.(?:\s|$)|$)", text[m.end() : m.end() + 4])
    )


_UNIT = {"min": "minute", "hou": "hour", "hrs": "hour", "hr": "hour", "h": "hour", "day": "day", "wee": "week",
         "wks": "week", "wk": "week", "mon": "month", "yea": "year"}  # fmt: skip
_ANY_COUNT = ("a few", "few", "several", "many", "some")


def atoms_en(text: str) -> Iterator[Atom]:
    """The parts of times in a text of small letters."""
    yield from _isos(text)
    yield from _figures(text)
    yield from _named(text)
    yield from _ordinals(text)
    yield from _relatives(text)
    yield from _parts(text)
    yield from _clocks(text)
    yield from _spans(text)


def _isos(text: str) -> Iterator[Atom]:
    for m in each(_ISO, text):
        try:
            yield Atom(*m.span(), Instant(isoparse(f"{m[1]}T{m[2]}").replace(tzinfo=None)))
        except ValueError:
            continue


def _figures(text: str) -> Iterator[Atom]:
    """Dates in figures; where day and month may be taken for each other, both readings."""
    for m in each(_FIGURES, text):
        if m["dm"]:
            first, second = map(int, m["dm"].split("/"))
            both = [tokens.on(first, second), tokens.on(second, first)]
        else:
            both = [_written(m[0], day_first) for day_first in (False, True)]
        readings = [what for what in both if what is not None]
        if m["dm"] and not _clock_near(text, m.end()) and first not in range(1, 13):
            readings = readings if second <= 12 else []
        if readings:
            yield Atom(*m.span(), _either(readings))


def _clock_near(text: str, end: int) -> bool:
    return bool(re.match(r"[\s,]{0,2}[0-9]{1,2}:[0-9]{2}", text[end:]))


def _written(text: str, day_first: bool) -> Day | None:
    """A date in figures; one that only the other order admits is not read in this one."""
    year_first = text[:4].isdigit()
    try:
        found = read_date(text, dayfirst=day_first and not year_first, yearfirst=year_first)
    except (ParserError, OverflowError, ValueError):
        return None
    return tokens.on(found.month, found.day, found.year)


def _either(days: list[Day]) -> Day:
    return Day(lambda today: tuple(sorted({r for d in days for r in d.readings(today)})))


def _named(text: str) -> Iterator[Atom]:
    for m in each(_NAMED, text):
        month, number_ = m["m1"] or m["m2"], m["d1"] or m["d2"]
        year = m["y1"] or m["y2"]
        if month.startswith("may") and m["d1"] and not m["y1"] and m["d1"].startswith("0"):
            continue
        try:
            found = read_date(f"{number_} {month.rstrip('.')} 2024")
        except (ParserError, OverflowError, ValueError):
            continue
        what = tokens.on(found.month, found.day, int(year) if year else None)
        if what is not None:
            since = text[max(0, m.start() - 6) : m.start()] == "since "
            yield Atom(*m.span(), Day(what.readings, since))


_ORDINAL = re.compile(
    r"\b(?:on )?the (?P<day>[0-3]?[0-9])(?:st|nd|rd|th)\b(?! (?:time|of|block|conf|try|day|week))"
)


def _ordinals(text: str) -> Iterator[Atom]:
    for m in each(_ORDINAL, text):
        what = tokens.of_month(int(m["day"]))
        if what is not None:
            yield Atom(m.start("day") - 4, m.end(), what)


def _relatives(text: str) -> Iterator[Atom]:
    for m in each(_RELATIVE, text):
        start = m.end("since") if m["since"] else m.start()
        if m["now"]:
            yield Atom(*m.span(), Span(timedelta(0), timedelta(hours=1), waited=False))
        elif m["word"]:
            what, part = _WORDS[m["word"]]
            end = m.end() - bool(part)  # the word is the day, its last letter the part of it
            yield Atom(start, end, Day(what.readings, bool(m["since"])))
            if part:
                yield Atom(end, m.end(), part)
        else:
            index = next(n for n, name in enumerate(_DAYS) if name[:3] == m["weekday"][:3])
            what = _last(index) if m["which"] == "last " else tokens.weekday(index)
            yield Atom(start, m.end(), Day(what.readings, bool(m["since"])))


def _last(index: int) -> Day:
    """ "last Friday": the latest one before today."""

    def readings(today: date) -> tokens.Days:
        found = today - timedelta(days=(today.weekday() - index - 1) % 7 + 1)
        return ((found, found),)

    return Day(readings)


def _parts(text: str) -> Iterator[Atom]:
    for m in each(_PART, text):
        word = re.sub(r"^(?:in the |at |late |early (?!morning))", "", m[0])
        if word in ("noon", "midday"):
            yield Atom(*m.span(), Clock(12, None, sure=True))
        elif word == "midnight":
            yield Atom(*m.span(), Clock(0, None, sure=True))
        else:
            yield Atom(*m.span(), _PARTS[word])


def _clocks(text: str) -> Iterator[Atom]:
    for m in each(_CLOCK, text):
        hour = int(m["h1"] or m["h2"] or m["h3"])
        minute = int(m["m1"] or m["m2"] or 0)
        half = m["half1"] or m["half2"]
        if half:
            hour = hour % 12 + 12 * (half == "p") if hour <= 12 else hour
        written = m["h1"] is not None and (len(m["h1"]) == 2 or hour > 12)
        said = minute if m["m1"] or m["m2"] else None
        second = int(m["s1"]) if m["s1"] else None
        name = f"{half}m" if half else None
        yield Atom(*m.span(), Clock(hour, said, second, name, sure=bool(half) or written))


def _spans(text: str) -> Iterator[Atom]:
    for m in each(_SPAN, text):
        counted = m["count"]
        if not counted and not (m["unit"].endswith("s") and m["wait"]):
            continue
        if m["unit"] == "h" and not (counted and counted[0].isdigit()):
            continue
        sure = bool(m["ago"] or m["wait"] or m["after"] or _by_itself(text, m))
        if not sure and (
            not counted or _PROMISED.search(text[max(0, m.start() - 24) : m.start()])
        ):
            continue
        if counted in ("a", "an", "one") and not m["ago"] and not m["wait"]:
            continue
        length, slack = UNITS[_UNIT.get(m["unit"], _UNIT.get(m["unit"][:3], "hour"))]
        start = m.start("count") if counted else m.start("unit")
        end = m.end("ago") if m["ago"] else m.end("half") if m["half"] else m.end("unit")
        if not counted or counted in _ANY_COUNT:
            yield Atom(start, end, Span(None, slack, not m["ago"], sure))
            continue
        couple = counted.endswith("couple of")
        many = 2.0 if couple else float(number(counted) or 0)
        total = length * many + (length / 2 if m["half"] else timedelta(0))
        yield Atom(start, end, Span(total, slack * 2 if couple else slack, not m["ago"], sure))
