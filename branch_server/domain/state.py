"""The state of a branch: the fold of its events, and nothing else."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from enum import StrEnum

from branch_server.domain.tickets import IN_HAND, Status, Ticket
from foleni.ids import CounterId, ServiceId, TicketId
from foleni.messages.setup import (
    BUILT_IN_PRIORITIES,
    Branch,
    Counter,
    Device,
    PriorityClass,
    Service,
    ServiceState,
    Staff,
    Template,
)
from foleni.times import Instant


class CounterState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    BREAK = "break"


@dataclass(slots=True)
class Queue:
    """A service and those who wait for it. `waiting` is sorted by (rank, ticket): the first is the next.

    A copy for readers has only the heads of `waiting`, and counts the others in `beyond`.
    """

    service: Service
    state: ServiceState = ServiceState.OPEN
    changed_at: Instant = Instant(0)
    reopens_at: Instant | None = None
    reason: str | None = None
    issued: int = 0
    waiting: list[tuple[Instant, TicketId]] = field(default_factory=list)
    served_s: list[int] = field(default_factory=list)
    beyond: int = 0

    @property
    def length(self) -> int:
        """How many wait."""
        return len(self.waiting) + self.beyond

    @property
    def is_full(self) -> bool:
        """Whether it has given all its tickets of today."""
        return self.service.daily_limit is not None and self.issued >= self.service.daily_limit

    def ahead_of(self, rank_at: Instant, ticket: TicketId) -> int:
        """How many go before a place in this queue; a copy can tell it of the queue's end only."""
        return bisect_left(self.waiting, (rank_at, ticket)) + self.beyond

    def copied(self, heads: int) -> "Queue":
        """The queue as it is now, for readers: they see so many of its first tickets, and count the rest."""
        shown = self.waiting[:heads]
        return Queue(
            self.service, self.state, self.changed_at, self.reopens_at, self.reason, self.issued, shown, self.served_s,
            len(self.waiting) - len(shown),
        )  # fmt: skip

    def add(self, ticket: Ticket) -> None:
        if ticket.rank_at is not None:
            insort(self.waiting, (ticket.rank_at, ticket.id))

    def drop(self, ticket: Ticket) -> None:
        if ticket.rank_at is not None:
            place = self.ahead_of(ticket.rank_at, ticket.id)
            if place < len(self.waiting) and self.waiting[place][1] == ticket.id:
                del self.waiting[place]


@dataclass(frozen=True, slots=True)
class Act:
    """A counter's last complete, skip or no-show, with all that it takes to take it back.

    `before` is the ticket as it was in hand, `after` as the act left it; `credited_run` and `shares` are the counter's at that
    time. `next` is the ticket that the counter's rule, or a person, has called out of the queue since.
    """

    before: Ticket
    after: Ticket
    at: Instant
    credited_run: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    next: TicketId | None = None


@dataclass(slots=True)
class Desk:
    """A counter and what is in its hand. `credited_run` counts the credited tickets called in a row.

    `last` is what could be taken back, `restored_at` when something was.
    """

    counter: Counter
    state: CounterState = CounterState.CLOSED
    staff: str | None = None
    in_hand: TicketId | None = None
    credited_run: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    last: Act | None = None
    restored_at: Instant | None = None

    def copied(self) -> "Desk":
        """The counter as it is now, for readers."""
        return Desk(self.counter, self.state, self.staff, self.in_hand, self.credited_run, self.shares)


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call that is over, as the board's recent calls show it."""

    ticket: TicketId
    number: str
    counter: CounterId
    counter_label: str
    service: ServiceId
    called_at: Instant
    call: int


@dataclass(slots=True)
class State:
    """Everything the rules look at. Only `apply` changes it."""

    seq: int = 0
    steady: Instant = Instant(0)
    day: str = ""
    day_opened_at: Instant = Instant(0)
    branch: Branch | None = None
    priorities: dict[str, PriorityClass] = field(default_factory=lambda: {p.id: p for p in BUILT_IN_PRIORITIES})
    queues: dict[str, Queue] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    offline_numbers: dict[str, list[str]] = field(default_factory=dict)
    last_number: dict[str, int] = field(default_factory=dict)
    phones: dict[str, TicketId] = field(default_factory=dict)
    joins: dict[str, TicketId] = field(default_factory=dict)
    heard: dict[str, Instant] = field(default_factory=dict)
    recent: list[PastCall] = field(default_factory=list)
    notice: dict[str, str] = field(default_factory=dict)
    alerts: dict[str, str] = field(default_factory=dict)
    term: int = 0
    """Which server of a pair may serve: the one that began the highest term."""

    def hand(self, desk: Desk) -> Ticket | None:
        """The ticket in a counter's hand."""
        return self.tickets[desk.in_hand] if desk.in_hand is not None else None

    def waiting_at(self, desk: Desk) -> int:
        """How many wait for the services of a counter."""
        return sum(self.queues[service].length for service in desk.counter.services if service in self.queues)

    def counts(self) -> dict[Status, int]:
        """Tickets of today (and those in a hand since before) by status."""
        counted = dict.fromkeys(Status, 0)
        for ticket in self.tickets.values():
            counted[ticket.status] += 1
        return counted

    def in_hands(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets.values() if ticket.status in IN_HAND]
