"""What happened: facts, in the past tense, never changed. Fields may be added, with a default; none is renamed.

The number, the time and the actor of an event stand in its envelope, `Recorded`. A ticket's event carries its number,
service and counter, so that a reader needs nothing else to speak of it.
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar

from foleni.ids import CounterId, ServiceId, TicketId
from foleni.messages.setup import Branch, Counter, Device, PriorityClass, Service, Staff, Template
from foleni.times import Instant

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Event:
    """A fact. `type` is the class's name in the form of the wire."""

    type: ClassVar[str] = "event"

    def __init_subclass__(cls) -> None:
        cls.type = _CAPITAL.sub("_", cls.__name__).lower()


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in the log. `at` is the wall clock as it showed; `steady` never goes back and is what the rules go by."""

    seq: int
    id: str
    at: Instant
    steady: Instant
    day: str
    actor: str
    command: str | None
    event: Event


@dataclass(frozen=True, slots=True)
class Head:
    """The first of a service's queue at the moment of a call."""

    service: ServiceId
    ticket: TicketId
    number: str
    rank_at: Instant
    wait_s: int
    credit_min: int


@dataclass(frozen=True, slots=True)
class Why:
    """Why this ticket was called: the rule, the heads that it was chosen from, and the one reason in words."""

    rule: str
    reason: str
    heads: tuple[Head, ...] = ()
    passed_over: tuple[TicketId, ...] = ()
    """Those who waited and that staff left where they are, for this call."""


@dataclass(frozen=True, slots=True)
class TicketEvent(Event):
    ticket: TicketId
    number: str
    service: ServiceId


@dataclass(frozen=True, slots=True)
class TicketJoined(TicketEvent):
    channel: str
    priority: str
    credit_min: int
    day: str
    joined_at: Instant
    rank_at: Instant | None
    device: str
    command: str
    checked_in: bool = True
    offline: bool = False
    language: str | None = None
    phone: str | None = None
    name: str | None = None
    appointment: Instant | None = None


@dataclass(frozen=True, slots=True)
class TicketCalled(TicketEvent):
    """`shares` are the counter's running shares after this call, where it routes by weight."""

    counter: CounterId
    counter_label: str
    call: int
    why: Why
    shares: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CounterTicketEvent(TicketEvent):
    """Something done at a counter with the ticket in its hand."""

    counter: CounterId


@dataclass(frozen=True, slots=True)
class TicketRecalled(CounterTicketEvent):
    call: int


@dataclass(frozen=True, slots=True)
class TicketStarted(CounterTicketEvent):
    pass


@dataclass(frozen=True, slots=True)
class TicketCompleted(CounterTicketEvent):
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class TicketSkipped(CounterTicketEvent):
    rank_at: Instant
    skips: int


@dataclass(frozen=True, slots=True)
class TicketNoShow(CounterTicketEvent):
    reason: str


@dataclass(frozen=True, slots=True)
class TicketParked(CounterTicketEvent):
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TicketTransferred(CounterTicketEvent):
    """`service` is where it goes to, `counter` whose hand it leaves."""

    from_service: ServiceId
    to_counter: CounterId | None
    rank_at: Instant


@dataclass(frozen=True, slots=True)
class TicketRestored(CounterTicketEvent):
    """The counter's last act is taken back: the ticket is in the hand again as it was. `was` is what the act had made it."""

    was: str


@dataclass(frozen=True, slots=True)
class TicketReturned(CounterTicketEvent):
    """Called after an act that is taken back, it waits again where it stood."""

    rank_at: Instant | None


@dataclass(frozen=True, slots=True)
class TicketCancelled(TicketEvent):
    pass


@dataclass(frozen=True, slots=True)
class TicketExpired(TicketEvent):
    pass


@dataclass(frozen=True, slots=True)
class TicketRenumbered(TicketEvent):
    """What is printed wins: `number` takes the place of `was`. `rank_at` is set where it goes back to waiting."""

    was: str
    rank_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class TicketCheckedIn(TicketEvent):
    rank_at: Instant | None


@dataclass(frozen=True, slots=True)
class TicketRated(TicketEvent):
    stars: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class NoteAdded(TicketEvent):
    text: str


@dataclass(frozen=True, slots=True)
class PriorityChanged(TicketEvent):
    priority: str
    credit_min: int
    rank_at: Instant | None


@dataclass(frozen=True, slots=True)
class CounterOpened(Event):
    counter: CounterId
    staff: str | None = None


@dataclass(frozen=True, slots=True)
class CounterClosed(Event):
    counter: CounterId
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CounterOnBreak(Event):
    counter: CounterId
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceOpened(Event):
    service: ServiceId


@dataclass(frozen=True, slots=True)
class ServicePaused(Event):
    service: ServiceId
    reopens_at: Instant | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceClosed(Event):
    service: ServiceId
    reopens_at: Instant | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Announced(Event):
    text: dict[str, str]


@dataclass(frozen=True, slots=True)
class DayClosed(Event):
    closed: str


@dataclass(frozen=True, slots=True)
class DayOpened(Event):
    opened: str


@dataclass(frozen=True, slots=True)
class AlertRaised(Event):
    alert: str
    message: str


@dataclass(frozen=True, slots=True)
class AlertCleared(Event):
    alert: str


@dataclass(frozen=True, slots=True)
class TermBegan(Event):
    """Another server of the pair serves from here on, `by` a person's wish or its own."""

    term: int
    by: str
    skipped: int = 0
    """So many numbers of each series are left out: the server before may have given them."""


@dataclass(frozen=True, slots=True)
class BranchSaved(Event):
    branch: Branch


@dataclass(frozen=True, slots=True)
class PrioritySaved(Event):
    priority: PriorityClass


@dataclass(frozen=True, slots=True)
class ServiceSaved(Event):
    service: Service


@dataclass(frozen=True, slots=True)
class CounterSaved(Event):
    counter: Counter


@dataclass(frozen=True, slots=True)
class DeviceSaved(Event):
    device: Device


@dataclass(frozen=True, slots=True)
class StaffSaved(Event):
    staff: Staff


@dataclass(frozen=True, slots=True)
class TemplateSaved(Event):
    template: Template


@dataclass(frozen=True, slots=True)
class PriorityRemoved(Event):
    priority: str


@dataclass(frozen=True, slots=True)
class ServiceRemoved(Event):
    service: str


@dataclass(frozen=True, slots=True)
class CounterRemoved(Event):
    counter: str


@dataclass(frozen=True, slots=True)
class DeviceRemoved(Event):
    device: str


@dataclass(frozen=True, slots=True)
class StaffRemoved(Event):
    staff: str


@dataclass(frozen=True, slots=True)
class TemplateRemoved(Event):
    template: str


def _leaves(cls: type[Event]) -> list[type[Event]]:
    below = [leaf for sub in cls.__subclasses__() for leaf in _leaves(sub)]
    return below or [cls]


TYPES: dict[str, type[Event]] = {leaf.type: leaf for leaf in _leaves(Event)}
"""Every event of the log by its type."""
