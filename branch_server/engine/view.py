"""What readers in other threads see: an immutable picture of the branch after a commit."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from branch_server.domain.events import Event
from branch_server.domain.results import in_hand
from branch_server.domain.state import Desk, Queue, State
from branch_server.domain.waits import WaitModel
from foleni.ids import TicketId
from foleni.messages.setup import Branch, Counter, Device, PriorityClass, Service, Template
from foleni.messages.state import Board, Call, CounterStatus, InHand, NextNumbers, Services, ServiceSummary
from foleni.times import Instant, to_wire

_NEXT_SHOWN = 3
_LAST = Instant(1 << 62)
"""The rank behind everybody's."""


@dataclass(frozen=True, slots=True)
class SetupView:
    """What the branch is made of."""

    branch: Branch | None
    priorities: tuple[PriorityClass, ...]
    services: tuple[Service, ...]
    counters: tuple[Counter, ...]
    devices: tuple[Device, ...]
    templates: tuple[Template, ...]


class View:
    """The branch after event `seq`, as it was then; `services`, `board` and `counters` are what the retained topics show.

    It is captured in microseconds on the engine's thread, because every customer waits for that one; what it shows is worked
    out by whoever looks, once.
    """

    def __init__(self, captured: State, waits: WaitModel, now: Instant, setup: SetupView) -> None:
        self.seq = captured.seq
        self.day = captured.day
        self.term = captured.term
        self.setup = setup
        self._captured = captured
        self._waits = waits
        self._now = now

    @cached_property
    def services(self) -> Services:
        summaries = (_summary(self._captured, queue, self._waits, self._now) for queue in self._captured.queues.values())
        return Services(seq=self.seq, day=self.day, services=tuple(summaries))

    @cached_property
    def board(self) -> Board:
        return _board(self._captured)

    @cached_property
    def counters(self) -> dict[str, CounterStatus]:
        return {desk.counter.id: _counter(self._captured, desk) for desk in self._captured.desks.values()}


def view_of(state: State, waits: WaitModel, now: Instant, setup: SetupView | None = None) -> View:
    """The picture of a state, with the waits as they are at `now`; `setup` is reused where it has not changed."""
    return View(_captured(state), waits, now, setup or setup_of(state))


def _captured(state: State) -> State:
    """A copy of what views show: queues, hands, the tickets in them and at their heads. Tickets never change in place."""
    queues = {queue.service.id: queue.copied(_NEXT_SHOWN) for queue in state.queues.values()}
    shown: list[str] = [desk.in_hand for desk in state.desks.values() if desk.in_hand is not None]
    for queue in queues.values():
        shown += [ticket for _, ticket in queue.waiting]
    return State(
        seq=state.seq,
        steady=state.steady,
        day=state.day,
        branch=state.branch,
        priorities=state.priorities,
        queues=queues,
        desks={desk.counter.id: desk.copied() for desk in state.desks.values()},
        tickets={ticket: state.tickets[ticket] for ticket in shown},
        recent=state.recent.copy(),
        notice=state.notice,
        term=state.term,
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


def _summary(state: State, queue: Queue, waits: WaitModel, now: Instant) -> ServiceSummary:
    wait = waits.estimate(state, queue, _LAST, TicketId("~"), now)
    service = queue.service
    return ServiceSummary.model_construct(
        id=service.id, prefix=service.prefix, name=service.name, state=str(queue.state), waiting=queue.length,
        wait_p50_s=wait.p50_s, wait_p90_s=wait.p90_s,
        reopens_at=to_wire(queue.reopens_at) if queue.reopens_at is not None else None, **_hindrances(queue),
    )  # fmt: skip


def _hindrances(queue: Queue) -> dict[str, Any]:
    """What keeps people from joining, where something does."""
    told = {"reason": queue.reason, "full": queue.is_full}
    return {name: value for name, value in told.items() if value}


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
            service=queue.service.id, numbers=tuple(state.tickets[ticket].number for _, ticket in queue.waiting)
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
