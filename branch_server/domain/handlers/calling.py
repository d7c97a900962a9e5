"""Calling tickets to a counter."""

from collections.abc import Sequence

from branch_server.domain.asking import Moment, desk_of, held_by, open_desk_of, ticket_of, wrong_state
from branch_server.domain.events import Event, TicketCalled, TicketCompleted, TicketRecalled, Why
from branch_server.domain.refusals import Refused
from branch_server.domain.routing import choose_next, why_by_hand
from branch_server.domain.state import Desk, State
from branch_server.domain.tickets import Status, Ticket
from foleni.ids import CounterId
from foleni.messages.commands import CallNext, CallTicket, Recall, Unpark
from foleni.messages.replies import Code


def call_next(state: State, command: CallNext, moment: Moment) -> Sequence[Event]:
    """One button runs a counter: what is in hand is completed first, also when nobody waits any more.

    Where only people wait whom staff pass over, nothing happens: who is asked to stay must not cost who is here a turn.
    """
    desk = open_desk_of(state, command.counter)
    finished = _finish(state, desk)
    choice = choose_next(state, desk, moment.now, frozenset(command.pass_over))
    if choice is not None:
        return [*finished, called(desk, choice.ticket, choice.why, choice.shares)]
    if state.waiting_at(desk):
        raise Refused(Code.NOTHING_WAITING, f"Everybody who waits for counter {desk.counter.label} is passed over.")
    if not finished:
        raise Refused(Code.NOTHING_WAITING, f"Nobody is waiting for counter {desk.counter.label}.")
    return finished


def call_ticket(state: State, command: CallTicket, moment: Moment) -> Sequence[Event]:
    return _call_by_name(state, command, moment, Status.WAITING, "picked by hand")


def unpark(state: State, command: Unpark, moment: Moment) -> Sequence[Event]:
    return _call_by_name(state, command, moment, Status.PARKED, "parked; called again by name")


def recall(state: State, command: Recall, _moment: Moment) -> Sequence[Event]:
    desk = desk_of(state, command.counter)
    ticket = held_by(state, desk)
    return [TicketRecalled(ticket.id, ticket.number, ticket.service, CounterId(command.counter), ticket.calls + 1)]


def called(desk: Desk, ticket: Ticket, why: Why, shares: dict[str, int] | None = None) -> TicketCalled:
    """The event of a ticket being called into a counter's hand."""
    counter = desk.counter
    return TicketCalled(
        ticket.id, ticket.number, ticket.service, counter=CounterId(counter.id), counter_label=counter.label, call=1, why=why,
        shares=desk.shares if shares is None else shares,
    )  # fmt: skip


def _call_by_name(state: State, command: CallTicket | Unpark, moment: Moment, wanted: Status, reason: str) -> Sequence[Event]:
    desk = open_desk_of(state, command.counter)
    ticket = ticket_of(state, command.ticket)
    if ticket.status is not wanted:
        raise wrong_state(ticket, wanted)
    why = why_by_hand(command.type, reason, ticket, moment.now)
    return [*_finish(state, desk), called(desk, ticket, why)]


def _finish(state: State, desk: Desk) -> list[Event]:
    ticket = state.hand(desk)
    if ticket is None:
        return []
    return [TicketCompleted(ticket.id, ticket.number, ticket.service, CounterId(desk.counter.id))]
