"""The tables of `web.db`. Times are microseconds since 1970 UTC; nothing here is needed to run the queue."""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

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
    Column("detail", Text),
    Index("audit_by_time", "at"),
)
