"""Reads the cases of a period for a report, with one query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from diag.cases.record import ACTIVE
from diag.cases.report import CaseRow
from diag.cases.tables import cases

MOST = 50_000
"""Cases that one report reads."""
COLUMNS = {
    "gateway": cases.c.gateway,
    "code": cases.c.code,
    "lang": cases.c.lang,
    "agent": cases.c.opened_by,
}
"""What the cases of a report are grouped and filtered by."""


def read(
    connection: Connection,
    start: datetime,
    end: datetime,
    wanted: Mapping[str, str],
    most: int = MOST,
) -> tuple[list[CaseRow], bool]:
    """The cases opened in [start, end), the newest first, and whether the list is complete.

    wanted: values of `COLUMNS` that the cases must have.
    """
    promised = [cases.c.verdict[name].as_string() for name in _PROMISES]
    query = (
        select(
            cases.c.opened_at,
            cases.c.answered_at,
            cases.c.closed_at,
            cases.c.state.in_(ACTIVE),
            func.coalesce(*promised),
            *COLUMNS.values(),
            cases.c.judged_code,
            cases.c.judged_right,
            cases.c.right_code,
            cases.c.score,
        )
        .where(cases.c.opened_at >= start, cases.c.opened_at < end)
        .where(*(COLUMNS[name] == value for name, value in wanted.items()))
        .order_by(cases.c.opened_at.desc(), cases.c.seq.desc())
        .limit(most + 1)
    )
    found = [
        CaseRow(opened, answered, closed, bool(is_open), _time(due), *rest)
        for opened, answered, closed, is_open, due, *rest in connection.execute(query)
    ]
    return found[:most], len(found) <= most


_PROMISES = ("expected_by", "normal_until", "escalate_after")
"""Fields of a verdict that name a time; the first one present counts."""


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
