"""The journal: events, answers, snapshots, and the tickets that reports read."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("steady", sa.Integer, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("command", sa.Text),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("command", sa.Text, nullable=False, unique=True),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "snapshots",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("answers_until", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("counter", sa.Text),
        sa.Column("staff", sa.Text),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("offline", sa.Boolean, nullable=False),
        sa.Column("joined_at", sa.Integer, nullable=False),
        sa.Column("called_at", sa.Integer),
        sa.Column("started_at", sa.Integer),
        sa.Column("ended_at", sa.Integer),
        sa.Column("skips", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("stars", sa.Integer),
        sa.Column("language", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("name", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("one_number_a_day", "tickets", ["day", "number"], unique=True)
