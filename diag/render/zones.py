"""Common names of time zones, and times in one zone as pages show them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from diag.render.formatting import MONTHS, STAMP
from diag.render.html_words import WORDS

ZONES = tuple(WORDS["zones"])
"""The zones that a page offers, by their IANA names."""
_WORDS = WORDS["zone_words"]


def zone_of(name: str | None) -> tzinfo:
    """The zone of an IANA name; UTC without one."""
    return ZoneInfo(name) if name else UTC


def known(name: str | None) -> str | None:
    """The name of a zone, or None if there is no such zone."""
    try:
        zone_of(name)
    except (KeyError, OSError, ValueError):
        return None
    return name


def offset(name: str | None, at: datetime) -> str:
    """UTC+8 or UTC-3:30: how far a zone is from UTC at a time."""
    minutes = int(
        (at.astimezone(zone_of(name)).utcoffset() or timedelta()).total_seconds() // 60
    )
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def place(name: str, lang: str) -> str:
    """The place of a zone, as Beijing or 北京; by default the city in the IANA name."""
    known = WORDS["zones"].get(name)
    return known.say(lang) if known else name.rpartition("/")[2].replace("_", " ")


def zone_words(name: str | None, at: datetime, lang: str) -> str:
    """The zone with its offset: Beijing time (UTC+8), 北京时间（UTC+8）, or UTC."""
    if name is None or name == "UTC":
        return _WORDS["utc"].say(lang)
    facts = {"place": _spaced(place(name, lang), lang), "offset": offset(name, at)}
    return _WORDS["named"].say(lang, facts)


def zone_short(name: str | None, lang: str) -> str:
    """The zone without its offset: Beijing time, 北京时间, or UTC."""
    if name is None or name == "UTC":
        return _WORDS["utc"].say(lang)
    return _WORDS["short"].say(lang, {"place": _spaced(place(name, lang), lang)})


def _spaced(text: str, lang: str) -> str:
    return f"{text} " if lang == "zh" and text[-1:].isascii() else text


class Clock:
    """Formats the times of a page in one zone; with the day only if it is not the page's day."""

    def __init__(self, zone: str | None, now: datetime, lang: str) -> None:
        self.name, self.now, self.lang = zone, now, lang
        self._zone: tzinfo = zone_of(zone)

    @property
    def zone(self) -> str:
        """The zone in words, with its offset."""
        return zone_words(self.name, self.now, self.lang)

    def full(self, at: datetime) -> str:
        """A time as 2026-11-22 16:00:12, for records."""
        return f"{self.local(at):%Y-%m-%d %H:%M:%S}"

    def short(self, at: datetime) -> str:
        """A time as 16:00 on the page's day, else as 22 Nov, 16:00 or 11 月 22 日 16:00; with the year
        if it differs.
        """
        local, today = self.local(at), self.local(self.now)
        clock = f"{local:%H:%M}"
        if local.date() == today.date():
            return clock
        year = f"{local.year}" if local.year != today.year else ""
        if self.lang == "zh":
            return f"{year + ' 年 ' if year else ''}{local.month} 月 {local.day} 日 {clock}"
        return f"{local.day} {MONTHS[local.month - 1]}{' ' + year if year else ''}, {clock}"

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)

    def in_text(self, text: str) -> str:
        """A text in which UTC times are converted to the zone of the page."""

        def put(found: re.Match[str]) -> str:
            at = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
            return self.full(at) if found[2].count(":") == 2 else self.full(at)[:16]

        return text if self.name in (None, "UTC") else STAMP.sub(put, text)
