"""A ticket: one customer's place in one queue today."""

from dataclasses import dataclass
from enum import StrEnum

from foleni.ids import CounterId, ServiceId, TicketId
from foleni.times import Instant


class Status(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


IN_HAND = frozenset({Status.CALLED, Status.SERVING})
ACTIVE = frozenset({Status.WAITING, Status.CALLED, Status.SERVING, Status.PARKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Never changed in place: a new event makes a new `Ticket`, so that readers may keep the old one.

    `rank_at` is None while the customer of an appointment has not arrived: not in the queue yet.
    `calls` counts the calls to the counter in whose hand it is, recalls included.
    `reason` is why it is parked.
    """

    id: TicketId
    number: str
    service: ServiceId
    channel: str
    priority: str
    credit_min: int
    day: str
    joined_at: Instant
    rank_at: Instant | None
    status: Status = Status.WAITING
    device: str = ""
    command: str = ""
    language: str | None = None
    phone: str | None = None
    name: str | None = None
    appointment: Instant | None = None
    checked_in_at: Instant | None = None
    offline: bool = False
    counter: CounterId | None = None
    staff: str | None = None
    called_at: Instant | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    parked_at: Instant | None = None
    calls: int = 0
    skips: int = 0
    reason: str | None = None
    outcome: str | None = None
    stars: int | None = None
    notes: tuple[str, ...] = ()
