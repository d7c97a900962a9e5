"""Between the engine's records and the rows of the tables."""

from typing import Any

from branch_server.domain.events import Recorded
from branch_server.domain.tickets import Ticket
from branch_server.engine.codec import dump_event, load_event
from foleni.times import Instant


def event_row(recorded: Recorded) -> dict[str, Any]:
    return {
        "seq": recorded.seq, "id": recorded.id, "type": recorded.event.type, "at": recorded.at, "steady": recorded.steady,
        "day": recorded.day, "actor": recorded.actor, "command": recorded.command, "data": dump_event(recorded.event),
    }  # fmt: skip


def recorded_of(row: Any) -> Recorded:
    """The event of a row; raises `ValueError` or `KeyError` where it is none."""
    seq, event_id, event_type, at, steady, day, actor, command, data = row
    return Recorded(seq, event_id, Instant(at), Instant(steady), day, actor, command, load_event(event_type, data))


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id, "day": ticket.day, "number": ticket.number, "service": ticket.service, "channel": ticket.channel,
        "priority": ticket.priority, "status": str(ticket.status), "counter": ticket.counter, "staff": ticket.staff,
        "device": ticket.device, "offline": ticket.offline, "joined_at": ticket.joined_at, "called_at": ticket.called_at,
        "started_at": ticket.started_at, "ended_at": ticket.ended_at, "skips": ticket.skips, "outcome": ticket.outcome,
        "stars": ticket.stars, "language": ticket.language, "phone": ticket.phone, "name": ticket.name,
    }  # fmt: skip
