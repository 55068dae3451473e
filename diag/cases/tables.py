"""The tables of the store, for SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time; stored without a zone in SQLite, which has none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Number = BigInteger().with_variant(Integer, "sqlite")


def _of_case() -> Column[int]:
    return Column(
        "case_seq", Number, ForeignKey("cases.seq", ondelete="CASCADE"), nullable=False
    )


cases = Table(
    "cases",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("id", String(24), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("waiting_for", String(16)),
    Column("resolution", String(16)),
    Column("reference", String(128)),
    Column("channel", String(32)),
    Column("lang", String(2), nullable=False),
    Column("tell", JSON, nullable=False),
    Column("opened_by", String(128)),
    Column("account", String(64), nullable=False),
    Column("account_name", String(64)),
    Column("account_id", String(32)),
    Column("code", String(64), nullable=False),
    Column("gateway", String(64)),
    Column("asset", String(32)),
    Column("search", Text, nullable=False),
    Column("question", JSON, nullable=False),
    Column("verdict", JSON, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("looks", Integer, nullable=False),
    Column("looked_at", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_look", Moment),
    Column("watch_until", Moment, nullable=False),
    Column("lease", String(32)),
    Column("lease_until", Moment),
    Column("answered_at", Moment),
    Column("judged_diagnosis", String(16)),
    Column("judged_code", String(64)),
    Column("judged_right", Boolean),
    Column("right_code", String(64)),
    Column("score", Integer),
    UniqueConstraint("id"),
    Index(None, "next_look"),
    Index(None, "account"),
    Index(None, "account_name"),
    Index(None, "account_id"),
    Index(None, "reference"),
    Index(None, "updated_at"),
    Index(None, "opened_at"),
    Index("ix_cases_state_seq", "state", "seq"),
    sqlite_autoincrement=True,
)
"""question: the `Case`; verdict: a `VerdictSummary`; lease: the token of the worker that looks at the
case.
"""

diagnoses = Table(
    "diagnoses",
    metadata,
    _of_case(),
    Column("id", String(16), nullable=False),
    Column("reference", String(10), nullable=False),
    Column("at", Moment, nullable=False),
    Column("document", LargeBinary, nullable=False),
    UniqueConstraint("case_seq", "id"),
    Index(None, "reference"),
)
"""document: the JSON document, compressed by zlib."""

events = Table(
    "events",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    _of_case(),
    Column("id", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(128)),
    Column("body", JSON, nullable=False),
    UniqueConstraint("id"),
    Index("ix_events_case_seq_seq", "case_seq", "seq"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_seq", Number, ForeignKey("cases.seq", ondelete="CASCADE")),
    Column("event", String(32), nullable=False),
    Column("destination", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("error", String(256)),
    Column("lease", String(32)),
    Column("lease_until", Moment),
    UniqueConstraint("event", "destination"),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index(None, "case_seq"),
)
"""Messages to be sent, with their destinations; written in the transaction of their event. Times of
this table are those of the wall clock: they concern deliveries, not the chain.
"""

inbox = Table(
    "inbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("hook", String(64), nullable=False),
    Column("reference", String(128), nullable=False),
    Column("lang", String(2), nullable=False),
    Column("question", JSON),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("lease", String(32)),
    Column("lease_until", Moment),
    Index("ix_inbox_state_due_at", "state", "due_at"),
    Index(None, "received_at"),
)
"""Requests of helpdesks, by the digest of the delivery; question: what to answer, without the user's
text, and empty once it is answered. Times are those of the wall clock.
"""

requests = Table(
    "requests",
    metadata,
    Column("owner", String(128), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    _of_case(),
    Index(None, "at"),
    Index(None, "case_seq"),
)
"""Requests with an Idempotency-Key: digests of key and body, and the case that each has opened."""
