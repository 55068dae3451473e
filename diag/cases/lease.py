"""Leases: a row of the database is reserved for one worker, under a random token, until a given time."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, or_


def new_lease() -> str:
    """A random token. Rows that are taken with it can only be settled with it."""
    return secrets.token_hex(16)


def free(table: Table, wall: datetime, length: timedelta) -> ColumnElement[bool]:
    """The condition for rows that are not leased at the time wall; length: how long leases last.

    A lease that ends later than one taken now would end is void: the clock has been put back since.
    """
    until = table.c.lease_until
    return or_(until.is_(None), until <= wall, until > wall + length)
