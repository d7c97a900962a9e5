"""A real branch and a real cloud, and everything that can come between them: afterwards both hold the same tickets.

`FOLENI_WEEK` tells how many people join from afar in the week that both are alone.
"""

import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from branch_server.restoring.command import main as restore
from foleni.times import MINUTE_US, Instant
from tests.support.both_sides import CloudStore, Told, check_both_sides
from tests.support.chaos_cloud import CALM, STORM, BadLine, Chances
from tests.support.cloud import CloudProcess, Person, add_token, revoke_tokens
from tests.support.postgres import postgres
from tests.support.synced import BRANCH, SETUP, SyncedBranch, desk_of, last_of, log_of
from tests.support.waiting import until
from tests.support.week import branch_s_week, cloud_s_week, first_lines

JOINS = int(os.environ.get("FOLENI_WEEK", "300"))
_HEAL_S = 300.0
_ASK_S = 60.0
_LOOK_S = 0.02
_AT_THE_DESK = {"type": "join", "service": "cash", "channel": "staff"}

pytestmark = pytest.mark.timeout(900)


@dataclass
class Both:
    """A cloud, the line to it, and a branch at its other end."""

    cloud: CloudProcess
    store: CloudStore
    line: BadLine
    branch: SyncedBranch
    token: str
    people: Iterator[int] = field(default_factory=count)

    def person(self) -> Person:
        """Somebody new who is signed in."""
        return self.cloud.person(f"+25078810{next(self.people):04d}")

    def join(self, service: str = "cash", key: str | None = None, person: Person | None = None) -> dict[str, Any]:
        """A place from afar, asked for until it is answered."""
        person, key = person or self.person(), key or str(uuid.uuid4())
        answers: list[dict[str, Any]] = []

        def is_answered() -> bool:
            try:
                answer = self.cloud.post(f"/api/v1/queues/{BRANCH}/join", {"service": service}, person, key)
            except requests.ConnectionError:
                return False
            assert answer.ok or answer.status_code >= 500, answer.text
            answers.extend([answer.json()] if answer.ok else [])
            return answer.ok

        until(is_answered, _HEAL_S, every_s=_LOOK_S)
        return answers[0]

    def is_level(self) -> bool:
        return self.store.last() == last_of(self.branch.data) and self.store.is_settled()

    def settle(self) -> dict[str, Told]:
        """Calm weather until both are level; the tickets that both hold."""
        self.line.chances, self.line.is_cut = CALM, False
        until(self.is_level, _HEAL_S, every_s=0.1)
        return check_both_sides(self.branch.data, self.store)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def both(tmp_path: Path, stack: ExitStack) -> Both:
    both = made(tmp_path, stack, f"sqlite:///{tmp_path}/cloud.db")
    both.branch.start()
    until(lambda: both.store.last() > 0, _HEAL_S)
    return both


def made(folder: Path, stack: ExitStack, database: str, *, clock: Path | None = None) -> Both:
    """The branch is not started yet."""
    cloud = stack.enter_context(CloudProcess(folder, database=database))
    store = CloudStore(database, BRANCH)
    stack.callback(store.close)
    token = cloud.branch(BRANCH)
    line = stack.enter_context(BadLine(cloud.url, seed=5))
    branch = SyncedBranch(folder, line.url, token, clock)
    stack.callback(branch.kill)
    return Both(cloud, store, line, branch, token)


def test_a_join_from_afar_has_the_branch_s_number(both: Both) -> None:
    ticket = both.join()
    assert (ticket["number"], ticket["status"], ticket["provisional"]) == ("A001", "waiting", False)
    assert Told("A001", "cash", "waiting") in both.settle().values()


def test_a_join_whose_cloud_dies_is_one_ticket_when_it_is_asked_for_again(both: Both) -> None:
    person, key = both.person(), str(uuid.uuid4())
    both.line.chances = Chances(delayed=1.0, delay_s=1.0)
    with ThreadPoolExecutor(1) as aside:
        asked = aside.submit(both.join, "cash", key, person)
        until(lambda: any(row["command"] == key for row in both.store.rows()), _HEAL_S)
        both.cloud.kill()
        both.cloud.start()
        ticket = asked.result()
    told = both.settle()
    assert len(told) == 1
    assert ticket["id"] == key
    assert both.join("cash", key, person)["number"] == next(iter(told.values())).number


def test_a_branch_that_dies_between_an_event_and_its_acknowledgement(both: Both) -> None:
    both.line.chances = Chances(answer_lost=1.0)
    with desk_of(both.branch) as desk:
        for _ in range(3):
            assert desk.ask(_AT_THE_DESK)["ok"]
    until(lambda: both.store.last() == last_of(both.branch.data), _HEAL_S, every_s=_LOOK_S)
    both.branch.kill()
    both.branch.start()
    assert len(both.settle()) == 3


def test_a_number_of_the_cloud_is_taken_in_at_its_place(both: Both) -> None:
    with desk_of(both.branch) as desk:
        first = desk.ask(_AT_THE_DESK)["result"]
        both.line.is_cut = True
        ticket = both.join()
        assert (ticket["number"], ticket["provisional"]) == ("AR01", True)
        last = desk.ask(_AT_THE_DESK)["result"]
        told = both.settle()
        assert {one.number for one in told.values()} == {first["number"], "AR01", last["number"]}
        desk.ask({"type": "open_counter", "counter": "c1", "staff": "ada"})
        called = [desk.ask({"type": "call_next", "counter": "c1"})["result"]["in_hand"]["number"] for _ in range(3)]
        assert called == [first["number"], "AR01", last["number"]]
    assert {one.status for one in both.settle().values()} == {"completed", "called"}


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_branch_whose_clock_is_wrong(tmp_path: Path, stack: ExitStack, minutes: int) -> None:
    clock = tmp_path / "clock"
    clock.write_text(f"{minutes * MINUTE_US} 0")
    both = made(tmp_path, stack, f"sqlite:///{tmp_path}/cloud.db", clock=clock)
    both.branch.start()
    until(lambda: both.store.last() > 0, _HEAL_S)
    assert both.join()["number"] == "A001"
    both.line.is_cut = True
    assert both.join()["number"] == "AR01"
    with desk_of(both.branch) as desk:
        assert desk.ask(_AT_THE_DESK)["ok"]
        both.settle()
        desk.ask({"type": "open_counter", "counter": "c1", "staff": "ada"})
        called = [desk.ask({"type": "call_next", "counter": "c1"})["result"]["in_hand"]["number"] for _ in range(3)]
    assert called == ["A001", "AR01", "A002"]


def test_a_token_that_was_revoked_and_its_successor(both: Both) -> None:
    both.cloud.run(lambda c: revoke_tokens(c, BRANCH))
    with desk_of(both.branch) as desk:
        until(
            lambda: desk.ask(_AT_THE_DESK)["ok"] and alerted(both),
            _HEAL_S,
            every_s=0.3,
        )
    before = both.store.last()
    following = both.cloud.run(lambda c: add_token(c, BRANCH))
    (both.branch.directory / "token").write_text(following)
    both.settle()
    assert both.store.last() > before
    url = f"{both.cloud.url}/api/v1/sync/{BRANCH}/commands"
    assert requests.get(url, headers={"Authorization": f"Bearer {both.token}"}, timeout=_ASK_S).status_code == 401


@pytest.mark.thorough
def test_a_storm_in_which_both_die_again_and_again(tmp_path: Path, stack: ExitStack) -> None:
    both = made(tmp_path, stack, postgres().database())
    both.branch.start()
    until(lambda: both.store.last() > 0, _HEAL_S)
    chance = random.Random(11)
    asked: list[dict[str, Any]] = []
    both.line.chances = replace(STORM, delay_s=0.2)
    over = threading.Event()

    def people() -> None:
        while not over.is_set():
            asked.append(both.join(chance.choice(["cash", "cards"])))

    with ThreadPoolExecutor(1) as aside:
        running = aside.submit(people)
        for turn in range(4):
            until(lambda turn=turn: len(asked) > 3 * turn + 1, _HEAL_S, every_s=_LOOK_S)  # type: ignore[misc]
            with desk_of(both.branch) as desk:
                desk.ask(_AT_THE_DESK)
            (both.cloud if turn % 2 else both.branch).kill()
            (both.cloud if turn % 2 else both.branch).start()
        over.set()
        running.result()
    told = both.settle()
    mine = {row["id"]: row for row in both.store.rows()}
    assert all(mine[ticket["id"]]["ticket"] in told for ticket in asked)
    final = {ticket["id"]: told[mine[ticket["id"]]["ticket"]].number for ticket in asked}
    assert all(final[ticket["id"]] == ticket["number"] for ticket in asked), "what a person was told is what is called"


@pytest.mark.thorough
def test_a_week_in_which_both_were_alone(tmp_path: Path, stack: ExitStack) -> None:
    database = postgres().database()
    both = made(tmp_path, stack, database)
    now = Instant(time.time_ns() // 1000)
    branch_s_week(tmp_path, _large(SETUP), now)
    lines = log_of(both.branch.data)
    assert len(lines) > 20_000
    body: dict[str, Any] = {"first": 1, "events": first_lines(lines)}
    told = requests.post(f"{both.cloud.url}/api/v1/sync/{BRANCH}/events", json=body, timeout=_ASK_S,
                         headers={"Authorization": f"Bearer {both.token}"})  # fmt: skip
    assert told.json()["acked"] == len(body["events"])
    both.cloud.stop()
    assert cloud_s_week(database, BRANCH, JOINS, now, ("cash", "cards")) == JOINS
    both.cloud.start()
    both.branch.start()
    tickets = both.settle()
    assert sum(1 for ticket in tickets.values() if "R" in ticket.number) == JOINS


def test_a_branch_that_was_lost_is_restored_and_goes_on(both: Both, tmp_path: Path) -> None:
    both.join()
    with desk_of(both.branch) as desk:
        assert desk.ask({"type": "join", "service": "cards", "channel": "kiosk", "phone": "+250788000001"})["ok"]
    before = both.settle()
    log = log_of(both.branch.data)
    both.branch.kill()
    (tmp_path / "new").mkdir()
    again = SyncedBranch(tmp_path / "new", both.line.url, both.token)
    arguments = ["--from-cloud", both.cloud.url, "--cloud-token-file", str(tmp_path / "token")]
    assert restore([*arguments, "--branch", BRANCH, "--data", str(again.data)]) == 0
    assert log_of(again.data) == log
    both.branch = again
    with again:
        assert both.join()["number"] == "A002"
        assert set(before) < set(both.settle())


def alerted(both: Both) -> bool:
    return any(row["type"] == "alert_raised" for row in log_of(both.branch.data))


def _large(setup: str) -> str:
    """With counters enough for twenty thousand events in a week."""
    more = "".join(f'[[counter]]\nid = "c{n}"\nlabel = "{n}"\nservices = ["cash", "cards"]\n\n' for n in range(2, 9))
    return setup.replace("[[device]]", more + "[[device]]", 1)
