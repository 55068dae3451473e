"""A lease: for how long a row of the database belongs to one worker, which a random text tells."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, or_


def new_lease() -> str:
    """A text that no other worker has: what was taken under it is settled with it."""
    return secrets.token_hex(16)


def free(table: Table, wall: datetime, length: timedelta) -> ColumnElement[bool]:
    """Rows that nobody has at the time wall: never taken, or the lease of this length has ended.

    One that ends later than any can that is taken now belongs to nobody either: the clock has been
    put back since.
    """
    until = table.c.lease_until
    return or_(until.is_(None), until <= wall, until > wall + length)
