"""Odd days of a branch, played on the real engine, and their figures counted by hand from the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.setup.file import read_setup
from branch_server.domain import events as e
from branch_server.domain.events import Recorded
from branch_server.domain.tickets import Status
from branch_server.history.writing import Past
from foleni.messages import commands as c
from foleni.times import SECOND_US, Instant, of_datetime, to_datetime

ZONE = "Europe/Paris"
FIRST_DAY = date(2026, 10, 23)
"""A Friday; on the Sunday after it daylight saving ends."""
SETUP = f"""
[branch]
id = "lab"
name = "Lab"
time_zone = "{ZONE}"

[[service]]
id = "cash"
prefix = "A"
name = "Cash"

[[service]]
id = "cards"
prefix = "D"
name = "Cards"

[[counter]]
id = "c1"
label = "1"
services = ["cash", "cards"]

[[counter]]
id = "c2"
label = "2"
services = ["cards"]

[[staff]]
id = "eve"
name = "Eve"

[[staff]]
id = "ben"
name = "Ben"
"""


def play(directory: Path, seed: int, days: int = 4, steps: int = 260) -> Path:
    """Days at odd hours with all that can happen to a ticket; the last one is not over. The folder of the branch's data."""
    setup, random = directory / "setup.toml", Random(seed)
    setup.write_text(SETUP, encoding="utf-8")
    journal = SqlJournal(directory / "data")
    past = Past(journal, of_datetime(datetime.combine(FIRST_DAY, time(0), UTC)))
    faults = past.found(read_setup(setup), lambda _line: None)
    assert not faults, faults
    for number in range(days):
        past.at(of_datetime(datetime.combine(FIRST_DAY + timedelta(days=number), time(4 if number % 2 else 21), UTC)))
        for _ in range(steps):
            past.at(Instant(past.now + random.randrange(1, 240) * SECOND_US))
            _step(past, random)
    past.commit()
    journal.close()
    return directory / "data"


def _step(past: Past, random: Random) -> None:
    state = past.state
    counter = random.choice(["c1", "c2"])
    held = state.hand(state.desks[counter])
    tickets = [ticket.id for ticket in state.tickets.values()]
    waiting = [ticket.id for ticket in state.tickets.values() if ticket.status is Status.WAITING]
    parked = [ticket.id for ticket in state.tickets.values() if ticket.status is Status.PARKED]
    chance = random.random()
    if chance < 0.3:
        slot = past.now + random.randrange(0, 7200) * SECOND_US if random.random() < 0.2 else None
        past.ask(c.Join, service=random.choice(["cash", "cards"]), channel=random.choice(list(c.Channel)), appointment=slot)
    elif chance < 0.36:
        kinds: list[type[c.CounterCommand]] = [c.OpenCounter, c.OpenCounter, c.BreakCounter, c.CloseCounter]
        kind = random.choice(kinds)
        past.ask(kind, counter=counter, **({"staff": random.choice(["eve", "ben"])} if kind is c.OpenCounter else {}))
    elif chance < 0.4 and tickets:
        past.ask(c.CheckIn, ticket=random.choice(tickets))
    elif chance < 0.43 and waiting:
        past.ask(c.Cancel, ticket=random.choice(waiting))
    elif chance < 0.47 and tickets:
        past.ask(c.Rate, ticket=random.choice(tickets), stars=random.randint(1, 5))
    elif chance < 0.5 and parked:
        past.ask(c.Unpark, counter=counter, ticket=random.choice(parked))
    elif chance < 0.53:
        past.ask(c.Undo, counter=counter)
    elif held is not None and chance < 0.6:
        past.ask(c.Transfer, ticket=held.id, to_service=random.choice(["cash", "cards"]))
    elif held is not None and chance < 0.8:
        acts: list[type[c.CounterCommand]] = [c.Start, c.Complete, c.Complete, c.Park, c.Skip, c.NoShow]
        past.ask(random.choice(acts), counter=counter)
    else:
        past.ask(c.CallNext, counter=counter)


@dataclass(slots=True)
class Counted:
    """One ticket as the log tells it. Times are microseconds."""

    day: str
    service: str
    channel: str
    joined_at: int
    arrived_at: int
    status: str = "waiting"
    counter: str | None = None
    staff: str | None = None
    called_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    stars: int | None = None
    parked: tuple[int, int] | None = None
    before: "tuple[int | None, int | None] | None" = None

    @property
    def wait_s(self) -> int | None:
        if self.called_at is None:
            return None
        return max(0, (self.parked[0] if self.parked else self.called_at) - self.arrived_at) // SECOND_US

    @property
    def service_s(self) -> int | None:
        if self.status != "completed" or self.called_at is None or self.ended_at is None:
            return None
        earlier = self.parked[1] if self.parked else 0
        return max(0, earlier + self.ended_at - (self.started_at or self.called_at)) // SECOND_US

    @property
    def hour(self) -> int:
        return to_datetime(self.joined_at).astimezone(ZoneInfo(ZONE)).hour


@dataclass(slots=True)
class _Tally:
    tickets: dict[str, Counted] = field(default_factory=dict)
    staff: dict[str, str | None] = field(default_factory=dict)
    expected: set[str] = field(default_factory=set)


def counted(log: Iterable[Recorded]) -> list[Counted]:
    """Every ticket of a log, by the plainest reading of its events."""
    tally = _Tally()
    for recorded in log:
        _take(tally, recorded.event, recorded.steady)
    return list(tally.tickets.values())


def _take(tally: _Tally, event: e.Event, at: int) -> None:
    match event:
        case e.CounterOpened():
            tally.staff[event.counter] = event.staff
        case e.CounterClosed():
            tally.staff[event.counter] = None
        case e.TicketJoined():
            tally.tickets[event.ticket] = Counted(event.day, event.service, event.channel, event.joined_at, event.joined_at)
            if not event.checked_in:
                tally.expected.add(event.ticket)
        case e.TicketEvent():
            _change(tally, tally.tickets[event.ticket], event, at)


def _change(  # noqa: C901 - one case an event
    tally: _Tally, ticket: Counted, event: e.TicketEvent, at: int
) -> None:
    match event:
        case e.TicketCheckedIn():
            if event.ticket in tally.expected:
                ticket.arrived_at = at
        case e.TicketCalled():
            ticket.status, ticket.counter, ticket.staff = "called", event.counter, tally.staff.get(event.counter)
            ticket.called_at, ticket.started_at = at, None
        case e.TicketStarted():
            ticket.status, ticket.started_at = "serving", at
        case e.TicketParked():
            first, in_hand = ticket.parked or (ticket.called_at or 0, 0)
            ticket.parked = first, in_hand + at - _held_since(ticket)
            ticket.status = "parked"
        case e.TicketSkipped() | e.TicketTransferred() | e.TicketReturned():
            ticket.before = ticket.called_at, ticket.started_at
            ticket.status, ticket.service, ticket.counter, ticket.staff = "waiting", event.service, None, None
            ticket.called_at = ticket.started_at = None
        case e.TicketCompleted() | e.TicketNoShow():
            ticket.before = ticket.called_at, ticket.started_at
            ticket.status, ticket.ended_at = event.type.removeprefix("ticket_"), at
        case e.TicketCancelled() | e.TicketExpired():
            ticket.status, ticket.ended_at = event.type.removeprefix("ticket_"), at
        case e.TicketRestored():
            ticket.called_at, ticket.started_at = ticket.before or (None, None)
            ticket.status, ticket.ended_at = "serving" if ticket.started_at else "called", None
            ticket.counter, ticket.staff = event.counter, tally.staff.get(event.counter)
        case e.TicketRated():
            ticket.stars = event.stars


def _held_since(ticket: Counted) -> int:
    return ticket.called_at or 0


def spread(values: Sequence[int]) -> tuple[int | None, int | None, int | None]:
    """Mean, p50 and p90, straight from their definition."""
    if not values:
        return None, None, None
    ranks = [min(v for v in values if sum(w <= v for w in values) * 100 >= percent * len(values)) for percent in (50, 90)]
    assert ranks[0] == sorted(values)[ceil(len(values) / 2) - 1]
    return round(sum(values) / len(values)), ranks[0], ranks[1]
