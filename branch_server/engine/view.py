"""What readers in other threads see: an immutable picture of the branch after a commit."""

from dataclasses import dataclass

from branch_server.domain.events import Event
from branch_server.domain.results import in_hand
from branch_server.domain.state import Desk, Queue, State
from branch_server.domain.waits import WaitModel
from foleni.ids import TicketId
from foleni.messages.setup import Branch, Counter, Device, PriorityClass, Service, Template
from foleni.messages.state import Board, Call, CounterStatus, InHand, NextNumbers, Services, ServiceSummary
from foleni.times import Instant, to_wire

_NEXT_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SetupView:
    """What the branch is made of."""

    branch: Branch | None
    priorities: tuple[PriorityClass, ...]
    services: tuple[Service, ...]
    counters: tuple[Counter, ...]
    devices: tuple[Device, ...]
    templates: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The branch after event `seq`. `services`, `board` and `counters` are what the retained topics show."""

    seq: int
    day: str
    services: Services
    board: Board
    counters: dict[str, CounterStatus]
    setup: SetupView


def view_of(state: State, waits: WaitModel, now: Instant, setup: SetupView | None = None) -> View:
    """The picture of a state, with the waits as they are at `now`; `setup` is reused where it has not changed."""
    return View(
        state.seq,
        state.day,
        _services(state, waits, now),
        _board(state),
        {desk.counter.id: _counter(state, desk) for desk in state.desks.values()},
        setup or setup_of(state),
    )


def changes_setup(event: Event) -> bool:
    """Whether the setup part of a view must be made anew."""
    return event.type.endswith(("_saved", "_removed"))


def setup_of(state: State) -> SetupView:
    """The setup part of a view."""
    return SetupView(
        state.branch,
        tuple(state.priorities.values()),
        tuple(queue.service for queue in state.queues.values()),
        tuple(desk.counter for desk in state.desks.values()),
        tuple(state.devices.values()),
        tuple(state.templates.values()),
    )


def _services(state: State, waits: WaitModel, now: Instant) -> Services:
    summaries = tuple(_summary(state, queue, waits, now) for queue in state.queues.values())
    return Services(seq=state.seq, day=state.day, services=summaries)


def _summary(state: State, queue: Queue, waits: WaitModel, now: Instant) -> ServiceSummary:
    last = Instant(max(now, queue.waiting[-1][0] if queue.waiting else 0))
    wait = waits.estimate(state, queue, last, TicketId("~"), now)
    service = queue.service
    return ServiceSummary.model_construct(
        id=service.id, prefix=service.prefix, name=service.name, state=str(queue.state), waiting=len(queue.waiting),
        wait_p50_s=wait.p50_s, wait_p90_s=wait.p90_s,
        reopens_at=to_wire(queue.reopens_at) if queue.reopens_at is not None else None,
    )  # fmt: skip


def _board(state: State) -> Board:
    calls = [call for desk in state.desks.values() if (call := _call(state, desk)) is not None]
    recent = tuple(
        Call.model_construct(
            ticket=past.ticket, number=past.number, counter=past.counter, counter_label=past.counter_label,
            service=past.service, called_at=to_wire(past.called_at), call=past.call,
        )
        for past in state.recent
    )  # fmt: skip
    upcoming = tuple(
        NextNumbers.model_construct(
            service=queue.service.id, numbers=tuple(state.tickets[ticket].number for _, ticket in queue.waiting[:_NEXT_SHOWN])
        )
        for queue in state.queues.values()
    )
    newest_first = tuple(sorted(calls, key=lambda call: call.called_at, reverse=True))
    return Board.model_construct(seq=state.seq, calls=newest_first, recent=recent, next=upcoming, notice=state.notice)


def _call(state: State, desk: Desk) -> Call | None:
    ticket = state.hand(desk)
    if ticket is None:
        return None
    return Call.model_construct(
        ticket=ticket.id, number=ticket.number, counter=desk.counter.id, counter_label=desk.counter.label,
        service=ticket.service, called_at=to_wire(ticket.called_at or ticket.joined_at), call=ticket.calls,
    )  # fmt: skip


def _counter(state: State, desk: Desk) -> CounterStatus:
    held = in_hand(state.hand(desk))
    return CounterStatus.model_construct(
        seq=state.seq, state=desk.state.value, label=desk.counter.label,
        in_hand=InHand.model_construct(**held) if held is not None else None, waiting=state.waiting_at(desk),
    )  # fmt: skip
