"""What is done with the ticket in hand."""

from collections.abc import Sequence

from branch_server.domain.asking import Moment, check_seen, desk_of, held_by, queue_of, ticket_of, wrong_state
from branch_server.domain.events import (
    Event,
    TicketCompleted,
    TicketNoShow,
    TicketParked,
    TicketSkipped,
    TicketStarted,
    TicketTransferred,
)
from branch_server.domain.handlers.calling import called
from branch_server.domain.ranks import rank_after_skip, rank_at, rank_of_joining
from branch_server.domain.refusals import Refused
from branch_server.domain.routing import why_by_hand
from branch_server.domain.state import CounterState, Desk, State
from branch_server.domain.tickets import IN_HAND, Status, Ticket
from foleni.ids import CounterId, ServiceId
from foleni.messages.commands import Complete, CounterCommand, NoShow, Park, Skip, Start, Transfer
from foleni.messages.replies import Code
from foleni.messages.setup import ServiceState
from foleni.times import Instant


def start(state: State, command: Start, _moment: Moment) -> Sequence[Event]:
    ticket = _called(state, command)
    return [TicketStarted(ticket.id, ticket.number, ticket.service, _counter(command))]


def complete(state: State, command: Complete, _moment: Moment) -> Sequence[Event]:
    ticket = _seen(state, command)
    return [TicketCompleted(ticket.id, ticket.number, ticket.service, _counter(command), command.outcome)]


def skip(state: State, command: Skip, _moment: Moment) -> Sequence[Event]:
    """Not there: a few places back; after `max_skips` of these, not there for good."""
    ticket = _called(state, command)
    branch = state.branch
    if branch is not None and ticket.skips >= branch.max_skips:
        return [TicketNoShow(ticket.id, ticket.number, ticket.service, _counter(command), "max_skips")]
    places = branch.skip_places if branch is not None else 1
    rank = rank_after_skip(queue_of(state, ticket.service), ticket, places)
    return [TicketSkipped(ticket.id, ticket.number, ticket.service, _counter(command), rank, ticket.skips + 1)]


def no_show(state: State, command: NoShow, _moment: Moment) -> Sequence[Event]:
    ticket = _called(state, command)
    return [TicketNoShow(ticket.id, ticket.number, ticket.service, _counter(command), "staff")]


def park(state: State, command: Park, _moment: Moment) -> Sequence[Event]:
    ticket = _seen(state, command)
    return [TicketParked(ticket.id, ticket.number, ticket.service, _counter(command), command.reason)]


def transfer(state: State, command: Transfer, moment: Moment) -> Sequence[Event]:
    """To the queue of a service; or into the hand of another counter, or person, which must be open and empty."""
    ticket = ticket_of(state, command.ticket)
    if ticket.status not in IN_HAND:
        raise wrong_state(ticket, "in a hand")
    if command.to_counter is not None:
        return _to_counter(state, ticket, desk_of(state, command.to_counter), moment)
    if command.to_staff is not None:
        return _to_counter(state, ticket, _desk_with(state, command.to_staff), moment)
    queue = queue_of(state, command.to_service or "")
    if queue.state is ServiceState.CLOSED:
        raise Refused(Code.SERVICE_CLOSED, f"{queue.service.id} is closed.", ticket.id)
    rank = _kept_rank(ticket) if command.keep_rank else rank_at(moment.now, ticket.credit_min, ticket.appointment)
    return [_transferred(ticket, queue.service.id, None, rank)]


def _desk_with(state: State, staff: str) -> Desk:
    """The open counter where a person sits; one with an empty hand where there are two."""
    if staff not in state.staff:
        raise Refused(Code.INVALID, f"There is no staff member {staff}.")
    desks = [desk for desk in state.desks.values() if desk.staff == staff and desk.state is CounterState.OPEN]
    if not desks:
        raise Refused(Code.WRONG_STATE, f"{state.staff[staff].name} is at no open counter.")
    return next((desk for desk in desks if desk.in_hand is None), desks[0])


def _to_counter(state: State, ticket: Ticket, desk: Desk, moment: Moment) -> Sequence[Event]:
    held = state.hand(desk)
    if held is not None:
        raise Refused(Code.WRONG_STATE, f"Counter {desk.counter.label} has {held.number} in hand.", held.id)
    if desk.state is not CounterState.OPEN:
        raise Refused(Code.COUNTER_CLOSED, f"Counter {desk.counter.label} is not open.")
    giver = state.desks[ticket.counter or ""].counter.label
    why = why_by_hand("transfer", f"handed over by counter {giver}", ticket, moment.now)
    return [_transferred(ticket, ticket.service, desk.counter.id, _kept_rank(ticket)), called(desk, ticket, why)]


def _transferred(ticket: Ticket, service: str, to_counter: str | None, rank: Instant) -> TicketTransferred:
    aim = CounterId(to_counter) if to_counter is not None else None
    giver = ticket.counter or CounterId("")
    return TicketTransferred(ticket.id, ticket.number, ServiceId(service), giver, ticket.service, aim, rank)


def _kept_rank(ticket: Ticket) -> Instant:
    return ticket.rank_at if ticket.rank_at is not None else rank_of_joining(ticket)


def _counter(command: CounterCommand) -> CounterId:
    return CounterId(command.counter)


def _seen(state: State, command: CounterCommand) -> Ticket:
    """The ticket in hand; refused where the person saw another number there."""
    desk = desk_of(state, command.counter)
    check_seen(state, desk, command.seen)
    return held_by(state, desk)


def _called(state: State, command: CounterCommand) -> Ticket:
    ticket = _seen(state, command)
    if ticket.status is not Status.CALLED:
        raise wrong_state(ticket, "called")
    return ticket
