"""How a join ends, whatever comes first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from cloud.queues import joining, settling
from cloud.queues.joining import Wish
from cloud.store.database import Database
from cloud.store.tables import services, tickets
from cloud.sync.taking import checked, take
from foleni.ids import uuid7
from foleni.messages.replies import Reply
from foleni.messages.sync import EventsUp
from foleni.times import SECOND_US, Instant, to_wire
from tests.support.cloud import add_branch

NOW = Instant(1_795_267_925_000_000)
URL = "https://cloud.example"
BRANCH = "main-street"
_CASH = {"id": "cash", "place": 1, "prefix": "A", "name": '{"en":"Cash"}', "state": "open", "service_time_s": 60}


@pytest.fixture(name="c")
def _c(tmp_path: Path) -> Iterator[Connection]:
    database = Database(f"sqlite:///{tmp_path / 'cloud.sqlite'}", threads=1)
    database.open()
    with database._engine.begin() as connection:
        add_branch(connection, BRANCH)
        connection.execute(insert(services).values(branch=BRANCH, issued=0, told_waiting=0, **_CASH))
        yield connection
    database.close()


def joined(c: Connection) -> str:
    wish = Wish(BRANCH, "cash", "app", None, "+250788000001", None, "en", uuid7())
    joining._begin(c, wish, NOW)
    return wish.command


def tell(c: Connection, first: int, *public: dict[str, Any]) -> None:
    """Events in the form of a client that knows the public ones alone: nothing in them names the join."""
    told = [{"seq": first + n, "id": uuid7(), "at": to_wire(NOW), **event} for n, event in enumerate(public)]
    take(c, checked(BRANCH, EventsUp.model_validate({"first": first, "events": told}), URL), NOW)


def reply(c: Connection, command: str, ticket: str, number: str = "A001") -> None:
    result = {"ticket": ticket, "number": number, "service": "cash", "joined_at": to_wire(NOW), "position": 1, "ahead": 0,
              "wait_p50_s": 1, "wait_p90_s": 2, "url": ""}  # fmt: skip
    settling.take_reply(c, BRANCH, Reply(command=command, ok=True, result=result), NOW, URL)


def about(kind: str, ticket: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "ticket": ticket, "number": "A001", "service": "cash", "counter": None, **more}


def test_an_event_that_names_no_join_and_comes_before_the_reply_is_the_same_ticket(c: Connection) -> None:
    command, ticket = joined(c), uuid7()
    tell(c, 1, about("ticket_joined", ticket), about("ticket_called", ticket, counter="c1"))
    reply(c, command, ticket)
    row = c.execute(select(tickets)).one()
    assert (row.id, row.ticket, row.number, row.status, row.counter) == (command, ticket, "A001", "called", "c1")
    assert (row.phone, row.channel, row.provisional) == ("+250788000001", "app", False)
    tell(c, 3, about("ticket_completed", ticket))
    assert c.execute(select(tickets.c.status)).scalar_one() == "completed"


def test_a_number_that_was_given_meanwhile_stays_the_customers(c: Connection) -> None:
    command, ticket = joined(c), uuid7()
    settling.give_own_number(c, command, Instant(NOW + 3 * SECOND_US), URL)
    tell(c, 1, about("ticket_joined", ticket))
    reply(c, command, ticket)
    row = c.execute(select(tickets)).one()
    assert (row.ticket, row.number, row.provisional, row.status) == (ticket, "AR01", True, "waiting")
