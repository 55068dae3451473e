"""Times as they are said in English: Nov 21st, last Friday around noon, 3 days ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from diag.intake.extract.numerals import WORDS, number
from diag.intake.normalized_text import each
from diag.intake.times import tokens
from diag.intake.times.tokens import UNITS, Atom, Clock, Day, Part, Span

_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_MONTH_NAMES = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_NUMBER = rf"(?:[0-9]{{1,3}}(?:\.[0-9])?|{'|'.join(sorted(WORDS, key=len, reverse=True))})"
_YEAR = r"(?:,?[\s-]{1,2}(?P<%s>20[0-9]{2}|'[0-9]{2}|(?<=-)[0-9]{2}|[0-9]{2}(?=[ ,]{1,2}[0-9]{1,2}:[0-9]{2}))(?![0-9]|[.:][0-9]))?"
_NAMED = re.compile(
    rf"\b(?:(?P<m1>{_MONTHS})\s?(?P<d1>[0-3]?[0-9])(?:st|nd|rd|th)?(?![0-9]|[.:][0-9]|\s?(?:btc|bts|%|am\b|pm\b))(?:{_YEAR % 'y1'})"
    r"(?=(?:,?\s[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s(?:utc|gmt|[a-z]{3,4}t))?\s(?P<y3>20[0-9]{2})(?![0-9.:]))?)"
    rf"|(?P<d2>[0-3]?[0-9]) ?(?:st|nd|rd|th)?(?:\s|-)(?:of\s)?(?P<m2>{_MONTHS})\b{_YEAR % 'y2'})",
    re.ASCII,
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RELATIVE = re.compile(
    rf"\b(?:(?P<since>since\s)?(?:(?P<word>the day before yesterday|day before yesterday|yesterday|last night|tonight|today|this morning"
    rf"|this afternoon|this evening|earlier today|overnight|last week|this week|last month)"
    rf"|(?P<which>last |this |on |past )?(?P<weekday>{'|'.join(_DAYS)}|mon|tues?|wed|thur?s?|fri)\b)|(?P<now>just now|a moment ago|right now i sent))\b"
    rf"(?!'s)"
)
_MORNING, _AFTERNOON, _NIGHT = (0, 12), (12, 20), (16, 30)
_WORDS: dict[str, tuple[Day, Part | None]] = {
    "the day before yesterday": (tokens.day(2), None), "day before yesterday": (tokens.day(2), None),
    "yesterday": (tokens.day(1), None), "last night": (tokens.day(1), Part(18, 30, _NIGHT)),
    "overnight": (tokens.day(1), Part(18, 32, _NIGHT)), "tonight": (tokens.day(0), Part(18, 26, _NIGHT)),
    "today": (tokens.day(0), None), "earlier today": (tokens.day(0), None),
    "this morning": (tokens.day(0), Part(5, 12, _MORNING)), "this afternoon": (tokens.day(0), Part(12, 18, _AFTERNOON)),
    "this evening": (tokens.day(0), Part(17, 24, _NIGHT)), "last week": (tokens.week(1), None),
    "this week": (tokens.week(0), None), "last month": (tokens.last_month(), None),
}  # fmt: skip
_PART = re.compile(
    r"\b(?:(?:in the |at |early |late )?(?:early morning|morning|afternoon|evening|night|noon|midday|midnight))\b"
)
_PARTS = {"early morning": Part(2, 8, _MORNING), "morning": Part(5, 12, _MORNING), "afternoon": Part(12, 18, _AFTERNOON), "evening": Part(17, 24, _NIGHT),
          "night": Part(18, 28, _NIGHT)}  # fmt: skip
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
    yield from _named(text)
    yield from _ordinals(text)
    yield from _relatives(text)
    yield from _parts(text)
    yield from _spans(text)


def _named(text: str) -> Iterator[Atom]:
    for m in each(_NAMED, text):
        name, number_ = m["m1"] or m["m2"], m["d1"] or m["d2"]
        year = m["y1"] or m["y2"] or m["y3"]
        if name.startswith("may") and m["d1"] and not year and m["d1"].startswith("0"):
            continue
        month = _MONTH_NAMES.index(name[:3]) + 1
        what = tokens.on(month, int(number_), _year(year))
        if what is not None:
            since = text[max(0, m.start() - 6) : m.start()] == "since "
            yield Atom(*m.span(), replace(what, since=since))


_ORDINAL = re.compile(
    r"\b(?:on )?the (?P<day>[0-3]?[0-9])(?:st|nd|rd|th)\b(?! (?:time|of|block|conf|try|day|week))"
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
            what, part = _WORDS[m["word"]]
            end = m.end() - bool(part)  # the word is the day, its last letter the part of it
            yield Atom(start, end, replace(what, since=bool(m["since"])))
            if part:
                yield Atom(end, m.end(), part)
        else:
            index = next(n for n, name in enumerate(_DAYS) if name[:3] == m["weekday"][:3])
            what = _last(index) if m["which"] == "last " else tokens.weekday(index)
            yield Atom(start, m.end(), replace(what, since=bool(m["since"])))


def _last(index: int) -> Day:
    """ "last Friday": the latest one before today."""

    def readings(today: date) -> tokens.Days:
        found = today - timedelta(days=(today.weekday() - index - 1) % 7 + 1)
        return ((found, found),)

    return Day(readings, relative=True)


def _parts(text: str) -> Iterator[Atom]:
    for m in each(_PART, text):
        word = re.sub(r"^(?:in the |at |late |early (?!morning))", "", m[0])
        if word in ("noon", "midday"):
            yield Atom(*m.span(), Clock(12, None, sure=True))
        elif word == "midnight":
            yield Atom(*m.span(), Clock(0, None, sure=True))
        else:
            yield Atom(*m.span(), _PARTS[word])


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
