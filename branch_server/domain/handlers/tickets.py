"""What is done with a ticket wherever it is."""

from collections.abc import Sequence

from branch_server.domain.asking import Moment, ticket_of, wrong_state
from branch_server.domain.events import (
    Event,
    NoteAdded,
    PriorityChanged,
    TicketCancelled,
    TicketCheckedIn,
    TicketRated,
)
from branch_server.domain.ranks import rank_at, rank_with
from branch_server.domain.refusals import Refused
from branch_server.domain.state import State
from branch_server.domain.tickets import ACTIVE, Status
from foleni.messages.commands import AddNote, Cancel, CheckIn, Rate, SetPriority
from foleni.messages.replies import Code


def cancel(state: State, command: Cancel, _moment: Moment) -> Sequence[Event]:
    ticket = ticket_of(state, command.ticket)
    if ticket.status is not Status.WAITING:
        raise wrong_state(ticket, "waiting")
    return [TicketCancelled(ticket.id, ticket.number, ticket.service)]


def check_in(state: State, command: CheckIn, moment: Moment) -> Sequence[Event]:
    """The customer is here. An appointment enters the queue now, once."""
    ticket = ticket_of(state, command.ticket)
    if ticket.status is not Status.WAITING:
        raise wrong_state(ticket, "waiting")
    if ticket.appointment is None:
        return [TicketCheckedIn(ticket.id, ticket.number, ticket.service, ticket.rank_at)]
    if ticket.checked_in_at is not None:
        return []
    rank = rank_at(moment.now, ticket.credit_min, ticket.appointment)
    return [TicketCheckedIn(ticket.id, ticket.number, ticket.service, rank)]


def add_note(state: State, command: AddNote, _moment: Moment) -> Sequence[Event]:
    ticket = ticket_of(state, command.ticket)
    return [NoteAdded(ticket.id, ticket.number, ticket.service, command.text)]


def set_priority(state: State, command: SetPriority, _moment: Moment) -> Sequence[Event]:
    ticket = ticket_of(state, command.ticket)
    if ticket.status not in ACTIVE:
        raise wrong_state(ticket, "in the queue")
    priority = state.priorities.get(command.priority)
    if priority is None:
        raise Refused(Code.INVALID, f"There is no priority class {command.priority}.")
    rank = rank_with(ticket, priority.credit_min)
    return [PriorityChanged(ticket.id, ticket.number, ticket.service, priority.id, priority.credit_min, rank)]


def rate(state: State, command: Rate, _moment: Moment) -> Sequence[Event]:
    """After the service; a later rating replaces an earlier one."""
    ticket = ticket_of(state, command.ticket)
    if ticket.status is not Status.COMPLETED:
        raise wrong_state(ticket, "completed")
    return [TicketRated(ticket.id, ticket.number, ticket.service, command.stars, command.text)]
