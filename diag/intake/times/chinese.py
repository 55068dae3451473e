"""Times as they are said in Chinese: 昨天下午三点半, 11月21号, 两个小时前, 已经等了5天."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from diag.intake.extract.numerals import number, whole
from diag.intake.normalized_text import each
from diag.intake.times import tokens
from diag.intake.times.tokens import UNITS, Atom, Clock, Day, Part, Span

_N = r"(?:[0-9]{1,3}(?:\.[0-9])?|[零一二三四五六七八九十百两廿半]{1,5})"
_RELATIVE = {
    "大前天": 3, "大前日": 3, "前天": 2, "前日": 2, "前晚": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "昨晚凌晨": 0, "昨夜凌晨": 0,
    "今天": 0, "今日": 0, "今早": 0, "今晨": 0, "今晚": 0, "当天": 0,
}  # fmt: skip
_PART_OF_DAY = {
    "凌晨": Part(0, 6, (0, 7)), "清晨": Part(5, 9, (3, 10)), "早上": Part(5, 11, (0, 12)), "早晨": Part(5, 10, (0, 12)), "大早": Part(5, 10, (0, 12)),
    "早": Part(5, 11, (0, 12)), "晨": Part(5, 10, (0, 12)), "上午": Part(6, 12, (0, 12)), "中午": Part(11, 14, (11, 15)), "下午": Part(12, 19, (12, 24)),
    "午后": Part(12, 18, (12, 19)), "傍晚": Part(17, 20, (16, 21)), "晚上": Part(18, 26, (17, 29)), "晚间": Part(18, 26, (17, 29)),
    "夜里": Part(20, 29, (19, 30)), "半夜": Part(22, 28, (21, 30)), "深夜": Part(22, 28, (21, 30)), "晚": Part(18, 26, (17, 29)), "夜": Part(20, 29, (19, 30)),
}  # fmt: skip
_UNIT = {"分钟": "minute", "分": "minute", "小时": "hour", "钟头": "hour", "钟": "hour", "天": "day", "日": "day",
         "周": "week", "星期": "week", "礼拜": "week", "月": "month", "年": "year"}  # fmt: skip
_WEEKDAY = dict(zip("一二三四五六日天末", (0, 1, 2, 3, 4, 5, 6, 6, 5), strict=True))

_DATE = re.compile(
    rf"(?:(?P<year>[0-9]{{4}}|[〇零一二三四五六七八九]{{4}}|[0-9]{{2}}|今|去|前)年\s?)?(?P<month>{_N})月(?:份)?\s?(?P<day>{_N})(?:日|号)"
    rf"|(?:(?P<year2>[0-9]{{4}}|今|去)年\s?)(?P<month2>{_N})月(?:份)?(?!\s?[0-9])"
    rf"|(?P<said>{'|'.join(sorted(_RELATIVE, key=len, reverse=True))})"
    rf"|(?P<week>上上|上个?|这个?|本)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])"
    rf"|(?P<whole>上上|上个?|本|这个?)(?:周|星期|礼拜)(?![一二三四五六日天末])"
    rf"|(?P<month3>上个?|本|这个?)月(?P<day3>{_N})(?:日|号)|(?P<lastmonth>上个?月)"
    rf"|(?<![0-9月.,/-])(?P<alone>[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})号(?=\s?(?:凌晨|早|上午|中午|下午|晚|[0-9]{{1,2}}[点:]|那天|当天|提|转|充|发))"
    rf"|(?P<now>刚才|刚刚)"
)
_PART = re.compile(
    "|".join(sorted((p for p in _PART_OF_DAY if len(p) > 1), key=len)[::-1])
    + r"|[早晚](?=\s?[0-9一二三四五六七八九十])"
)
_CLOCK = re.compile(
    rf"(?<![0-9.])(?P<hour>{_N})\s?(?:点钟|点整|点|时(?!候|间|常|不时))(?:(?P<half>半)|(?P<quarter>[一三])刻"
    rf"|(?P<minute>[0-5]?[0-9]|[零一二三四五]?[十]?[一二三四五六七八九十零]{{1,2}})分?(?!笔|个|次|钟头))?(?:(?P<second>[0-5]?[0-9])秒)?"
)
_SPAN = re.compile(
    rf"(?P<wait>(?:等了?|过了?|过去了?|超过|已经?|都|快|满|有|达|足足|整整)[^,，。\n0-9]{{0,4}}?)?"
    rf"(?<![a-z0-9_.-])(?P<count>{_N}|几|数|好几|好多|多)\s?(?P<many>多|来)?个?(?P<half>半)?(?P<unit>分钟|小时|钟头|天|日|(?:周|星期|礼拜)(?![一二三四五六日天末])|月|年)(?P<half2>半)?(?P<more>多|左右|以上)?"
    rf"(?P<ago>\s?(?:之?前|以前))?(?P<after>\s?(?:了|没|都没|还没|还是|仍|过去|不到))?"
)
_PROMISED = re.compile(
    r"(?:每|第|需要?|要|一般|通常|正常|最[多长]|约|大概|前|后|上|近|[0-9]-)[^|]{0,2}\||\|(?:之?内|以内|后|一次|左右)"
)
"""What makes a length of time a promise or a habit rather than a wait."""
_ABOUT = re.compile(r"[一二三四五六七八九两]{2}")
_OWN_PART = re.compile(r"(?:凌晨|[晚夜早晨])\Z")
_SINCE = re.compile(r"\s?(?:开始|起|以来|到现在|至今)")


def atoms_zh(text: str) -> Iterator[Atom]:
    """The parts of times in a text of small letters."""
    yield from _dates(text)
    yield from (Atom(*m.span(), _PART_OF_DAY[m[0]]) for m in each(_PART, text))
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
        part = _OWN_PART.search(m["said"] or "")  # 昨晚, 今早: day and part of it in one word
        end = m.start() + part.start() if part else m.end()
        yield Atom(m.start(), end, replace(what, since=True) if after else what)
        if part:
            yield Atom(end, m.end(), _PART_OF_DAY[part[0]])


def _just_now() -> Span:
    return Span(timedelta(0), timedelta(hours=1), waited=False)


def _date(m: re.Match[str]) -> Day | None:
    if m["month"]:
        month, number_ = whole(m["month"]), whole(m["day"])
        return _on(month, number_, m["year"])
    if m["month2"]:
        return _month(whole(m["month2"]), m["year2"])
    if m["said"]:
        return tokens.day(_RELATIVE[m["said"]])
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
        length, slack = UNITS[_UNIT[m["unit"]]]
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
