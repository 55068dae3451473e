"""Dates and clocks in figures, with the clock at noon UTC on Monday, 30 November 2026."""

from __future__ import annotations

import pytest

READ = {
    # text: the local time it begins with
    "2026-11-29 03:05 PM": "2026-11-29T15:05:00",
    "2026-11-29 12:30 AM": "2026-11-29T00:30:00",
    "2026-11-29 12:30 pm": "2026-11-29T12:30:00",
    "PM 3:05 29/11/2026": "2026-11-29T15:05:00",
    "2026/11/29 上午12:30": "2026-11-29T00:30:00",
    "2026/11/29 下午12:30": "2026-11-29T12:30:00",
    "2026-11-29 04:00 下午": "2026-11-29T16:00:00",
    "11月29日 8:30晚上": "2026-11-29T20:30:00",
    "11月29日 凌晨12:30": "2026-11-29T00:30:00",
    "11月28日 晚上12:30": "2026-11-29T00:30:00",
    "11月29日 下午15:30": "2026-11-29T15:30:00",
    "11月29日 下午11:30": "2026-11-29T23:30:00",
    "29.11.26 15:05": "2026-11-29T15:05:00",
    "26-11-29 15:05": "2026-11-29T15:05:00",
    "29/11/26 15:05": "2026-11-29T15:05:00",
    "29-Nov-26 15:05": "2026-11-29T15:05:00",
    "20 Nov 2024. Nothing": "2024-11-20T00:00:00",
    "日期:2026-11-29": "2026-11-29T00:00:00",
    "Date:11/29/2026 3:05PM": "2026-11-29T15:05:00",
    "2026-11-29T15:05:11.123": "2026-11-29T15:05:11",
    "20261129 15:05": "2026-11-29T15:05:00",
    "20261129150511": "2026-11-29T15:05:11",
    "Sun Nov 29 15:05:11 2026": "2026-11-29T15:05:11",
    "2026年11月29日（周日）15:05": "2026-11-29T15:05:00",
    "11-29 15:05": "2026-11-29T15:05:00",
    "时间戳 1795964700": "2026-11-29T15:05:00",
}


@pytest.mark.parametrize(("text", "at"), READ.items(), ids=READ)
def test_a_date_is_read_in_the_only_way_it_can_be(said, text, at):
    [time] = said(f"提币 {text}")["times"]
    assert [local["from"] for local in time["local"]] == [at]


BOTH = {"03/04/2026 15:05": 2, "05.11.26 15:05": 2}


@pytest.mark.parametrize(("text", "ways"), BOTH.items(), ids=BOTH)
def test_where_there_are_several_ways_none_is_taken(said, text, ways):
    found = said(f"withdrew {text} UTC")
    [time] = found["times"]
    assert (len(time["local"]), found.window) == (ways, None)
    assert "day_or_month" in found.missing


RANGES = {
    "from Nov 20 to Nov 25 2026 UTC I made withdrawals": ("11-19 21:00", "11-26 02:59"),
    "withdrew between 2026-11-28 and 2026-11-29, all UTC": ("11-27 21:00", "11-30 02:59"),
    "11月20日到11月22日提的，北京时间": ("11-19 13:00", "11-22 18:59"),
    "withdrew on 2026-11-25 and again on 2026-11-26, UTC": None,
}


@pytest.mark.parametrize(("text", "window"), RANGES.items(), ids=RANGES)
def test_from_one_day_to_another_is_one_time_and_two_days_are_none(said, text, window):
    assert said(text).window == window


NONE = [
    "2026-11-29 上午 15:30",  # a contradiction
    "version 10.5.22",
    "my memo is 1795964700",
    "order 20261129150511a",
    "3/4 of it, block 26-11",
]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_date_is_not_read_as_one(said, text):
    assert said(text)["times"] == []
