"""The tables of a branch. The log is the truth; the tickets are what reports read, written in the same transaction."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", Integer, nullable=False, comment="wall clock, microseconds since 1970 UTC"),
    Column("steady", Integer, nullable=False, comment="steady time, microseconds since 1970 UTC"),
    Column("day", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("command", Text),
    Column("data", Text, nullable=False, comment="the event's own fields as JSON"),
)

answers = Table(
    "answers",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("command", Text, nullable=False, unique=True),
    Column("sender", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False, comment="the reply as it went out"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("day", Text, nullable=False),
    Column("answers_until", Integer, nullable=False, comment="the last answer given before it"),
    Column("state", Text, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("day", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("counter", Text),
    Column("staff", Text),
    Column("device", Text, nullable=False),
    Column("offline", Boolean, nullable=False),
    Column("joined_at", Integer, nullable=False),
    Column("called_at", Integer),
    Column("started_at", Integer),
    Column("ended_at", Integer),
    Column("skips", Integer, nullable=False),
    Column("outcome", Text),
    Column("stars", Integer),
    Column("language", Text),
    Column("phone", Text),
    Column("name", Text),
    Index("one_number_a_day", "day", "number", unique=True),
    sqlite_with_rowid=False,
)

cursors = Table(
    "cursors",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    sqlite_with_rowid=False,
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False, comment="a hash, or a key of this branch; never in an event"),
    sqlite_with_rowid=False,
)

HEAD = "0002"
"""The newest migration; a database at it needs no Alembic to start."""
