"""Reads the time zone that a text names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from diag.intake.cues import Cue, facts, words


@cache
def _by_name() -> Mapping[str, str]:
    """Common name of a zone → its IANA name."""
    return {
        name: zone for zone in facts("times.zones") for name in words(f"times.zones.{zone}")
    }


@cache
def _by_city() -> Mapping[str, str]:
    """City → IANA name of its zone."""
    return {
        name: zone for zone in facts("times.cities") for name in words(f"times.cities.{zone}")
    }


def city() -> str:
    """A pattern for a city, which names a zone only beside a clock time or after a label."""
    latin, han = (
        _any_of(n for n in _by_city() if n.isascii() is ascii) for ascii in (True, False)
    )
    return rf"(?:(?:{latin})(?![a-z0-9-])|(?:{han})(?![\u4e00-\u9fff])|{_city_time()})"


def _city_time() -> str:
    """A pattern for a city with the word "time", which needs nothing beside it."""
    latin, han = (
        _any_of(n for n in _by_city() if n.isascii() is ascii) for ascii in (True, False)
    )
    return rf"(?:(?<![a-z])(?:{latin}) time\b|(?:{han})(?:当地)?时间)"


_OFFSET = r"(?<![0-9:])[+-](?:0[0-9]|1[0-4]):[0-5]0(?![0-9:])|(?:utc|gmt)\s?[+-]\s?[0-9]{1,2}(?::?[0-9]{2})?|(?<=[0-9])\s?[+-][0-9]{2}:?[0-9]{2}"


def plain() -> str:
    """A pattern for zone names that have no other meaning."""
    return f"(?:{_any_of(_by_name())}|{_city_time()})"


def _any_of(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


def _zone() -> str:
    latin = [name for name in _by_name() if name.isascii()]
    han = [name for name in _by_name() if not name.isascii()]
    named = rf"\b(?:{_any_of([*latin, *facts('times.offsets')])})\b(?![+-]?[0-9/])"
    beside = rf"(?<=[0-9m点时分半刻])(?: ?[,(]| (?:in|at|of)|) ?(?<![a-z]){city()}"
    return rf"(?:{_OFFSET}|(?<=[0-9])z\b|{named}|{_any_of(han)}|{_city_time()}|{beside})"


ZONE = Cue(_zone, "times.zones")
"""A zone in a lower-case text."""


def zone(text: str) -> tzinfo | None:
    """The time zone that a text names."""
    text = text.strip(" ,(").lower()
    text = text.rpartition(" ")[2] if text.startswith(("in ", "at ", "of ")) else text
    town = text.removesuffix("时间").removesuffix("当地").removesuffix(" time")
    if text not in _by_name() and town in _by_city():
        return ZoneInfo(_by_city()[town])
    if text == "z":
        return ZoneInfo("UTC")
    if text in _by_name():
        return ZoneInfo(_by_name()[text])
    fixed = facts("times.offsets")
    if text in fixed:
        return timezone(timedelta(hours=fixed[text]))
    match = re.search(r"([+-])\s?([0-9]{1,2}):?([0-9]{2})?\Z", text)
    if not match:
        return None
    length = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if length > timedelta(hours=14):
        return None
    return timezone(-length if match[1] == "-" else length)


def name(of: tzinfo) -> str:
    """The IANA name, or the offset such as UTC+08:00."""
    return of.key if isinstance(of, ZoneInfo) else str(of)
