"""People and their rights, audit, messages, dialogues by USSD, erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

AUTO = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("n", AUTO, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False, comment="a user's id, a branch, or the house itself"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("audit_by_branch", "audit", ["branch", "n"], unique=False)
    op.create_index("audit_by_organization", "audit", ["organization", "n"], unique=False)
    op.create_table(
        "chores",
        sa.Column("name", sa.Text(), nullable=False, comment="work of the night, which one process does for all"),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False, comment="some process is at it till then"),
        sa.Column("done_on", sa.Text(), nullable=False, comment="the day of the last time"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "erasures",
        sa.Column("n", AUTO, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("before", sa.BigInteger(), nullable=False, comment="contact data older than this was erased"),
        sa.Column("counts", sa.Text(), nullable=False, comment="JSON: rows by table"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 over this row and the digest before it"),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False, comment="what it is about: the same is never said twice"),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.Column("ticket", sa.Text(), nullable=True, comment="ours"),
        sa.Column("user", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False, comment="otp, joined, near, called, skipped, closing, reminder, refused"),
        sa.Column("channel", sa.Text(), nullable=False, comment="sms, whatsapp, email, push"),
        sa.Column(
            "recipient",
            sa.Text(),
            nullable=True,
            comment="a phone, an address or a subscription; erased after the retention time",
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False, comment="headline of a push, subject of an e-mail"),
        sa.Column(
            "text",
            sa.Text(),
            nullable=True,
            comment="erased after the retention time; of a one-time code as soon as it is sent",
        ),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False, comment="queued, sent, delivered, failed, dropped"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="said later it would only mislead"),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True, comment="some process is sending it"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("once"),
    )
    op.create_index(op.f("ix_notifications_provider_id"), "notifications", ["provider_id"], unique=False)
    op.create_index("notifications_by_branch", "notifications", ["branch", "id"], unique=False)
    op.create_index(
        "notifications_by_recipient",
        "notifications",
        ["recipient"],
        unique=False,
        postgresql_where=sa.text("recipient IS NOT NULL"),
        sqlite_where=sa.text("recipient IS NOT NULL"),
    )
    op.create_index("notifications_by_ticket", "notifications", ["ticket"], unique=False)
    op.create_index("notifications_by_user", "notifications", ["user"], unique=False)
    op.create_index("notifications_due", "notifications", ["state", "channel", "due_at"], unique=False)
    op.create_table(
        "opt_outs",
        sa.Column("recipient", sa.Text(), nullable=False, comment="who wrote STOP"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("recipient"),
    )
    op.create_table(
        "otps",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_otps_phone"), "otps", ["phone"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True, comment="E.164; erased after the retention time"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wishes", sa.Text(), nullable=False, comment="JSON: which messages by which channels"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("phone"),
    )
    op.create_table(
        "ussd_sessions",
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False, comment="the gateway's id of the dialogue"),
        sa.Column("state", sa.Text(), nullable=False, comment="JSON: where the caller is"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("phone"),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False, comment="JSON: p256dh and auth"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("endpoint"),
    )
    op.create_index(op.f("ix_push_subscriptions_user"), "push_subscriptions", ["user"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False, comment="one sign-in; ends whole where a used token comes again"),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index(op.f("ix_refresh_tokens_family"), "refresh_tokens", ["family"], unique=False)
    op.create_index(op.f("ix_refresh_tokens_user"), "refresh_tokens", ["user"], unique=False)
    op.create_index(
        "refresh_tokens_ended",
        "refresh_tokens",
        ["family"],
        unique=False,
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
        sqlite_where=sa.text("revoked_at IS NOT NULL"),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="staff, manager, admin; everybody is a user"),
        sa.Column("organization", sa.Text(), nullable=True, comment="None: of the whole installation"),
        sa.Column("branch", sa.Text(), nullable=True, comment="None: of all branches of the organization"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branches.id"],
        ),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_roles_user"), "roles", ["user"], unique=False)
