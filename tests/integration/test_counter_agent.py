"""The counter agent as a process, with units on ptys, a branch server and its broker: from the press to the digits."""

import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from foleni.sim.unit import SimLine
from tests.e2e.hall import SETUP
from tests.support.agent import CounterProcess
from tests.support.branch import BranchProcess
from tests.support.broker import Broker, free_port
from tests.support.client import Client
from tests.support.waiting import until

SECOND = """
[[device]]
id = "pad-2"
kind = "counter"
counter = "c2"
"""
MOST_MIB = 60
ROOT = Path(__file__).resolve().parents[2]


class Place:
    """A branch with one line of two units, both for the first counter."""

    def __init__(self, directory: Path, mqtt: str = "managed", port: int | None = None) -> None:
        self.directory = directory
        arguments = () if mqtt != "managed" else ("--mqtt-listen", f"127.0.0.1:{free_port()}")
        self.server = BranchProcess(directory, SETUP + SECOND, mqtt, arguments).start()
        password = self.server.account("desk").password if port is None else None
        self.desk = Client(port or self.server.port, "hall", "desk", password).connect()
        self.line = SimLine(directory / "line", (1, 2)).start()

    def close(self) -> None:
        self.desk.disconnect()
        self.line.stop()
        self.server.kill()

    def agent(self, more: str = "", second: str = "") -> CounterProcess:
        config = (
            f'{more}\n[[line]]\nport = "{self.line.link}"\n[[line.unit]]\naddress = 1\n[[line.unit]]\naddress = 2\n{second}'
        )
        return CounterProcess.of(self.directory, self.server.account("pad-1"), config)

    def join(self, times: int = 1, service: str = "cash") -> None:
        for _ in range(times):
            assert self.desk.ask({"type": "join", "service": service, "channel": "staff"})["ok"]

    def press(self, unit: int, gesture: str = "single", key: str = "NEXT") -> None:
        """A person presses, not too soon after the last time."""
        threading.Event().wait(0.35)
        self.line.press(unit, gesture, key)

    def shows(self, unit: int, text: str) -> None:
        until(lambda: self.line.units[unit].face.text == text)

    def calls(self, kind: str = "called") -> int:
        """How many were told so far; others may be under way."""
        return len(self.desk.seen(f"events/ticket_{kind}"))

    def all_calls(self) -> int:
        """How many there were, when nothing that happened before is under way any more: events come in their order."""
        mark = str(uuid.uuid4())
        assert self.desk.ask({"type": "announce", "text": mark})["ok"]
        self.desk.event("announced", lambda told: mark in str(told["text"]))
        return self.calls()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


def test_one_button_runs_a_counter_and_the_unit_shows_it(place: Place) -> None:
    place.join(3)
    with place.agent() as agent:
        place.shows(1, "CLOSED")
        place.press(1)
        place.shows(1, "QA001")
        until(lambda: place.line.units[1].face.waiting == 2)
        place.shows(2, "QA001")
        place.press(1, "double")
        until(lambda: place.calls("recalled") == 1)
        place.press(1, "long")
        until(lambda: place.calls("no_show") == 1)
        place.shows(1, "----")
        until(lambda: place.line.units[1].face.lamp == 2)
        place.press(2)
        place.shows(2, "QA002")
        place.press(1)
        place.shows(1, "QA003")
        place.press(1)
        place.shows(1, "----")
        place.press(1)
        place.shows(1, "EMPTY")
        place.shows(1, "----")
        assert agent.memory_mib <= MOST_MIB
        assert agent.stop() == 0
        assert "ERROR" not in agent.log


def test_every_key_of_a_unit_means_what_it_says(place: Place) -> None:
    place.join(3)
    with place.agent():
        place.shows(1, "CLOSED")
        place.press(1, key="OPEN")
        place.shows(1, "----")
        for key, event in (
            ("NEXT", "called"), ("START", "started"), ("PARK", "parked"), ("NEXT", "called"), ("SKIP", "skipped"),
            ("NEXT", "called"), ("DONE", "completed"),
        ):  # fmt: skip
            had = place.calls(event)
            place.press(1, key=key)
            until(lambda event=event, had=had: place.calls(event) > had)  # type: ignore[misc]
            until(lambda: not place.line.units[1].is_telling)
        place.press(1, key="BREAK")
        place.shows(1, "BREAK")
        place.press(1, key="CLOSE")
        place.shows(1, "CLOSED")
        place.press(1, key="NONSENSE")
        place.press(1, key="RECALL")
        place.shows(1, "NO HAND")


def test_two_units_of_one_counter_pressed_in_the_same_instant_call_one_customer(place: Place) -> None:
    place.join(4)
    with place.agent():
        place.shows(1, "CLOSED")
        place.press(1)
        place.shows(2, "QA001")
        until(lambda: place.line.units[1].face.note == "")
        place.line.press(1)
        place.line.press(2)
        until(lambda: not any(unit.is_telling for unit in place.line.units.values()))
        until(lambda: {unit.face.note for unit in place.line.units.values()} & {"BUSY", "CHANGED"})
        place.shows(1, "QA002")
        place.shows(2, "QA002")
        assert place.all_calls() == 2


def test_one_agent_works_two_counters_on_one_line(place: Place) -> None:
    place.join(2)
    place.join(1, "mess")
    pad_2 = place.server.account("pad-2")
    station = f'[[station]]\ndevice = "pad-2"\nmqtt = "{pad_2.mqtt}"'
    with place.agent(station, 'device = "pad-2"'):
        place.shows(1, "CLOSED")
        place.shows(2, "CLOSED")
        place.line.press(1)
        place.line.press(2)
        until(lambda: {unit.face.text for unit in place.line.units.values()} == {"QA001", "QA002"})
        for unit, counter in ((1, "c1"), (2, "c2")):
            held = place.desk.state(f"counters/{counter}", lambda told: told["in_hand"])
            assert held["in_hand"]["number"] == place.line.units[unit].face.text


def test_a_server_that_is_gone_is_shown_and_presses_are_void_until_it_is_back(place: Place) -> None:
    place.join(2)
    with place.agent():
        place.shows(1, "CLOSED")
        place.press(1)
        place.shows(1, "QA001")
        place.server.kill()
        place.shows(1, "GONE")
        place.press(1)
        place.shows(1, "VOID")
        place.shows(1, "GONE")
        place.server.start()
        place.shows(1, "QA001")
        place.press(1)
        place.shows(1, "QA002")


def test_a_broker_that_is_killed_and_back_and_an_agent_that_is_killed_and_back(tmp_path: Path, broker: Broker) -> None:
    with closing(Place(tmp_path, str(broker.url), broker.port)) as place:
        config = f'[[line]]\nport = "{place.line.link}"\n[[line.unit]]\naddress = 1\n'
        with CounterProcess(tmp_path, str(broker.url), "hall", "pad-1", config) as agent:
            place.join(5)
            place.shows(1, "CLOSED")
            place.press(1)
            place.shows(1, "QA001")
            broker.kill()
            place.shows(1, "GONE")
            place.press(1)
            broker.start()
            place.shows(1, "QA001")
            place.press(1)
            place.shows(1, "QA002")
            for number in (3, 4, 5):
                agent.kill()
                place.line.press(1)
                agent.start()
                until(lambda: "unit 01 is there" in agent.last_words)
                until(lambda: place.line.units[1].is_painted)
                place.shows(1, f"QA00{number - 1}")
                place.press(1)
                place.shows(1, f"QA00{number}")
            agent.kill()
            place.shows(1, "LINE")


def test_an_mqtt_button_beside_a_unit_calls_and_the_unit_tells(place: Place, broker: Broker) -> None:
    place.join(1)
    rules = f'[buttons]\nmqtt = "{broker.url}"\n[[button]]\ntopic = "zigbee2mqtt/desk"\nform = "zigbee2mqtt"\n'
    with place.agent(rules) as agent, Client(broker.port, "any", "maker", subscriptions=()) as maker:
        maker.root = "zigbee2mqtt/"
        until(lambda: "-buttons is connected" in agent.last_words)
        place.shows(1, "CLOSED")
        for shown in ("QA001", "----", "EMPTY"):
            maker.publish("desk", '{"action":"single"}')
            place.shows(1, shown)
            threading.Event().wait(0.5)


def test_an_unplugged_line_comes_back_while_customers_are_called(place: Place) -> None:
    place.join(6)
    with place.agent() as agent:
        place.shows(1, "CLOSED")
        for number in range(1, 6):
            place.press(1)
            place.shows(1, f"QA00{number}")
            place.line.unplug()
            place.line.plug()
            until(lambda: agent.log.count("unit 01 is there") == number + 1)  # noqa: B023
        assert place.all_calls() == 5


def test_a_wrong_setting_ends_it_with_one_line_and_status_2(tmp_path: Path) -> None:
    path = tmp_path / "pad.toml"
    path.write_text('[[line]]\nport = "COM1"\n')
    done = subprocess.run(
        [sys.executable, "-m", "counter", "--branch", "hall", "--config", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "FOLENI_DEVICE": "pad-1"},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "counts only with --mqtt" in done.stderr
    assert "line" in done.stderr


def test_simulated_units_are_a_program_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "foleni.sim.unit", "--pty-link", str(tmp_path / "line"), "--units", "1,2"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as units:
        assert units.stdin is not None
        until((tmp_path / "line").exists)
        units.stdin.write("press 1\npress 9\nnonsense\npress 2 long RECALL\nquit\n")
        units.stdin.flush()
        assert units.wait(30) == 0
        assert not (tmp_path / "line").is_symlink()
        assert units.stdout is not None
        assert units.stdout.read().startswith("unit 1: [  VOID]")
    with subprocess.Popen([*command, "--json"], cwd=ROOT, stdin=subprocess.PIPE) as units:
        until((tmp_path / "line").exists)
        units.send_signal(signal.SIGTERM)
        assert units.wait(30) == 0


def test_an_agent_that_stood_still_acts_on_no_old_press(place: Place) -> None:
    place.join(3)
    with place.agent() as agent:
        place.shows(1, "CLOSED")
        place.press(1)
        place.shows(1, "QA001")
        until(lambda: place.line.units[1].face.note == "")
        agent.freeze()
        place.press(1)
        until(lambda: place.line.units[1].presses_void == 1)
        agent.thaw()
        place.shows(1, "QA001")
        place.press(2)
        place.shows(2, "QA002")
        assert place.all_calls() == 2


def test_an_agent_that_is_killed_at_any_moment_of_a_press_never_calls_two_for_one(place: Place) -> None:
    kills = int(os.environ.get("FOLENI_KILLS", "6"))
    chance = random.Random(11)
    place.join(kills + 1)
    with place.agent() as agent:
        place.shows(1, "CLOSED")
        for _ in range(kills):
            until(lambda: "unit 01 is there" in agent.last_words and place.line.units[1].face.note in {"", "CLOSED"})
            before = place.all_calls()
            place.line.press(1)
            threading.Event().wait(chance.uniform(0, 0.05))
            agent.kill()
            agent.start()
            until(lambda: "unit 01 is there" in agent.last_words and not place.line.units[1].is_telling)
            assert place.all_calls() - before <= 1
