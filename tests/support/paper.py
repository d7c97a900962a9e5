"""A printer of the kiosk with a simulated machine at its other end, and what became of its tickets."""

from pathlib import Path
from threading import Event
from typing import Self

from PIL import Image

from foleni.messages.state import PrinterStatus
from foleni.sim.paper.archive import read_record
from foleni.sim.paper.commands import Command, Cut
from foleni.sim.paper.engine import HEAD_TO_CUTTER
from foleni.sim.paper.machine import PaperPrinter
from foleni.sim.paper.parsing import parse
from foleni.sim.paper.sheet import Sheet
from kiosk.pages import Paper
from kiosk.printer.printer import Printer
from kiosk.printer.talk import Pace
from tests.support.waiting import until

QUICK = Pace(watch_s=0.05, connect_s=1.0, answer_s=1.0, stall_s=1.5, confirm_s=1.5, poll_s=0.1, settled_s=0.05)


class Hand:
    """A started printer, and a hand that takes its tickets."""

    def __init__(self, url: str, *, pace: Pace = QUICK, torn: bool = False) -> None:
        self.states: list[str] = []
        self.dead: list[str] = []
        self.beats = 0
        self._jobs = 0
        self.printer = Printer(url, on_state=self._hear, on_dead=self.dead.append, beat=self._beat, pace=pace, torn=torn)

    def __enter__(self) -> Self:
        self.printer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.printer.stop()
        assert self.dead == []

    def until(self, state: str) -> Self:
        until(lambda: self.printer.status.state == state)
        return self

    def put(self, data: bytes, name: str = "") -> "Slip":
        """Submit a ticket under its own name."""
        slip = Slip()
        self._jobs += 1
        self.printer.submit(name or f"job-{self._jobs}", data, slip.take)
        return slip

    def outcome(self, data: bytes, name: str = "") -> Paper:
        """Submit a ticket and wait for what becomes of it."""
        return self.put(data, name).outcome()

    def _hear(self, status: PrinterStatus) -> None:
        self.states.append(status.state)

    def _beat(self) -> None:
        self.beats += 1


class Slip:
    """The outcome of one ticket."""

    def __init__(self) -> None:
        self.outcomes: list[Paper] = []
        self._came = Event()

    def take(self, paper: Paper) -> None:
        self.outcomes.append(paper)
        self._came.set()

    def outcome(self, within_s: float = 60.0) -> Paper:
        assert self._came.wait(within_s), "nobody told what became of the ticket"
        assert len(self.outcomes) == 1
        return self.outcomes[0]


def printed(machine: PaperPrinter) -> list[dict[str, object]]:
    """The pieces of paper that came out of a machine with anything on them, whole ones and torn ones."""
    return [piece for piece in read_record(machine.archive.folder) if "ticket" in piece]


def whole(machine: PaperPrinter) -> list[dict[str, object]]:
    """Those that were cut, as tickets are."""
    return [piece for piece in printed(machine) if piece["cut"]]


def commands(data: bytes) -> list[Command]:
    """All commands of `data`, which must end with a whole one."""
    found: list[Command] = []
    at = 0
    while (parsed := parse(data, at)) is not None:
        command, at = parsed
        found.append(command)
    assert at == len(data)
    return found


def on_paper(data: bytes, width: int) -> tuple[Image.Image, list[str]]:
    """What a machine makes of a ticket's bytes, and the lines that can be read on it."""
    sheet = Sheet(width, y=HEAD_TO_CUTTER)
    for command in commands(data):
        if not isinstance(command, Cut):
            sheet.take(command)
    return sheet.picture(), sheet.lines


def pictures(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.png"))
