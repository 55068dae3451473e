"""A report as the JSON document of the HTTP contract, and as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from diag.cases.report import Figures, Report, Satisfaction, Share, Times
from diag.render.formatting import stamp

SCHEMA = "1"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data: times in seconds, shares from 0 to 1; null for a figure without
    cases.
    """
    return {
        "schema": SCHEMA,
        "from": _utc(report.start),
        "to": _utc(report.end),
        "by": report.by,
        "every": report.every,
        "complete": report.complete,
        "total": _figures(report.total),
        "groups": [{"key": group.key, **_figures(group.figures)} for group in report.groups],
        "verdicts": [
            {"code": judged.code, **_share(judged.verdicts), "really": dict(judged.really)}
            for judged in report.verdicts
        ],
        "trend": [
            {"start": _utc(bucket.start), **_figures(bucket.figures)} for bucket in report.trend
        ],
    }


def _figures(found: Figures) -> dict[str, Any]:
    return {
        "cases": found.cases,
        "open": found.open,
        "overdue": found.overdue,
        "first_answer": _times(found.first_answer),
        "resolution": _times(found.resolution),
        "verdicts": _share(found.verdicts),
        "satisfaction": _satisfaction(found.satisfaction),
    }


def _times(found: Times) -> dict[str, Any]:
    return {
        "count": found.count,
        "p50_seconds": _rounded(found.p50, 1),
        "p95_seconds": _rounded(found.p95, 1),
    }


def _share(found: Share) -> dict[str, Any]:
    return {name: _rounded(value, 4) for name, value in asdict(found).items()}


def _satisfaction(found: Satisfaction) -> dict[str, Any]:
    return {
        "count": found.count,
        "mean": _rounded(found.mean, 2),
        "scores": list(found.scores),
    }


def _utc(moment: datetime) -> str | None:
    return stamp(moment.astimezone(UTC))


def _rounded(value: float | None, digits: int) -> float | None:
    return value if value is None or isinstance(value, int) else round(value, digits)


def table(report: Report) -> Iterator[list[object]]:
    """A header, then a row per part of the report.

    part: total, group, verdicts or period; key: the gateway, code, language, agent, or the day or
    Monday on which a period begins. A row of verdicts is about one code.
    """
    yield ["part", "key", *_COLUMNS]
    yield ["total", None, *_row(report.total)]
    for group in report.groups:
        yield ["group", group.key, *_row(group.figures)]
    for judged in report.verdicts:
        cells = {f"verdicts_{name}": value for name, value in _share(judged.verdicts).items()}
        yield ["verdicts", judged.code, *(cells.get(name) for name in _COLUMNS)]
    for bucket in report.trend:
        yield ["period", _day(bucket.start), *_row(bucket.figures)]


_COLUMNS = (
    "cases",
    "open",
    "overdue",
    "first_answer_count",
    "first_answer_p50_seconds",
    "first_answer_p95_seconds",
    "resolution_count",
    "resolution_p50_seconds",
    "resolution_p95_seconds",
    "verdicts_count",
    "verdicts_right",
    "verdicts_share",
    "verdicts_low",
    "verdicts_high",
    "satisfaction_count",
    "satisfaction_mean",
)


def _row(found: Figures) -> list[object]:
    cells: dict[str, object] = {}
    for name, value in _figures(found).items():
        if isinstance(value, Mapping):
            cells |= {f"{name}_{part}": number for part, number in value.items()}
        else:
            cells[name] = value
    return [cells[name] for name in _COLUMNS]


def _day(start: datetime) -> str:
    return f"{start:%Y-%m-%d}"
