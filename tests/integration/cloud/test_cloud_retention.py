"""Contact data goes when its time is over, and the log proves it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from cloud.keeping import proof, retention
from cloud.people.accounts import by_id, found_or_made
from cloud.store import tables
from cloud.store.database import Database
from foleni.ids import uuid7
from foleni.times import DAY_US, Instant
from tests.support import offices
from tests.support.cloud import add_branch
from tests.support.postgres import postgres

NOW = Instant(1_790_000_000_000_000)
OLD, NEW = Instant(NOW - 181 * DAY_US), Instant(NOW - 179 * DAY_US)
SECRETS = ("+250788000001", "Ada Old", "she said so", "private words")


@pytest.fixture(name="database", params=["sqlite", "postgresql"])
def _database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    address = postgres().database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'cloud.sqlite'}"
    database = Database(address, threads=1)
    database.open()
    database.run_here(lambda c: add_branch(c, "main-street"))
    yield database
    database.close()


def tell(database: Database, seq: int, kind: str, at: int, **data: Any) -> None:
    """An event of the branch."""
    row = {"branch": "main-street", "seq": seq, "id": uuid7(), "type": kind, "at": at, "steady": at, "day": "d", "actor": "x"}
    pulse = {"branch": "main-street", "acked": seq, "acked_id": "", "day": "", "skew_us": 0, "notice": "{}", "fault": ""}
    database.run_here(lambda c: c.execute(insert(tables.events).values(**row, data=json.dumps(data))).rowcount)
    database.run_here(lambda c: c.execute(delete(tables.pulses)).rowcount)
    database.run_here(lambda c: c.execute(insert(tables.pulses).values(pulse)).rowcount)


def fill(database: Database) -> None:
    """A ticket and its events on either side of the limit, with words of a customer in all places that there are."""
    for seq, (at, phone, name) in enumerate(((OLD, *SECRETS[:2]), (NEW, "+250788000002", "Bo New")), 1):
        row = offices.ticket_row("main-street", "completed", f"A00{seq}", joined_at=at, phone=phone, name=name, user=None)
        database.run_here(lambda c, row=row: c.execute(insert(tables.tickets).values(row)).rowcount)  # type: ignore[misc]
        tell(database, seq * 10 - 9, "ticket_joined", at, ticket=row["ticket"], phone=phone, name=name, channel="app")
        tell(database, seq * 10 - 8, "ticket_rated", at + 1, ticket=row["ticket"], stars=5, text=f"{SECRETS[2]} {seq}")
        tell(database, seq * 10 - 7, "note_added", at + 2, ticket=row["ticket"], text=f"{SECRETS[3]} {seq}")
        for more in range(seq * 10 - 6, seq * 10 + 1):
            tell(database, more, "ticket_called", at + 3 + more, ticket=row["ticket"])


def everything(database: Database) -> str:
    return database.run_here(lambda c: str([c.execute(select(table)).all() for table in tables.metadata.sorted_tables]))


def lines(database: Database) -> list[Any]:
    return list(reversed(database.run_here(proof.lines)))


def test_what_is_over_is_erased_and_what_is_not_stays(database: Database) -> None:
    fill(database)
    retention.run(database, NOW)
    left = everything(database)
    assert not any(secret in left for secret in (*SECRETS[:2], f"{SECRETS[2]} 1", f"{SECRETS[3]} 1"))
    assert all(secret in left for secret in ("+250788000002", "Bo New", f"{SECRETS[2]} 2", f"{SECRETS[3]} 2"))
    first = lines(database)[0]
    assert json.loads(first.counts) == {"events": 3, "tickets": 1}
    assert database.run_here(lambda c: list(proof.faults(c))) == []


def test_again_finds_nothing_and_still_writes_that_it_looked(database: Database) -> None:
    fill(database)
    retention.run(database, NOW)
    before = len(lines(database))
    retention.run(database, Instant(NOW + 1))
    assert [json.loads(line.counts) for line in lines(database)[before:]] == [{}, {}]


def test_an_organization_may_keep_less_long(database: Database) -> None:
    fill(database)
    database.run_here(lambda c: c.execute(update(tables.organizations).values(retention_days=30)).rowcount)
    retention.run(database, NOW)
    assert "Bo New" not in everything(database)


def test_people_who_were_not_seen_go_and_those_with_a_role_stay(database: Database) -> None:
    gone = database.run_here(lambda c: found_or_made(c, "+250788000003", OLD, name="Cy")).id
    here = database.run_here(lambda c: found_or_made(c, "+250788000004", NEW, name="Di")).id
    retention.run(database, NOW)
    rows = [database.run_here(lambda c, one=one: by_id(c, one)) for one in (gone, here)]  # type: ignore[misc]
    assert [(row.phone, row.name) for row in rows if row is not None] == [(None, ""), ("+250788000004", "Di")]


def test_a_log_that_was_turned_back_is_gone_through_again(database: Database) -> None:
    fill(database)
    retention.run(database, NOW)
    database.run_here(lambda c: c.execute(delete(tables.events)).rowcount)
    tell(database, 1, "ticket_joined", OLD, ticket="t", phone=SECRETS[0])
    database.run_here(lambda c: c.execute(update(tables.pulses).values(erased=20, acked=1)).rowcount)
    retention.run(database, NOW)
    assert SECRETS[0] not in everything(database)


@pytest.mark.parametrize("change", [{"counts": '{"tickets": 0}'}, {"before": 1}, {"organization": "other"}])
def test_a_bent_line_of_the_log_is_found(database: Database, change: dict[str, Any]) -> None:
    fill(database)
    retention.run(database, NOW)
    database.run_here(lambda c: c.execute(update(tables.erasures).where(tables.erasures.c.n == 1).values(change)).rowcount)
    assert [fault.n for fault in database.run_here(lambda c: list(proof.faults(c)))] == [1]


def test_a_line_that_was_taken_out_is_found(database: Database) -> None:
    fill(database)
    retention.run(database, NOW)
    database.run_here(lambda c: c.execute(delete(tables.erasures).where(tables.erasures.c.n == 2)).rowcount)
    assert len(database.run_here(lambda c: list(proof.faults(c)))) == 1


def test_one_process_does_it_once_a_day(database: Database) -> None:
    later = Instant(NOW + DAY_US)
    assert database.run_here(lambda c: retention.claim(c, NOW))
    assert not database.run_here(lambda c: retention.claim(c, NOW))
    retention.run(database, NOW)
    assert not database.run_here(lambda c: retention.claim(c, Instant(NOW + 1)))
    assert database.run_here(lambda c: retention.claim(c, later))
