"""The log of a branch as an auditor reads it: with rules written here once more, beside those of the server."""

import json
from collections import Counter
from functools import partial
from pathlib import Path

from sqlalchemy import select

from branch_server.adapters.db import tables
from branch_server.adapters.db.connections import readers_of
from branch_server.adapters.db.rows import recorded_of, ticket_row
from branch_server.adapters.mqtt.payloads import is_public
from branch_server.domain import events as e
from branch_server.domain.apply import apply
from branch_server.domain.state import State
from branch_server.domain.tickets import Ticket
from tests.support.client import Client, Json

_OUT_OF_HAND = {
    e.TicketCompleted: "completed", e.TicketNoShow: "no_show", e.TicketSkipped: "waiting", e.TicketParked: "parked",
    e.TicketTransferred: "waiting",
}  # fmt: skip
_WITHDRAWN = {e.TicketCancelled: "cancelled", e.TicketExpired: "expired"}


class Ledger:
    """Everything that is durable at one instant. Reads only; the server may run."""

    def __init__(self, data: Path) -> None:
        readers = readers_of(data)
        with readers.connect() as connection:
            rows = connection.execute(select(tables.events).order_by(tables.events.c.seq)).all()
            self.events = [recorded_of(row) for row in rows]
            tickets = connection.execute(select(tables.tickets)).mappings().all()
            self.tickets = {row["id"]: dict(row) for row in tickets}
            answers = connection.execute(select(tables.answers.c.command, tables.answers.c.payload)).all()
            self.answers: dict[str, bytes] = {row[0]: row[1] for row in answers}
            self._cursors = {
                row[0]: row[1] for row in connection.execute(select(tables.cursors.c.reader, tables.cursors.c.seq))
            }
            self.secrets = set(connection.scalars(select(tables.secrets.c.name)))
        readers.dispose()
        self.state = State()
        self._statuses: dict[str, str] = {}
        self._hands: dict[str, str] = {}

    def check(self) -> "Ledger":
        """Asserts all that always holds, at every event."""
        numbers: set[tuple[str, str]] = set()
        last: dict[str, Ticket] = {}
        for place, recorded in enumerate(self.events, 1):
            event = recorded.event
            assert recorded.seq == place, f"the log has a gap at {place}"
            assert recorded.steady >= self.state.steady, f"steady time goes back at {place}"
            if isinstance(event, e.TicketJoined):
                assert (event.day, event.number) not in numbers, f"{event.number} twice on {event.day}"
                numbers.add((event.day, event.number))
            self._follow(event)
            apply(self.state, recorded)
            if isinstance(event, e.TicketEvent):
                last[event.ticket] = self.state.tickets[event.ticket]
            self._check_sum(place)
        rows = {ticket: tuple(row.values()) for ticket, row in self.tickets.items()}
        assert {ticket: ticket_row(each) for ticket, each in last.items()} == rows
        assert {ticket: each.status.value for ticket, each in last.items()} == self._statuses
        self._check_commands()
        return self

    def check_answered(self, replies: dict[str, set[bytes]]) -> None:
        """Asserts that what was answered is what is kept, and that every ticket has the number that was told."""
        joins = [r.event for r in self.events if isinstance(r.event, e.TicketJoined)]
        for command, payloads in replies.items():
            assert payloads == {self.answers[command]}, f"command {command} was answered in more than one way"
            result = json.loads(self.answers[command]).get("result") or {}
            if "joined_at" in result:
                assert self.tickets[result["ticket"]]["number"] == result["number"]
        given = {ticket: self.tickets[ticket]["number"] for ticket in self.tickets}
        assert {join.ticket: join.number for join in joins} == given

    def public(self, after: int = 0) -> list[tuple[int, str]]:
        """The number and type of every event that the LAN is to be told."""
        return [(r.seq, r.event.type) for r in self.events if r.seq > after and is_public(r.event)]

    def cursor(self, reader: str) -> int:
        """How far a reader of the log has come, as far as that is durable."""
        return int(self._cursors.get(reader, 0))

    def days(self) -> list[str]:
        """The business days in the order in which they were opened."""
        return [recorded.event.opened for recorded in self.events if isinstance(recorded.event, e.DayOpened)]

    def topics(self) -> dict[str, object]:
        """What the state topics must say, below the root, in the form of `comparable`."""
        state = self.state
        held = {desk.counter.id: state.hand(desk) for desk in state.desks.values()}
        counters = {
            f"counters/{desk.counter.id}": (
                desk.state.value, _hand(held[desk.counter.id]), sum(len(state.queues[s].waiting) for s in desk.counter.services)
            )
            for desk in state.desks.values()
        }  # fmt: skip
        heads = {
            name: [state.tickets[ticket].number for _, ticket in queue.waiting[:3]] for name, queue in state.queues.items()
        }
        services = {name: (queue.state.value, len(queue.waiting)) for name, queue in state.queues.items()}
        calls = {counter: (ticket.number, ticket.calls) for counter, ticket in held.items() if ticket is not None}
        return counters | {"board": (calls, heads), "services": (state.day, services)}

    def _follow(self, event: e.Event) -> None:
        if not isinstance(event, e.TicketEvent):
            return
        was = self._statuses.get(event.ticket)
        if isinstance(event, e.TicketJoined):
            assert was is None
            self._statuses[event.ticket] = "waiting"
        elif isinstance(event, e.TicketCalled):
            assert was in {"waiting", "parked"}
            assert event.counter not in self._hands, f"counter {event.counter} has two tickets in hand"
            assert event.ticket not in self._hands.values(), f"{event.number} is in two hands"
            self._hands[event.counter] = event.ticket
            self._statuses[event.ticket] = "called"
        elif isinstance(event, e.TicketStarted):
            assert was == "called"
            self._statuses[event.ticket] = "serving"
        elif isinstance(event, e.CounterTicketEvent) and type(event) in _OUT_OF_HAND:
            assert self._hands.pop(event.counter) == event.ticket
            self._statuses[event.ticket] = _OUT_OF_HAND[type(event)]
        elif type(event) in _WITHDRAWN:
            assert was in {"waiting", "parked"}
            self._statuses[event.ticket] = _WITHDRAWN[type(event)]

    def _check_sum(self, place: int) -> None:
        """issued = the sum of all statuses, for the business day."""
        issued = sum(queue.issued for queue in self.state.queues.values())
        assert issued == sum(ticket.day == self.state.day for ticket in self.state.tickets.values()), place

    def _check_commands(self) -> None:
        """Each command was done once: its events follow one another without a break, and it has an answer."""
        runs = Counter(
            recorded.command
            for before, recorded in zip([None, *self.events], self.events, strict=False)
            if recorded.command and (before is None or before.command != recorded.command)
        )
        assert all(times == 1 for times in runs.values()), f"done twice: {[c for c, n in runs.items() if n > 1]}"
        assert runs.keys() <= self.answers.keys()


def check_topics(ledger: Ledger, reader: Client) -> None:
    """Returns when every state topic says what the log says; the ledger is checked, and nothing happens meanwhile."""
    for topic, message in ledger.topics().items():
        reader.state(topic, partial(_says, topic, message))


def _says(topic: str, message: object, told: Json) -> bool:
    return comparable(topic, told) == message


def comparable(topic: str, told: Json) -> object:
    """What a state topic says, without what may differ from the log at the same moment (waits, times)."""
    if topic == "board":
        calls = {call["counter"]: (call["number"], call["call"]) for call in told["calls"]}
        return calls, {each["service"]: each["numbers"] for each in told["next"]}
    if topic == "services":
        return told["day"], {each["id"]: (each["state"], each["waiting"]) for each in told["services"]}
    hand = told["in_hand"]
    return told["state"], hand and (hand["number"], hand["status"], hand["call"]), told["waiting"]


def _hand(ticket: Ticket | None) -> tuple[str, str, int] | None:
    return None if ticket is None else (ticket.number, ticket.status.value, ticket.calls)
