"""Staff who are away from the branch: a real branch does what they ask, or nothing is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from foleni.times import MINUTE_US, from_wire, to_wire
from tests.support import offices
from tests.support.client import Client
from tests.support.cloud import CloudProcess, Person
from tests.support.synced import BRANCH, SyncedBranch, desk_of, join, last_of, log_of, synced_branch
from tests.support.waiting import until

S = "/api/v1/staff"


@dataclass
class Away:
    """A connected branch, and a manager elsewhere."""

    cloud: CloudProcess
    branch: SyncedBranch
    desk: Client
    manager: Person

    def press(self, what: str, **body: Any) -> tuple[int, dict[str, Any]]:
        answer = self.cloud.post(f"{S}/queues/{BRANCH}/{what}", body, self.manager)
        return answer.status_code, answer.json()

    def picture(self) -> dict[str, Any]:
        told: dict[str, Any] = self.cloud.get(f"{S}/queues/{BRANCH}", self.manager).json()
        return told

    def service(self) -> dict[str, Any]:
        return next(one for one in self.picture()["services"] if one["id"] == "cash")


@pytest.fixture(name="away", scope="module")
def _away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with CloudProcess(tmp_path_factory.mktemp("away-cloud")) as cloud:
        token = cloud.branch(BRANCH)
        manager = offices.person(cloud, "manager", "demo-bank", BRANCH, "+250788000001")
        with synced_branch(tmp_path_factory.mktemp("away-branch"), cloud.url, token) as branch, desk_of(branch) as desk:
            away = Away(cloud, branch, desk, manager)
            until(lambda: away.picture()["services"])
            yield away


def test_a_ticket_is_called_and_skipped_from_afar(away: Away) -> None:
    assert away.desk.ask({**join(), "channel": "staff"})["ok"]
    assert away.desk.ask({**join(), "channel": "staff"})["ok"]
    assert away.desk.ask({"id": join()["id"], "type": "open_counter", "counter": "c1"})["ok"]
    status, reply = away.press("call-next", counter="c1")
    assert (status, reply["result"]["in_hand"]["number"]) == (200, "A001")
    until(lambda: away.picture()["counters"][0]["number"] == "A001")
    ticket = away.picture()["counters"][0]["ticket"]
    skip = f"{S}/tickets/{ticket}/skip"
    assert away.cloud.post(skip, {"seen": "A999"}, away.manager).json()["error"]["code"] == "wrong_state"
    assert away.cloud.post(skip, who=away.manager).status_code == 200
    until(lambda: away.picture()["counters"][0]["number"] is None)
    assert away.cloud.post(skip, who=away.manager).status_code == 409


def test_the_same_press_twice_calls_once(away: Away) -> None:
    command = join()["id"]
    first = away.press("call-next", counter="c1", id=command)
    before = last_of(away.branch.data)
    assert away.press("call-next", counter="c1", id=command) == first
    assert last_of(away.branch.data) == before


def test_a_service_is_paused_closed_and_opened_from_afar(away: Away) -> None:
    reopens_at = to_wire(offices.now() + 30 * MINUTE_US)
    assert away.press("pause", service="cash", reopens_at=reopens_at, reason="Lunch")[0] == 200
    until(lambda: away.service()["state"] == "paused")
    shown = away.service()
    assert shown["reason"] == "Lunch"
    assert from_wire(shown["reopens_at"]) == from_wire(reopens_at)
    assert away.press("close", service="cash")[0] == 200
    until(lambda: away.service()["state"] == "closed")
    assert away.press("resume", service="cash")[0] == 200
    until(lambda: away.service()["state"] == "open")


def test_the_branch_refuses_in_its_own_words(away: Away) -> None:
    status, told = away.press("call-next", counter="c9")
    assert (status, told["error"]["code"]) == (404, "unknown_counter")
    assert away.press("pause", service="nothing")[0] == 404
    assert away.press("pause", service="NOT A SLUG")[0] == 422


def test_who_asked_stands_in_both_logs(away: Away) -> None:
    lines = away.cloud.get("/api/v1/audit", away.manager, branch=BRANCH, action="call_next").json()["lines"]
    assert {line["who"] for line in lines} == {away.manager.user}
    assert {"ok", "unknown_counter"} <= {line["outcome"] for line in lines}


def test_nothing_is_done_where_the_branch_does_not_answer(away: Away) -> None:
    """The last test of this file: the branch goes away."""
    away.branch.stop()
    before = last_of(away.branch.data)
    status, told = away.press("call-next", counter="c1")
    assert (status, told["error"]["code"]) == (503, "unavailable")
    offices.heard(away.cloud, BRANCH, 60)
    assert away.press("call-next", counter="c1")[0] == 503
    assert away.picture()["live"] is False
    away.branch.start()
    until(lambda: away.picture()["live"])
    until(lambda: away.press("call-next", counter="c9")[0] == 404)
    assert "ticket_called" not in {event["type"] for event in log_of(away.branch.data) if event["seq"] > before}
