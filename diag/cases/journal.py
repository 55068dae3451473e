"""The events of a case in the database, in the order in which they happened."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from diag.cases.record import Event, EventKind
from diag.cases.tables import events


def add_event(
    connection: Connection,
    seq: int,
    kind: EventKind,
    at: datetime,
    by: str | None,
    body: Mapping[str, Any],
) -> Event:
    """Adds an event to a case, and returns it; by: the name of the API key."""
    event = Event(secrets.token_hex(16), at, kind, by, body)
    values = {f.name: getattr(event, f.name) for f in fields(Event)}
    values |= {"case_seq": seq, "kind": str(event.kind), "body": dict(event.body)}
    connection.execute(insert(events).values(**values))
    return event


def count_event(connection: Connection, seq: int, kind: EventKind, at: datetime) -> None:
    """Counts a check in the case's last event if that is of the same kind, else adds a new event."""
    newest = select(events).where(events.c.case_seq == seq).order_by(events.c.seq.desc())
    last = connection.execute(newest.limit(1)).first()
    if last is None or last.kind != kind:
        body = {"looks": 1, "last": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        add_event(connection, seq, kind, at, None, body)
        return
    body = {"looks": last.body["looks"] + 1, "last": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    connection.execute(update(events).where(events.c.seq == last.seq).values(body=body))


def event_page(
    connection: Connection, seq: int, limit: int, before: int | None
) -> list[tuple[int, Event]]:
    """Up to `limit` events of a case with their numbers, the newest first."""
    query = select(events).where(events.c.case_seq == seq)
    if before is not None:
        query = query.where(events.c.seq < before)
    return _events(connection, query.order_by(events.c.seq.desc()).limit(limit))


def last_event(connection: Connection, seq: int, kind: EventKind) -> Event | None:
    query = select(events).where(events.c.case_seq == seq, events.c.kind == kind)
    found = _events(connection, query.order_by(events.c.seq.desc()).limit(1))
    return found[0][1] if found else None


def _events(connection: Connection, query: Select[Any]) -> list[tuple[int, Event]]:
    return [
        (row.seq, Event(row.id, row.at, EventKind(row.kind), row.by, row.body))
        for row in connection.execute(query)
    ]
