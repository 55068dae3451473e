"""Databases for tests of the kept cases: a SQLite file always, and PostgreSQL where there is a server.

`make test-cases` starts the servers and names them in the environment.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from diag.cases.database import Database
from diag.cases.schema import upgrade

POSTGRESQL = os.environ.get("DIAG_TEST_POSTGRESQL")
"""URL of a server on which databases may be created."""
REDIS = os.environ.get("DIAG_TEST_REDIS")
"""URL of a Redis that may be emptied."""
KINDS = ("sqlite", "postgresql") if POSTGRESQL else ("sqlite",)


def sqlite_url(directory: Path) -> str:
    """The URL of the SQLite file in a directory."""
    return f"sqlite:///{directory / 'cases.db'}"


@cache
def _migrated_file() -> bytes:
    with TemporaryDirectory() as directory:
        database = Database.open(sqlite_url(Path(directory)))
        upgrade(database)
        database.close()
        return (Path(directory) / "cases.db").read_bytes()


@contextmanager
def new_database(kind: str, directory: Path) -> Iterator[Database]:
    """A new database with the present schema, which is gone afterwards."""
    if kind == "sqlite":
        (directory / "cases.db").write_bytes(_migrated_file())
    with empty_database(kind, directory) as url:
        opened = Database.open(url)
        if kind != "sqlite":
            upgrade(opened)
        yield opened
        opened.close()


@contextmanager
def empty_database(kind: str, directory: Path) -> Iterator[str]:
    """The URL of a new, empty database, which is gone afterwards."""
    if kind == "sqlite":
        yield sqlite_url(directory)
        return
    assert POSTGRESQL
    name = f"diag_{secrets.token_hex(6)}"
    server = make_url(POSTGRESQL).set(drivername="postgresql+psycopg")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
