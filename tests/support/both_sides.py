"""After any fault: a branch and its cloud hold the same log, and the same tickets."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.engine import make_url

from branch_server.domain.apply import apply
from branch_server.domain.events import Recorded, TicketEvent
from branch_server.domain.state import State
from branch_server.engine.codec import load_event
from cloud.store.tables import commands, events, tickets
from foleni.times import Instant
from tests.support.synced import log_of, tickets_of

_NAMES = ("seq", "id", "type", "at", "steady", "day", "actor", "command", "data")


class Told(NamedTuple):
    """What both sides must tell of a ticket."""

    number: str
    service: str
    status: str


class CloudStore:
    """What a cloud keeps of one branch, read from its database while it runs."""

    def __init__(self, database: str, branch: str) -> None:
        url = make_url(database)
        self._engine: Engine = create_engine(url.set(drivername="postgresql+psycopg") if "postgres" in database else url)
        self._branch = branch

    def last(self) -> int:
        """The number of the last event."""
        with self._engine.connect() as connection:
            return int(connection.scalar(select(func.max(events.c.seq)).where(events.c.branch == self._branch)) or 0)

    def is_settled(self) -> bool:
        """Whether no command is open, and no ticket waits to be taken in."""
        open_one = select(commands.c.id).where(commands.c.branch == self._branch, commands.c.answered_at.is_(None))
        foreign = tickets.c.ticket.is_(None) & tickets.c.status.in_(["asked", "waiting"])
        with self._engine.connect() as connection:
            untaken = connection.execute(select(tickets.c.id).where(tickets.c.branch == self._branch, foreign)).first()
            return untaken is None and connection.execute(open_one).first() is None

    def log(self) -> list[dict[str, Any]]:
        """As `log_of` the branch."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(events).where(events.c.branch == self._branch).order_by(events.c.seq))
            return [{name: row[name] for name in _NAMES} for row in rows.mappings()]

    def tickets(self) -> dict[str, Told]:
        """The tickets that the branch knows, by its ids."""
        return {str(row["ticket"]): Told(row["number"], row["service"], row["status"]) for row in self.rows() if row["ticket"]}

    def rows(self) -> list[dict[str, Any]]:
        """Every ticket, also one that the branch has not taken in."""
        with self._engine.connect() as connection:
            found = connection.execute(select(tickets).where(tickets.c.branch == self._branch)).mappings()
            return [dict(row) for row in found]

    def close(self) -> None:
        self._engine.dispose()


def fold(log: Iterable[dict[str, Any]]) -> dict[str, Told]:
    """Every ticket of a log, as the last event left it."""
    state, seen = State(), {}
    for row in log:
        data = row["data"] if isinstance(row["data"], str) else json.dumps(row["data"])
        event = load_event(row["type"], data)
        at, steady = Instant(row["at"]), Instant(row["steady"])
        apply(state, Recorded(row["seq"], row["id"], at, steady, row["day"], row["actor"], row["command"], event))
        if isinstance(event, TicketEvent):
            ticket = state.tickets[event.ticket]
            seen[str(ticket.id)] = Told(ticket.number, ticket.service, str(ticket.status))
    return seen


def check_both_sides(data: Path, cloud: CloudStore) -> dict[str, Told]:
    """The tickets, where both sides hold the same ones; fails where they do not, or where a number was given twice."""
    ours, theirs = log_of(data), cloud.log()
    assert [(row["seq"], row["id"]) for row in theirs] == [(row["seq"], row["id"]) for row in ours]
    assert [json.loads(row["data"]) for row in theirs] == [json.loads(row["data"]) for row in ours]
    told = fold(ours)
    assert fold(theirs) == told
    assert cloud.tickets() == told
    kept = tickets_of(data)
    assert {row["id"]: Told(row["number"], row["service"], row["status"]) for row in kept} == told
    assert len({(row["day"], row["number"]) for row in kept}) == len(kept)
    return told
