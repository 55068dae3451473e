"""Reads the schema version of the store, refuses a version that does not fit, and migrates it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.resources import as_file, files

from sqlalchemy import Connection, inspect, text

from diag.cases.database import Database
from diag.errors import BadSetting
from diag.words import problem

VERSIONS = ("0001", "0002", "0003")
"""The versions of the schema, in order; each is a file of `migrations/versions`."""
_LOCK = 7_214_663_201
"""Key of the lock under which PostgreSQL is migrated by one process at a time."""


class Fit(StrEnum):
    """How the schema of a database relates to this version of the product."""

    CURRENT = "current"
    EMPTY = "empty"
    OLDER = "older"
    NEWER = "newer"


def fit(database: Database) -> Fit:
    """Compares the schema; raises StoreUnavailable."""
    with database.reading() as connection:
        return _fit(connection)


def _fit(connection: Connection) -> Fit:
    if not inspect(connection).has_table("alembic_version"):
        return Fit.EMPTY
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is None:
        return Fit.EMPTY
    if found not in VERSIONS:
        return Fit.NEWER
    return Fit.CURRENT if found == VERSIONS[-1] else Fit.OLDER


def require_current(database: Database) -> None:
    """Raises BadSetting unless the schema is of this version. An empty SQLite file is set up."""
    found = fit(database)
    if found is Fit.EMPTY and database.is_sqlite:
        upgrade(database)
    elif found is not Fit.CURRENT:
        raise BadSetting(NOT_CURRENT[found])


def upgrade(database: Database) -> Fit:
    """Migrates to this version in one transaction; returns the fit before.

    Raises BadSetting if the schema is newer, and StoreUnavailable.
    """
    from alembic import command  # slow to import, and rarely needed
    from alembic.config import Config

    with database.writing() as connection, _script_location() as location:
        if not database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        found = _fit(connection)
        if found is Fit.NEWER:
            raise BadSetting(NOT_CURRENT[found])
        if found is not Fit.CURRENT:
            config = Config()
            config.set_main_option("script_location", location)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return found


@contextmanager
def _script_location() -> Iterator[str]:
    with as_file(files("diag.cases") / "migrations") as path:
        yield str(path)


NOT_CURRENT = {
    Fit.EMPTY: problem("setup.schema_empty"),
    Fit.OLDER: problem("setup.schema_older"),
    Fit.NEWER: problem("setup.schema_newer"),
}
