"""Time zones as people name them, and times as a page shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from diag.render.durations import duration
from diag.render.zones import ZONES, Clock, known, zone_short, zone_words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "en", "zh"),
    [
        ("Asia/Shanghai", "Beijing time (UTC+8)", "北京时间（UTC+8）"),
        ("Europe/Berlin", "Berlin time (UTC+1)", "柏林时间（UTC+1）"),
        ("Asia/Kolkata", "India time (UTC+5:30)", "印度时间（UTC+5:30）"),
        ("America/New_York", "New York time (UTC-5)", "纽约时间（UTC-5）"),
        ("America/St_Johns", "St Johns time (UTC-3:30)", "St Johns 时间（UTC-3:30）"),
        ("UTC", "UTC", "UTC"),
        (None, "UTC", "UTC"),
    ],
)
def test_a_zone_is_named_as_people_name_it(zone: str | None, en: str, zh: str) -> None:
    assert (zone_words(zone, NOW, "en"), zone_words(zone, NOW, "zh")) == (en, zh)
    assert zone_short(zone, "en") == en.partition(" (")[0]


def test_the_offset_is_that_of_the_day() -> None:
    assert zone_words("Europe/Berlin", datetime(2026, 7, 1, tzinfo=UTC), "en").endswith(
        "(UTC+2)"
    )


@pytest.mark.parametrize("name", ZONES)
def test_every_zone_that_is_offered_exists(name: str) -> None:
    assert known(name) == name


@pytest.mark.parametrize("name", ["Beijing", "../etc/passwd", "a" * 300, "Asia"])
def test_a_zone_that_does_not_exist_is_none(name: str) -> None:
    assert known(name) is None


@pytest.mark.parametrize(
    ("before", "en", "zh"),
    [
        (timedelta(hours=1), "19:00", "19:00"),
        (timedelta(hours=21), "21 Nov, 23:00", "11 月 21 日 23:00"),
        (timedelta(days=365), "22 Nov 2025, 20:00", "2025 年 11 月 22 日 20:00"),
    ],
)
def test_a_time_says_its_day_only_where_it_is_not_today(
    before: timedelta, en: str, zh: str
) -> None:
    for lang, words in (("en", en), ("zh", zh)):
        assert Clock("Asia/Shanghai", NOW, lang).short(NOW - before) == words


def test_utc_times_in_a_text_become_those_of_the_page() -> None:
    text = "last settled 2026-11-22 11:59:36 UTC, at 2026-11-22 08:00 UTC"
    clock = Clock("Asia/Shanghai", NOW, "en")
    assert clock.in_text(text) == "last settled 2026-11-22 19:59:36, at 2026-11-22 16:00"
    assert Clock("UTC", NOW, "en").in_text(text) == text


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (0, "0 s", "0 秒"),
        (40, "40 s", "40 秒"),
        (159, "2 min 39 s", "2 分 39 秒"),
        (120, "2 min", "2 分钟"),
        (13_740, "3 h 49 min", "3 小时 49 分钟"),
    ],
)
def test_short_lengths_have_their_seconds(seconds: int, en: str, zh: str) -> None:
    found = timedelta(seconds=seconds)
    assert (duration(found, "en"), duration(found, "zh")) == (en, zh)
