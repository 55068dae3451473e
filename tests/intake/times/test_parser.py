"""Times as people say them, with the clock at noon UTC on Sunday, 22 November 2026."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from diag.intake.normalized_text import Page
from diag.intake.statement.own_words import own_words
from diag.intake.times.parser import times
from diag.intake.times.window import window

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def read(text, zone=None):
    said = own_words(Page.of(text))
    return times(said.page, NOW, ZoneInfo(zone) if zone else None, said.written)


SILENT = [
    "早上好，我的提币没到",
    "有一点慢，一点都不好用",
    "零点五个BTC，零点零五个ETH",
    "24小时内到账，一般需要3天",
    "version 2.0.1 at 10.5.2, 1.11.12345 and 1.2.345",
    "May I ask? The second may not arrive; I march on",
    "good evening, it usually takes 2 hours and up to 3 days",
    "+86 138-0013-8000",
    "3/4 of it, 50% and 1:1",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_is_no_time_is_not_read_as_one(text):
    assert read(text) == ()


LOCAL = {
    # text: the local time it begins with, and the one it ends with
    "昨天下午三点": ("11-21 15:00", "11-21 15:59"),
    "昨天下午三點半": ("11-21 15:30", "11-21 15:30"),
    "前天晚上八点": ("11-20 20:00", "11-20 20:59"),
    "大前天": ("11-19 00:00", "11-19 23:59"),
    "今早": ("11-22 05:00", "11-22 11:00"),
    "昨晚11点": ("11-21 23:00", "11-21 23:59"),
    "昨天晚上十二点": ("11-22 00:00", "11-22 00:59"),
    "昨晚凌晨两点": ("11-22 02:00", "11-22 02:59"),
    "昨天夜里十一点三刻": ("11-21 23:45", "11-21 23:45"),
    "11月21号下午三点半": ("11-21 15:30", "11-21 15:30"),
    "１１月２１日１５：３０": ("11-21 15:30", "11-21 15:30"),
    "十一月二十一日": ("11-21 00:00", "11-21 23:59"),
    "上周五": ("11-13 00:00", "11-13 23:59"),
    "这周五下午": ("11-20 12:00", "11-20 19:00"),
    "星期六上午十点": ("11-21 10:00", "11-21 10:59"),
    "上个月28号": ("10-28 00:00", "10-28 23:59"),
    "21号下午": ("11-21 12:00", "11-21 19:00"),
    "昨天3点": ("11-21 03:00", "11-21 15:59"),
    "2026/11/21 下午3:30": ("11-21 15:30", "11-21 15:30"),
    "11/21 15:30": ("11-21 15:30", "11-21 15:30"),
    "Nov 21st 3pm": ("11-21 15:00", "11-21 15:59"),
    "21 Nov at 3:05 p.m.": ("11-21 15:05", "11-21 15:05"),
    "November 21, 2026 around 15:30": ("11-21 15:30", "11-21 15:30"),
    "yesterday at 3 pm": ("11-21 15:00", "11-21 15:59"),
    "yesterday evening": ("11-21 17:00", "11-22 00:00"),
    "last night": ("11-21 18:00", "11-22 06:00"),
    "the day before yesterday": ("11-20 00:00", "11-20 23:59"),
    "last Friday around noon": ("11-20 12:00", "11-20 12:59"),
    "since Monday": ("11-16 00:00", "11-16 23:59"),
    "2026-11-21 15:30:10": ("11-21 15:30", "11-21 15:30"),
    "2026.11.21": ("11-21 00:00", "11-21 23:59"),
}


@pytest.mark.parametrize(("text", "bounds"), LOCAL.items(), ids=LOCAL)
def test_a_local_time_without_a_zone_stays_local(text, bounds):
    [time] = read(f"{text} ")

    [(first, last)] = time.local
    assert (f"{first:%m-%d %H:%M}", f"{last:%m-%d %H:%M}") == bounds
    assert (time.zone, time.start, time.end) == (None, None, None)
    assert window((time,), NOW) is None


ZONED = {
    # text: its beginning in UTC
    "昨天下午三点（北京时间）": "11-21 07:00",
    "北京时间昨天15点20分": "11-21 07:20",
    "昨天 15:30 UTC+8": "11-21 07:30",
    "2026-11-21 15:30 +08:00": "11-21 07:30",
    "2026-11-21T15:30:00Z": "11-21 15:30",
    "11/21/2026 3:05 pm GMT+8": "11-21 07:05",
    "21 Nov 15:30 PST": "11-21 23:30",
    "Nov 21st 3pm Beijing time": "11-21 07:00",
    "時間都是台北時間，11月21日晚上8點": "11-21 12:00",
}


@pytest.mark.parametrize(("text", "start"), ZONED.items(), ids=ZONED)
def test_a_zone_in_the_text_counts_whatever_the_caller_says(text, start):
    for given in (None, "America/New_York"):
        placed = [time for time in read(text, given) if time.start]
        assert [f"{time.start:%m-%d %H:%M}" for time in placed] == [start]


def test_the_zone_of_the_caller_counts_where_the_text_has_none():
    [time] = read("昨天下午三点", "Asia/Shanghai")
    assert time.start == datetime(2026, 11, 21, 7, tzinfo=UTC)
    [time] = read(
        "今天凌晨一点", "America/Los_Angeles"
    )  # there it is still four in the morning
    assert time.start == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_two_zones_in_one_text_are_none_for_a_time_that_stands_with_neither():
    found = read("Beijing time or London time? yesterday 10:00")
    assert [time.zone for time in found] == [None]


COUNTED = {
    # text: hours back from now, and the relation
    "两个小时前": (2, "at"),
    "一个半小时前": (1.5, "at"),
    "半小时前": (0.5, "at"),
    "三天前": (72, "at"),
    "已经等了5个小时": (5, "waited"),
    "提了三天了还没到": (72, "waited"),
    "an hour ago": (1, "at"),
    "half an hour ago": (0.5, "at"),
    "3 days ago": (72, "at"),
    "pending for 24 hours": (24, "waited"),
    "5 hours already": (5, "waited"),
    "no memo, 72 hours, can it be cancelled": (72, "waited"),
    "two weeks ago": (336, "at"),
}


@pytest.mark.parametrize(("text", "told"), COUNTED.items(), ids=COUNTED)
def test_what_is_counted_back_from_now_needs_no_zone(text, told):
    [time] = read(text)

    hours, relation = told
    back = (NOW - time.start).total_seconds() / 3600, (NOW - time.end).total_seconds() / 3600
    assert back[1] <= hours <= back[0]
    assert (time.relation, time.local) == (relation, ())
    assert window((time,), NOW) is not None


@pytest.mark.parametrize("text", ["等了好几天了", "几天前", "for weeks", "several hours ago"])
def test_a_time_without_a_number_is_vague(text):
    [time] = read(text)
    assert (time.precision, time.start) == ("vague", None)
    assert window((time,), NOW) is None


def test_day_and_month_that_may_be_swapped_are_both_shown_and_neither_is_taken():
    [time] = read("03/04/2026 15:30 UTC")
    assert [f"{first:%m-%d}" for first, _ in time.local] == ["03-04", "04-03"]
    assert (time.start, window((time,), NOW)) == (None, None)


def test_the_heading_of_a_pasted_message_is_not_when_the_money_moved():
    found = read(
        "[2026-11-22 10:15] 客服: 您好\n2026-11-22 10:16 wang: 昨天下午提的", "Asia/Shanghai"
    )
    assert [time.relation for time in found] == ["message", "message", "at"]


WINDOWS = {
    # what is said: from and to
    "昨天下午三点": ("11-21 04:00", "11-21 10:59"),  # three hours on both sides
    "昨天": ("11-20 13:00", "11-21 18:59"),
    "今天下午": ("11-22 01:00", "11-22 12:00"),  # never ahead of now
    "11月21号，昨天下午三点": ("11-21 04:00", "11-21 10:59"),  # the narrower, where they agree
    "昨天下午三点提的，今天还没到": ("11-21 04:00", "11-21 10:59"),
    "昨天下午三点提的，等了五天了": (
        "11-21 04:00",
        "11-21 10:59",
    ),  # a date counts before a wait
    "since Friday": ("11-19 13:00", "11-22 12:00"),
    "11月2号和11月9号": None,  # they disagree
    "去年12月": None,  # more than a diagnosis takes... with its margins
    "2019年": None,
}


@pytest.mark.parametrize(("text", "bounds"), WINDOWS.items(), ids=WINDOWS)
def test_the_window_follows_from_what_is_said_by_one_rule(text, bounds):
    found = window(read(text, "Asia/Shanghai"), NOW)
    assert (found and tuple(f"{at:%m-%d %H:%M}" for at in found)) == bounds
