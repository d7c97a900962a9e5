"""A branch in memory: it decides, records and applies as the engine does, at the time that a test gives."""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import pytest

from branch_server.domain.apply import apply
from branch_server.domain.asking import Moment, Sender
from branch_server.domain.decide import decide
from branch_server.domain.events import DayOpened, Event, Recorded, TicketCalled, TicketJoined
from branch_server.domain.handlers.days import fall_due, roll_over
from branch_server.domain.refusals import Refused
from branch_server.domain.results import result_of
from branch_server.domain.state import State
from branch_server.domain.tickets import Ticket
from branch_server.domain.timetable import Timetables
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Branch, Counter, Device, DeviceKind, Service, Staff
from foleni.times import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Instant, from_wire

HOUSE = Sender("house", trusted=True)
KIOSK = Sender("kiosk-1")
CLOUD = Sender("cloud", trusted=True)
MORNING = from_wire("2026-11-20T09:00:00Z")
UNKNOWN = str(UUID(int=1))

BRANCH = Branch(id="main", name={"en": "Main"}, remote_issuer="R")
CASH = Service(id="cash", prefix="A", name={"en": "Cash"})
ENQUIRIES = Service(id="enquiries", prefix="B", name={"en": "Enquiries"})
COUNTERS = (
    Counter(id="c1", label="1", services=("cash", "enquiries")),
    Counter(id="c2", label="2", services=("cash", "enquiries")),
)
DEVICES = (
    Device(id="kiosk-1", kind=DeviceKind.KIOSK, issuer="X"),
    Device(id="kiosk-2", kind=DeviceKind.KIOSK, issuer="Y"),
    Device(id="tv", kind=DeviceKind.DISPLAY),
    Device(id="pad", kind=DeviceKind.COUNTER, counter="c1"),
    Device(id="desk", kind=DeviceKind.CONSOLE),
)

_C = TypeVar("_C", bound=c.Command)


class World:
    """A branch with cash (A) and enquiries (B), counters c1 and c2, and one device of each kind."""

    def __init__(
        self,
        branch: Branch = BRANCH,
        services: Sequence[Service] = (CASH, ENQUIRIES),
        counters: Sequence[Counter] = COUNTERS,
        devices: Sequence[Device] = DEVICES,
        now: Instant = MORNING,
    ) -> None:
        self.state = State()
        self.log: list[Recorded] = []
        self.now = now
        self._ids = count(1000)
        self._timetables = Timetables()
        self.do(c.SaveBranch, branch=branch)
        self.keep_time()
        for service in services:
            self.do(c.SaveService, service=service)
        for counter in counters:
            self.do(c.SaveCounter, counter=counter)
            self.do(c.OpenCounter, counter=counter.id)
        for device in devices:
            self.do(c.SaveDevice, device=device)
        self.do(c.SaveStaff, staff=Staff(id="ada", name="Ada"))

    def new_id(self) -> str:
        return str(UUID(int=next(self._ids)))

    def command(self, kind: type[_C], **fields: Any) -> _C:
        """A command with an id of its own, unless one is given."""
        return kind(**{"id": self.new_id()} | fields)

    def ask(self, command: c.Command, sender: Sender = HOUSE) -> list[Event]:
        """The events of a command, recorded and applied; raises `Refused`."""
        events = list(decide(self.state, command, self.moment(sender)))
        self.record(events, sender.name, command.id)
        return events

    def do(self, kind: type[c.Command], sender: Sender = HOUSE, **fields: Any) -> list[Event]:
        return self.ask(self.command(kind, **fields), sender)

    def answer(self, command: c.Command, sender: Sender = HOUSE) -> dict[str, Any]:
        """The result that an accepted command is answered with."""
        self.ask(command, sender)
        return result_of(self.state, command, self.moment(sender))

    def refusal(self, kind: type[c.Command], sender: Sender = HOUSE, **fields: Any) -> Refused:
        """The refusal of a command that must be refused."""
        with pytest.raises(Refused) as caught:
            self.do(kind, sender, **fields)
        return caught.value

    def code(self, kind: type[c.Command], sender: Sender = HOUSE, **fields: Any) -> Code:
        return self.refusal(kind, sender, **fields).code

    def join(self, service: str = "cash", sender: Sender = HOUSE, **fields: Any) -> Ticket:
        command = self.command(c.Join, **{"service": service, "channel": c.Channel.KIOSK} | fields)
        self.ask(command, sender)
        return self.state.tickets[self.state.joins[command.id]]

    def joins(self, how_many: int, service: str = "cash", every_s: int = 60, **fields: Any) -> list[Ticket]:
        """So many tickets, one after the other."""
        made = []
        for _ in range(how_many):
            made.append(self.join(service, **fields))
            self.later(every_s)
        return made

    def call_next(self, counter: str = "c1") -> TicketCalled:
        """The call that the counter's rule makes."""
        return next(event for event in self.do(c.CallNext, counter=counter) if isinstance(event, TicketCalled))

    def call(self, ticket: Ticket, counter: str = "c1") -> Ticket:
        self.do(c.CallTicket, counter=counter, ticket=ticket.id)
        return self.ticket(ticket)

    def ticket(self, ticket: Ticket) -> Ticket:
        """The ticket as it is now."""
        return self.state.tickets[ticket.id]

    def waiting(self, service: str = "cash") -> list[str]:
        """The numbers that wait, the next one first."""
        return [self.state.tickets[ticket].number for _, ticket in self.state.queues[service].waiting]

    def later(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Time passes; what falls due by time alone happens."""
        passed = seconds * SECOND_US + minutes * MINUTE_US + hours * HOUR_US + days * DAY_US
        self.now = Instant(self.now + int(passed))
        self.keep_time()

    def keep_time(self) -> None:
        self.record(roll_over(self.state, self.now), "house", None)
        self.record(fall_due(self.state, self.now, self._timetables), "house", None)

    def moment(self, sender: Sender = HOUSE) -> Moment:
        return Moment(self.now, sender, self.new_id)

    def record(self, events: Iterable[Event], actor: str, command: str | None) -> None:
        for event in events:
            day = event.opened if isinstance(event, DayOpened) else self.state.day
            recorded = Recorded(self.state.seq + 1, self.new_id(), self.now, self.now, day, actor, command, event)
            apply(self.state, recorded)
            self.log.append(recorded)

    def joined(self) -> list[TicketJoined]:
        """All tickets that were ever given."""
        return [recorded.event for recorded in self.log if isinstance(recorded.event, TicketJoined)]


def at(clock: str) -> Instant:
    """`10:30` of the day that `MORNING` belongs to."""
    return from_wire(f"2026-11-20T{clock}:00Z")
