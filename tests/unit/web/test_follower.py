"""The web side's state is the engine's, whatever is written, put back, or damaged meanwhile."""

import asyncio
import sqlite3
from pathlib import Path

from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.db.reading import LogReader
from branch_server.domain.asking import HOUSE, Sender
from branch_server.domain.waits import Drain
from branch_server.engine.batching import Parts
from branch_server.engine.clock import SteadyClock
from branch_server.engine.codec import dump_state
from branch_server.engine.engine import Engine
from branch_server.web.follower import Follower
from foleni.ids import uuid7
from foleni.messages.commands import Command, Join, SaveBranch, SaveService
from foleni.messages.setup import Branch, Service


class House:
    """An engine on a real database, asked by itself."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.journal = SqlJournal(folder)
        self.journal.keep_secret("link-key", "00" * 32)
        self.engine = Engine(self.journal, Parts(SteadyClock(), lambda ticket: f"/t/{ticket}", Drain()))
        self.engine.set_up([
            SaveBranch(id=uuid7(), branch=Branch(id="b", name={"en": "B"})),
            SaveService(id=uuid7(), service=Service(id="cash", prefix="A", name={"en": "Cash"})),
        ])  # fmt: skip
        self.engine.start()

    def ask(self, command: Command) -> dict[str, object]:
        reply = self.engine.ask(command, Sender(HOUSE, trusted=True)).result(5)
        assert reply.ok, reply
        return reply.result or {}

    def join(self) -> dict[str, object]:
        return self.ask(Join(id=uuid7(), service="cash", channel="staff"))

    def close(self) -> None:
        self.engine.stop()
        self.journal.close()


def follower_of(folder: Path) -> Follower:
    follower = Follower(LogReader(folder), lambda ticket: f"/t/{ticket}")
    follower.load()
    return follower


def test_it_folds_what_the_engine_writes_into_the_same_state(tmp_path: Path) -> None:
    house = House(tmp_path)
    follower = follower_of(tmp_path)
    for _ in range(20):
        house.join()
    follower.catch_up()
    house.close()
    snapshot = follower_of(tmp_path)
    assert follower.state.seq == snapshot.state.seq
    assert dump_state(follower.state) == dump_state(snapshot.state)
    assert [ticket.number for ticket in follower.state.tickets.values()] == [f"A{n:03d}" for n in range(1, 21)]


def test_listeners_hear_each_event_once_and_in_order(tmp_path: Path) -> None:
    house = House(tmp_path)
    follower = follower_of(tmp_path)
    heard: list[int] = []
    follower.subscribe(lambda fresh: heard.extend(recorded.seq for recorded in fresh))
    first = follower.state.seq
    for _ in range(5):
        house.join()
        follower.catch_up()
        follower.catch_up()
    house.close()
    assert heard == list(range(first + 1, first + 6))


def test_a_ticket_has_its_story_of_today_also_after_a_new_start(tmp_path: Path) -> None:
    house = House(tmp_path)
    ticket = str(house.join()["ticket"])
    house.close()
    follower = follower_of(tmp_path)
    assert [recorded.event.type for recorded in follower.story_of(ticket)] == ["ticket_joined"]
    assert follower.story_of("nobody") == []


def test_who_asked_something_waits_until_it_is_seen(tmp_path: Path) -> None:
    house = House(tmp_path)
    follower = follower_of(tmp_path)

    async def play() -> tuple[bool, bool]:
        house.join()
        there = await follower.reached(follower.state.seq + 1)
        never = await follower.reached(10_000, within_s=0.05)
        return there, never

    assert asyncio.run(play()) == (True, False)
    house.close()


def test_a_log_that_became_another_one_is_read_anew(tmp_path: Path) -> None:
    house = House(tmp_path)
    backup = tmp_path / "backup.db"
    with sqlite3.connect(tmp_path / "branch.db") as source, sqlite3.connect(backup) as copy:
        source.backup(copy)
    for _ in range(3):
        house.join()
    follower = follower_of(tmp_path)
    before = follower.state.seq
    house.close()
    with sqlite3.connect(backup) as source, sqlite3.connect(tmp_path / "branch.db") as copy:
        source.backup(copy)
    follower.read_anew()
    assert follower.state.seq == before - 3
    assert not follower.state.tickets


def test_a_log_that_cannot_be_read_for_a_moment_keeps_the_picture_that_there_is(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.join()
    reader = LogReader(tmp_path)
    follower = Follower(reader, lambda ticket: ticket)
    follower.load()
    seen = follower.state.seq
    reader.close()
    follower.catch_up()
    assert follower.state.seq == seen
    house.close()
