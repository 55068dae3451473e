"""Deletes cases: those whose retention time has passed, and all cases of an account on request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from diag.cases import documents, journal, repeats, serializer, store
from diag.cases.database import Database
from diag.cases.record import StoredCase
from diag.cases.tables import cases, outbox

REPEATS = timedelta(days=1)
"""How long an Idempotency-Key is remembered."""
_AT_ONCE = 200
_ALL = 1_000_000


def purge(database: Database, now: datetime, keep: timedelta) -> int:
    """Deletes cases without any event for as long as `keep`; returns how many."""
    with database.writing() as connection:
        repeats.forget_requests(connection, now - REPEATS)
    done = 0
    while True:
        old = select(cases.c.seq).where(cases.c.updated_at < now - keep).limit(_AT_ONCE)
        with database.writing() as connection:
            found = list(connection.scalars(old))
            done += store.remove(connection, cases.c.seq.in_(found)) if found else 0
        if len(found) < _AT_ONCE:
            return done


def export(connection: Connection, account: str) -> list[dict[str, Any]]:
    """Everything that is kept about the cases of an account (name or id), the oldest case first."""
    rows = connection.execute(
        select(cases).where(store.of_account(account)).order_by(cases.c.seq)
    )
    return [_everything(connection, store.of_row(row)) for row in rows.all()]


def _everything(connection: Connection, case: StoredCase) -> dict[str, Any]:
    told = select(outbox.c.destination, outbox.c.state, outbox.c.payload)
    messages = connection.execute(
        told.where(outbox.c.case_seq == case.seq).order_by(outbox.c.created_at)
    )
    events = journal.event_page(connection, case.seq, _ALL, None)
    diagnosis = documents.diagnosis(connection, case.seq, case.verdict.diagnosis)
    return {
        **serializer.whole(case, diagnosis, None),
        "events": [serializer.event(event) for _, event in reversed(events)],
        "diagnoses": documents.all_diagnoses(connection, case.seq),
        "messages": [
            {"destination": row.destination, "state": row.state, "payload": row.payload}
            for row in messages
        ],
    }


def erase(database: Database, account: str) -> int:
    """Deletes all cases of an account (name or id); returns how many."""
    with database.writing() as connection:
        return store.remove(connection, store.of_account(account))
