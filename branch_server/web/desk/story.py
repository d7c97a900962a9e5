"""A ticket's story as the consoles tell it: facts with times and names; the pages put them into sentences."""

from collections.abc import Sequence
from typing import Any

from branch_server.domain.events import Recorded, TicketCalled, TicketEvent, Why
from branch_server.domain.state import State
from branch_server.domain.tickets import Ticket
from branch_server.web.desk.digest import ticket_row, wire
from branch_server.web.follower import Follower
from foleni.times import SECOND_US, Instant, to_wire

_TOLD = ("counter", "call", "from_service", "to_counter", "reason", "text", "priority", "stars", "was", "outcome", "channel")
"""Fields of events that a story repeats."""


def details_of(follower: Follower, ticket: Ticket) -> dict[str, Any]:
    """All that a console knows of one ticket, with its story and why it was called."""
    story = follower.story_of(ticket.id)
    told = {
        "phone": ticket.phone, "call": ticket.calls or None, "counter": ticket.counter, "called_at": wire(ticket.called_at),
        "started_at": wire(ticket.started_at), "ended_at": wire(ticket.ended_at), "outcome": ticket.outcome,
        "reason": ticket.reason, "parked_at": wire(ticket.parked_at), "waited_s": _waited_s(ticket), "why": _why(story),
        "story": [_line(recorded, follower.state) for recorded in story],
    }  # fmt: skip
    return ticket_row(ticket) | {name: value for name, value in told.items() if value is not None}


def _waited_s(ticket: Ticket) -> int | None:
    """How long the customer waited for the call; None while waiting."""
    return max(0, ticket.called_at - ticket.joined_at) // SECOND_US if ticket.called_at is not None else None


def _why(story: Sequence[Recorded]) -> dict[str, Any] | None:
    """The reason of the newest call."""
    calls = [recorded.event for recorded in story if isinstance(recorded.event, TicketCalled)]
    return why_of(calls[-1].why) if calls else None


def why_of(why: Why) -> dict[str, Any]:
    """A reason with the heads of the queues that it was chosen from."""
    heads = [
        {"number": head.number, "service": head.service, "wait_s": head.wait_s, "credit_min": head.credit_min}
        for head in why.heads
    ]
    return {"rule": why.rule, "reason": why.reason, "heads": heads}


def _line(recorded: Recorded, state: State) -> dict[str, Any]:
    event = recorded.event
    told: dict[str, Any] = {"type": event.type, "at": to_wire(Instant(recorded.at)), "by": _who(recorded.actor, state)}
    if isinstance(event, TicketEvent):
        told |= {"number": event.number, "service": event.service}
    told |= {name: value for name in _TOLD if (value := getattr(event, name, None)) is not None}
    return told


def _who(actor: str, state: State) -> str:
    """The name of who did it, where it is a person; else the id of the device or program."""
    staff = state.staff.get(actor)
    return staff.name if staff is not None else actor
