"""Takes the cases that are due under a lease, and writes back what a look has found.

Of several looks at once, exactly one takes effect: a look is written, with its events and messages in
one transaction, only if its lease and the version of the case have not changed since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update

from diag.cases import documents, journal, outbox, store
from diag.cases.database import Database
from diag.cases.lease import free
from diag.cases.look import Effect
from diag.cases.record import TOLD, StoredCase
from diag.cases.schedule import LONGEST
from diag.cases.serializer import payload
from diag.cases.tables import cases

LEASE = timedelta(minutes=5)
"""How long a case is reserved for one worker."""


def due(now: datetime) -> ColumnElement[bool]:
    """The SQL condition for cases that are due, also if the clock has been put back."""
    return or_(cases.c.next_look <= now, cases.c.next_look > now + LONGEST)


def take(
    database: Database, now: datetime, wall: datetime, lease: str, limit: int
) -> list[StoredCase]:
    """Takes cases that are due, the longest due first, for `LEASE` from `wall` on.

    now: the chain's clock, for the times of looks; wall: the wall clock, for leases; lease: a new
    random token, which `write` needs.
    """
    wanted = (
        select(cases.c.seq)
        .where(due(now), free(cases, wall, LEASE))
        .order_by(cases.c.next_look)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with database.writing() as connection:
        found = list(connection.scalars(wanted))
        taken = update(cases).where(cases.c.seq.in_(found))
        connection.execute(taken.values(lease=lease, lease_until=wall + LEASE))
        rows = connection.execute(
            select(cases).where(cases.c.seq.in_(found)).order_by(cases.c.next_look)
        )
        return [store.of_row(row) for row in rows]


def claim(database: Database, case: StoredCase, wall: datetime, lease: str) -> bool:
    """Takes one case even from another worker, whose look then has no effect; False if it is gone."""
    with database.writing() as connection:
        mine = update(cases).where(cases.c.seq == case.seq)
        done = connection.execute(mine.values(lease=lease, lease_until=wall + LEASE))
        return done.rowcount == 1


def release(database: Database, lease: str) -> None:
    """Gives back the cases that were taken under a lease and not written."""
    with database.writing() as connection:
        mine = update(cases).where(cases.c.lease == lease)
        connection.execute(mine.values(lease=None, lease_until=None))


def write(
    database: Database,
    case: StoredCase,
    lease: str,
    found: Effect,
    document: Mapping[str, Any] | None,
    now: datetime,
    wall: datetime,
    by: str | None = None,
    tell: Sequence[str] | None = None,
) -> bool:
    """Writes a look, its events and its messages in one transaction; False if it has no effect
    because somebody else looked at the case or changed it in the meantime.

    document: the diagnosis to keep, if any; by: who requested the look; tell: the destinations, by
    default those of the case.
    """
    with database.writing() as connection:
        if not store.change(
            connection, case, _columns(case, found, now), cases.c.lease == lease
        ):
            connection.execute(
                update(cases)
                .where(cases.c.seq == case.seq, cases.c.lease == lease)
                .values(lease=None, lease_until=None)
            )
            return False
        if document is not None:
            documents.add_diagnosis(connection, case.seq, document, now)
        if found.counted:
            journal.count_event(connection, case.seq, found.counted, now)
        _add_events(connection, case, found, now, wall, by, case.tell if tell is None else tell)
    return True


def _columns(case: StoredCase, found: Effect, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "looks": case.looks + 1,
        "looked_at": now,
        "failures": found.failures,
        "next_look": found.next_look,
        "lease": None,
        "lease_until": None,
    }
    if found.visible:
        values |= {"version": case.version + 1, "updated_at": now}
    if found.verdict != case.verdict:
        values |= store.verdict_columns(found.verdict, case)
    for name in ("state", "waiting_for", "resolution", "closed_at"):
        if getattr(found, name) != getattr(case, name):
            values[name] = getattr(found, name)
    return values


def _add_events(
    connection: Connection,
    case: StoredCase,
    found: Effect,
    now: datetime,
    wall: datetime,
    by: str | None,
    tell: Sequence[str],
) -> None:
    for kind, body in found.events:
        event = journal.add_event(connection, case.seq, kind, now, by, body)
        if kind in TOLD and tell:
            told = payload(case, found, event)
            outbox.add(connection, case.seq, event.id, tell, told, wall)
