"""Between the engine's records and the rows of the tables: tuples in the order of the columns."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from branch_server.adapters.db.tables import tickets
from branch_server.domain.events import Recorded
from branch_server.domain.tickets import Ticket
from branch_server.engine.codec import dump_event, load_event
from foleni.times import Instant

Row = tuple[Any, ...]


def event_row(recorded: Recorded) -> Row:
    """The row of `events`."""
    event = recorded.event
    return (
        recorded.seq, recorded.id, event.type, recorded.at, recorded.steady, recorded.day, recorded.actor, recorded.command,
        dump_event(event),
    )  # fmt: skip


def recorded_of(row: Any) -> Recorded:
    """The event of a row; raises `ValueError` or `KeyError` where it is none."""
    seq, event_id, event_type, at, steady, day, actor, command, data = row
    return Recorded(seq, event_id, Instant(at), Instant(steady), day, actor, command, load_event(event_type, data))


ticket_row: Callable[[Ticket], Row] = attrgetter(
    *("status.value" if column.name == "status" else column.name for column in tickets.columns)
)
"""The row of `tickets`: every column is an attribute of a ticket."""
