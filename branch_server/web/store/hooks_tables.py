"""The tables of integrations: webhooks, what was delivered to them, and the keys that requests were asked under."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from branch_server.web.store.tables import metadata

hooks = Table(
    "hooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False, comment="a JSON list of public types; empty means all"),
    Column("secret", Text, nullable=False, comment="in the clear, because each delivery is signed with it"),
    Column("active", Integer, nullable=False),
    Column("after", Integer, nullable=False, comment="events up to this number are not for it"),
    Column("made_at", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("failing_since", Integer, comment="the first failure since the last success"),
    Column("switched_off", Text, comment="why the house switched it off"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("hook", Text, ForeignKey("hooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False, comment="waiting, delivered, given_up or dropped"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("made_at", Integer, nullable=False),
    Column("next_at", Integer, nullable=False),
    Column("done_at", Integer),
    Column("status", Integer, comment="the HTTP status of the last answer"),
    Column("fault", Text, comment="why the last attempt failed"),
    Index("deliveries_due", "hook", "state", "next_at"),
)

hook_cursor = Table(
    "hook_cursor",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False, comment="the last event whose deliveries are written"),
)

asked_keys = Table(
    "asked_keys",
    metadata,
    Column("command", Text, primary_key=True),
    Column("mark", Text, nullable=False, comment="a digest of who asked for what"),
    Column("at", Integer, nullable=False),
    Index("asked_keys_by_time", "at"),
)
