"""Cases, their diagnoses and events, the outbox, and requests that may be repeated."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("waiting_for", sa.String(16)),
        sa.Column("resolution", sa.String(16)),
        sa.Column("reference", sa.String(128)),
        sa.Column("channel", sa.String(32)),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("tell", sa.JSON(), nullable=False),
        sa.Column("opened_by", sa.String(128)),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("account_name", sa.String(64)),
        sa.Column("account_id", sa.String(32)),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("gateway", sa.String(64)),
        sa.Column("asset", sa.String(32)),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_look", MOMENT),
        sa.Column("watch_until", MOMENT, nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.Column("lease_until", MOMENT),
        sa.PrimaryKeyConstraint("seq", name="pk_cases"),
        sa.UniqueConstraint("id", name="uq_cases_id"),
        sqlite_autoincrement=True,
    )
    for name in (
        "next_look",
        "account",
        "account_name",
        "account_id",
        "reference",
        "updated_at",
    ):
        op.create_index(f"ix_cases_{name}", "cases", [name])
    op.create_index("ix_cases_state_seq", "cases", ["state", "seq"])

    op.create_table(
        "diagnoses",
        _of_case(),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(10), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        _reference_to_cases("diagnoses"),
        sa.UniqueConstraint("case_seq", "id", name="uq_diagnoses_case_seq"),
    )
    op.create_index("ix_diagnoses_reference", "diagnoses", ["reference"])

    op.create_table(
        "events",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        _of_case(),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("by", sa.String(128)),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        _reference_to_cases("events"),
        sa.UniqueConstraint("id", name="uq_events_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_case_seq_seq", "events", ["case_seq", "seq"])

    op.create_table(
        "outbox",
        sa.Column("id", sa.String(32), nullable=False),
        _of_case(),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("destination", sa.String(64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("error", sa.String(256)),
        sa.Column("lease", sa.String(32)),
        sa.Column("lease_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        _reference_to_cases("outbox"),
        sa.UniqueConstraint("event", "destination", name="uq_outbox_event"),
    )
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"])
    op.create_index("ix_outbox_case_seq", "outbox", ["case_seq"])

    op.create_table(
        "requests",
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_case(),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_requests"),
        _reference_to_cases("requests"),
    )
    op.create_index("ix_requests_at", "requests", ["at"])
    op.create_index("ix_requests_case_seq", "requests", ["case_seq"])


def _of_case() -> sa.Column[int]:
    return sa.Column("case_seq", NUMBER, nullable=False)


def _reference_to_cases(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_seq"], ["cases.seq"], name=f"fk_{table}_case_seq", ondelete="CASCADE"
    )
