"""The figures of a desk: times, what is open and overdue, right verdicts, satisfaction, the trend."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from desks import at

from diag.cases.report import CaseRow, Figures, Report, Share, percentile, report, share
from diag.cases.report_document import document, table

START, END, NOW = (at(f"2026-11-{day}T00:00:00") for day in ("09", "23", "23"))
ROW = CaseRow(
    opened=at("2026-11-10T08:00:00"),
    answered=None,
    closed=None,
    is_open=True,
    promised=None,
    gateway="NORTH",
    code="gateway_processing",
    lang="zh",
    agent=None,
    judged=None,
    right=None,
    really=None,
    score=None,
)


def rows(*changes: dict[str, Any]) -> list[CaseRow]:
    return [replace(ROW, **change) for change in changes]


def made(*changes: dict[str, Any], **options: Any) -> Report:
    return report(rows(*changes), START, END, NOW, **options)


def seconds(number: float) -> datetime:
    return ROW.opened + timedelta(seconds=number)


def test_without_cases_nothing_is_known_and_every_day_is_shown() -> None:
    found = made()
    total = found.total
    assert (total.cases, total.open, total.overdue) == (0, 0, 0)
    assert total.first_answer.p50 is total.first_answer.p95 is total.verdicts.share is None
    assert (total.satisfaction.mean, total.satisfaction.scores) == (None, (0, 0, 0, 0, 0))
    assert found.groups == found.verdicts == ()
    assert [bucket.start for bucket in found.trend] == [
        START + timedelta(days=day) for day in range(14)
    ]


@pytest.mark.parametrize(
    ("spans", "p50", "p95"),
    [
        ([], None, None),
        ([None, None], None, None),
        ([30], 30, 30),
        ([10, 30], 20, 29),
        ([None, 10, 20, 30], 20, 29),
        (list(range(101)), 50, 95),
        ([-5], 0, 0),  # a clock that was put back
    ],
)
def test_times_are_those_that_are_known(
    spans: list[float | None], p50: float | None, p95: float | None
) -> None:
    ends = [None if span is None else seconds(span) for span in spans]
    answered = made(*({"answered": end} for end in ends)).total.first_answer
    closed = made(*({"closed": end} for end in ends)).total.resolution
    assert answered == closed
    assert answered.count == len([span for span in spans if span is not None])
    assert (answered.p50, answered.p95) == (p50, p95)


def test_a_percentile_lies_between_two_values_by_proportion() -> None:
    assert percentile([0, 10], 0.25) == 2.5
    assert percentile([7], 0.95) == 7


@pytest.mark.parametrize(
    ("change", "is_open", "overdue"),
    [
        ({}, 1, 0),  # nothing was promised
        ({"promised": NOW}, 1, 0),
        ({"promised": NOW + timedelta(seconds=1)}, 1, 0),
        ({"promised": NOW - timedelta(seconds=1)}, 1, 1),
        ({"promised": NOW - timedelta(days=1), "is_open": False}, 0, 0),
    ],
)
def test_what_is_open_and_overdue(change: dict[str, Any], is_open: int, overdue: int) -> None:
    total = made(change).total
    assert (total.open, total.overdue) == (is_open, overdue)


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        (0, 1, 0.0, 0.7935),
        (1, 1, 0.2065, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),  # the example of Newcombe, 1998
        (0, 20, 0.0, 0.1611),
        (15, 148, 0.0624, 0.1605),
    ],
)
def test_a_share_has_its_wilson_interval(
    right: int, count: int, low: float, high: float
) -> None:
    found = share(right, count)
    assert (found.right, found.count, found.share) == (right, count, right / count)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)
    assert share(0, 0) == Share(0, 0, None, None, None)


def test_verdicts_are_counted_by_the_code_that_was_judged() -> None:
    wrong = {"judged": "gateway_overdue", "right": False}
    found = made(
        {},
        {"judged": "gateway_overdue", "right": True, "code": "gateway_settled"},
        {**wrong, "really": "memo_missing"},
        {**wrong, "really": "memo_missing"},
        wrong,
        {"judged": "account_not_found", "right": True},
    )
    assert [judged.code for judged in found.verdicts] == [
        "gateway_overdue",
        "account_not_found",
    ]
    overdue, unknown = found.verdicts
    assert (overdue.verdicts.right, overdue.verdicts.count) == (1, 4)
    assert overdue.really == {"memo_missing": 2}
    assert (unknown.verdicts.share, unknown.really) == (1.0, {})
    assert (found.total.verdicts.right, found.total.verdicts.count) == (2, 5)


def test_satisfaction_counts_who_rated() -> None:
    found = made(*({"score": score} for score in (None, 5, 5, 4, 1))).total.satisfaction
    assert (found.count, found.mean, found.scores) == (4, 3.75, (1, 0, 0, 1, 2))


@pytest.mark.parametrize(
    ("by", "field", "keys"),
    [
        ("gateway", "gateway", ["b", "a", "c", None]),
        ("agent", "agent", ["b", "a", "c", None]),
        ("code", "code", ["b", "a", "c"]),
        ("lang", "lang", ["b", "a", "c"]),
    ],
)
def test_groups_come_with_the_largest_first_and_nobody_last(
    by: Any, field: str, keys: list[str | None]
) -> None:
    values = [key for key in ("c", None, "a", "b", "b") if key in keys]
    found = made(*({field: value} for value in values), by=by)
    assert [group.key for group in found.groups] == keys
    assert sum(group.figures.cases for group in found.groups) == len(values)


def opened(found: Report) -> dict[str, int]:
    return {
        f"{bucket.start:%m-%d %H:%M %z}": bucket.figures.cases
        for bucket in found.trend
        if bucket.figures.cases
    }


@pytest.mark.parametrize(
    ("zone", "every", "expected"),
    [
        (UTC, "day", {"11-10 00:00 +0000": 2, "11-11 00:00 +0000": 1}),
        (ZoneInfo("Asia/Shanghai"), "day", {"11-10 00:00 +0800": 1, "11-11 00:00 +0800": 2}),
        (UTC, "week", {"11-09 00:00 +0000": 3}),
    ],
)
def test_the_trend_is_in_the_days_of_the_time_zone(
    zone: Any, every: Any, expected: dict[str, int]
) -> None:
    times = ("10T08:00:00", "10T16:00:00", "11T00:00:00")
    found = made(*({"opened": at(f"2026-11-{t}")} for t in times), zone=zone, every=every)
    assert opened(found) == expected


def test_a_day_may_have_23_or_25_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for day in ("2026-03-28", "2026-10-24"):
        start = datetime.fromisoformat(day).replace(tzinfo=berlin)
        end = (start + timedelta(days=4)).astimezone(UTC)
        found = report([], start.astimezone(UTC), end, NOW, zone=berlin)
        assert [(b.start.hour, b.start.day - start.day) for b in found.trend] == [
            (0, 0),
            (0, 1),
            (0, 2),
            (0, 3),
        ]


@pytest.mark.parametrize(("days", "every"), [(1, "day"), (35, "day"), (36, "week")])
def test_a_long_period_is_shown_by_weeks(days: int, every: str) -> None:
    found = report([], START, START + timedelta(days=days), NOW)
    assert found.every == every
    assert len(found.trend) == (days if every == "day" else 6)


def test_the_parts_add_up_to_the_whole() -> None:
    changes = [
        {
            "opened": ROW.opened + timedelta(hours=7 * n),
            "gateway": f"G{n % 3}",
            "score": n % 5 + 1,
        }
        for n in range(40)
    ]

    def whole(parts: list[Figures]) -> tuple[int, ...]:
        return sum(p.cases for p in parts), sum(p.satisfaction.count for p in parts)

    found = made(*changes)
    for parts in (found.groups, found.trend):
        assert whole([part.figures for part in parts]) == whole([found.total])


def test_the_table_has_a_row_per_part_with_as_many_cells_as_its_head() -> None:
    found = made({"judged": "gateway_overdue", "right": False, "agent": "=1+1"}, by="agent")
    head, *rest = table(found)
    assert {len(row) for row in rest} == {len(head)}
    assert [row[0] for row in rest] == ["total", "group", "verdicts", *["period"] * 14]
    assert [row[1] for row in rest[:4]] == [None, "=1+1", "gateway_overdue", "2026-11-09"]


def test_the_document_is_rounded() -> None:
    found = document(
        made(*({"judged": "c", "right": n == 0, "answered": seconds(n / 3)} for n in range(3)))
    )
    assert found["verdicts"][0]["share"] == 0.3333
    assert found["total"]["first_answer"]["p50_seconds"] == 0.3
