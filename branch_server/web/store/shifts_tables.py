"""The table of planned shifts, in `web.db`."""

from sqlalchemy import Column, Index, Integer, Table, Text

from branch_server.web.store.tables import metadata

shifts = Table(
    "shifts",
    metadata,
    Column("id", Text, primary_key=True, comment="chosen by whoever plans it, so that a repeated request changes nothing"),
    Column("staff", Text, nullable=False),
    Column("counter", Text, nullable=False),
    Column("day", Text, nullable=False, comment="the date in the branch's time zone, such as 2026-11-23"),
    Column("starts_min", Integer, nullable=False, comment="minutes after midnight"),
    Column("ends_min", Integer, nullable=False, comment="minutes after midnight, at most 1440"),
    Column("note", Text, nullable=False),
    Column("changed_at", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    Index("shifts_by_day", "day"),
)
