"""The list of cases as support agents work through it: urgent and overdue cases first, then cases
with changes that nobody has handled, then the newest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.sql import ColumnElement

from diag.cases import serializer, store
from diag.cases.database import Database
from diag.cases.record import ACTIVE, COUNTED, Event, EventKind, State, StoredCase
from diag.cases.span import Span
from diag.cases.tables import cases, events, outbox
from diag.domain.vocabulary import Outcome
from diag.render.formatting import stamp

NEWS = (EventKind.CHANGED, EventKind.RESOLVED, EventKind.WATCH_ENDED)
"""Kinds of events that an agent has to handle."""
TAKEN_UP = tuple(kind for kind in EventKind if kind not in (*NEWS, *COUNTED))
"""Kinds of events made by people. After one of them, earlier events no longer count as new."""
FRESH_FOR = timedelta(days=7)
"""How long the event that ended a case counts as new."""
VIEWS = ("open", "urgent", "changed", "user", "gateway", "resolved", "closed", "all")
"""What a list can be limited to. `open` has the cases that somebody still works on, and those that
were resolved without anybody having seen it."""
_CURSOR = re.compile(r"([0-2])\.([1-9][0-9]{0,17})\Z")
_UNFINISHED = (Outcome.IN_PROGRESS, Outcome.STUCK, Outcome.AT_RISK, Outcome.NOTHING_FOUND)


@dataclass(frozen=True, slots=True)
class Board:
    """A page of cases, and how many there are in each view.

    cases: documents as in a list, each with `promised` (when it should be done), `overdue`, `fresh`
    (whether it has a change that nobody has handled) and `change` (the last event that reports one).
    more: the cursor of the next page.
    """

    cases: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]
    more: str | None


def board(
    database: Database,
    now: datetime,
    view: str,
    limit: int,
    *,
    urgent: Collection[str] = (),
    opened_by: str | None = None,
    text: str | None = None,
    span: Span | None = None,
    before: str | None = None,
) -> Board:
    """The cases of a view.

    urgent: codes of verdicts that are urgent regardless of promised times; opened_by: only the cases
    of this key; text, span: as in `store.Filter`.
    """
    wanted = store.Filter(text=text, opened_by=opened_by, span=span)
    scope = and_(literal(True), *store.conditions(wanted))
    first = _urgent(now, urgent)
    rank = case((first, 0), (_fresh(now), 1), else_=2)
    query = select(cases, rank.label("rank"), _fresh(now).label("fresh")).where(
        scope, _of_view(view, now, first)
    )
    if before and (found := _CURSOR.match(before)):
        query = query.where(
            or_(rank > int(found[1]), and_(rank == int(found[1]), cases.c.seq < int(found[2])))
        )
    query = query.order_by(rank, cases.c.seq.desc()).limit(limit + 1)
    with database.reading() as connection:
        rows = connection.execute(query).all()
        told = _last_news(connection, [row.seq for row in rows[:limit]])
        counts = _counts(connection, scope, now, first)
    last = rows[limit - 1] if len(rows) > limit else None
    shown = [_listed(store.of_row(row), bool(row.fresh), told, now) for row in rows[:limit]]
    return Board(shown, counts, f"{last.rank}.{last.seq}" if last else None)


def history(
    database: Database, found: StoredCase, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The document of a case as on the board, and the state of the messages about it.

    Messages are {channel, state, at}, the last one per channel; times are of the wall clock.
    """
    with database.reading() as connection:
        fresh = connection.scalar(select(_fresh(now)).where(cases.c.seq == found.seq))
        told = _last_news(connection, [found.seq])
        query = select(outbox).where(outbox.c.case_seq == found.seq)
        rows = connection.execute(query.order_by(outbox.c.created_at)).all()
    messages = {
        row.destination: {
            "channel": row.destination,
            "state": row.state,
            "at": stamp(row.settled_at or row.created_at),
        }
        for row in rows
    }
    return _listed(found, bool(fresh), told, now), list(messages.values())


def deadline(found: StoredCase) -> datetime | None:
    """By when the last verdict expects the withdrawal to be done."""
    verdict = found.verdict
    return verdict.expected_by or verdict.normal_until or verdict.escalate_after


def _listed(
    found: StoredCase, fresh: bool, news: Mapping[int, Event], now: datetime
) -> dict[str, Any]:
    change, promised = news.get(found.seq), deadline(found)
    unfinished = found.state in ACTIVE and found.verdict.outcome in _UNFINISHED
    return {
        **serializer.listed(found),
        "promised": stamp(promised),
        "overdue": unfinished and promised is not None and promised < now,
        "fresh": fresh,
        "change": serializer.event(change) if change else None,
    }


# --- conditions ---------------------------------------------------------------------------------


def _of_view(view: str, now: datetime, urgent: ColumnElement[bool]) -> ColumnElement[bool]:
    active = cases.c.state.in_(ACTIVE)
    match view:
        case "open":
            return or_(active, _fresh(now))
        case "urgent":
            return urgent
        case "changed":
            return _fresh(now)
        case "user" | "gateway":
            return and_(cases.c.state == State.WAITING, cases.c.waiting_for == view)
        case "resolved" | "closed":
            return cases.c.state == view
    return literal(True)


def _urgent(now: datetime, codes: Collection[str]) -> ColumnElement[bool]:
    """Active cases whose promised time has passed, or whose money is at risk."""
    said = {
        name: cases.c.verdict[name].as_string()
        for name in ("outcome", "expected_by", "normal_until", "escalate_after")
    }
    promised = func.coalesce(
        said["expected_by"], said["normal_until"], said["escalate_after"], "9"
    )
    late = and_(said["outcome"].in_(_UNFINISHED), promised < stamp(now))
    at_risk = or_(said["outcome"] == Outcome.AT_RISK, cases.c.code.in_(codes))
    return and_(cases.c.state.in_(ACTIVE), or_(late, at_risk))


def _fresh(now: datetime) -> ColumnElement[bool]:
    """Cases with a change that nobody has handled yet."""
    news = _latest(NEWS)
    recent = or_(cases.c.state.in_(ACTIVE), cases.c.updated_at > now - FRESH_FOR)
    return and_(recent, func.coalesce(news, 0) > func.coalesce(_latest(TAKEN_UP), 0))


def _latest(kinds: Sequence[EventKind]) -> Any:
    """The number of the newest event of these kinds."""
    of_case = select(func.max(events.c.seq)).where(events.c.case_seq == cases.c.seq)
    return of_case.where(events.c.kind.in_(kinds)).correlate(cases).scalar_subquery()


def _counts(
    connection: Connection,
    scope: ColumnElement[bool],
    now: datetime,
    urgent: ColumnElement[bool],
) -> dict[str, int]:
    sums = [
        func.sum(case((_of_view(view, now, urgent), 1), else_=0)).label(view) for view in VIEWS
    ]
    found = connection.execute(select(*sums).select_from(cases).where(scope)).one()._mapping
    return {view: int(found[view] or 0) for view in VIEWS}


def _last_news(connection: Connection, seqs: Sequence[int]) -> dict[int, Event]:
    """Case → its last event that reports a change."""
    kinds = (EventKind.CHANGED, EventKind.WATCH_ENDED)
    newest = (
        select(events.c.case_seq, func.max(events.c.seq))
        .where(events.c.case_seq.in_(seqs), events.c.kind.in_(kinds))
        .group_by(events.c.case_seq)
    )
    query = select(events).where(tuple_(events.c.case_seq, events.c.seq).in_(newest))
    return {
        row.case_seq: Event(row.id, row.at, EventKind(row.kind), row.by, row.body)
        for row in connection.execute(query)
    }
