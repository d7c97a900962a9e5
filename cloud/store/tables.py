"""The tables of the cloud. `events` is the truth about a branch; what else is known of its queue is a fold of it.

Instants are whole microseconds since 1970 in UTC. JSON stands in text, as PostgreSQL and SQLite both keep it letter by letter.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint
from sqlalchemy import text as condition
from sqlalchemy.types import TypeEngine

metadata = MetaData()

AUTO: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database counts up by itself."""

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False, comment="a key of this installation; never leaves it"),
)

organizations = Table(
    "organizations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("retention_days", Integer, nullable=False, server_default="180"),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

branches = Table(
    "branches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organizations.id"), nullable=False),
    Column("name", Text, nullable=False, comment="JSON: a name per language"),
    Column("time_zone", Text, nullable=False),
    Column("languages", Text, nullable=False, comment="JSON: a list, the default first"),
    Column("remote_issuer", Text, comment="letter of the cloud's own number series"),
    Column("business_day_starts", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("code", Integer, nullable=False, unique=True, comment="what a caller types to name this branch"),
    Column("near_ahead", Integer, nullable=False, comment="with so many ahead a message says that it is near"),
    Column("texts", Text, nullable=False, comment="JSON: own words of messages, by kind and language"),
    Column("setup", Text, nullable=False, comment="JSON: the branch as its own server describes it"),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

pulses = Table(
    "pulses",
    metadata,
    Column("branch", Text, ForeignKey("branches.id"), primary_key=True),
    Column("acked", BigInteger, nullable=False, comment="every event up to this number is kept"),
    Column("acked_id", Text, nullable=False, comment="the id of that event: a log that was turned back has another"),
    Column("day", Text, nullable=False),
    Column("heard_at", BigInteger, comment="when the branch last asked or told anything; None before the first time"),
    Column("skew_us", BigInteger, nullable=False, comment="the branch's clock less ours"),
    Column("notice", Text, nullable=False, comment="JSON: what the displays show, per language"),
    Column("fault", Text, nullable=False, comment="why the sync stands still; empty while it does not"),
    Column("erased", BigInteger, nullable=False, server_default="0", comment="no event up to this number names anybody"),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("branch", Text, ForeignKey("branches.id"), primary_key=True),
    Column("last", BigInteger, nullable=False, comment="place of the last command; its row is locked while one is put in"),
)

branch_tokens = Table(
    "branch_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("branch", Text, ForeignKey("branches.id"), nullable=False, index=True),
    Column("hash", Text, nullable=False, comment="SHA-256 of the token, which is random"),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
)

services = Table(
    "services",
    metadata,
    Column("branch", Text, ForeignKey("branches.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("place", Integer, nullable=False, comment="order in which the branch names them"),
    Column("prefix", Text, nullable=False),
    Column("name", Text, nullable=False, comment="JSON: a name per language"),
    Column("state", Text, nullable=False),
    Column("reopens_at", BigInteger),
    Column("reason", Text),
    Column("service_time_s", Integer, nullable=False),
    Column("daily_limit", Integer),
    Column("issued", Integer, nullable=False),
    Column("wait_p50_s", Integer, comment="the branch's estimate for somebody who joins now; None where it told none"),
    Column("wait_p90_s", Integer),
    Column("told_waiting", Integer, nullable=False, comment="how many waited when it was told"),
)

counters = Table(
    "counters",
    metadata,
    Column("branch", Text, ForeignKey("branches.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("services", Text, nullable=False, comment="JSON: a list"),
    Column("state", Text, nullable=False),
    Column("staff", Text),
    Column("in_hand", Text, comment="the branch's id of the ticket"),
)

events = Table(
    "events",
    metadata,
    Column("branch", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("steady", BigInteger, nullable=False),
    Column("day", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("command", Text),
    Column("data", Text, nullable=False, comment="JSON: the event's own fields"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True, comment="ours; that of the command where we sent the join, else the branch's"),
    Column("branch", Text, ForeignKey("branches.id"), nullable=False),
    Column("ticket", Text, comment="the branch's id; None while the branch has not taken it in"),
    Column("command", Text, comment="the id of the join"),
    Column("token", Text, nullable=False, unique=True, comment="unguessable: who has the link has the ticket"),
    Column("number", Text, comment="None while the branch is being asked"),
    Column("service", Text, nullable=False),
    Column("status", Text, nullable=False, comment="asked, waiting, called … as the branch, or refused"),
    Column("provisional", Boolean, nullable=False, comment="has a number of our series that the branch has not yet taken in"),
    Column("channel", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("joined_at", BigInteger, nullable=False),
    Column("rank_at", BigInteger, comment="None before the customer of an appointment has arrived"),
    Column("appointment", BigInteger),
    Column("checked_in_at", BigInteger),
    Column("called_at", BigInteger),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("counter", Text),
    Column("calls", Integer, nullable=False),
    Column("skips", Integer, nullable=False),
    Column("outcome", Text),
    Column("refusal", Text, comment="the code of the branch's refusal"),
    Column("stars", Integer),
    Column("language", Text),
    Column("phone", Text, comment="E.164; erased after the retention time"),
    Column("name", Text, comment="erased after the retention time"),
    Column("user", Text, index=True, comment="who joined, where signed in"),
    Column("cancel_wanted", Boolean, nullable=False, comment="withdrawn before the branch knew it"),
    Column("near_told", Boolean, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    UniqueConstraint("branch", "ticket", name="one_row_a_ticket"),
    UniqueConstraint("branch", "command", name="one_row_a_join"),
    Index("queue_order", "branch", "status", "service", "rank_at", "id"),
    Index("tickets_by_phone", "phone", "branch"),
    Index("tickets_by_day", "branch", "day"),
    Index(
        "tickets_asked",
        "changed_at",
        postgresql_where=condition("status = 'asked'"),
        sqlite_where=condition("status = 'asked'"),
    ),
    Index(
        "tickets_by_appointment",
        "appointment",
        postgresql_where=condition("appointment IS NOT NULL"),
        sqlite_where=condition("appointment IS NOT NULL"),
    ),
)

series = Table(
    "series",
    metadata,
    Column("branch", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("prefix", Text, primary_key=True),
    Column("last", Integer, nullable=False, comment="the last number of our own series that was given"),
)

commands = Table(
    "commands",
    metadata,
    Column("branch", Text, primary_key=True),
    Column("place", BigInteger, primary_key=True, comment="the cursor of the long poll"),
    Column("id", Text, nullable=False, comment="a join that was given a number meanwhile goes down again under its id"),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False, comment="JSON: the command in its own form"),
    Column("asked_by", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, comment="a press that nobody could act on by then is void"),
    Column("delivered_at", BigInteger),
    Column("answered_at", BigInteger),
    Column("reply", Text, comment="JSON: the branch's reply"),
    Index("commands_by_id", "branch", "id"),
    Index("commands_open", "branch", "answered_at", "place"),
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("phone", Text, unique=True, comment="E.164; erased after the retention time"),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("language", Text, nullable=False),
    Column("wishes", Text, nullable=False, comment="JSON: which messages by which channels"),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("is_active", Boolean, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False, index=True),
    Column("role", Text, nullable=False, comment="staff, manager, admin; everybody is a user"),
    Column("organization", Text, ForeignKey("organizations.id"), comment="None: of the whole installation"),
    Column("branch", Text, ForeignKey("branches.id"), comment="None: of all branches of the organization"),
    Column("created_at", BigInteger, nullable=False),
)

otps = Table(
    "otps",
    metadata,
    Column("id", Text, primary_key=True),
    Column("phone", Text, nullable=False, index=True),
    Column("hash", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_at", BigInteger),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("family", Text, nullable=False, index=True, comment="one sign-in; ends whole where a used token comes again"),
    Column("user", Text, ForeignKey("users.id"), nullable=False, index=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index(
        "refresh_tokens_ended",
        "family",
        postgresql_where=condition("revoked_at IS NOT NULL"),
        sqlite_where=condition("revoked_at IS NOT NULL"),
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("n", AUTO, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False, comment="a user's id, a branch, or the house itself"),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("organization", Text),
    Column("branch", Text),
    Column("request", Text, nullable=False),
    Index("audit_by_branch", "branch", "n"),
    Index("audit_by_organization", "organization", "n"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("once", Text, nullable=False, unique=True, comment="what it is about: the same is never said twice"),
    Column("branch", Text),
    Column("ticket", Text, comment="ours"),
    Column("user", Text),
    Column("kind", Text, nullable=False, comment="otp, joined, near, called, skipped, closing, reminder, refused"),
    Column("channel", Text, nullable=False, comment="sms, whatsapp, email, push"),
    Column("recipient", Text, comment="a phone, an address or a subscription; erased after the retention time"),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False, server_default="", comment="headline of a push, subject of an e-mail"),
    Column("text", Text, comment="erased after the retention time; of a one-time code as soon as it is sent"),
    Column("link", Text),
    Column("state", Text, nullable=False, comment="queued, sent, delivered, failed, dropped"),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, comment="said later it would only mislead"),
    Column("claimed_until", BigInteger, comment="some process is sending it"),
    Column("attempts", Integer, nullable=False),
    Column("provider", Text),
    Column("provider_id", Text, index=True),
    Column("sent_at", BigInteger),
    Column("delivered_at", BigInteger),
    Column("fault", Text),
    Index("notifications_due", "state", "channel", "due_at"),
    Index("notifications_by_branch", "branch", "id"),
    Index("notifications_by_ticket", "ticket"),
    Index("notifications_by_user", "user"),
    Index(
        "notifications_by_recipient",
        "recipient",
        postgresql_where=condition("recipient IS NOT NULL"),
        sqlite_where=condition("recipient IS NOT NULL"),
    ),
)

push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False, index=True),
    Column("endpoint", Text, nullable=False, unique=True),
    Column("keys", Text, nullable=False, comment="JSON: p256dh and auth"),
    Column("created_at", BigInteger, nullable=False),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("recipient", Text, primary_key=True, comment="who wrote STOP"),
    Column("at", BigInteger, nullable=False),
)

ussd_sessions = Table(
    "ussd_sessions",
    metadata,
    Column("phone", Text, primary_key=True),
    Column("session", Text, nullable=False, comment="the gateway's id of the dialogue"),
    Column("state", Text, nullable=False, comment="JSON: where the caller is"),
    Column("changed_at", BigInteger, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("n", AUTO, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("organization", Text),
    Column("before", BigInteger, nullable=False, comment="contact data older than this was erased"),
    Column("counts", Text, nullable=False, comment="JSON: rows by table"),
    Column("digest", Text, nullable=False, comment="SHA-256 over this row and the digest before it"),
)

chores = Table(
    "chores",
    metadata,
    Column("name", Text, primary_key=True, comment="work of the night, which one process does for all"),
    Column("claimed_until", BigInteger, nullable=False, comment="some process is at it till then"),
    Column("done_on", Text, nullable=False, comment="the day of the last time"),
)

HEAD = "0002"
"""The newest migration; a database at it needs no Alembic to start."""
