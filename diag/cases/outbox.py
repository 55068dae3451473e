"""Messages to be sent: written with their event, taken under a lease, and settled once.

A message is sent at least once: a sender may die after sending a message and before settling it. The
id of a message never changes, so that receivers can recognise a repetition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from diag.cases.database import Database
from diag.cases.lease import free
from diag.cases.tables import cases, outbox


class Delivery(StrEnum):
    """The state of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"
    """Given up; an operator has to send it again."""


LEASE = timedelta(minutes=2)
"""How long a message is reserved for one sender."""
LONGEST_ERROR = 256


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is reserved for this sender until its lease ends."""

    id: str
    destination: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    lease: str


def message_id(event: str, destination: str) -> str:
    """The id of the message about an event to a destination; the same for every attempt."""
    return hashlib.sha256(f"{event}\n{destination}".encode()).hexdigest()[:32]


def add(
    connection: Connection,
    seq: int | None,
    event: str,
    destinations: Iterable[str],
    payload: Mapping[str, Any],
    wall: datetime,
) -> None:
    """Adds a message for each destination, in the transaction of the event; payload gets its id.

    seq: the number of the case; None for a message that is not about a case.
    """
    for destination in dict.fromkeys(destinations):
        found = message_id(event, destination)
        values = {
            "id": found,
            "case_seq": seq,
            "event": event,
            "destination": destination,
            "payload": {"id": found, **payload},
            "state": str(Delivery.WAITING),
            "attempts": 0,
            "created_at": wall,
            "due_at": wall,
        }
        connection.execute(insert(outbox).values(**values))


def take(database: Database, wall: datetime, lease: str, limit: int) -> list[Taken]:
    """Takes messages that are due, oldest first, for `LEASE` from `wall` on.

    lease: a new random token, needed to settle them.
    """
    due = (
        select(outbox.c.id)
        .where(
            outbox.c.state == Delivery.WAITING,
            outbox.c.due_at <= wall,
            free(outbox, wall, LEASE),
        )
        .order_by(outbox.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with database.writing() as connection:
        ids = list(connection.scalars(due))
        mine = update(outbox).where(outbox.c.id.in_(ids))
        connection.execute(
            mine.values(lease=lease, lease_until=wall + LEASE, attempts=outbox.c.attempts + 1)
        )
        rows = connection.execute(
            select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.due_at)
        )
        return [
            Taken(r.id, r.destination, r.payload, r.attempts, r.created_at, lease) for r in rows
        ]


def delivered(database: Database, message: Taken, wall: datetime) -> bool:
    """Marks a message as delivered; False if another sender has it by now."""
    return _settle(
        database, message, state=str(Delivery.DELIVERED), settled_at=wall, error=None
    )


def failed(
    database: Database, message: Taken, wall: datetime, error: str, again: datetime | None
) -> bool:
    """Marks an attempt as failed; again: when to try next, None to give up and park it.

    error: a short reason without personal data. Returns False if another sender has it by now.
    """
    reason = error[:LONGEST_ERROR]
    if again is None:
        return _settle(
            database, message, state=str(Delivery.PARKED), settled_at=wall, error=reason
        )
    return _settle(database, message, due_at=again, error=reason)


def postpone(database: Database, message: Taken, until: datetime) -> bool:
    """Returns an unsent message to the outbox, due later; the attempt does not count."""
    return _settle(database, message, due_at=until, attempts=message.attempts - 1)


def find(connection: Connection, message: str) -> dict[str, Any] | None:
    """A message as it is listed; see `page`."""
    row = connection.execute(_LISTED.where(outbox.c.id == message)).first()
    return _listed(row) if row else None


def page(
    connection: Connection,
    state: str | None,
    destination: str | None,
    limit: int,
    before: tuple[datetime, str] | None,
) -> list[dict[str, Any]]:
    """Up to `limit` messages, the newest first; before: time and id of the last message of the
    previous page.
    """
    query = _LISTED.order_by(outbox.c.created_at.desc(), outbox.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(outbox.c.state == state)
    if destination is not None:
        query = query.where(outbox.c.destination == destination)
    if before is not None:
        at, last = before
        older = and_(outbox.c.created_at == at, outbox.c.id < last)
        query = query.where(or_(outbox.c.created_at < at, older))
    return [_listed(row) for row in connection.execute(query)]


_LISTED = select(outbox, cases.c.id.label("case_id")).outerjoin(
    cases, cases.c.seq == outbox.c.case_seq
)


def _listed(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "destination": row.destination,
        "event": row.event,
        "type": row.payload["type"],
        "case": row.case_id,
        "reference": row.payload["case"]["reference"],
        "state": row.state,
        "attempts": row.attempts,
        "error": row.error,
        "created": row.created_at,
        "due": row.due_at if row.state == Delivery.WAITING else None,
        "settled": row.settled_at,
    }


def drop(database: Database, message: str, wall: datetime) -> bool:
    """Deletes a message that is not being sent and has not been delivered; False if there is none."""
    idle = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= wall)
    with database.writing() as connection:
        done = connection.execute(
            delete(outbox).where(
                outbox.c.id == message, outbox.c.state != Delivery.DELIVERED, idle
            )
        )
        return done.rowcount == 1


def retry(database: Database, message: str, wall: datetime) -> bool:
    """Makes a parked message due again, with a new series of attempts; False if there is none."""
    parked = update(outbox).where(outbox.c.id == message, outbox.c.state == Delivery.PARKED)
    with database.writing() as connection:
        done = connection.execute(
            parked.values(state=str(Delivery.WAITING), attempts=0, due_at=wall, settled_at=None)
        )
        return done.rowcount == 1


def counts(connection: Connection) -> dict[str, int]:
    """State → number of messages."""
    rows = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    found = {state: int(number) for state, number in rows}
    return {str(state): found.get(str(state), 0) for state in Delivery}


def _settle(database: Database, message: Taken, **values: Any) -> bool:
    mine = update(outbox).where(outbox.c.id == message.id, outbox.c.lease == message.lease)
    with database.writing() as connection:
        done = connection.execute(mine.values(lease=None, lease_until=None, **values))
        return done.rowcount == 1
