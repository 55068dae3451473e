"""Formats facts in a language: times in the user's time zone, durations in common units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from diag.domain.finding import Fact, Finding
from diag.i18n import Text
from diag.printable import printable
from diag.words import LEFT_OUT, texts

HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"


def spoken(facts: Mapping[str, Fact], lang: str, zone: str | None) -> dict[str, object]:
    """The facts, formatted for the blanks of a template."""
    return {name: _word(value, lang, zone) for name, value in facts.items()}


def _word(value: Fact, lang: str, zone: str | None) -> object:
    match value:
        case datetime():
            return moment(value, lang, zone)
        case timedelta():
            return duration(value, lang)
        case Text():
            return value.say(lang)
        case tuple():
            return listed(value, lang)
        case _:
            return value


def listed(items: Sequence[str], lang: str, most: int | None = None) -> str:
    """A list as a、b、c or a, b, c; with `most`, cut to that many and the number of the rest."""
    shown = items[:most]
    more = len(items) - len(shown)
    if lang == "zh":
        return "、".join(shown) + (f" 等 {len(items)} 个" if more else "")
    return ", ".join(shown) + (f" and {more} more" if more else "")


def with_commas(parts: Iterable[str], lang: str) -> str:
    """Parts of a sentence, with commas between them."""
    return ("，" if lang == "zh" else ", ").join(parts)


def with_brackets(words: str, inside: str, lang: str) -> str:
    """A text, followed by an addition in brackets."""
    return f"{words}（{inside}）" if lang == "zh" else f"{words} ({inside})"


def moment(at: datetime, lang: str, zone: str | None = None) -> str:
    """A time as 2026-11-22 20:00:12 (Beijing time); in UTC if the case has no zone."""
    local = at.astimezone(ZoneInfo(zone) if zone else UTC)
    return with_brackets(f"{local:%Y-%m-%d %H:%M:%S}", zone_name(zone, lang), lang)


def stamp(at: datetime | None) -> str | None:
    """A time as RFC 3339 in UTC, or null."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None


def in_zone(text: str, lang: str, zone: str | None) -> str:
    """A text in which UTC times are converted to the zone of the case."""

    def put(found: re.Match[str]) -> str:
        return moment(datetime.fromisoformat(f"{found[1]}T{found[2]}Z"), lang, zone)

    return STAMP.sub(put, text) if zone and zone != "UTC" else text


def zone_name(zone: str | None, lang: str) -> str:
    """The common name of a time zone, such as Beijing time, or else its IANA name."""
    place = _ZONE_NAMES.get(zone or "UTC")
    if place is None:
        return zone or "UTC"
    return f"{place.zh}时间" if lang == "zh" else f"{place.en} time"


def brief(at: datetime, lang: str, zone: str | None, now: datetime) -> str:
    """A time as 11-22 20:00 or 20:00 on 22 Nov, in the zone of the case; with the year unless it is
    the current one.
    """
    local, today = (time.astimezone(ZoneInfo(zone) if zone else UTC) for time in (at, now))
    other = local.year != today.year
    if lang == "zh":
        return f"{local:%Y-%m-%d %H:%M}" if other else f"{local:%m-%d %H:%M}"
    day = f"{local:%H:%M} on {local.day} {MONTHS[local.month - 1]}"
    return f"{day} {local.year}" if other else day


STAMP = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) UTC")
"""A UTC time in the text of a claim."""
_ZONE_NAMES = texts("frame.zone_names")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def duration(length: timedelta, lang: str) -> str:
    """A duration as 41 min, 2 h 5 min, 3 d 4 h: two units at most."""
    seconds = max(0, int(length.total_seconds()))
    base_units = (
        (86400, "d", " 天"),
        (3600, "h", " 小时"),
        (60, "min", " 分钟"),
        (1, "s", " 秒"),
    )
    parts: list[str] = []
    for size, en, zh in base_units:
        count, seconds = divmod(seconds, size)
        if count and len(parts) < 2:
            parts.append(f"{count}{zh}" if lang == "zh" else f"{count} {en}")
        if parts and size == 60:
            break
    return " ".join(parts) or ("0 秒" if lang == "zh" else "0 s")


def fill(text: Text, finding: Finding, lang: str, zone: str | None) -> str:
    """Fill one of a rule's texts with the facts of a finding, without channels."""
    facts = dict.fromkeys(LEFT_OUT, "") | spoken(finding.facts, lang, zone)
    return typeset(text.say(lang, facts), lang)


_TYPOGRAPHY = (
    (re.compile(f"(?<={HAN})(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?={HAN})"), " "),
    (
        re.compile(
            f"(?<={HAN}) +(?={HAN})| +(?=[，。；：？！（）、%])|(?<=[，。；：？！（）、]) +"
        ),
        "",
    ),
)


def one_line(words: str) -> str:
    """A text from outside on one line, with control and invisible characters escaped."""
    return printable(" ".join(words.split()))


def typeset(words: str, lang: str) -> str:
    """Set the spaces of a Chinese text: one between Han and Latin letters or digits, and no others."""
    if lang == "zh":
        for place, mark in _TYPOGRAPHY:
            words = place.sub(mark, words)
    return words
