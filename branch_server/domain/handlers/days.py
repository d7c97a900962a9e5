"""The business day: closing it, rolling over to the next, and what falls due by time alone."""

from collections.abc import Container, Sequence

from branch_server.domain.asking import Moment
from branch_server.domain.events import (
    DayClosed,
    DayOpened,
    Event,
    ServiceOpened,
    TicketExpired,
    TicketNoShow,
)
from branch_server.domain.handlers.hours import by_hours
from branch_server.domain.state import State
from branch_server.domain.tickets import Status
from branch_server.domain.timetable import Timetables
from foleni.days import business_day
from foleni.ids import CounterId, ServiceId
from foleni.messages.commands import CloseDay
from foleni.messages.setup import ServiceState
from foleni.times import SECOND_US, Instant

_LEFT_OVER = frozenset({Status.WAITING, Status.PARKED})


def close_day(state: State, _command: CloseDay, moment: Moment) -> Sequence[Event]:
    """What waits expires now. Numbers start again only where the clock shows a later business day."""
    return roll_over(state, moment.now) or [*_expire(state), DayClosed(state.day)]


def roll_over(state: State, now: Instant) -> list[Event]:
    """What ends the business day and opens the one of `now`; nothing where it is not later. The day never goes back."""
    if state.branch is None:
        return []
    today = business_day(state.branch, now)
    if today <= state.day:
        return []
    closing: list[Event] = [*_expire(state), DayClosed(state.day)] if state.day else []
    return [*closing, DayOpened(today)]


def fall_due(state: State, now: Instant, timetables: Timetables) -> list[Event]:
    """What happens by time alone: services open and close by their hours, a paused one opens again, and a called ticket
    that nobody answered is a no-show.
    """
    timed = by_hours(state, now, timetables)
    return [*timed.values(), *_reopened(state, now, timed), *_unanswered(state, now)]


def _expire(state: State) -> list[Event]:
    left = [ticket for ticket in state.tickets.values() if ticket.status in _LEFT_OVER]
    return [TicketExpired(ticket.id, ticket.number, ticket.service) for ticket in left]


def _reopened(state: State, now: Instant, but: Container[str]) -> list[Event]:
    return [
        ServiceOpened(ServiceId(queue.service.id))
        for queue in state.queues.values()
        if queue.state is not ServiceState.OPEN and queue.reopens_at is not None and queue.reopens_at <= now
        if queue.service.id not in but
    ]


def _unanswered(state: State, now: Instant) -> list[Event]:
    limit_s = state.branch.no_show_after_s if state.branch is not None else None
    if limit_s is None:
        return []
    late = [
        (desk, ticket)
        for desk in state.desks.values()
        if (ticket := state.hand(desk)) is not None and ticket.status is Status.CALLED
        if now - max(ticket.called_at or now, desk.restored_at or 0) >= limit_s * SECOND_US
    ]
    return [
        TicketNoShow(ticket.id, ticket.number, ticket.service, CounterId(desk.counter.id), "no_show_after")
        for desk, ticket in late
    ]
