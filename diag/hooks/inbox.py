"""Stores requests of helpdesks in the database: each is stored once, leased to a worker, settled
once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from diag.cases.database import Database
from diag.cases.lease import free
from diag.cases.tables import inbox, outbox

LEASE = timedelta(minutes=3)
"""How long a request is reserved for one worker."""


class RequestState(StrEnum):
    """The state of a request."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    """Given up."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to answer; see `questions.Question` for the question."""

    id: str
    hook: str
    reference: str
    lang: str
    question: Mapping[str, Any]
    attempts: int
    lease: str


def delivery_id(hook: str, delivery: str | None, raw: bytes) -> str:
    """The id of a delivery, made of its sender and its content, so that a repetition has the same id."""
    found = hashlib.sha256(f"{hook}\n{delivery or ''}\n".encode())
    found.update(raw)
    return found.hexdigest()[:32]


def is_known(database: Database, delivery: str) -> bool:
    with database.reading() as connection:
        query = select(inbox.c.id).where(inbox.c.id == delivery)
        return connection.execute(query).first() is not None


def put(
    database: Database,
    delivery: str,
    hook: str,
    reference: str,
    lang: str,
    question: Mapping[str, Any],
    wall: datetime,
) -> bool:
    """Stores a request; returns False if it is stored already."""
    values = {
        "id": delivery,
        "hook": hook,
        "reference": reference,
        "lang": lang,
        "question": dict(question),
        "state": str(RequestState.WAITING),
        "attempts": 0,
        "received_at": wall,
        "due_at": wall,
    }
    try:
        with database.writing() as connection:
            connection.execute(insert(inbox).values(**values))
    except IntegrityError:
        return False
    return True


def take(database: Database, wall: datetime, lease: str, limit: int) -> list[Request]:
    """Takes requests that are due, oldest first, at most one of each conversation at a time."""
    other = inbox.alias()
    earlier = (
        select(other.c.id)
        .where(
            other.c.hook == inbox.c.hook,
            other.c.reference == inbox.c.reference,
            other.c.state == RequestState.WAITING,
            or_(
                other.c.received_at < inbox.c.received_at,
                (other.c.received_at == inbox.c.received_at) & (other.c.id < inbox.c.id),
            ),
        )
        .exists()
    )
    due = (
        select(inbox.c.id)
        .where(
            inbox.c.state == RequestState.WAITING,
            inbox.c.due_at <= wall,
            free(inbox, wall, LEASE),
            ~earlier,
        )
        .order_by(inbox.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with database.writing() as connection:
        ids = list(connection.scalars(due))
        mine = update(inbox).where(inbox.c.id.in_(ids))
        connection.execute(
            mine.values(lease=lease, lease_until=wall + LEASE, attempts=inbox.c.attempts + 1)
        )
        rows = connection.execute(select(inbox).where(inbox.c.id.in_(ids)))
        return [
            Request(r.id, r.hook, r.reference, r.lang, r.question, r.attempts, lease)
            for r in rows
        ]


def done(connection: Connection, request: Request, wall: datetime) -> bool:
    """Marks a request as answered, and deletes its question; False if another worker has it by now."""
    return _settle(
        connection, request, state=str(RequestState.DONE), settled_at=wall, question=None
    )


def failed(
    database: Database, request: Request, wall: datetime, again: datetime | None
) -> None:
    """Marks an attempt as failed; again: when to try next, None to give up."""
    with database.writing() as connection:
        if again is not None:
            _settle(connection, request, due_at=again)
        else:
            state = str(RequestState.FAILED)
            _settle(connection, request, state=state, settled_at=wall, question=None)


def _settle(connection: Connection, request: Request, **values: Any) -> bool:
    mine = update(inbox).where(inbox.c.id == request.id, inbox.c.lease == request.lease)
    return connection.execute(mine.values(lease=None, lease_until=None, **values)).rowcount == 1


def purge(database: Database, wall: datetime, keep: timedelta) -> int:
    """Deletes requests, and messages that are not about a case, whose retention time has passed."""
    with database.writing() as connection:
        old = connection.execute(delete(inbox).where(inbox.c.received_at < wall - keep))
        connection.execute(
            delete(outbox).where(outbox.c.case_seq.is_(None), outbox.c.created_at < wall - keep)
        )
        return old.rowcount
