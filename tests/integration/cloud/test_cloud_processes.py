"""Two processes of the cloud on one PostgreSQL, with Redis between them: what one does the other's visitors see."""

import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any

import pytest
import requests
from sqlalchemy import select

from cloud.store.tables import tickets
from tests.support.cloud import CloudProcess, Person
from tests.support.fake_branch import FakeBranch
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer
from tests.support.waiting import until

Json = dict[str, Any]
_names = count(1)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    """A PostgreSQL of these tests' own: one of them restarts it."""
    running = Postgres().start()
    yield running
    running.remove()


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def clouds(
    cluster: Postgres, redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CloudProcess, CloudProcess]]:
    folder, database = tmp_path_factory.mktemp("cloud-processes"), cluster.database()
    one, other = (CloudProcess(folder, database=database, redis=redis.url).launch() for _ in range(2))
    try:
        for cloud in (one, other):
            until(partial(is_ready, cloud), 60, every_s=0.1)
        yield one, other
    finally:
        one.kill()
        other.kill()


@pytest.fixture
def branch(clouds: tuple[CloudProcess, CloudProcess]) -> FakeBranch:
    """A branch that speaks to the second process."""
    name = f"both-{next(_names)}"
    made = FakeBranch(clouds[1], clouds[1].branch(name), name)
    made.opens("cash")
    made.tell_all()
    made.is_there()
    return made


@pytest.fixture
def ada(clouds: tuple[CloudProcess, CloudProcess]) -> Person:
    return clouds[0].person(f"+25078811{next(_names):04d}")


def is_ready(cloud: CloudProcess) -> bool:
    try:
        return cloud.get("/readyz").status_code == 200
    except requests.ConnectionError:
        return False


def is_away(cloud: CloudProcess) -> bool:
    return not is_ready(cloud)


def join(cloud: CloudProcess, branch: FakeBranch, who: Person, key: str | None = None) -> Json:
    """The ticket of somebody who joins at one process while the branch polls another."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(cloud.post, f"/api/v1/queues/{branch.branch}/join", {"service": "cash"}, who, key)
        branch.serve(answer.done)
    assert answer.result().status_code == 200, answer.result().text
    return dict(answer.result().json())


class Watcher:
    """Somebody with an open ticket page."""

    def __init__(self, cloud: CloudProcess, token: str) -> None:
        self.seen: list[Json] = []
        self._url = f"{cloud.url}/api/v1/tickets/{token}/stream"
        threading.Thread(target=self._watch, daemon=True).start()
        until(lambda: self.seen)

    def sees(self, status: str) -> bool:
        return bool(self.seen[-1]["status"] == status)

    def _watch(self) -> None:
        with suppress(requests.RequestException), requests.get(self._url, stream=True, timeout=60) as answer:
            for line in answer.iter_lines(chunk_size=1):
                if line.startswith(b'data: {"id"'):
                    self.seen.append(json.loads(line[6:]))


def test_join_at_one_poll_and_watch_at_the_other(
    clouds: tuple[CloudProcess, CloudProcess], branch: FakeBranch, ada: Person
) -> None:
    ticket = join(clouds[0], branch, ada)
    assert (ticket["number"], ticket["provisional"]) == ("A001", False)
    here, there = (Watcher(cloud, ticket["token"]) for cloud in clouds)
    branch.called(branch.log[-1]["data"]["ticket"])
    branch.tell_all()
    for watcher in (here, there):
        until(partial(watcher.sees, "called"))
    assert clouds[0].get(f"/api/v1/tickets/{ticket['token']}/status").json()["counter"] == "c1"


def test_the_same_wish_at_both_is_one_ticket(
    clouds: tuple[CloudProcess, CloudProcess], branch: FakeBranch, ada: Person
) -> None:
    key, path = str(uuid.uuid4()), f"/api/v1/queues/{branch.branch}/join"
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(clouds[turn % 2].post, path, {"service": "cash"}, ada, key) for turn in range(4)]
        branch.serve(lambda: all(one.done() for one in asked))
    answers = [one.result() for one in asked]
    assert [one.status_code for one in answers] == [200] * 4
    assert len({(one.json()["id"], one.json()["number"]) for one in answers}) == 1
    rows = clouds[0].run(lambda c: c.execute(select(tickets.c.number).where(tickets.c.branch == branch.branch)).all())
    assert len(rows) == 1


def test_one_phone_at_both_has_one_ticket(clouds: tuple[CloudProcess, CloudProcess], branch: FakeBranch, ada: Person) -> None:
    path = f"/api/v1/queues/{branch.branch}/join"
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(clouds[turn % 2].post, path, {"service": "cash"}, ada) for turn in range(4)]
        branch.serve(lambda: all(one.done() for one in asked))
    assert sorted(one.result().status_code for one in asked) == [200, 409, 409, 409]


def test_without_redis_nothing_is_lost_and_later_it_is_as_before(
    clouds: tuple[CloudProcess, CloudProcess], redis: RedisServer, branch: FakeBranch, ada: Person
) -> None:
    redis.stop()
    for cloud in clouds:
        until(partial(is_away, cloud), every_s=0.1)
    ticket = join(clouds[0], branch, ada)
    watcher = Watcher(clouds[0], ticket["token"])
    branch.called(branch.log[-1]["data"]["ticket"])
    branch.tell_all()
    until(lambda: watcher.seen[-1]["status"] == "called")
    redis.start()
    for cloud in clouds:
        until(partial(is_ready, cloud), every_s=0.1)
    bob = clouds[0].person(f"+25078812{next(_names):04d}")
    assert join(clouds[0], branch, bob)["status"] == "waiting"


def test_postgresql_is_restarted_under_both(
    clouds: tuple[CloudProcess, CloudProcess], cluster: Postgres, branch: FakeBranch, ada: Person
) -> None:
    ticket = join(clouds[0], branch, ada)
    watcher = Watcher(clouds[0], ticket["token"])
    cluster.stop()
    until(lambda: not is_ready(clouds[0]), every_s=0.1)
    branch.called(branch.log[-1]["data"]["ticket"])
    assert branch.tell(len(branch.log)).status_code in {500, 503}
    cluster.start()
    for cloud in clouds:
        until(partial(is_ready, cloud), every_s=0.1)
    assert branch.tell_all() == len(branch.log)
    until(lambda: watcher.seen[-1]["status"] == "called")


def test_the_end_of_a_process_ends_its_polls_and_loses_nothing(
    clouds: tuple[CloudProcess, CloudProcess], branch: FakeBranch
) -> None:
    def open_requests() -> float:
        figures = clouds[1].get("/metrics").text.splitlines()
        return next(float(line.split()[1]) for line in figures if line.startswith("foleni_cloud_open_requests "))

    got: list[int] = []
    before = open_requests()
    polling = threading.Thread(target=lambda: got.append(branch.get("commands", after=0, wait=60).status_code))
    polling.start()
    until(lambda: open_requests() > before, every_s=0.1)
    assert clouds[1].stop() == 0
    polling.join(30)
    assert got == [200]
    clouds[1].start()
    assert branch.acked() == len(branch.log)
