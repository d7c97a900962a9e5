"""Erasing who somebody is from what they did."""

import json
from pathlib import Path

from sqlalchemy import insert, select

from cloud.keeping.contacts import erase_tickets
from cloud.store.database import Database
from cloud.store.tables import commands, tickets
from cloud.sync import mailbox
from foleni.ids import uuid7
from foleni.times import Instant
from tests.support import offices
from tests.support.cloud import add_branch

NOW = Instant(1_790_000_000_000_000)


def test_words_about_a_visit_go_wherever_they_lie(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'cloud.sqlite'}", threads=1)
    database.open()
    database.run_here(lambda c: add_branch(c, "main-street"))
    row = offices.ticket_row("main-street", "completed", "A001", joined_at=NOW, user=None) | {"ticket": uuid7()}
    rating = {"id": uuid7(), "type": "rate", "ticket": row["ticket"], "stars": 1, "text": "my own words"}
    database.run_here(lambda c: c.execute(insert(tickets).values(row)).rowcount)
    database.run_here(lambda c: mailbox.put(c, "main-street", rating, "app", NOW))
    database.run_here(lambda c: erase_tickets(c, [row["id"]]))
    kept = json.loads(database.run_here(lambda c: c.execute(select(commands.c.payload)).scalar_one()))
    database.close()
    assert (kept["stars"], kept["text"]) == (1, "")
