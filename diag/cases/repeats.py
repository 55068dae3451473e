"""Requests with an Idempotency-Key, which open only one case even if they are repeated."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from diag.cases.tables import cases, requests


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request with an Idempotency-Key: its owner, and the digests of its key and its body."""

    owner: str
    key: str
    digest: str


def opened_by_request(connection: Connection, request: Repeatable) -> tuple[str, str] | None:
    """The id of the case that the request opened, and the digest of the body that it had then."""
    query = (
        select(cases.c.id, requests.c.digest)
        .join(cases, cases.c.seq == requests.c.case_seq)
        .where(requests.c.owner == request.owner, requests.c.key == request.key)
    )
    row = connection.execute(query).first()
    return (row.id, row.digest) if row else None


def add_request(connection: Connection, request: Repeatable, seq: int, at: datetime) -> None:
    """Raises IntegrityError if the owner has used the key already."""
    values = {f.name: getattr(request, f.name) for f in fields(Repeatable)}
    connection.execute(insert(requests).values(**values, case_seq=seq, at=at))


def forget_requests(connection: Connection, before: datetime) -> None:
    connection.execute(delete(requests).where(requests.c.at < before))
