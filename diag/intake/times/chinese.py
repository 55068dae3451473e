"""Reads times in Chinese: 昨天下午三点半, 11月21号, 两个小时前, 已经等了5天."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from diag.intake.cues import Cue, any_of, cue, facts
from diag.intake.extract.numerals import number, whole
from diag.intake.normalized_text import each
from diag.intake.times import tokens
from diag.intake.times.tokens import UNITS, Atom, Clock, Day, Part, Span

_N = r"(?:[0-9]{1,3}(?:\.[0-9])?|[零一二三四五六七八九十百两廿半]{1,5})"
_WEEKDAY = dict(zip("一二三四五六日天末", (0, 1, 2, 3, 4, 5, 6, 6, 5), strict=True))

_DATE = Cue(
    lambda: (
        rf"(?:(?P<year>[0-9]{{4}}|[〇零一二三四五六七八九]{{4}}|[0-9]{{2}}|今|去|前)\s?年\s?)?(?P<month>{_N})\s?月(?:份)?\s?(?P<day>{_N})\s?(?:日|号)"
        rf"|(?:(?P<year2>[0-9]{{4}}|今|去)年\s?)(?P<month2>{_N})月(?:份)?(?!\s?[0-9])"
        rf"|(?P<said>{any_of('times.days_back_zh')})"
        rf"|(?P<week>{any_of('times.which_week_zh')})?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])"
        rf"|(?P<whole>{any_of('times.which_week_zh')})(?:周|星期|礼拜)(?![一二三四五六日天末])"
        rf"|(?P<month3>上个?|本|这个?)月(?P<day3>{_N})(?:日|号)|(?P<lastmonth>上个?月)"
        rf"|(?<![0-9月.,/-])(?P<alone>[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})号(?=\s?{any_of('times.day_of_month_zh')})"
        r"|(?<![0-9.])(?P<month4>1[0-2]|0?[1-9])\.(?P<day4>[0-3]?[0-9])(?:日|号)"
        rf"|(?P<now>{any_of('times.now_zh')})"
    ),
    "times.days_back_zh",
)
_PART = Cue(
    lambda: (
        "|".join(sorted((p for p in facts("times.parts_zh") if len(p) > 1), key=len)[::-1])
        + r"|[早晚](?=\s?[0-9一二三四五六七八九十])"
    ),
    "times.parts_zh",
)
_CLOCK = Cue(
    lambda: (
        rf"(?<![0-9.])(?P<hour>{_N})\s?{any_of('times.oclock_zh')}(?:(?P<half>半)|(?P<quarter>[一三])刻"
        r"|(?P<minute>[0-5]?[0-9]|[零一二三四五]?[十]?[一二三四五六七八九十零]{1,2})分?(?!笔|个|次|钟头))?(?:(?P<second>[0-5]?[0-9])秒)?"
    ),
    "times.oclock_zh",
)
_SPAN = Cue(
    lambda: (
        rf"(?P<wait>{any_of('times.wait_zh')}[^,，。\n0-9]{{0,4}}?)?"
        rf"(?<![a-z0-9_.-])(?P<count>{_N}|{any_of('times.some_zh')})\s?(?P<many>多|来)?个?(?P<half>半)?(?P<unit>{any_of('times.unit_zh')})(?P<half2>半)?(?P<more>{any_of('times.roughly_zh')})?"
        rf"(?P<ago>\s?{any_of('times.ago_zh')})?(?P<after>\s?{any_of('times.after_zh')})?"
    ),
    "times.unit_zh",
)
_PROMISED = cue("times.promised_zh")
"""Words that make a duration a promise or a habit instead of a wait."""
_ABOUT = re.compile(r"[一二三四五六七八九两]{2}")
_OWN_PART = re.compile(r"(?:凌晨|[晚夜早晨])\Z")
_SINCE = Cue(lambda: rf"\s?{any_of('times.since_zh')}", "times.since_zh")


def _part(word: str) -> Part:
    """The part of the day with this name."""
    start, end, first, last = facts("times.parts_zh")[word]
    return Part(start, end, (first, last))


def atoms_zh(text: str) -> Iterator[Atom]:
    """The parts of times in a lower-case text."""
    yield from _dates(text)
    yield from (Atom(*m.span(), _part(m[0])) for m in each(_PART, text))
    yield from _clocks(text)
    yield from _spans(text)


def _dates(text: str) -> Iterator[Atom]:
    for m in each(_DATE, text):
        if m["now"]:
            yield Atom(*m.span(), _just_now())
            continue
        what = _date(m)
        if what is None:
            continue
        after = _SINCE.match(text, m.end())
        part = _OWN_PART.search(
            m["said"] or ""
        )  # 昨晚, 今早: day and part of the day in one word
        end = m.start() + part.start() if part else m.end()
        yield Atom(m.start(), end, replace(what, since=True) if after else what)
        if part:
            yield Atom(end, m.end(), _part(part[0]))


def _just_now() -> Span:
    return Span(timedelta(0), timedelta(hours=1), waited=False)


def _date(m: re.Match[str]) -> Day | None:
    if m["month"]:
        month, number_ = whole(m["month"]), whole(m["day"])
        return _on(month, number_, m["year"])
    if m["month4"]:
        return _on(int(m["month4"]), int(m["day4"]), None)
    if m["month2"]:
        return _month(whole(m["month2"]), m["year2"])
    if m["said"]:
        return tokens.day(facts("times.days_back_zh")[m["said"]])
    if m["weekday"]:
        back = None if not m["week"] else len(re.findall("上", m["week"]))
        return tokens.weekday(_WEEKDAY[m["weekday"]], back)
    if m["whole"]:
        return tokens.week(len(re.findall("上", m["whole"])))
    if m["lastmonth"]:
        return tokens.last_month()
    back = 1 if (m["month3"] or "").startswith("上") else 0
    return tokens.of_month(whole(m["day3"] or m["alone"]), back if m["month3"] else None)


def _on(month: int | None, number_: int | None, year: str | None) -> Day | None:
    if month is None or number_ is None:
        return None
    if year in ("今", "去", "前"):
        back = ("今", "去", "前").index(year)
        return Day(lambda today: tokens.exactly(today.year - back, month, number_))
    found = whole(year) if year else None
    if found is not None and found < 100:
        found += 2000
    return tokens.on(month, number_, found)


def _month(month: int | None, year: str) -> Day | None:
    if month is None or not 1 <= month <= 12:
        return None

    def readings(today: date) -> tokens.Days:
        of = today.year - (year == "去") if year in ("今", "去") else int(year)
        end = date(of + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return ((date(of, month, 1), end),)

    return Day(readings)


def _clocks(text: str) -> Iterator[Atom]:
    for m in each(_CLOCK, text):
        hour = whole(m["hour"])
        minute = (
            30 if m["half"] else int((m["quarter"] and {"一": 15, "三": 45}[m["quarter"]]) or 0)
        )
        if m["minute"]:
            read = whole(m["minute"].lstrip("零") or "零")
            minute = 99 if read is None else read
        if hour is None or hour > 24 or minute > 59:
            continue
        said = minute if m["half"] or m["quarter"] or m["minute"] else None
        second = int(m["second"]) if m["second"] else None
        yield Atom(*m.span(), Clock(hour, said, second, sure=hour > 12 or hour == 0))


def _spans(text: str) -> Iterator[Atom]:
    for m in each(_SPAN, text):
        sure = bool(m["ago"] or m["wait"] or m["after"])
        start = m.start("count")
        around = f"{text[max(0, start - 4) : start]}|{text[m.end() : m.end() + 2]}"
        if not sure and (m["unit"] in ("月", "年", "日", "分") or _PROMISED.search(around)):
            continue
        length, slack = UNITS[facts("times.units_zh")[m["unit"]]]
        end = next(m.end(g) for g in ("ago", "more", "half2", "unit") if m[g])
        count, wide = m["count"], bool(m["many"] or m["more"])
        if _ABOUT.fullmatch(count):  # 三四天: three or four
            count, wide = count[1], True
        many = number(count)
        if many is None:
            yield Atom(start, end, Span(None, slack, not m["ago"], sure))
            continue
        half = length / 2 if m["half"] or m["half2"] else timedelta(0)
        total = length * float(many) + half
        yield Atom(start, end, Span(total, slack * 2 if wide else slack, not m["ago"], sure))
