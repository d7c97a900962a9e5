"""Taking back a counter's last complete, skip or no-show, for a minute."""

from collections.abc import Sequence

from branch_server.domain.asking import Moment, check_seen, open_desk_of
from branch_server.domain.events import Event, TicketRestored, TicketReturned
from branch_server.domain.refusals import Refused
from branch_server.domain.state import Act, Desk, State
from branch_server.domain.tickets import Status, Ticket
from foleni.ids import CounterId
from foleni.messages.commands import Undo
from foleni.messages.replies import Code
from foleni.times import SECOND_US, Instant

UNDO_US = 60 * SECOND_US
"""So long an act can be taken back."""


def undo(state: State, command: Undo, moment: Moment) -> Sequence[Event]:
    """The ticket is in the hand again as it was. One that was called in its place, and not begun, waits where it stood."""
    desk = open_desk_of(state, command.counter)
    check_seen(state, desk, command.seen)
    act = undoable(desk, moment.now)
    if act is None:
        raise _no(f"Counter {desk.counter.label} has nothing to take back; that can be done for a minute.")
    _check_wanted(command, act)
    _check_untouched(state, act)
    counter, before = CounterId(desk.counter.id), act.before
    restored = TicketRestored(before.id, before.number, before.service, counter, str(act.after.status))
    held = state.hand(desk)
    if held is None:
        return [restored]
    _check_returnable(desk, act, held)
    return [TicketReturned(held.id, held.number, held.service, counter, held.rank_at), restored]


def undoable(desk: Desk, now: Instant) -> Act | None:
    """What `undo` would take back at this counter, if nothing has come in between; None where it is too late."""
    return desk.last if desk.last is not None and now - desk.last.at <= UNDO_US else None


def _check_wanted(command: Undo, act: Act) -> None:
    if command.ticket is not None and command.ticket != act.before.id:
        raise _no(f"The last that was done here was done with {act.before.number}.", act.before)


def _check_untouched(state: State, act: Act) -> None:
    ticket = state.tickets.get(act.before.id)
    if ticket is None or ticket.service not in state.queues:
        raise _no(f"{act.before.number} is gone; it cannot be taken back.")
    if _traits(ticket) != _traits(act.after):
        raise _no(f"{ticket.number} has changed since; it cannot be taken back.", ticket)
    holder = state.phones.get(ticket.phone or "", ticket.id)
    if holder != ticket.id:
        number = state.tickets[holder].number
        raise Refused(Code.ALREADY_QUEUED, f"This phone number has another ticket by now: {number}.", holder)


def _traits(ticket: Ticket) -> tuple[object, ...]:
    """What changes when anybody does anything with a ticket that an undo would have to undo, too."""
    return (ticket.status, ticket.number, ticket.service, ticket.priority, ticket.credit_min, ticket.rank_at, ticket.skips)


def _check_returnable(desk: Desk, act: Act, held: Ticket) -> None:
    """Only who came out of the queue and was not begun goes back there."""
    if held.status is not Status.CALLED or held.id != act.next:
        place, number = desk.counter.label, act.before.number
        raise _no(f"{held.number} is in hand at counter {place}. Park it, then {number} can come back.", held)


def _no(message: str, ticket: Ticket | None = None) -> Refused:
    return Refused(Code.WRONG_STATE, message, ticket.id if ticket is not None else None)
