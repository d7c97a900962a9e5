"""The fold: each event changes the state, and cannot fail. What a branch is made of is folded in `apply_setup`."""

from dataclasses import replace
from typing import Any

from branch_server.domain import apply_setup as _setup_folds  # noqa: F401 - registers its folds
from branch_server.domain import events as e
from branch_server.domain.days import days_between
from branch_server.domain.folds import fold_of, folds
from branch_server.domain.state import Act, CounterState, PastCall, State
from branch_server.domain.tickets import ACTIVE, IN_HAND, Status, Ticket
from branch_server.domain.waits import KEPT_TIMES
from foleni.ids import CounterId
from foleni.messages.setup import ServiceState
from foleni.times import SECOND_US, Instant

KEPT_CALLS = 12
KEPT_OFFLINE_DAYS = 7
"""So long is remembered which papers were handed in, and so long are papers taken in."""


def apply(state: State, recorded: e.Recorded) -> None:
    """Takes one event of the log into the state."""
    state.seq = recorded.seq
    state.steady = recorded.steady
    fold = fold_of(type(recorded.event))
    if fold is not None:
        fold(state, recorded.event, recorded.steady)


def _put(state: State, ticket: Ticket) -> None:
    """Stores a changed ticket, and keeps queue, hand and phone book in step with its status."""
    if ticket.parked_at is not None and ticket.status is not Status.PARKED:
        ticket = replace(ticket, parked_at=None, reason=None)
    before = state.tickets.get(ticket.id)
    if before is not None and before.status is Status.WAITING and before.service in state.queues:
        state.queues[before.service].drop(before)
    state.tickets[ticket.id] = ticket
    if ticket.status is Status.WAITING and ticket.service in state.queues:
        state.queues[ticket.service].add(ticket)
    if ticket.phone is not None:
        _keep_phone(state, ticket.phone, ticket)


def _keep_phone(state: State, phone: str, ticket: Ticket) -> None:
    if ticket.status in ACTIVE:
        state.phones.setdefault(phone, ticket.id)
    elif state.phones.get(phone) == ticket.id:
        del state.phones[phone]


def _leave_hand(state: State, ticket: Ticket) -> None:
    """Takes a ticket out of the hand that holds it, and the call to the recent ones."""
    desk = state.desks.get(ticket.counter or "")
    if desk is None or desk.in_hand != ticket.id:
        return
    desk.in_hand = None
    counter = CounterId(desk.counter.id)
    called_at = ticket.called_at or ticket.joined_at
    past = PastCall(ticket.id, ticket.number, counter, desk.counter.label, ticket.service, called_at, ticket.calls)
    state.recent = [past, *(call for call in state.recent if call.ticket != ticket.id)][:KEPT_CALLS]


def _end(state: State, event: e.TicketEvent, at: Instant, status: Status, **changes: Any) -> None:
    ticket = state.tickets[event.ticket]
    _leave_hand(state, ticket)
    _put(state, replace(ticket, status=status, ended_at=at, **changes))


def _back(state: State, ticket: Ticket, **changes: Any) -> None:
    """Puts a ticket back among those who wait."""
    _leave_hand(state, ticket)
    cleared: dict[str, Any] = {
        "status": Status.WAITING, "counter": None, "staff": None, "called_at": None, "started_at": None, "ended_at": None,
        "calls": 0, "outcome": None,
    }  # fmt: skip
    _put(state, replace(ticket, **cleared | changes))


def _keep_act(state: State, event: e.CounterTicketEvent, before: Ticket, at: Instant) -> None:
    """Remembers what was just done at a counter, for as long as nothing else is."""
    desk = state.desks[event.counter]
    desk.last = Act(before, state.tickets[event.ticket], at, desk.credited_run, dict(desk.shares))


@folds(e.TicketJoined)
def _joined(state: State, event: e.TicketJoined, at: Instant) -> None:
    queue = state.queues[event.service]
    ticket = Ticket(
        id=event.ticket, number=event.number, service=event.service, channel=event.channel, priority=event.priority,
        credit_min=event.credit_min, day=event.day, joined_at=event.joined_at, rank_at=event.rank_at, device=event.device,
        command=event.command, language=event.language, phone=event.phone, name=event.name, offline=event.offline,
        appointment=event.appointment, checked_in_at=event.joined_at if event.checked_in else None,
    )  # fmt: skip
    if event.day == state.day:
        queue.issued += 1
        state.numbers.add(event.number)
    if event.offline:
        state.offline_numbers.setdefault(event.day, []).append(event.number)
    else:
        prefix = queue.service.prefix
        state.last_number[prefix] = max(state.last_number.get(prefix, 0), int(event.number.removeprefix(prefix)))
        state.heard[event.device] = at
    state.joins[event.command] = event.ticket
    _put(state, ticket)


@folds(e.TicketCalled)
def _called(state: State, event: e.TicketCalled, at: Instant) -> None:
    desk = state.desks[event.counter]
    ticket = state.tickets[event.ticket]
    _put(state, replace(ticket, status=Status.CALLED, counter=event.counter, staff=desk.staff, called_at=at, calls=event.call,
                        started_at=None))  # fmt: skip
    desk.in_hand = event.ticket
    desk.shares = dict(event.shares)
    out_of_queue = event.why.rule not in {"unpark", "transfer"}
    if desk.last is not None:
        desk.last = replace(desk.last, next=event.ticket if out_of_queue else None)
    if out_of_queue:
        desk.credited_run = desk.credited_run + 1 if ticket.credit_min else 0
    state.recent = [call for call in state.recent if call.ticket != event.ticket]


@folds(e.TicketRecalled)
def _recalled(state: State, event: e.TicketRecalled, _at: Instant) -> None:
    _put(state, replace(state.tickets[event.ticket], calls=event.call))


@folds(e.TicketStarted)
def _started(state: State, event: e.TicketStarted, at: Instant) -> None:
    _put(state, replace(state.tickets[event.ticket], status=Status.SERVING, started_at=at))


@folds(e.TicketCompleted)
def _completed(state: State, event: e.TicketCompleted, at: Instant) -> None:
    ticket = state.tickets[event.ticket]
    queue = state.queues.get(event.service)
    if queue is not None and ticket.called_at is not None:
        queue.served_s = [*queue.served_s, _served_s(ticket.called_at, at)][-KEPT_TIMES:]
    _end(state, event, at, Status.COMPLETED, outcome=event.outcome)
    _keep_act(state, event, ticket, at)


def _served_s(called_at: Instant, until: Instant) -> int:
    return max(0, until - called_at) // SECOND_US


@folds(e.TicketSkipped)
def _skipped(state: State, event: e.TicketSkipped, at: Instant) -> None:
    ticket = state.tickets[event.ticket]
    _back(state, ticket, rank_at=event.rank_at, skips=event.skips)
    _keep_act(state, event, ticket, at)


@folds(e.TicketNoShow)
def _no_show(state: State, event: e.TicketNoShow, at: Instant) -> None:
    ticket = state.tickets[event.ticket]
    _end(state, event, at, Status.NO_SHOW)
    _keep_act(state, event, ticket, at)


@folds(e.TicketReturned)
def _returned(state: State, event: e.TicketReturned, _at: Instant) -> None:
    """As if this call had not been: the counter's rule goes on from where it stood."""
    desk = state.desks[event.counter]
    _back(state, state.tickets[event.ticket], rank_at=event.rank_at)
    if desk.last is not None:
        desk.credited_run, desk.shares = desk.last.credited_run, dict(desk.last.shares)


@folds(e.TicketRestored)
def _restored(state: State, event: e.TicketRestored, at: Instant) -> None:
    desk = state.desks[event.counter]
    act, desk.last = desk.last, None
    if act is None:
        return
    before = act.before
    if act.after.status is Status.COMPLETED and before.called_at is not None:
        _forget_time(state, event.service, _served_s(before.called_at, act.at))
    _put(state, replace(
        state.tickets[event.ticket], status=before.status, counter=before.counter, staff=before.staff, calls=before.calls,
        called_at=before.called_at, started_at=before.started_at, ended_at=None, rank_at=before.rank_at, skips=before.skips,
        outcome=None,
    ))  # fmt: skip
    desk.in_hand, desk.restored_at = event.ticket, at
    state.recent = [call for call in state.recent if call.ticket != event.ticket]


def _forget_time(state: State, service: str, served_s: int) -> None:
    """Takes a service time out of those that the estimates go by."""
    queue = state.queues[service]
    if served_s in queue.served_s:
        times = queue.served_s[::-1]
        times.remove(served_s)
        queue.served_s = times[::-1]


@folds(e.TicketParked)
def _parked(state: State, event: e.TicketParked, at: Instant) -> None:
    ticket = state.tickets[event.ticket]
    _leave_hand(state, ticket)
    _put(state, replace(ticket, status=Status.PARKED, parked_at=at, reason=event.reason))


@folds(e.TicketTransferred)
def _transferred(state: State, event: e.TicketTransferred, _at: Instant) -> None:
    _back(state, state.tickets[event.ticket], service=event.service, rank_at=event.rank_at)


@folds(e.TicketCancelled)
def _cancelled(state: State, event: e.TicketCancelled, at: Instant) -> None:
    _end(state, event, at, Status.CANCELLED)


@folds(e.TicketExpired)
def _expired(state: State, event: e.TicketExpired, at: Instant) -> None:
    _end(state, event, at, Status.EXPIRED)


@folds(e.TicketRenumbered)
def _renumbered(state: State, event: e.TicketRenumbered, _at: Instant) -> None:
    ticket = replace(state.tickets[event.ticket], number=event.number, offline=True)
    if ticket.day == state.day:
        state.numbers.add(event.number)
    state.offline_numbers.setdefault(ticket.day, []).append(event.number)
    if event.rank_at is None:
        _put(state, ticket)
    else:
        _back(state, ticket, rank_at=event.rank_at, skips=0)


@folds(e.TicketCheckedIn)
def _checked_in(state: State, event: e.TicketCheckedIn, at: Instant) -> None:
    _put(state, replace(state.tickets[event.ticket], checked_in_at=at, rank_at=event.rank_at))


@folds(e.TicketRated)
def _rated(state: State, event: e.TicketRated, _at: Instant) -> None:
    _put(state, replace(state.tickets[event.ticket], stars=event.stars))


@folds(e.NoteAdded)
def _noted(state: State, event: e.NoteAdded, _at: Instant) -> None:
    ticket = state.tickets[event.ticket]
    _put(state, replace(ticket, notes=(*ticket.notes, event.text)))


@folds(e.PriorityChanged)
def _priority(state: State, event: e.PriorityChanged, _at: Instant) -> None:
    ticket = state.tickets[event.ticket]
    _put(state, replace(ticket, priority=event.priority, credit_min=event.credit_min, rank_at=event.rank_at))


@folds(e.CounterOpened)
def _counter_opened(state: State, event: e.CounterOpened, _at: Instant) -> None:
    desk = state.desks[event.counter]
    desk.state, desk.staff = CounterState.OPEN, event.staff


@folds(e.CounterClosed)
def _counter_closed(state: State, event: e.CounterClosed, _at: Instant) -> None:
    desk = state.desks[event.counter]
    desk.state, desk.staff, desk.credited_run, desk.last = CounterState.CLOSED, None, 0, None


@folds(e.CounterOnBreak)
def _counter_on_break(state: State, event: e.CounterOnBreak, _at: Instant) -> None:
    state.desks[event.counter].state = CounterState.BREAK


def _set_service(
    state: State,
    service: str,
    to: ServiceState,
    at: Instant,
    reopens_at: Instant | None = None,
    reason: str | None = None,
) -> None:
    queue = state.queues[service]
    queue.state, queue.changed_at, queue.reopens_at, queue.reason = to, at, reopens_at, reason


@folds(e.ServiceOpened)
def _service_opened(state: State, event: e.ServiceOpened, at: Instant) -> None:
    _set_service(state, event.service, ServiceState.OPEN, at)


@folds(e.ServicePaused)
def _service_paused(state: State, event: e.ServicePaused, at: Instant) -> None:
    _set_service(state, event.service, ServiceState.PAUSED, at, event.reopens_at, event.reason)


@folds(e.ServiceClosed)
def _service_closed(state: State, event: e.ServiceClosed, at: Instant) -> None:
    _set_service(state, event.service, ServiceState.CLOSED, at, event.reopens_at, event.reason)


@folds(e.Announced)
def _announced(state: State, event: e.Announced, _at: Instant) -> None:
    state.notice = dict(event.text)


@folds(e.DayOpened)
def _day_opened(state: State, event: e.DayOpened, at: Instant) -> None:
    """Numbers start again; only what is in a hand stays, with the day that it was given."""
    state.day, state.day_opened_at = event.opened, at
    state.tickets = {ticket.id: ticket for ticket in state.tickets.values() if ticket.status in IN_HAND}
    state.joins = {ticket.command: ticket.id for ticket in state.tickets.values()}
    state.phones = {ticket.phone: ticket.id for ticket in state.tickets.values() if ticket.phone is not None}
    state.numbers, state.last_number, state.recent = set(), {}, []
    state.offline_numbers = {
        day: numbers for day, numbers in state.offline_numbers.items() if days_between(day, event.opened) <= KEPT_OFFLINE_DAYS
    }
    state.numbers.update(state.offline_numbers.get(event.opened, []))
    for queue in state.queues.values():
        queue.issued, queue.waiting = 0, []
    for desk in state.desks.values():
        desk.credited_run, desk.shares, desk.last = 0, {}, None


@folds(e.AlertRaised)
def _alert_raised(state: State, event: e.AlertRaised, _at: Instant) -> None:
    state.alerts[event.alert] = event.message


@folds(e.AlertCleared)
def _alert_cleared(state: State, event: e.AlertCleared, _at: Instant) -> None:
    state.alerts.pop(event.alert, None)


@folds(e.TermBegan)
def _term_began(state: State, event: e.TermBegan, _at: Instant) -> None:
    state.term = event.term
    for queue in state.queues.values():
        prefix = queue.service.prefix
        state.last_number[prefix] = state.last_number.get(prefix, 0) + event.skipped
