"""A lost branch server, made anew from the events that its cloud has kept."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from branch_server.adapters.db.journal import SqlJournal
from branch_server.engine.recovery import recover
from branch_server.restoring.command import main
from tests.support.branch import BranchProcess
from tests.support.odd_cloud import OddCloud, Request
from tests.support.synced import BRANCH, Json, desk_of, last_of, log_of, synced_branch, tickets_of
from tests.support.waiting import PATIENCE_S, until

_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Lost:
    """A branch whose server is gone, and the cloud that knows its log."""

    branch: BranchProcess
    cloud: OddCloud
    log: list[Json]
    tickets: list[Json]

    def arguments(self, data: Path) -> list[str]:
        token = str(self.branch.directory / "token")
        return ["--from-cloud", self.cloud.url, "--cloud-token-file", token, "--branch", BRANCH, "--data", str(data)]


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    folder = tmp_path_factory.mktemp("lost")
    with OddCloud() as cloud, synced_branch(folder, cloud.url, cloud.token) as branch:
        with desk_of(branch) as desk:
            desk.ask({"type": "open_counter", "counter": "c1", "staff": "ada"})
            tickets = [
                desk.ask({"type": "join", "service": service, "channel": "staff", "name": "Zoë", "phone": f"+25078800000{n}"})
                for n, service in enumerate(["cash", "cash", "cards", "cash"])
            ]
            for press in ("call_next", "skip", "call_next", "complete", "call_next"):
                desk.ask({"type": press, "counter": "c1"})
            desk.ask({"type": "transfer", "ticket": tickets[3]["result"]["ticket"], "to_service": "cards"})
            desk.ask({"type": "cancel", "ticket": tickets[2]["result"]["ticket"]})
        until(lambda: len(cloud.events) == last_of(branch.data), PATIENCE_S)
        branch.kill()
        yield Lost(branch, cloud, log_of(branch.data), tickets_of(branch.data))


@pytest.fixture(autouse=True)
def _honest(lost: Lost) -> Iterator[None]:
    kept = list(lost.cloud.events)
    yield
    lost.cloud.odd = None
    lost.cloud.events[:] = kept


def test_log_tickets_and_state_are_the_same(lost: Lost, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(lost.arguments(tmp_path / "data")) == 0
    assert log_of(tmp_path / "data") == lost.log
    assert tickets_of(tmp_path / "data") == lost.tickets
    with closing(SqlJournal(lost.branch.data)) as before, closing(SqlJournal(tmp_path / "data")) as after:
        assert recover(after) == recover(before)
    said = capsys.readouterr().err
    assert f"up to event {len(lost.log)}" in said
    assert f"foleni-code --data {tmp_path / 'data'} ada" in said


def test_the_branch_goes_on_where_it_was(lost: Lost, tmp_path: Path) -> None:
    again = synced_branch(tmp_path, lost.cloud.url, lost.cloud.token)
    assert main(lost.arguments(again.data)) == 0
    with again, desk_of(again) as desk:
        assert desk.ask({"type": "join", "service": "cash", "channel": "staff"})["result"]["number"] == "A004"
        assert desk.ask({"type": "join", "service": "cash", "channel": "app", "phone": "+250788000000"})["ok"] is False
        until(lambda: len(lost.cloud.events) == last_of(again.data) > len(lost.log), PATIENCE_S)
        code = subprocess.run(
            [sys.executable, "-m", "branch_server.web.people.rescue", "--data", str(again.data), "ada"],
            cwd=_ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert re.search(r"one-time code of ada: \d{6}", code.stdout), code.stderr
        assert again.stop() == 0


def test_contact_data_that_was_erased_stays_erased(lost: Lost, tmp_path: Path) -> None:
    lost.cloud.events[:] = [
        {**event, "data": event["data"] | {"phone": None, "name": None}} if event["type"] == "ticket_joined" else event
        for event in lost.cloud.events
    ]
    assert main(lost.arguments(tmp_path / "data")) == 0
    assert {(ticket["phone"], ticket["name"]) for ticket in tickets_of(tmp_path / "data")} == {(None, None)}


def test_a_folder_with_anything_in_it_is_left_alone(lost: Lost, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "branch.db").write_bytes(b"precious")
    assert main(lost.arguments(tmp_path)) == 2
    assert "--data" in capsys.readouterr().err
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("branch.db", b"precious")]


@pytest.mark.parametrize("fault", ["gap", "newer", "misfit", "empty", "token", "garbage"])
def test_half_a_branch_is_none(lost: Lost, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str) -> None:
    events = lost.cloud.events
    token = lost.cloud.token
    match fault:
        case "gap":
            del events[10]
        case "newer":
            events[-1] = {**events[-1], "type": "ticket_teleported"}
        case "misfit":
            events[-1] = {**events[-1], "data": {**events[-1]["data"], "ticket": "nobody"}}
        case "empty":
            events.clear()
        case "token":
            lost.cloud.token = "another"
        case "garbage":
            events[5] = {"seq": "five"}
    try:
        assert main(lost.arguments(tmp_path / "data")) == 1
    finally:
        lost.cloud.token = token
    assert "nothing was restored" in capsys.readouterr().err
    assert list((tmp_path / "data").iterdir()) == []


def test_a_page_that_is_lost_is_asked_for_again(lost: Lost, tmp_path: Path) -> None:
    lose = iter([True, False, True, True])

    def odd(request: Request) -> bool:
        request.close_connection = True
        return next(lose, False)

    lost.cloud.odd = odd
    assert main(lost.arguments(tmp_path / "data")) == 0
    assert log_of(tmp_path / "data") == lost.log


def test_a_restore_that_was_killed_is_begun_anew(lost: Lost, tmp_path: Path) -> None:
    """Killed while the cloud is being asked for the second page."""

    def hang(request: Request) -> bool:
        if request.fields["after"] == "0":
            request.say(200, {"events": lost.cloud.events[:10]})
        else:
            os.kill(running.pid, signal.SIGKILL)
            request.close_connection = True
        return True

    lost.cloud.odd = hang
    data = tmp_path / "data"
    with subprocess.Popen([sys.executable, "-m", "branch_server", "restore", *lost.arguments(data)], cwd=_ROOT) as running:
        running.wait(PATIENCE_S)
    assert not (data / "branch.db").exists()
    lost.cloud.odd = None
    assert main(lost.arguments(data)) == 0
    assert [path.name for path in data.iterdir()] == ["branch.db"]
    assert json.dumps(log_of(data)) == json.dumps(lost.log)
