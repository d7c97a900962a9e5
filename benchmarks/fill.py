"""A branch with a long past: a database as years of service leave it, made in about a minute."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Insert

from branch_server.adapters.db.connections import writer_of
from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.db.rows import event_row, ticket_row
from branch_server.adapters.db.statements import Put, compiled, replacing
from branch_server.adapters.db.tables import answers, events, snapshots, tickets
from branch_server.adapters.setup.file import read_setup
from branch_server.domain import events as e
from branch_server.domain.state import State
from branch_server.domain.tickets import Status, Ticket
from branch_server.domain.waits import Drain
from branch_server.engine.batching import Parts
from branch_server.engine.clock import SteadyClock
from branch_server.engine.codec import dump_state
from branch_server.engine.engine import Engine
from branch_server.engine.recovery import recover
from foleni.ids import CounterId, ServiceId, TicketId
from foleni.times import DAY_US, HOUR_US, MINUTE_US, Instant, to_datetime

TICKETS_A_DAY = 5_000
_KEPT_ANSWERS_DAYS = 40
_WHY = e.Why("fifo", "longest effective wait of Cash; 12 min")


def fill_history(data: Path, setup: Path, count: int, now: Instant) -> None:
    """Makes the data folder of a branch of `setup` that has served `count` tickets before `now`'s day, all completed."""
    days = -(-count // TICKETS_A_DAY)
    state = _founded(data, setup, Instant(now - (days + 1) * DAY_US))
    engine = writer_of(data)
    with engine.connect() as connection:
        for number in range(days):
            with connection.begin():
                _Day(connection, state, Instant(now - (days - number) * DAY_US), days - number).fill(
                    min(TICKETS_A_DAY, count - number * TICKETS_A_DAY)
                )
    engine.dispose()


def _founded(data: Path, setup: Path, then: Instant) -> State:
    journal = SqlJournal(data)
    engine = Engine(journal, Parts(SteadyClock(wall_us=lambda: int(then)), lambda ticket: f"/t/{ticket}", Drain()))
    engine.load()
    faults = engine.set_up(read_setup(setup).commands)
    if faults:
        raise ValueError("; ".join(faults))
    state = recover(journal)
    journal.close()
    return state


class _Day:
    """One business day's rows. `state` is the branch between two days, and its `seq` runs on."""

    def __init__(self, connection: Connection, state: State, noon: Instant, days_ago: int) -> None:
        self._connection = connection
        self._state = state
        self._noon = noon
        self._keeps_answers = days_ago <= _KEPT_ANSWERS_DAYS
        self._day = to_datetime(noon).date().isoformat()

    def fill(self, count: int) -> None:
        state, put = self._state, self._connection.exec_driver_sql
        counter = next(iter(state.desks))
        service = state.desks[counter].counter.services[0]
        opened = [e.DayClosed(state.day), e.DayOpened(self._day)]
        self._put(events.insert(), [event_row(self._recorded(event, self._noon, None)) for event in opened])
        state.day = self._day
        row = {"seq": state.seq, "day": self._day, "answers_until": 0, "state": dump_state(state)}
        put(compiled(snapshots.insert()), row)
        served = [self._ticket(place, ServiceId(service), CounterId(counter)) for place in range(1, count + 1)]
        self._put(replacing(tickets, "id"), [ticket_row(ticket) for ticket in served])
        story = [recorded for ticket in served for recorded in self._story(ticket)]
        self._put(events.insert(), [event_row(recorded) for recorded in story])
        if self._keeps_answers:
            self._put(
                replacing(answers, "command", ["command", "sender", "payload"]), [_answer(recorded) for recorded in story]
            )

    def _put(self, statement: Insert, rows: list[tuple[Any, ...]]) -> None:
        raw: Any = self._connection.connection.dbapi_connection
        Put(statement)(raw, rows)

    def _recorded(self, event: e.Event, at: Instant, command: str | None) -> e.Recorded:
        self._state.seq += 1
        seq = self._state.seq
        return e.Recorded(seq, _uuid(seq), at, at, self._day, "kiosk-1", command, event)

    def _ticket(self, place: int, service: ServiceId, counter: CounterId) -> Ticket:
        joined_at = Instant(self._noon - 4 * HOUR_US + place * 5_000_000)
        ticket = Ticket(
            id=TicketId(_uuid(self._state.seq * 8 + place)), number=f"A{place:03d}", service=service, channel="kiosk",
            priority="normal", credit_min=0, day=self._day, joined_at=joined_at, rank_at=joined_at, device="kiosk-1",
        )  # fmt: skip
        return replace(
            ticket, status=Status.COMPLETED, counter=counter, calls=1, called_at=Instant(joined_at + 12 * MINUTE_US),
            ended_at=Instant(joined_at + 15 * MINUTE_US),
        )  # fmt: skip

    def _story(self, ticket: Ticket) -> Iterator[e.Recorded]:
        assert ticket.counter is not None
        assert ticket.called_at is not None
        assert ticket.ended_at is not None
        commands = [_uuid(self._state.seq * 16 + step) for step in range(2)]
        name = (ticket.id, ticket.number, ticket.service)
        joined = e.TicketJoined(
            *name, channel="kiosk", priority="normal", credit_min=0, day=self._day, joined_at=ticket.joined_at,
            rank_at=ticket.rank_at, device="kiosk-1", command=commands[0],
        )  # fmt: skip
        label = self._state.desks[ticket.counter].counter.label
        yield self._recorded(joined, ticket.joined_at, commands[0])
        called = e.TicketCalled(*name, counter=ticket.counter, counter_label=label, call=1, why=_WHY)
        yield self._recorded(called, ticket.called_at, commands[1])
        yield self._recorded(e.TicketCompleted(*name, ticket.counter), ticket.ended_at, _uuid(self._state.seq * 16 + 3))


def _answer(recorded: e.Recorded) -> tuple[Any, ...]:
    payload = {"command": recorded.command, "ok": True, "seq": recorded.seq, "result": {"padding": "x" * 220}}
    return recorded.command, "kiosk-1", json.dumps(payload).encode()


def _uuid(number: int) -> str:
    return f"{number >> 16 & 0xFFFFFFFF:08x}-{number & 0xFFFF:04x}-7000-8000-{number:012x}"
