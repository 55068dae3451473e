"""The chart of settlement times: what is drawn, where, and what is told beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from diag.render.chart import MOST_DOTS, OUTLIERS, Series, Served, Waiting, chart
from diag.render.zones import Clock

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = NOW - timedelta(days=1)
CLOCK = Clock("Asia/Shanghai", NOW, "en")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def series(served: int, waiting: int = 0, **more: object) -> Series:
    step = timedelta(days=1) / max(1, served)
    return Series(
        "NORTH.BTC",
        DAY,
        NOW,
        tuple(Served(DAY + n * step, minutes(1 + n % 10)) for n in range(served)),
        tuple(Waiting(NOW - minutes(5 + 60 * n), n > 0) for n in range(waiting)),
        **more,  # type: ignore[arg-type]
    )


def percent(text: str) -> float:
    assert text.endswith("%")
    return float(text[:-1])


@pytest.mark.parametrize(("served", "waiting"), [(0, 1), (1, 0), (1, 1), (50, 5), (1500, 3)])
def test_every_withdrawal_is_a_dot_inside_the_drawing(served: int, waiting: int) -> None:
    drawn = chart(series(served, waiting), CLOCK, "en", 140, "c")
    assert len(drawn["dots"]) == served + waiting
    for dot in drawn["dots"]:
        assert 0 <= percent(dot["x"]) <= 100
        assert 0 <= float(dot["y"]) <= drawn["floor"]
    assert drawn["hours"] == []
    assert {row["served"] for row in drawn["rows"]} != set() or not served


def test_longer_is_higher_and_later_is_further_right() -> None:
    short, long = Served(DAY, minutes(1)), Served(NOW - minutes(60), minutes(240))
    drawn = chart(Series("A", DAY, NOW, (short, long), ()), CLOCK, "en", 140, "c")
    first, second = drawn["dots"]
    assert float(first["y"]) > float(second["y"])
    assert percent(first["x"]) < percent(second["x"])


def test_too_many_dots_are_hours_with_the_outliers_alone() -> None:
    many = MOST_DOTS + 500
    slow = tuple(Served(DAY + minutes(n), timedelta(hours=9)) for n in range(20))
    found = series(many)
    drawn = chart(
        Series("A", DAY, NOW, (*found.served, *slow), found.waiting), CLOCK, "en", 260, "c"
    )
    assert 24 <= len(drawn["hours"]) <= 25
    assert len(drawn["dots"]) == len(slow) <= OUTLIERS
    assert all(float(hour["p95"]) <= float(hour["p50"]) for hour in drawn["hours"])


def test_the_case_at_hand_is_marked_with_how_long_it_waits() -> None:
    mine = Waiting(NOW - timedelta(hours=4), True)
    drawn = chart(series(20, 2, mine=mine), CLOCK, "en", 140, "c")
    assert drawn["mine"]["words"] == "this one: 4 h"
    assert not drawn["mine"]["fine"]
    settled = chart(series(20, mine=Served(DAY, minutes(2.5))), CLOCK, "zh", 140, "c")
    assert settled["mine"]["words"] == "本笔：2 分 30 秒"
    assert settled["mine"]["fine"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            "50 processed, half within 5 min, 95 of 100 within 10 min; 5 still waiting, 4 of them",
        ),
        ("zh", "已处理 50 笔，半数不超过 5 分钟，95% 不超过 10 分钟；等待 5 笔，其中超时 4 笔"),
    ],
)
def test_the_description_says_what_the_picture_shows(lang: str, words: str) -> None:
    clock = Clock("Asia/Shanghai", NOW, lang)
    assert words in chart(series(50, 5), clock, lang, 140, "c")["desc"]


def test_the_times_of_the_axis_and_the_table_are_those_of_the_page() -> None:
    drawn = chart(series(50), CLOCK, "en", 140, "c")
    assert drawn["marks"][0]["label"] == "20:00"
    assert len(drawn["marks"]) <= 8
    assert 1 < len(drawn["rows"]) <= 14
    assert sum(row["served"] for row in drawn["rows"]) == 50


@pytest.mark.parametrize("days", [0.01, 0.5, 3, 7, 31])
def test_any_length_of_time_has_few_marks(days: float) -> None:
    start = NOW - timedelta(days=days)
    found = Series("A", start, NOW, (Served(start, minutes(3)),), ())
    drawn = chart(found, CLOCK, "en", 260, "c")
    assert len(drawn["marks"]) <= 9
    assert drawn["rows"]
