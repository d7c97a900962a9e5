"""The simulated printer as a program: started, told of faults, looked into, ended."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from foleni.sim.paper.control import ControlError, order
from foleni.sim.paper.machine import PaperPrinter
from kiosk.pages import Paper
from kiosk.paper.escpos import render
from tests.support.paper import Hand
from tests.support.tickets import template, ticket

TICKET = render(ticket(), template(384))


class Program:
    """A running `python -m foleni.sim.paper`."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "foleni.sim.paper", "--out", str(folder), "--width", "384"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        self.url = self.process.stderr.readline().split(": ready: ")[1].split()[0]

    def tell(self, words: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path / "paper")
    yield program
    program.process.kill()
    program.process.communicate()


def test_it_keeps_each_ticket_as_bytes_picture_and_words(program: Program, tmp_path: Path) -> None:
    with Hand(program.url) as hand:
        hand.until("ok")
        assert [hand.outcome(TICKET), hand.outcome(TICKET)] == [Paper.PRINTED, Paper.PRINTED]
    assert program.end() == 0
    folder = tmp_path / "paper"
    assert sorted(path.name for path in folder.iterdir()) == [
        *("0001.bin", "0001.png", "0001.txt", "0002.bin", "0002.png", "0002.txt", "record.jsonl"),
    ]
    with Image.open(folder / "0002.png") as picture:
        assert picture.width == 384
    assert (folder / "0002.bin").read_bytes() == TICKET.removesuffix(b"\x1dr\x01")
    assert "12 people ahead" in (folder / "0002.txt").read_text(encoding="utf-8")
    records = [json.loads(line) for line in (folder / "record.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(record["ticket"], record["cut"]) for record in records] == [("0001", True), ("0002", True)]


def test_it_breaks_and_heals_when_told(program: Program) -> None:
    with Hand(program.url) as hand:
        hand.until("ok")
        assert program.tell("paper out") == "ok"
        assert hand.until("paper_out").outcome(TICKET) is Paper.FAILED
        assert program.tell("paper new") == "ok"
        assert program.tell("after 2000 close") == "ok"
        assert hand.until("ok").outcome(TICKET) is Paper.UNSURE
        assert program.tell("make coffee") == "not understood: 'make coffee'"


def test_it_goes_on_counting_where_the_folder_ended(tmp_path: Path) -> None:
    for count in (1, 2):
        with PaperPrinter(tmp_path) as machine, Hand(machine.url) as hand:
            assert hand.until("ok").outcome(TICKET) is Paper.PRINTED
            assert machine.archive.count == count


def test_a_port_that_is_taken_ends_it_with_a_word(program: Program, tmp_path: Path) -> None:
    address = program.url.removeprefix("tcp://")
    command = [sys.executable, "-m", "foleni.sim.paper", "--out", str(tmp_path), "--listen", address]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert address in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        *("paper out", "paper low", "paper new", "paper 120", "cover open", "cover closed", "cutter stuck", "cutter free"),
        *("hang", "mute", "garbage", "babble", "close", "unplug", "plug", "slow 40", "well", "after 100 after 10 hang"),
    ],
)
def test_every_order_is_understood(words: str, tmp_path: Path) -> None:
    with PaperPrinter(tmp_path) as machine:
        order(machine, words)()
        order(machine, "well")()


@pytest.mark.parametrize("words", ["", "paper", "paper -3", "after x hang", "after 10 nothing", "slow fast", "after 5"])
def test_a_senseless_order_is_refused(words: str, tmp_path: Path) -> None:
    with PaperPrinter(tmp_path) as machine, pytest.raises(ControlError):
        order(machine, words)()
