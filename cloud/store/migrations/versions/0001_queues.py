"""Organizations, branches and their events, tickets, what goes down to the branches."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "commands",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False, comment="the cursor of the long poll"),
        sa.Column(
            "id", sa.Text(), nullable=False, comment="a join that was given a number meanwhile goes down again under its id"
        ),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False, comment="JSON: the command in its own form"),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True, comment="a press that nobody could act on by then is void"),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True, comment="JSON: the branch's reply"),
        sa.PrimaryKeyConstraint("branch", "place"),
    )
    op.create_index("commands_by_id", "commands", ["branch", "id"], unique=False)
    op.create_index("commands_open", "commands", ["branch", "answered_at", "place"], unique=False)
    op.create_table(
        "events",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("steady", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False, comment="JSON: the event's own fields"),
        sa.PrimaryKeyConstraint("branch", "seq"),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("retention_days", sa.Integer(), server_default="180", nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="a key of this installation; never leaves it"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "series",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False, comment="the last number of our own series that was given"),
        sa.PrimaryKeyConstraint("branch", "day", "prefix"),
    )
    op.create_table(
        "branches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="JSON: a name per language"),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False, comment="JSON: a list, the default first"),
        sa.Column("remote_issuer", sa.Text(), nullable=True, comment="letter of the cloud's own number series"),
        sa.Column("business_day_starts", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=False, comment="what a caller types to name this branch"),
        sa.Column("near_ahead", sa.Integer(), nullable=False, comment="with so many ahead a message says that it is near"),
        sa.Column("texts", sa.Text(), nullable=False, comment="JSON: own words of messages, by kind and language"),
        sa.Column("setup", sa.Text(), nullable=False, comment="JSON: the branch as its own server describes it"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "branch_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 of the token, which is random"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_branch_tokens_branch"), "branch_tokens", ["branch"], unique=False)
    op.create_table(
        "counters",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("services", sa.Text(), nullable=False, comment="JSON: a list"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=True),
        sa.Column("in_hand", sa.Text(), nullable=True, comment="the branch's id of the ticket"),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("branch", "id"),
    )
    op.create_table(
        "mailboxes",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column(
            "last", sa.BigInteger(), nullable=False, comment="place of the last command; its row is locked while one is put in"
        ),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("branch"),
    )
    op.create_table(
        "pulses",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("acked", sa.BigInteger(), nullable=False, comment="every event up to this number is kept"),
        sa.Column(
            "acked_id", sa.Text(), nullable=False, comment="the id of that event: a log that was turned back has another"
        ),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column(
            "heard_at",
            sa.BigInteger(),
            nullable=True,
            comment="when the branch last asked or told anything; None before the first time",
        ),
        sa.Column("skew_us", sa.BigInteger(), nullable=False, comment="the branch's clock less ours"),
        sa.Column("notice", sa.Text(), nullable=False, comment="JSON: what the displays show, per language"),
        sa.Column("fault", sa.Text(), nullable=False, comment="why the sync stands still; empty while it does not"),
        sa.Column(
            "erased", sa.BigInteger(), server_default="0", nullable=False, comment="no event up to this number names anybody"
        ),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("branch"),
    )
    op.create_table(
        "services",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, comment="order in which the branch names them"),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="JSON: a name per language"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reopens_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("service_time_s", sa.Integer(), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=True),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column(
            "wait_p50_s",
            sa.Integer(),
            nullable=True,
            comment="the branch's estimate for somebody who joins now; None where it told none",
        ),
        sa.Column("wait_p90_s", sa.Integer(), nullable=True),
        sa.Column("told_waiting", sa.Integer(), nullable=False, comment="how many waited when it was told"),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("branch", "id"),
    )
    op.create_table(
        "tickets",
        sa.Column(
            "id", sa.Text(), nullable=False, comment="ours; that of the command where we sent the join, else the branch's"
        ),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=True, comment="the branch's id; None while the branch has not taken it in"),
        sa.Column("command", sa.Text(), nullable=True, comment="the id of the join"),
        sa.Column("token", sa.Text(), nullable=False, comment="unguessable: who has the link has the ticket"),
        sa.Column("number", sa.Text(), nullable=True, comment="None while the branch is being asked"),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, comment="asked, waiting, called … as the branch, or refused"),
        sa.Column(
            "provisional",
            sa.Boolean(),
            nullable=False,
            comment="has a number of our series that the branch has not yet taken in",
        ),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("rank_at", sa.BigInteger(), nullable=True, comment="None before the customer of an appointment has arrived"),
        sa.Column("appointment", sa.BigInteger(), nullable=True),
        sa.Column("checked_in_at", sa.BigInteger(), nullable=True),
        sa.Column("called_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("counter", sa.Text(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("skips", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True, comment="the code of the branch's refusal"),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True, comment="E.164; erased after the retention time"),
        sa.Column("name", sa.Text(), nullable=True, comment="erased after the retention time"),
        sa.Column("user", sa.Text(), nullable=True, comment="who joined, where signed in"),
        sa.Column("cancel_wanted", sa.Boolean(), nullable=False, comment="withdrawn before the branch knew it"),
        sa.Column("near_told", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branches.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch", "command", name="one_row_a_join"),
        sa.UniqueConstraint("branch", "ticket", name="one_row_a_ticket"),
        sa.UniqueConstraint("token"),
    )
    op.create_index(op.f("ix_tickets_user"), "tickets", ["user"], unique=False)
    op.create_index("queue_order", "tickets", ["branch", "status", "service", "rank_at", "id"], unique=False)
    op.create_index(
        "tickets_asked",
        "tickets",
        ["changed_at"],
        unique=False,
        postgresql_where=sa.text("status = 'asked'"),
        sqlite_where=sa.text("status = 'asked'"),
    )
    op.create_index(
        "tickets_by_appointment",
        "tickets",
        ["appointment"],
        unique=False,
        postgresql_where=sa.text("appointment IS NOT NULL"),
        sqlite_where=sa.text("appointment IS NOT NULL"),
    )
    op.create_index("tickets_by_day", "tickets", ["branch", "day"], unique=False)
    op.create_index("tickets_by_phone", "tickets", ["phone", "branch"], unique=False)
