"""Reads times in English: Nov 21st, last Friday around noon, 3 days ago."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from diag.intake.cues import Cue, any_of, cue, facts
from diag.intake.extract.numerals import number, small_numbers
from diag.intake.normalized_text import each
from diag.intake.times import tokens
from diag.intake.times.tokens import UNITS, Atom, Clock, Day, Part, Span

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_APART = r"(?<![a-z0-9][-_.@])"
"""Not inside of a name such as sol-y-mar5 or fri-day9."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_YEAR = r"(?:,?[\s-]{1,2}(?P<%s>20[0-9]{2}|'[0-9]{2}|(?<=-)[0-9]{2}|[0-9]{2}(?=[ ,]{1,2}[0-9]{1,2}:[0-9]{2}))(?![0-9]|[.:][0-9]))?"


def _named_pattern() -> str:
    month = rf"{any_of('times.month_en')}\.?"
    return (
        rf"{_APART}\b(?:(?P<m1>{month})(?:\s?|-(?=[0-3]?[0-9]-20[0-9]{{2}}))(?P<d1>[0-3]?[0-9])(?:st|nd|rd|th)?"
        rf"(?![0-9]|[.:][0-9]|-[a-z]|\s?{any_of('times.not_a_day_en')})(?:{_YEAR % 'y1'})"
        r"(?=(?:,?\s[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s(?:utc|gmt|[a-z]{3,4}t))?\s(?P<y3>20[0-9]{2})(?![0-9.:]))?)"
        rf"|(?P<d2>[0-3]?[0-9]) ?(?:st|nd|rd|th|\.)?(?:\s|-)(?:of\s)?(?P<m2>{month})\b{_YEAR % 'y2'}"
        rf"|(?P<d3>[0-3][0-9])(?P<m3>{month})(?P<y4>(?:20)?[0-9]{{2}})(?![0-9a-z.:]))"
    )


def _relative_pattern() -> str:
    words = [
        *facts("times.days_back_en"), *facts("times.weeks_back_en"), *facts("times.months_back_en"),
    ]  # fmt: skip
    return (
        rf"{_APART}\b(?:(?P<since>since\s)?(?:(?P<word>{'|'.join(sorted(words, key=len, reverse=True))})"
        rf"|(?P<which>{any_of('times.which_week_en')})?(?P<weekday>{any_of('times.weekday_en')})\b)"
        rf"|(?P<now>{any_of('times.now_en')}))\b(?!'s|-[a-z0-9])"
    )


def _span_pattern() -> str:
    number = "|".join(sorted(small_numbers(), key=len, reverse=True))
    return (
        rf"(?P<wait>\b{any_of('times.wait_en')}\s{any_of('times.wait_more_en')}{{0,2}})?"
        rf"(?<![0-9.,$-])\b(?P<count>[0-9]{{1,3}}(?:\.[0-9])?|{number}|{any_of('times.some_en')})?"
        rf"\s?-?(?P<unit>{any_of('times.unit_en')})\b(?!\s?{any_of('times.no_wait_en')})"
        rf"(?P<half>\sand a half)?(?P<ago>\s{any_of('times.ago_en')})?(?P<after>\s{any_of('times.after_en')})?"
    )


_NAMED = Cue(_named_pattern, "times.month_en", re.ASCII)
_RELATIVE = Cue(_relative_pattern, "times.days_back_en")
_SPAN = Cue(_span_pattern, "times.unit_en")
_PART = Cue(
    lambda: (
        rf"{_APART}\b{any_of('times.before_part_en')}?(?P<part>{any_of('times.part_en')})\b(?!-[a-z0-9])"
    ),
    "times.part_en",
)
_PROMISED = Cue(
    lambda: (
        rf"\b{any_of('times.promised_en')}\s{any_of('times.promised_more_en')}?\Z|[0-9]\s?-\s?\Z"
    ),
    "times.promised_en",
)
"""Words that make a duration a promise or a habit instead of a wait."""
_ANY_COUNT = cue("times.any_en")
_EDGE = re.compile(r"(?:^|[,;.!?\n(，。；！？])\s*\Z")


def _by_itself(text: str, m: re.Match[str]) -> bool:
    """Whether a clause consists only of a duration: "no memo, 72 hours, can I cancel"."""
    before = _EDGE.search(text[max(0, m.start() - 4) : m.start()])
    return bool(before) and bool(
        re.match(r"\s*(?:[,;!?\n)]|\.(?:\s|$)|$)", text[m.end() : m.end() + 4])
    )


def atoms_en(text: str) -> Iterator[Atom]:
    """The parts of times in a lower-case text."""
    yield from _named(text)
    yield from _ordinals(text)
    yield from _relatives(text)
    yield from _parts(text)
    yield from _spans(text)


def _named(text: str) -> Iterator[Atom]:
    for m in each(_NAMED, text):
        name, number_ = m["m1"] or m["m2"] or m["m3"], m["d1"] or m["d2"] or m["d3"]
        year = m["y1"] or m["y2"] or m["y3"] or m["y4"]
        if name.startswith("may") and m["d1"] and not year and m["d1"].startswith("0"):
            continue
        month = _MONTHS.index(name[:3]) + 1
        what = tokens.on(month, int(number_), _year(year))
        if what is not None:
            since = text[max(0, m.start() - 6) : m.start()] == "since "
            yield Atom(*m.span(), replace(what, since=since))


_ORDINAL = Cue(
    lambda: (
        rf"(?:\b(?:on )?the |(?<=day )|(?<=day, ))(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)\b(?! {any_of('times.not_ordinal_en')})"
    ),
    "times.not_ordinal_en",
)


def _year(text: str | None) -> int | None:
    digits = (text or "").strip("'")
    return int(digits) + 2000 * (len(digits) == 2) if digits else None


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
            what, part = _day(m["word"]), _with_part(m["word"])
            end = m.end() - bool(
                part
            )  # the match is the day, its last letter the part of the day
            yield Atom(start, end, replace(what, since=bool(m["since"])))
            if part:
                yield Atom(end, m.end(), part)
        else:
            index = _DAYS.index(m["weekday"][:3])
            what = _last(index) if m["which"] == "last " else tokens.weekday(index)
            yield Atom(start, m.end(), replace(what, since=bool(m["since"])))


def _day(word: str) -> Day:
    """The day, week or month that a word means."""
    days, weeks = facts("times.days_back_en"), facts("times.weeks_back_en")
    if word in days:
        return tokens.day(days[word])
    return tokens.week(weeks[word]) if word in weeks else tokens.last_month()


def _with_part(word: str) -> Part | None:
    """The part of the day that a word for a day includes, as in "tonight"."""
    parts = facts("times.days_with_part_en")
    return _part(parts[word]) if word in parts else None


def _part(hours: Sequence[int]) -> Part:
    start, end, first, last = hours
    return Part(start, end, (first, last))


def _last(index: int) -> Day:
    """ "last Friday": the latest one before today."""

    def readings(today: date) -> tokens.Days:
        found = today - timedelta(days=(today.weekday() - index - 1) % 7 + 1)
        return ((found, found),)

    return Day(readings, relative=True)


def _parts(text: str) -> Iterator[Atom]:
    for m in each(_PART, text):
        word = m["part"]
        if word in ("noon", "midday"):
            yield Atom(*m.span(), Clock(12, None, sure=True))
        elif word == "midnight":
            yield Atom(*m.span(), Clock(0, None, sure=True))
        else:
            yield Atom(*m.span(), _part(facts("times.parts_en")[word]))


def _unit(word: str) -> str:
    units = facts("times.units_en")
    return str(units.get(word) or units.get(word[:3], "hour"))


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
        length, slack = UNITS[_unit(m["unit"])]
        start = m.start("count") if counted else m.start("unit")
        end = m.end("ago") if m["ago"] else m.end("half") if m["half"] else m.end("unit")
        if not counted or _ANY_COUNT.fullmatch(counted):
            yield Atom(start, end, Span(None, slack, not m["ago"], sure))
            continue
        couple = counted.endswith("couple of")
        many = 2.0 if couple else float(number(counted) or 0)
        total = length * many + (length / 2 if m["half"] else timedelta(0))
        yield Atom(start, end, Span(total, slack * 2 if couple else slack, not m["ago"], sure))
