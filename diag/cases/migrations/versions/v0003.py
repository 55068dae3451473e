"""When a case was answered first, whether its verdict was right, and how satisfied the user was."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for column in (
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("judged_diagnosis", sa.String(16)),
        sa.Column("judged_code", sa.String(64)),
        sa.Column("judged_right", sa.Boolean()),
        sa.Column("right_code", sa.String(64)),
        sa.Column("score", sa.Integer()),
    ):
        op.add_column("cases", column)
    op.create_index("ix_cases_opened_at", "cases", ["opened_at"])
    op.execute(
        "UPDATE cases SET answered_at = (SELECT min(events.at) FROM events "
        "WHERE events.case_seq = cases.seq AND events.kind = 'reply')"
    )
