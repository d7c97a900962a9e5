"""The tables of `web.db`. Times are microseconds since 1970 UTC; nothing here is needed to run the queue."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

audit = Table(
    "audit",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False, comment="ok, or the code of a refusal"),
    Column("command", Text, comment="id of the command in the branch's log"),
    Column("seq", Integer, comment="the branch's log had come so far when the command was answered"),
    Column("detail", Text),
    Index("audit_by_time", "at"),
    Index("audit_by_command", "command"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("staff", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="pin, code (works once), or none: nothing signs this person in"),
    Column("hash", Text, nullable=False, comment="argon2; empty where the kind is none"),
    Column("made_at", Integer, nullable=False),
    Column("ends_at", Integer),
    sqlite_with_rowid=False,
)

preferences = Table(
    "preferences",
    metadata,
    Column("staff", Text, primary_key=True),
    Column("language", Text, nullable=False),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True, comment="SHA-256 of the secret that the browser holds"),
    Column("staff", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("begun_at", Integer, nullable=False),
    Column("seen_at", Integer, nullable=False),
    Column("needs_pin", Boolean, nullable=False, comment="signed in by a one-time code: nothing but a new PIN is allowed"),
    sqlite_with_rowid=False,
)

failures = Table(
    "failures",
    metadata,
    Column("key", Text, primary_key=True, comment="staff:<id> or address:<ip>"),
    Column("count", Integer, nullable=False),
    Column("last_at", Integer, nullable=False),
    Column("until", Integer, nullable=False, comment="nobody gets in by this key before"),
    sqlite_with_rowid=False,
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False, comment="separated by blanks"),
    Column("digest", Text, nullable=False, unique=True, comment="SHA-256 of the token"),
    Column("made_by", Text, nullable=False),
    Column("made_at", Integer, nullable=False),
    Column("ends_at", Integer),
    Column("used_at", Integer),
    Column("revoked_at", Integer),
    sqlite_with_rowid=False,
)

HEAD = "0001"
"""The newest migration; a database at it needs no Alembic to start."""
