"""Sign-in, sessions, tokens, audit; webhooks; shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "asked_keys",
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False, comment="a digest of who asked for what"),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("command"),
    )
    op.create_index("asked_keys_by_time", "asked_keys", ["at"], unique=False)
    op.create_table(
        "audit",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, comment="ok, or the code of a refusal"),
        sa.Column("command", sa.Text(), nullable=True, comment="id of the command in the branch's log"),
        sa.Column("seq", sa.Integer(), nullable=True, comment="the branch's log had come so far when the command was answered"),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("audit_by_command", "audit", ["command"], unique=False)
    op.create_index("audit_by_time", "audit", ["at"], unique=False)
    op.create_table(
        "credentials",
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="pin, code (works once), or none: nothing signs this person in"),
        sa.Column("hash", sa.Text(), nullable=False, comment="argon2; empty where the kind is none"),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("staff"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "failures",
        sa.Column("key", sa.Text(), nullable=False, comment="staff:<id> or address:<ip>"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False, comment="nobody gets in by this key before"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hook_cursor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the last event whose deliveries are written"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "hooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False, comment="a JSON list of public types; empty means all"),
        sa.Column("secret", sa.Text(), nullable=False, comment="in the clear, because each delivery is signed with it"),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False, comment="events up to this number are not for it"),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("failing_since", sa.Integer(), nullable=True, comment="the first failure since the last success"),
        sa.Column("switched_off", sa.Text(), nullable=True, comment="why the house switched it off"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "preferences",
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("staff"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the secret that the browser holds"),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.Column(
            "needs_pin", sa.Boolean(), nullable=False, comment="signed in by a one-time code: nothing but a new PIN is allowed"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shifts",
        sa.Column(
            "id", sa.Text(), nullable=False, comment="chosen by whoever plans it, so that a repeated request changes nothing"
        ),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False, comment="the date in the branch's time zone, such as 2026-11-23"),
        sa.Column("starts_min", sa.Integer(), nullable=False, comment="minutes after midnight"),
        sa.Column("ends_min", sa.Integer(), nullable=False, comment="minutes after midnight, at most 1440"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("shifts_by_day", "shifts", ["day"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False, comment="separated by blanks"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.Integer(), nullable=True),
        sa.Column("used_at", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deliveries",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, delivered, given_up or dropped"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True, comment="the HTTP status of the last answer"),
        sa.Column("fault", sa.Text(), nullable=True, comment="why the last attempt failed"),
        sa.ForeignKeyConstraint(["hook"], ["hooks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("deliveries_due", "deliveries", ["hook", "state", "next_at"], unique=False)
