"""A batch as rows of the tables: what the journal writes, and what travels to a second server."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from branch_server.adapters.db.rows import Row, event_row, ticket_row
from branch_server.engine.journal import Batch


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one batch by table, each in the order of the table's columns; answers without their number."""

    events: Sequence[Row] = ()
    tickets: Sequence[Row] = ()
    answers: Sequence[Row] = ()
    snapshots: Sequence[Row] = ()
    cursors: Sequence[Row] = ()
    secrets: Sequence[Row] = ()

    @property
    def last_seq(self) -> int:
        """The number of the last event; 0 where there is none."""
        return int(self.events[-1][0]) if self.events else 0


def rows_of(batch: Batch) -> Rows:
    """What a batch puts into the tables."""
    return Rows(
        [event_row(recorded) for recorded in batch.events],
        [ticket_row(ticket) for ticket in batch.tickets.values()],
        [(answer.command, answer.sender, answer.payload) for answer in batch.answers],
        [(snapshot.seq, snapshot.day, snapshot.state) for snapshot in batch.snapshots],
        list(batch.cursors.items()),
        list(batch.secrets.items()),
    )


def dump_rows(rows: Rows) -> bytes:
    """As JSON; an answer's payload, which is JSON itself, travels as text."""
    return to_json([rows.events, rows.tickets, rows.answers, rows.snapshots, rows.cursors, rows.secrets])


def load_rows(data: bytes) -> Rows:
    """Raises `ValueError` where the data holds no rows."""
    parts: Any = json.loads(data)
    if not isinstance(parts, list) or len(parts) != 6:
        raise ValueError("these are no rows")
    events, tickets, answers, snapshots, cursors, secrets = ([tuple(row) for row in part] for part in parts)
    told = [(command, sender, payload.encode()) for command, sender, payload in answers]
    return Rows(events, tickets, told, snapshots, cursors, secrets)
