"""What the consoles show of the queue, worked out once for each event of the log however many consoles are open."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from branch_server.domain.state import Queue, State
from branch_server.domain.tickets import Status, Ticket
from branch_server.web.follower import Follower
from foleni.times import SECOND_US, Instant, to_wire

MOST_ROWS = 40
"""So many of a service's queue are shown one by one; the others are counted."""
_EXPECTED_STEP_US = 15 * SECOND_US
"""Expected times are rounded, so that a queue in which nothing happened keeps its picture."""

Row = dict[str, Any]


@dataclass(slots=True)
class Figures:
    """One person's day so far. `busy_us` is the time between call and end of those served."""

    served: int = 0
    no_shows: int = 0
    busy_us: int = 0

    @property
    def mean_s(self) -> int | None:
        """The mean time per customer; None before the first."""
        return round(self.busy_us / self.served / SECOND_US) if self.served else None


@dataclass(slots=True)
class Digest:
    """One state's tickets, sorted by what consoles ask for."""

    waiting: dict[str, list[Row]] = field(default_factory=dict)
    parked: list[Row] = field(default_factory=list)
    upcoming: list[Row] = field(default_factory=list)
    figures: dict[str, Figures] = field(default_factory=dict)
    longest: dict[str, Instant] = field(default_factory=dict)
    """When the one who waits longest in a service joined; services without anybody are left out."""


class Digests:
    """The digest of the state as it is now; the last one is kept."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._of: tuple[State, int] | None = None
        self._digest = Digest()

    def now(self) -> Digest:
        state = self._follower.state
        if self._of is None or self._of[0] is not state or self._of[1] != state.seq:
            self._digest = digest_of(self._follower)
            self._of = (state, state.seq)
        return self._digest


def digest_of(follower: Follower) -> Digest:
    """Goes through the tickets of the day once."""
    state, digest = follower.state, Digest()
    for ticket in state.tickets.values():
        if ticket.status is Status.PARKED:
            digest.parked.append(parked_row(ticket))
        elif ticket.status is Status.WAITING and ticket.rank_at is None:
            digest.upcoming.append(upcoming_row(ticket))
        elif ticket.status is Status.WAITING:
            longest = digest.longest.get(ticket.service)
            digest.longest[ticket.service] = ticket.joined_at if longest is None else min(longest, ticket.joined_at)
        elif ticket.staff is not None:
            _count(digest.figures.setdefault(ticket.staff, Figures()), ticket)
    for queue in state.queues.values():
        digest.waiting[queue.service.id] = list(_rows(follower, queue))
    digest.upcoming.sort(key=lambda row: str(row["appointment"]))
    return digest


def ticket_row(ticket: Ticket) -> Row:
    """What every list says of a ticket. The phone number is not in it: lists stay open on screens."""
    return _told({
        "ticket": ticket.id, "number": ticket.number, "service": ticket.service, "status": str(ticket.status),
        "priority": ticket.priority, "channel": ticket.channel, "device": ticket.device, "joined_at": to_wire(ticket.joined_at),
        "language": ticket.language, "name": ticket.name, "skips": ticket.skips, "notes": list(ticket.notes),
        "appointment": wire(ticket.appointment),
    })  # fmt: skip


def parked_row(ticket: Ticket) -> Row:
    """A parked ticket, with what it waits for."""
    told = {"reason": ticket.reason, "parked_at": wire(ticket.parked_at), "counter": ticket.counter}
    return ticket_row(ticket) | _told(told)


def upcoming_row(ticket: Ticket) -> Row:
    """An appointment whose customer has not come yet."""
    return ticket_row(ticket)


def wire(instant: Instant | None) -> str | None:
    """An instant as the pages read it."""
    return to_wire(instant) if instant is not None else None


def _told(fields: Row) -> Row:
    """Without what says nothing."""
    return {name: value for name, value in fields.items() if value not in (None, "", 0, [])}


def _rows(follower: Follower, queue: Queue) -> Iterator[Row]:
    """The first of a queue in their order. `rank` is what rules go by, in milliseconds; `expected_at` when half of such
    customers are called.
    """
    state, now = follower.state, follower.now()
    for rank_at, number in queue.waiting[:MOST_ROWS]:
        ticket = state.tickets[number]
        wait = follower.waits.estimate(state, queue, rank_at, ticket.id, now)
        expected = (now + wait.p50_s * SECOND_US) // _EXPECTED_STEP_US * _EXPECTED_STEP_US
        yield ticket_row(ticket) | {"rank": rank_at // 1000, "expected_at": to_wire(expected)}


def _count(figures: Figures, ticket: Ticket) -> None:
    if ticket.status is Status.NO_SHOW:
        figures.no_shows += 1
    elif ticket.status is Status.COMPLETED:
        figures.served += 1
        figures.busy_us += max(0, (ticket.ended_at or 0) - (ticket.called_at or ticket.ended_at or 0))
