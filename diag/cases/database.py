"""The connection to the store: transactions, and errors of the database as errors of this package."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    InterfaceError,
    InternalError,
    OperationalError,
    TimeoutError,
)

from diag.errors import BadSetting, StoreUnavailable

log = logging.getLogger(__name__)

SECONDS_TO_WAIT = 10
"""Seconds to wait for a lock, a free connection, or a new connection."""
_READS = {"diag_reads": True}


class Database:
    """A SQLite file or a PostgreSQL database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> Database:
        """Prepares connections to sqlite:///PATH or postgresql://…; raises BadSetting."""
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise _wrong() from None
        if parsed.get_backend_name() == "postgresql":
            return cls(
                _postgresql(
                    str(
                        parsed.set(drivername="postgresql+psycopg").render_as_string(
                            hide_password=False
                        )
                    )
                )
            )
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            return cls(_sqlite(Path(parsed.database)))
        raise _wrong()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The path of a SQLite database; None for other databases."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; raises StoreUnavailable."""
        with _translated(), self.engine.connect() as opened:
            connection = opened.execution_options(**_READS)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed completely or not at all; raises StoreUnavailable."""
        with _translated(), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, TimeoutError) as error:
        detail = getattr(error, "orig", None) or error
        log.warning("the store is not available: %s", type(detail).__name__)
        raise StoreUnavailable from error


def _sqlite(path: Path) -> Engine:
    """Connects to a file that only its owner can read; creates it if it does not exist."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        path.touch(mode=0o600)
        with suppress(OSError):  # a writable file of another owner
            path.chmod(0o600)
    except OSError:
        raise BadSetting.of("setup.database_not_writable", path=path) from None
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": SECONDS_TO_WAIT, "check_same_thread": False},
        pool_timeout=SECONDS_TO_WAIT,
        pool_size=2,
        max_overflow=30,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "cache_size=-1000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("diag_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str) -> Engine:
    return create_engine(
        url,
        connect_args={
            "connect_timeout": SECONDS_TO_WAIT,
            "options": f"-c lock_timeout={SECONDS_TO_WAIT}s -c statement_timeout=60s",
        },
        pool_pre_ping=True,
        pool_timeout=SECONDS_TO_WAIT,
        pool_size=4,
        max_overflow=12,
    )


def _wrong() -> BadSetting:
    return BadSetting.of("setup.bad_database")
