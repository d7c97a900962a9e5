"""Taking a place in a queue, also with a number that an issuer printed while it could not reach us."""

from collections.abc import Sequence

from branch_server.domain.apply import KEPT_OFFLINE_DAYS
from branch_server.domain.asking import REMOTE_ISSUER, Moment, queue_of
from branch_server.domain.days import days_between, local_time
from branch_server.domain.events import Event, TicketExpired, TicketJoined, TicketRenumbered
from branch_server.domain.numbers import check_offline_number, next_number
from branch_server.domain.ranks import rank_at, rank_of_joining
from branch_server.domain.refusals import Refused
from branch_server.domain.state import Queue, State
from branch_server.domain.tickets import Status, Ticket
from foleni.days import business_day
from foleni.ids import ServiceId, TicketId
from foleni.messages.commands import Channel, Join
from foleni.messages.replies import Code
from foleni.messages.setup import PriorityClass, ServiceState
from foleni.times import Instant

_ON_SITE = frozenset({Channel.KIOSK, Channel.STAFF})


def join(state: State, command: Join, moment: Moment) -> Sequence[Event]:
    known = state.joins.get(command.key)
    if known is not None:
        return _handed_in_again(state, state.tickets[known], command, moment)
    queue = queue_of(state, command.service)
    joined_at = _joined_at(state, command, moment)
    _check_open(state, queue, command, joined_at, moment.now)
    _check_phone(state, command)
    joined = _joined(state, queue, command, moment, joined_at)
    if joined.day < state.day:
        return [joined, TicketExpired(joined.ticket, joined.number, joined.service)]
    return [joined]


def _joined(state: State, queue: Queue, command: Join, moment: Moment, joined_at: Instant) -> TicketJoined:
    day = _day_of(state, command, joined_at)
    priority = _priority(state, command)
    checked_in = command.appointment is None or command.channel in _ON_SITE
    rank = rank_at(joined_at, priority.credit_min, command.appointment) if checked_in else None
    return TicketJoined(
        TicketId(moment.new_id()), _number(state, queue, command, moment, day), ServiceId(command.service),
        channel=command.channel, priority=priority.id, credit_min=priority.credit_min, day=day, joined_at=joined_at,
        rank_at=rank, device=moment.sender.name, command=command.key, checked_in=checked_in,
        offline=command.number is not None, language=command.language, phone=command.phone, name=command.name,
        appointment=command.appointment,
    )  # fmt: skip


def _day_of(state: State, command: Join, joined_at: Instant) -> str:
    """Today; or the earlier day on which a ticket that is handed in late was printed."""
    if command.number is None or state.branch is None or joined_at >= state.day_opened_at:
        return state.day
    return min(state.day, business_day(state.branch, joined_at))


def _joined_at(state: State, command: Join, moment: Moment) -> Instant:
    """An offline issuer's time counts, but never later than now nor earlier than the issuer was last heard."""
    if command.number is None or command.joined_at is None:
        return moment.now
    return Instant(min(moment.now, max(command.joined_at, state.heard.get(moment.sender.name, Instant(0)))))


def _number(state: State, queue: Queue, command: Join, moment: Moment, day: str) -> str:
    if command.number is None:
        return next_number(state, queue.service.prefix)
    _check_printed(state, queue, command.number, moment, day)
    return command.number


def _check_printed(state: State, queue: Queue, number: str, moment: Moment, day: str) -> None:
    check_offline_number(number, queue.service.prefix, _letter_of(state, moment.sender.name))
    if days_between(day, state.day) > KEPT_OFFLINE_DAYS:
        raise Refused(Code.INVALID, f"{number} was printed on {day}; papers are taken in for {KEPT_OFFLINE_DAYS} days.")
    given = state.numbers if day == state.day else state.offline_numbers.get(day, [])
    if number in given:
        raise Refused(Code.INVALID, f"{number} was already given on {day}, to another ticket.")


def _letter_of(state: State, sender: str) -> str | None:
    if sender == REMOTE_ISSUER:
        return state.branch.remote_issuer if state.branch is not None else None
    device = state.devices.get(sender)
    return device.issuer if device is not None else None


def _priority(state: State, command: Join) -> PriorityClass:
    wanted = "appointment" if command.appointment is not None and command.priority == "normal" else command.priority
    priority = state.priorities.get(wanted)
    if priority is None:
        raise Refused(Code.INVALID, f"There is no priority class {wanted}.")
    return priority


def _check_open(state: State, queue: Queue, command: Join, joined_at: Instant, now: Instant) -> None:
    """A ticket that was printed while the service was open is taken in; so is one beyond the day's limit."""
    if queue.state is not ServiceState.OPEN and not (command.number is not None and joined_at < queue.changed_at):
        code = Code.SERVICE_PAUSED if queue.state is ServiceState.PAUSED else Code.SERVICE_CLOSED
        raise Refused(code, _why_not_open(state, queue, now))
    if queue.is_full and command.number is None:
        raise Refused(Code.SERVICE_FULL, f"{_name(queue)} has given its {queue.service.daily_limit} tickets of today.")


def _why_not_open(state: State, queue: Queue, now: Instant) -> str:
    reason = f" ({queue.reason})" if queue.reason else ""
    back = ""
    if queue.reopens_at is not None and state.branch is not None:
        back = f" It opens again at {local_time(state.branch, queue.reopens_at, now)}."
    return f"{_name(queue)} is {queue.state}{reason}.{back}"


def _name(queue: Queue) -> str:
    return queue.service.name.get("en") or next(iter(queue.service.name.values()))


def _check_phone(state: State, command: Join) -> None:
    holder = state.phones.get(command.phone or "")
    if holder is not None:
        number = state.tickets[holder].number
        raise Refused(Code.ALREADY_QUEUED, f"This phone number has a ticket already: {number}.", holder)


def _handed_in_again(state: State, ticket: Ticket, command: Join, moment: Moment) -> Sequence[Event]:
    """What is printed wins over the number that we had answered."""
    if command.number is None or command.number == ticket.number:
        return []
    _check_printed(state, queue_of(state, ticket.service), command.number, moment, ticket.day)
    rank = rank_of_joining(ticket) if _called_in_vain(ticket) else None
    return [TicketRenumbered(ticket.id, command.number, ticket.service, ticket.number, rank)]


def _called_in_vain(ticket: Ticket) -> bool:
    """Whether nobody can have come, because the number that was called is on no paper."""
    if ticket.status is Status.WAITING:
        return ticket.skips > 0
    return ticket.started_at is None and ticket.status in {Status.CALLED, Status.NO_SHOW, Status.COMPLETED}
