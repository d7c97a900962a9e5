"""Boxes join a real branch over TLS by the code that they show, work, are cut off, replaced, and find a branch that moved."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from foleni.sim.unit import SimLine
from tests.support.box_process import BoxProcess
from tests.support.broker import free_port
from tests.support.joining import JoiningBranch
from tests.support.screen import Screen
from tests.support.waiting import until
from tests.support.web import POLITE_S

SIZE = (600, 1024)


class MovingBranch(JoiningBranch):
    """A branch whose web side stays where it is, while its broker may be told to listen elsewhere."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._command[self._command.index("--http") + 1] = f"127.0.0.1:{free_port()}"
        self.pair = f"127.0.0.1:{free_port()}"
        self._command += ["--pair", self.pair]

    def move(self) -> None:
        """The broker listens on another port from now on."""
        self.stop()
        self.mqtts_port = free_port()
        self._command[self._command.index("--mqtt-listen") + 1] = f"127.0.0.1:{self.mqtts_port}"
        self.start()


class Office:
    """A branch, an administrator, and boxes out of their cartons."""

    def __init__(self, directory: Path, life: ExitStack) -> None:
        self.directory = directory
        (directory / "branch").mkdir()
        self.branch = life.enter_context(MovingBranch(directory / "branch"))
        self.ada = self.branch.person("ada")
        self.screen = Screen(SIZE).start()
        life.callback(self.screen.kill)
        self.line = SimLine(directory / "line", (1,)).start()
        life.callback(self.line.stop)
        self._life = life

    def box(self, name: str, program: str, *arguments: str) -> BoxProcess:
        """It has been switched on."""
        server = ("--server", self.branch.url.removeprefix("https://"))
        box = BoxProcess(self.directory / name, program, *server, *arguments, screen=self.screen)
        return self._life.enter_context(box)

    def kiosk(self, name: str) -> BoxProcess:
        return self.box(name, "kiosk", "--printer", "dummy://", "--size", f"{SIZE[0]}x{SIZE[1]}")

    def display(self, name: str) -> BoxProcess:
        box = self.directory / name / "heard"
        return self.box(name, "display", "--size", f"{SIZE[0]}x{SIZE[1]}", "--sound", f"file:{box}")

    def counter(self, name: str) -> BoxProcess:
        config = self.directory / f"{name}.toml"
        config.write_text(f'[[line]]\nport = "{self.line.link}"\n[[line.unit]]\naddress = 1\n')
        return self.box(name, "counter", "--config", str(config))

    def approve(self, box: BoxProcess, device: str, *, code: str = "", **more: Any) -> None:
        """Type the code into the console, and approve."""
        code = code or box.shows_code()
        found = self.ada.post("/api/v1/joining/look", {"code": code})
        assert found.status_code == 200, found.text
        request = found.json()["request"]
        answer = self.ada.post(f"/api/v1/joining/{request}/approve", {"code": code, "id": device, **more})
        assert answer.status_code == 200, answer.text

    def cut_off(self, device: str) -> None:
        assert self.ada.post(f"/api/v1/devices/{device}", method="DELETE").status_code == 200

    def is_online(self, device: str) -> bool:
        devices = {each["id"]: each for each in self.ada.get("/api/v1/devices").json()["devices"]}
        return bool(devices[device]["online"])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with ExitStack() as life:
        yield Office(tmp_path_factory.mktemp("office"), life)


@dataclass(frozen=True)
class House:
    """A kiosk, a display and a counter box that have joined."""

    kiosk: BoxProcess
    display: BoxProcess
    counter: BoxProcess


@pytest.fixture(scope="module")
def house(office: Office) -> House:
    house = House(office.kiosk("kiosk"), office.display("display"), office.counter("counter"))
    code = house.counter.shows_code()
    until(lambda: office.line.units[1].face.text == f"{code[:3]}-", 60)
    until(lambda: office.line.units[1].face.text == f"-{code[3:]}", 60)
    boxes = (house.kiosk, house.display, house.counter)
    assert all(box.shows_code() and not box.membership for box in boxes), "nothing is given before somebody approves"
    office.approve(house.kiosk, "kiosk-new", issuer="K")
    office.approve(house.display, "tv-new")
    office.approve(house.counter, "pad-new", counter="c1")
    for box in boxes:
        box.works()
    return house


@pytest.mark.timeout(300)
def test_what_has_joined_works_a_ticket_goes_its_way(office: Office, house: House) -> None:
    for box in (house.kiosk, house.display, house.counter):
        assert (box.data / "membership.json").stat().st_mode & 0o777 == 0o600
    house.kiosk.sees("Attract")
    house.kiosk.touch("Attract", "begin")
    house.kiosk.sees("ChooseService")
    house.kiosk.touch("ChooseService", "service", "cash")
    number = house.kiosk.sees("ShowTicket")["body"]["number"]
    until(lambda: office.line.units[1].face.waiting == 1, 60)
    office.line.press(1)
    until(lambda: office.line.units[1].face.text == number, 60)
    heard = house.display.data.parent / "heard" / "index.txt"
    until(lambda: heard.exists() and number in heard.read_text(), 60)


@pytest.mark.timeout(300)
def test_a_branch_whose_broker_has_moved_is_found_again_and_nothing_has_to_be_approved(office: Office, house: House) -> None:
    before = house.display.membership["mqtt_port"]
    office.branch.move()
    until(lambda: all(map(office.is_online, ("kiosk-new", "tv-new", "pad-new"))), 150, POLITE_S)
    assert house.display.membership["mqtt_port"] == office.branch.mqtts_port != before
    assert house.display.stderr.count("ready: ") == 2, "it has joined once, and did not have to be started again"


@pytest.mark.timeout(300)
def test_a_display_that_is_cut_off_says_so_and_joins_again_only_after_it_was_switched_off(office: Office, house: House) -> None:
    display, first = house.display, house.display.membership
    office.cut_off("tv-new")
    display.says("No longer part of this branch")
    assert display.membership["cut_off"] is True
    assert display.is_running
    display.kill()
    display.start()
    office.approve(display, "tv-back")
    display.works()
    kept = display.membership
    assert (kept["device"], kept["cut_off"]) == ("tv-back", False)
    assert kept["key"] != first["key"], "each request has a key of its own"


@pytest.mark.timeout(300)
def test_a_box_takes_the_place_of_another_under_its_name_and_the_old_one_is_out(office: Office, house: House) -> None:
    old, fresh = house.counter, office.counter("fresh")
    old.kill()
    office.approve(fresh, "pad-new", replaces=True)
    fresh.works()
    assert (fresh.membership["device"], fresh.membership["password"] != old.membership["password"]) == ("pad-new", True)
    fresh.kill()
    old.start()
    old.says("No longer part of this branch")
    old.kill()


@pytest.mark.timeout(300)
def test_a_box_whose_power_goes_while_its_code_is_shown_goes_on_with_the_same_code(office: Office) -> None:
    box = office.counter("dark")
    code = box.shows_code()
    box.kill()
    box.start()
    assert box.shows_code() == code
    box.kill()
    office.approve(box, "pad-dark", code=code, counter="c2")
    box.start()
    box.works()
    box.kill()


@pytest.mark.timeout(300)
def test_a_branch_is_forgotten_on_demand_and_a_kiosk_s_tickets_are_kept_aside(office: Office, house: House) -> None:
    kiosk = house.kiosk
    kiosk.sees("Attract")
    assert kiosk.stop() == 0
    kiosk.start("--forget")
    assert kiosk.ends() == 0
    assert "kiosk-new of branch main-street is forgotten; what the branch may still want is kept in" in kiosk.stderr
    assert kiosk.membership == {}
    assert (kiosk.data / "kept" / "main-street-kiosk-new-1" / "tickets.db").exists()
    assert not (kiosk.data / "tickets.db").exists()


@pytest.mark.timeout(300)
def test_a_second_server_joins_like_a_box_and_follows_with_its_papers(office: Office) -> None:
    second = office.box("second", "branch_server join")
    office.approve(second, "second")
    assert second.ends() == 0
    assert (second.membership["device"], second.membership["kind"]) == ("second", "standby")
    assert all((second.data / name).exists() for name in ("device.key", "device.pem", "ca.pem"))
    second.start()
    assert second.ends() == 0
    second.says("second of branch main-street")
    follows = ("--mqtt", "managed", "--http", "127.0.0.1:0", "--http-tls", "--pair", f"127.0.0.1:{free_port()}")
    with BoxProcess(second.data.parent, "branch_server", *follows, "--follow", office.branch.pair) as standby:
        standby.says(f"standby of {office.branch.pair}")
        state = standby.data / "standby" / "now.json"
        until(lambda: state.exists() and json.loads(state.read_bytes()).get("attached"), 60)
