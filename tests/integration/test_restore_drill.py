"""The drill: a branch server is lost, and a new one takes its place from a backup."""

import errno
import os
import shutil
import signal
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from branch_server.adapters.db.journal import SqlJournal
from branch_server.engine.recovery import recover
from branch_server.keeping.settings import STICK
from branch_server.restoring import placing
from tests.support.backups import Keeper, backups_in, everything_below, series_in
from tests.support.branch import BranchProcess
from tests.support.broker import free_port
from tests.support.client import Client
from tests.support.odd_cloud import OddCloud
from tests.support.synced import desk_of as synced_desk_of
from tests.support.synced import log_of, synced_branch, tickets_of
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import PINS, SETUP, WebBranch

BRANCH = "main-street"
NEW_PIN = "736152"


@dataclass(frozen=True)
class Lost:
    """A branch server that is gone for good, its last backup, and what people had been told."""

    keeper: Keeper
    place: Path
    answered: dict[str, str]
    after: list[str]
    passwords: dict[str, str]
    authority: bytes
    log: list[dict[str, Any]]


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Lost:
    place = tmp_path_factory.mktemp("place")
    with secured(tmp_path_factory.mktemp("lost")) as branch, desk_of(branch) as desk:
        chosen = branch.person("ada").post("/api/v1/session/pin", {"old": PINS["ada"], "new": NEW_PIN})
        assert chosen.status_code < 300, chosen.text
        desk.ask({"type": "open_counter", "counter": "c1", "staff": "ada"})
        answered = dict(join(desk) for _ in range(12))
        desk.ask({"type": "call_next", "counter": "c1"})
        keeper = Keeper(branch.data, tmp_path_factory.mktemp("key"))
        assert keeper.back_up(place).status == 0
        log = log_of(branch.data)
        after = [join(desk)[1] for _ in range(5)]
        passwords = {device: branch.account(device).password for device in ("kiosk-1", "tv-1", "pad-1", "desk")}
        authority = (branch.data / "tls" / "ca.pem").read_bytes()
        branch.kill()
    return Lost(keeper, place, answered, after, passwords, authority, log)


@pytest.fixture
def keeper(lost: Lost, capsys: pytest.CaptureFixture[str]) -> Keeper:
    return lost.keeper.heard_by(capsys)


def secured(folder: Path) -> WebBranch:
    """A branch server whose broker speaks TLS to the LAN, with the branch's own authority."""
    return WebBranch(folder, arguments=("--mqtt-listen", f"127.0.0.1:{free_port()}", "--mqtt-tls"))


def desk_of(branch: WebBranch) -> Client:
    return Client(branch.port, BRANCH, "desk", branch.account("desk").password)


def join(desk: Client) -> tuple[str, str]:
    """A new ticket and its number."""
    told = desk.ask({"type": "join", "service": "cash", "channel": "staff"})["result"]
    return told["ticket"], told["number"]


def test_the_new_server_has_every_ticket_knows_everybody_and_gives_no_number_twice(
    lost: Lost, keeper: Keeper, tmp_path: Path
) -> None:
    again = secured(tmp_path)
    came = keeper.restore(lost.place, again.data)
    assert came.status == 0, came.said
    log = log_of(again.data)
    assert log[: len(lost.log)] == lost.log
    assert log[-1]["type"] == "term_began"
    with again, desk_of(again) as desk:
        for ticket, number in lost.answered.items():
            told = desk_told(again, ticket)
            assert told["number"] == number
        assert {device: again.account(device).password for device in lost.passwords} == lost.passwords
        assert (again.data / "tls" / "ca.pem").read_bytes() == lost.authority, "what devices and browsers trust"
        assert desk.ask({"type": "complete", "counter": "c1"})["ok"], "the counter still has its ticket in hand"
        number = join(desk)[1]
        assert number not in {*lost.answered.values(), *lost.after}
        assert int(number[1:]) == series_in(came.said, "A") > 100
        assert again.stop() == 0


def desk_told(branch: WebBranch, ticket: str) -> dict[str, Any]:
    """A ticket, as an administrator who signs in with the PIN of before is told of it."""
    answer = ada_of(branch).get(f"/api/v1/tickets/{ticket}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


_signed_in: dict[str, Any] = {}


def ada_of(branch: WebBranch) -> Any:
    if branch.url not in _signed_in:
        _signed_in[branch.url] = branch.person().sign_in("ada", NEW_PIN)
    return _signed_in[branch.url]


def test_how_many_numbers_are_left_out_can_be_said(lost: Lost, keeper: Keeper, tmp_path: Path) -> None:
    came = keeper.restore(lost.place, tmp_path / "data", "--numbers-behind", "500")
    assert series_in(came.said, "A") == 513


def test_a_folder_with_a_branch_in_it_is_left_alone(lost: Lost, keeper: Keeper, tmp_path: Path) -> None:
    (tmp_path / "branch.db").write_bytes(b"precious")
    assert keeper.restore(lost.place, tmp_path).status == 2
    assert keeper.restore(lost.place, tmp_path, "--if-there").status == 0
    assert everything_below(tmp_path) == ["branch.db"]
    assert (tmp_path / "branch.db").read_bytes() == b"precious"


def test_a_start_that_nobody_watches_restores_from_a_stick_only_where_the_key_is_there(
    lost: Lost, keeper: Keeper, tmp_path: Path
) -> None:
    stick, data = tmp_path / "stick", tmp_path / "data"
    shutil.copytree(lost.place, stick)
    arguments = ("--if-there", "--identity", str(stick / "key.txt"))
    assert keeper.restore(stick, data, *arguments).status == 0
    assert keeper.restore(f"usb:{STICK}", data, "--if-there", "--identity", "/no/such/key.txt").status == 0
    assert not data.exists()
    shutil.copy(keeper.key, stick / "key.txt")
    assert keeper.restore(stick, data, *arguments).status == 0
    assert (data / "branch.db").exists()


def test_a_new_box_begins_with_the_backup_on_its_stick_and_never_with_an_empty_twin(
    lost: Lost, keeper: Keeper, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    shutil.copytree(lost.place, stick)
    (stick / "key.txt").write_text("AGE-SECRET-KEY-1WRONG")
    box = BranchProcess(tmp_path, SETUP, arguments=("--restore-from", str(stick)))
    (box.data / "mosquitto").mkdir(parents=True)
    assert box.launch().wait() == 1
    assert "nothing was restored" in box.last_words
    assert everything_below(box.data) == ["mosquitto"]
    shutil.copy(keeper.key, stick / "key.txt")
    with box:
        with Client(box.port, BRANCH, "desk", lost.passwords["desk"]) as desk:
            assert series_in(box.last_words, "A") == int(join(desk)[1][1:])
        box.restart()
        assert "numbers go on" not in box.last_words, "a second start restores nothing"


@pytest.mark.thorough
def test_cut_off_while_files_were_put_in_their_place_it_is_begun_anew(
    lost: Lost, keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    killed = os.fork()
    if killed == 0:
        monkeypatch.setattr(os, "link", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        keeper.restore(lost.place, data)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(killed, 0)[1]) == -signal.SIGKILL
    assert not (data / "branch.db").exists()
    assert (data / "devices").exists()
    came = keeper.restore(lost.place, data)
    assert came.status == 0, came.said
    assert not (data / placing.ASIDE).exists()
    with closing(SqlJournal(data)) as journal:
        assert recover(journal).seq == len(lost.log) + 1


def test_what_cannot_be_put_in_its_place_is_taken_away_again(
    lost: Lost, keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    assert keeper.restore(lost.place, tmp_path / "data").status == 1
    assert everything_below(tmp_path / "data") == []


@pytest.mark.variants(2)
@pytest.mark.parametrize("fault", ["empty", "nothing", "cut off", "several"])
def test_where_there_is_no_good_backup_nothing_is_written(lost: Lost, keeper: Keeper, tmp_path: Path, fault: str) -> None:
    place, data = tmp_path / "place", tmp_path / "data"
    backup = backups_in(lost.place)[0]
    if fault != "nothing":
        place.mkdir()
    if fault == "cut off":
        (place / backup.name).write_bytes(backup.read_bytes()[:5000])
    if fault == "several":
        for branch in ("main-street", "other"):
            (place / backup.name.replace(BRANCH, branch)).write_bytes(backup.read_bytes())
    came = keeper.restore(place, data)
    assert came.status == 1
    assert "nothing was restored" in came.said
    assert everything_below(data) == []


def test_what_the_cloud_knows_beyond_the_backup_is_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with OddCloud() as cloud, synced_branch(tmp_path, cloud.url, cloud.token) as branch:
        with synced_desk_of(branch) as desk:
            join(desk)
            keeper = Keeper(branch.data, tmp_path, capsys)
            assert keeper.back_up(place).status == 0
            for _ in range(3):
                join(desk)
        until(lambda: len(cloud.events) == len(log_of(branch.data)), PATIENCE_S)
        branch.kill()
        log, tickets = log_of(branch.data), tickets_of(branch.data)
        beyond = ("--from-cloud", cloud.url, "--cloud-token-file", str(tmp_path / "token"))
        came = keeper.restore(place, tmp_path / "new", *beyond)
        assert came.status == 0, came.said
        assert "3 later events from the cloud" in came.said
        assert log_of(tmp_path / "new")[:-1] == log
        assert tickets_of(tmp_path / "new") == tickets
        cloud.events[keeper.status()["seq"] - 1] = cloud.events[0] | {"seq": keeper.status()["seq"]}
        came = keeper.restore(place, tmp_path / "forked", *beyond)
        assert came.status == 1
        assert "another past" in came.said
        assert everything_below(tmp_path / "forked") == []
