"""Who asks, and when: what a decision gets to know beside the state and the command."""

from collections.abc import Callable
from dataclasses import dataclass, field

from branch_server.domain.refusals import Refused
from branch_server.domain.state import CounterState, Desk, Queue, State
from branch_server.domain.tickets import Ticket
from branch_server.domain.waits import Drain, WaitModel
from foleni.messages.replies import Code
from foleni.times import Instant

HOUSE = "branch-server"
"""Who does what happens by time alone, and the setup."""

REMOTE_ISSUER = "cloud"
"""Who gives the numbers of the branch's remote series."""

WEB = "branch-web"
"""The branch's own web side, which has checked whom it asks for."""

RESERVED = frozenset({HOUSE, REMOTE_ISSUER, WEB})
"""Names of senders that no device may have."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a command came from. `trusted` is what this house itself asks: the setup, the cloud, a signed-in console."""

    name: str
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """One command's surroundings. `now` is steady time; `link_of` makes a ticket's public link from its id."""

    now: Instant
    sender: Sender
    new_id: Callable[[], str]
    link_of: Callable[[str], str] = field(default=lambda ticket: f"/t/{ticket}")
    waits: WaitModel = field(default_factory=Drain)


def queue_of(state: State, service: str) -> Queue:
    queue = state.queues.get(service)
    if queue is None:
        raise Refused(Code.UNKNOWN_SERVICE, f"There is no service {service}.")
    return queue


def desk_of(state: State, counter: str) -> Desk:
    desk = state.desks.get(counter)
    if desk is None:
        raise Refused(Code.UNKNOWN_COUNTER, f"There is no counter {counter}.")
    return desk


def ticket_of(state: State, ticket_id: str) -> Ticket:
    ticket = state.tickets.get(ticket_id)
    if ticket is None:
        raise Refused(Code.UNKNOWN_TICKET, "There is no such ticket today.")
    return ticket


def held_by(state: State, desk: Desk) -> Ticket:
    ticket = state.hand(desk)
    if ticket is None:
        raise Refused(Code.NOTHING_IN_HAND, f"Counter {desk.counter.label} has no ticket in hand.")
    return ticket


def wrong_state(ticket: Ticket, wanted: str) -> Refused:
    return Refused(Code.WRONG_STATE, f"{ticket.number} is {ticket.status.replace('_', ' ')}, not {wanted}.", ticket.id)


def check_seen(state: State, desk: Desk, seen: str | None) -> None:
    """Refuses a press of somebody who saw another number in hand."""
    held = state.hand(desk)
    if seen and (held is None or held.number != seen):
        raise Refused(Code.WRONG_STATE, f"{seen} is no longer in hand at counter {desk.counter.label}.")


def open_desk_of(state: State, counter: str) -> Desk:
    desk = desk_of(state, counter)
    if desk.state is not CounterState.OPEN:
        doing = "on a break" if desk.state is CounterState.BREAK else "closed"
        raise Refused(Code.COUNTER_CLOSED, f"Counter {desk.counter.label} is {doing}.")
    return desk
