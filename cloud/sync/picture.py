"""What the cloud knows of one branch's queue, as the fold sees it: plain data, no database."""

from dataclasses import dataclass, field
from typing import Any

from foleni.times import Instant


@dataclass(slots=True)
class Ticket:
    """A row of `tickets`, without what only the cloud decides. `id` is ours, `ticket` the branch's."""

    id: str
    ticket: str | None
    command: str | None
    number: str | None
    service: str
    status: str
    channel: str
    day: str
    joined_at: int
    rank_at: int | None
    priority: str = "normal"
    provisional: bool = False
    appointment: int | None = None
    checked_in_at: int | None = None
    called_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    counter: str | None = None
    calls: int = 0
    skips: int = 0
    outcome: str | None = None
    refusal: str | None = None
    stars: int | None = None
    language: str | None = None
    phone: str | None = None
    name: str | None = None
    cancel_wanted: bool = False


@dataclass(slots=True)
class Service:
    """A row of `services`."""

    id: str
    place: int
    prefix: str
    name: dict[str, str]
    service_time_s: int
    state: str
    daily_limit: int | None = None
    reopens_at: int | None = None
    reason: str | None = None
    issued: int = 0
    wait_p50_s: int | None = None
    wait_p90_s: int | None = None
    told_waiting: int = 0


@dataclass(slots=True)
class Counter:
    """A row of `counters`."""

    id: str
    label: str
    services: list[str]
    state: str = "closed"
    staff: str | None = None
    in_hand: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a customer is to be told: `kind` of a ticket of ours, or, for `closing`, of all who wait in a service.
    `at` is the branch's clock.
    """

    kind: str
    subject: str
    seq: int
    at: Instant


@dataclass(slots=True)
class Changes:
    """What a fold has touched, by id; and what follows from it."""

    tickets: set[str] = field(default_factory=set)
    """The branch's ids."""
    services: set[str] = field(default_factory=set)
    counters: set[str] = field(default_factory=set)
    branch: bool = False
    """Whether the branch's own description, its day or its notice is another one."""
    notes: list[Note] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    """Tickets of ours that the branch has taken in, by our id."""

    @property
    def are_some(self) -> bool:
        return bool(self.tickets or self.services or self.counters or self.branch)


@dataclass(slots=True)
class Picture:
    """A branch. `tickets` by the branch's id, `joins` what we asked for and that it has not taken in, by command; it is enough
    that those are here of which the facts speak.
    """

    day: str = ""
    notice: dict[str, str] = field(default_factory=dict)
    setup: dict[str, Any] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    counters: dict[str, Counter] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    """Our ids of the tickets that stand in the table."""
    joins: dict[str, Ticket] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True)
class Fact:
    """An event, as the fold needs it: `at` never goes back, `wall` is the branch's clock as it showed."""

    seq: int
    type: str
    at: Instant
    wall: Instant
    day: str
    command: str | None
    data: dict[str, Any]
