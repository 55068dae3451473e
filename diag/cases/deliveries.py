"""Messages to channels, for the operator: list them, send them again, delete them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from diag.cases import outbox
from diag.cases.database import Database
from diag.cases.outbox import Delivery
from diag.errors import NoSuchDelivery, NotParked
from diag.render.formatting import stamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def page(
    database: Database,
    state: str | None,
    destination: str | None,
    limit: int,
    before: str | None,
) -> tuple[list[dict[str, Any]], str | None]:
    """The documents of a page of messages, the newest first, and where the next page begins."""
    with database.reading() as connection:
        start = _position(before) if before else None
        rows = outbox.page(connection, state, destination, limit + 1, start)
    more = rows[limit - 1] if len(rows) > limit else None
    return [document(row) for row in rows[:limit]], _cursor(more) if more else None


def retry(database: Database, delivery: str, wall: datetime) -> dict[str, Any]:
    """Makes a parked message due again; raises NoSuchDelivery, NotParked."""
    done = outbox.retry(database, delivery, wall)
    with database.reading() as connection:
        found = outbox.find(connection, delivery)
    if found is None:
        raise NoSuchDelivery
    if not done:
        raise NotParked
    return document(found)


def retry_all(database: Database, destination: str | None, wall: datetime) -> int:
    """Makes all parked messages due again, of one destination or of all; returns how many."""
    with database.reading() as connection:
        rows = outbox.page(connection, Delivery.PARKED, destination, 1_000_000, None)
    return sum(outbox.retry(database, row["id"], wall) for row in rows)


def drop(database: Database, delivery: str, wall: datetime) -> None:
    """Deletes a message that has not been delivered; raises NoSuchDelivery."""
    if not outbox.drop(database, delivery, wall):
        raise NoSuchDelivery


def document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message as the JSON document of the HTTP contract."""
    return {**row, **{name: stamp(row[name]) for name in ("created", "due", "settled")}}


def _cursor(row: Mapping[str, Any]) -> str:
    return f"{(row['created'] - _EPOCH) // timedelta(microseconds=1)}-{row['id']}"


def _position(cursor: str) -> tuple[datetime, str]:
    microseconds, _, delivery = cursor.partition("-")
    return _EPOCH + timedelta(microseconds=int(microseconds)), delivery
