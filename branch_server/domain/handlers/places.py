"""Opening and closing counters and services, and the notice on the board. Asked for what is so already, nothing happens."""

from collections.abc import Sequence

from branch_server.domain.asking import Moment, desk_of, queue_of
from branch_server.domain.events import (
    Announced,
    CounterClosed,
    CounterOnBreak,
    CounterOpened,
    Event,
    ServiceClosed,
    ServiceOpened,
    ServicePaused,
)
from branch_server.domain.refusals import Refused
from branch_server.domain.state import CounterState, State
from foleni.ids import CounterId, ServiceId
from foleni.messages.commands import (
    Announce,
    BreakCounter,
    CloseCounter,
    CloseService,
    OpenCounter,
    OpenService,
    PauseService,
)
from foleni.messages.replies import Code
from foleni.messages.setup import ServiceState


def open_counter(state: State, command: OpenCounter, _moment: Moment) -> Sequence[Event]:
    desk = desk_of(state, command.counter)
    staff = command.staff or desk.staff
    if command.staff is not None and command.staff not in state.staff:
        raise Refused(Code.INVALID, f"There is no staff member {command.staff}.")
    if command.staff is not None and not state.staff[command.staff].active:
        raise Refused(Code.NOT_ALLOWED, f"{state.staff[command.staff].name} is not active.")
    if desk.state is CounterState.OPEN and staff == desk.staff:
        return []
    return [CounterOpened(CounterId(command.counter), staff)]


def close_counter(state: State, command: CloseCounter, _moment: Moment) -> Sequence[Event]:
    """Only with an empty hand: nobody is left standing at a closed counter."""
    desk = desk_of(state, command.counter)
    held = state.hand(desk)
    if held is not None:
        raise Refused(Code.WRONG_STATE, f"Counter {desk.counter.label} has {held.number} in hand. Finish it first.", held.id)
    if desk.state is CounterState.CLOSED:
        return []
    return [CounterClosed(CounterId(command.counter), command.reason)]


def break_counter(state: State, command: BreakCounter, _moment: Moment) -> Sequence[Event]:
    desk = desk_of(state, command.counter)
    if desk.state is CounterState.BREAK:
        return []
    return [CounterOnBreak(CounterId(command.counter), command.reason)]


def open_service(state: State, command: OpenService, _moment: Moment) -> Sequence[Event]:
    queue = queue_of(state, command.service)
    return [] if queue.state is ServiceState.OPEN else [ServiceOpened(ServiceId(command.service))]


def pause_service(state: State, command: PauseService, _moment: Moment) -> Sequence[Event]:
    queue = queue_of(state, command.service)
    same = (ServiceState.PAUSED, command.reopens_at, command.reason)
    if (queue.state, queue.reopens_at, queue.reason) == same:
        return []
    return [ServicePaused(ServiceId(command.service), command.reopens_at, command.reason)]


def close_service(state: State, command: CloseService, _moment: Moment) -> Sequence[Event]:
    queue = queue_of(state, command.service)
    same = (ServiceState.CLOSED, command.reopens_at, command.reason)
    if (queue.state, queue.reopens_at, queue.reason) == same:
        return []
    return [ServiceClosed(ServiceId(command.service), command.reopens_at, command.reason)]


def announce(state: State, command: Announce, _moment: Moment) -> Sequence[Event]:
    return [] if command.text == state.notice else [Announced(dict(command.text))]
