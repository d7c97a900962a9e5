"""Services that open and close by their hours, or because their hours were changed."""

from collections.abc import Iterator

from branch_server.domain.events import Event, ServiceClosed, ServiceOpened
from branch_server.domain.state import Queue, State
from branch_server.domain.timetable import Standing, Timetables, hours_of
from foleni.ids import ServiceId
from foleni.messages.setup import Branch, Service, ServiceState
from foleni.times import Instant


def by_hours(state: State, now: Instant, timetables: Timetables) -> dict[str, Event]:
    """What the hours change, by service. What a person did after the last change of the hours stays until the next."""
    branch, found = state.branch, {}
    if branch is None:
        return {}
    for service, queue in state.queues.items():
        hours = hours_of(branch, queue.service)
        if hours is None:
            continue
        told = timetables.standing(branch, hours, now)
        if queue.changed_at < told.since and (event := _to(queue, told)) is not None:
            found[service] = event
    return found


def after_branch(state: State, branch: Branch, now: Instant) -> Iterator[Event]:
    """What a changed branch means for its services now."""
    was, becomes = Timetables(), Timetables()
    for queue in state.queues.values():
        before = _standing(was, state.branch, queue.service, now)
        yield from _turned(queue, before, _standing(becomes, branch, queue.service, now))


def after_service(state: State, service: Service, now: Instant) -> Iterator[Event]:
    """What a new or changed service means for its queue now. A new one that is told not to be open stays so."""
    times = Timetables()
    after = _standing(times, state.branch, service, now)
    queue = state.queues.get(service.id)
    if queue is not None:
        yield from _turned(queue, _standing(times, state.branch, queue.service, now), after)
    elif service.state is ServiceState.OPEN:
        yield from _turned(Queue(service), None, after)


def _standing(timetables: Timetables, branch: Branch | None, service: Service, now: Instant) -> Standing | None:
    hours = hours_of(branch, service) if branch is not None else None
    return timetables.standing(branch, hours, now) if branch is not None and hours is not None else None


def _turned(queue: Queue, before: Standing | None, after: Standing | None) -> Iterator[Event]:
    """Where the hours say now what they said before, what a person did stays; only the next opening may be another."""
    if after is None:
        return
    if before is not None and before.is_open == after.is_open:
        told_so = (queue.state, queue.reopens_at, queue.reason) == (ServiceState.CLOSED, before.opens_at, None)
        if after.is_open or not told_so:
            return
    event = _to(queue, after)
    if event is not None:
        yield event


def _to(queue: Queue, told: Standing) -> Event | None:
    """What makes a queue as its hours say; None where it is so."""
    service = ServiceId(queue.service.id)
    if told.is_open:
        return ServiceOpened(service) if queue.state is not ServiceState.OPEN else None
    as_told = (queue.state, queue.reopens_at, queue.reason) == (ServiceState.CLOSED, told.opens_at, None)
    return None if as_told else ServiceClosed(service, told.opens_at)
