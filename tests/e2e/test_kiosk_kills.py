"""The whole kiosk, with its window, is killed in random places of many visits, while the branch server comes and goes.

No ticket is printed twice, none is lost without the customer seeing a number, every number of the own series is handed in.
`FOLENI_KILLS` tells how often.
"""

import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from foleni.messages.setup import Template
from foleni.messages.state import DeviceConfig
from foleni.sim.paper.machine import PaperPrinter
from kiosk.ledger.entries import Entry, Handing, Step
from kiosk.ledger.sqlite import SqliteLedger
from kiosk.paper.escpos import render
from kiosk.presenter.branch import facts_of
from kiosk.presenter.composing.tickets import paper_of
from tests.e2e.hall import SETUP
from tests.support.branch import BranchProcess
from tests.support.broker import Broker
from tests.support.chaos_ledger import Ledger
from tests.support.kiosk_process import KioskProcess
from tests.support.screen import Screen
from tests.support.waiting import until

KILLS = int(os.environ.get("FOLENI_KILLS", "4"))
PLACES = [(when, step) for step in ("printing", "numbered", "asked", "printed") for when in ("after", "before")]
_SETTLED_S = 0.4
_PICTURE = b"\x1dv0\x00"


@dataclass
class Street:
    """A kiosk with a customer, and the branch behind it."""

    server: BranchProcess
    printer: PaperPrinter
    kiosk: KioskProcess
    chance: random.Random = field(default_factory=lambda: random.Random(45))
    taps: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    """How far the last ticket had come, and how many kills there were then."""

    def visit(self) -> None:
        """A visitor comes as far as the touch on a service, if the kiosk lets him."""
        page = self.kiosk.sees("Attract", "ShowTicket", "Asking", "ChooseService", "Refused")
        if page["page"] != "Attract":
            until(self.is_at_the_start, 90.0)
        self.kiosk.leave("Attract", "begin")
        self.kiosk.sees("ChooseService")
        pause(_SETTLED_S)
        self.taps += self.kiosk.touch("service", self.chance.choice(["cash", "mess"]))

    def is_at_the_start(self) -> bool:
        """Helps it there, where there is a key for it."""
        pause(0.1)
        self.kiosk.touch("done")
        return self.kiosk.page.get("page") == "Attract"

    def kill_somewhere(self) -> None:
        """At some moment after the touch; sometimes again while it starts."""
        pause(self.chance.choice([0.02, 0.06, 0.12, 0.3, 1.0]) * self.chance.random())
        self._kill()
        if self.chance.random() < 0.2:
            self.kiosk.launch()
            pause(self.chance.uniform(0.0, 1.2))
            self._kill()
        self.kiosk.launch()

    def die_at(self, place: tuple[str, str]) -> None:
        """The kiosk is started anew so that a visit ends it at an exact place, and it is started once more after that."""
        until(self.is_at_the_start, 90.0)
        self.kiosk.kill()
        self.kiosk.launch(*place)
        self.visit()
        self.taps += self.kiosk.leave("ChooseService", "service", "cash")
        until(lambda: not self.kiosk.is_running)
        self._kill()
        self.kiosk.launch()

    def _kill(self) -> None:
        self.kiosk.kill()
        found = entries_of(self.kiosk.data)
        self.killed[found[-1].step if found else "new"] += 1


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    with ExitStack() as stack:
        screen = Screen((600, 1024)).start()
        stack.callback(screen.kill)
        broker = Broker(tmp_path).start()
        stack.callback(broker.kill)
        (tmp_path / "branch").mkdir()
        server = stack.enter_context(BranchProcess(tmp_path / "branch", SETUP, str(broker.url)))
        printer = stack.enter_context(PaperPrinter(tmp_path / "paper"))
        kiosk = stack.enter_context(KioskProcess(tmp_path / "kiosk", screen, str(broker.url), printer.url))
        kiosk.sees("Attract")
        yield Street(server, printer, kiosk)


@pytest.mark.timeout(120 + 40 * KILLS)
def test_no_kill_prints_twice_or_loses_a_ticket_that_nobody_saw(street: Street) -> None:
    chance = street.chance
    for turn in range(KILLS):
        street.printer.slow(chance.choice([40, 200, None, None]))
        trouble = chance.choice(["none", "none", "away", "silent"])
        if trouble == "away":
            street.server.kill()
        if turn % 2:
            street.die_at(PLACES[turn // 2 % len(PLACES)])
        else:
            street.visit()
            if trouble == "silent":
                os.kill(street.server.pid, signal.SIGSTOP)
                pause(chance.uniform(0.0, 2.2))
            street.kill_somewhere()
            if trouble == "silent":
                os.kill(street.server.pid, signal.SIGCONT)
        if trouble == "away":
            street.server.start()
    check(street)


def check(street: Street) -> None:
    entries = settled(street)
    papers = [path.read_bytes() for path in sorted(street.printer.archive.folder.glob("[0-9]*.bin"))]
    marks = marks_of(entries, street.kiosk.data)
    times = {entry.number: sum(marks[entry.id] in paper for paper in papers) for entry in entries if entry.number}
    assert max(times.values(), default=0) <= 1, f"printed twice: {times}"
    assert [number for number, count in times.items() if not count and number not in street.kiosk.seen] == []
    assert len(entries) <= street.taps, "a touch made more than one ticket"
    if 2 * len(PLACES) <= KILLS:
        assert street.killed.keys() >= {Step.ASKED, Step.NUMBERED, Step.PRINTING, Step.PRINTED}, street.killed
    told = {ticket["number"]: ticket["status"] for ticket in Ledger(street.server.data).check().tickets.values()}
    withdrawn = {number for number, status in told.items() if status == "cancelled"}
    assert told.keys() - withdrawn == {entry.number for entry in entries if entry.number}


def settled(street: Street) -> list[Entry]:
    """All entries of the ledger, when the kiosk has come to an end with each of them."""
    found: list[Entry] = []
    for _ in range(20):
        street.kiosk.sees("Attract", "ShowTicket", "Asking")
        until(street.is_at_the_start, 90.0)
        pause(1.0)
        assert street.kiosk.stop() == 0, street.kiosk.stderr
        found = entries_of(street.kiosk.data)
        if all(is_over(entry) for entry in found):
            return found
        street.kiosk.launch()
    raise AssertionError(f"not over: {[entry for entry in found if not is_over(entry)]}")


def is_over(entry: Entry) -> bool:
    assert entry.handing is not Handing.REFUSED
    return entry.handing is not Handing.WAITING and entry.step not in {Step.ASKED, Step.NUMBERED, Step.PRINTING}


def entries_of(data: Path) -> list[Entry]:
    connection = sqlite3.connect(data / "tickets.db")
    names = [row[0] for row in connection.execute("SELECT id FROM tickets ORDER BY place")]
    connection.close()
    with SqliteLedger(data / "tickets.db") as ledger:
        return [ledger.change(name, lambda entry: entry) for name in names]


def marks_of(entries: list[Entry], data: Path) -> dict[str, bytes]:
    """By an entry's id: the bytes that draw its number on paper."""
    with SqliteLedger(data / "tickets.db") as ledger:
        facts = facts_of(DeviceConfig.model_validate_json(ledger.kept("config") or b""))
    tickets = {entry.id: render(paper_of(facts, entry), Template(id="plain")) for entry in entries if entry.number}
    return {name: b"".join(largest_pictures(ticket)) for name, ticket in tickets.items()}


def largest_pictures(ticket: bytes) -> list[bytes]:
    """The slices of the picture of the number, all but its last one."""
    pieces = [_PICTURE + piece for piece in ticket.split(_PICTURE)[1:]]
    return [piece for piece in pieces if len(piece) == max(map(len, pieces))]


def pause(seconds: float) -> None:
    """What a person or a power cut takes."""
    threading.Event().wait(seconds)
