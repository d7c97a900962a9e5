"""The kiosk against a real branch server, broker and printer: tickets, and faults at every step of a tap."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from foleni.sim.paper.archive import read_record
from foleni.sim.paper.machine import PaperPrinter
from foleni.station.station import Reach
from kiosk.pages import Attract, ChooseService, Key, OutOfOrder, Paper, ShowTicket
from tests.e2e.hall import SETUP
from tests.support.branch import BranchProcess
from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.kiosk import WindowlessKiosk
from tests.support.waiting import until

STEPS = ["at the start", "while choosing", "while asking", "with the number", "with the paper"]


@dataclass
class Hall:
    """A branch whose broker stands beside it, so that each can end alone."""

    broker: Broker
    server: BranchProcess
    printer: PaperPrinter
    kiosk: WindowlessKiosk
    paper: Path

    def live(self) -> "Hall":
        until(lambda: self.kiosk.kiosk.station.reach is Reach.LIVE)
        return self

    def papers(self) -> int:
        return sum("ticket" in line for line in read_record(self.paper))

    def queue(self, count: int) -> list[str]:
        """The numbers that are called when everybody is served: exactly so many."""
        with Client(self.broker.port, "hall", "desk") as desk:
            desk.state("services", lambda state: sum(each["waiting"] for each in state["services"]) == count)
            assert desk.ask({"type": "open_counter", "counter": "c2"})["ok"]
            held = [desk.ask({"type": "call_next", "counter": "c2"})["result"]["in_hand"] for _ in range(count + 1)]
        return [each["number"] if each else "" for each in held]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with ExitStack() as stack:
        broker = Broker(tmp_path).start()
        stack.callback(broker.kill)
        (tmp_path / "branch").mkdir()
        server = stack.enter_context(BranchProcess(tmp_path / "branch", SETUP, str(broker.url)))
        printer = stack.enter_context(PaperPrinter(tmp_path / "paper"))
        kiosk = stack.enter_context(WindowlessKiosk(tmp_path / "kiosk", broker.url, printer.url))
        kiosk.sees(Attract)
        hall = Hall(broker, server, printer, kiosk, tmp_path / "paper")
        until(lambda: printer.connections)
        yield hall.live()


def printed(kiosk: WindowlessKiosk, paper: Paper = Paper.PRINTED) -> None:
    def tells() -> bool:
        return any(isinstance(page.body, ShowTicket) and page.body.paper is paper for page in list(kiosk.pages))

    until(tells)


def test_a_tap_becomes_a_place_in_the_queue_and_a_paper(hall: Hall) -> None:
    number = hall.kiosk.take()
    assert number == "QA001"
    printed(hall.kiosk)
    assert hall.papers() == 1
    assert hall.queue(1) == ["QA001", ""]


def test_a_double_tap_is_one_ticket(hall: Hall) -> None:
    hall.kiosk.ask()
    for _ in range(5):
        hall.kiosk.tap(Key.SERVICE, "cash")
    printed(hall.kiosk)
    assert hall.queue(1) == ["QA001", ""]


def test_a_paused_service_says_why_and_until_when_and_a_late_tap_is_refused_in_words(hall: Hall) -> None:
    with Client(hall.broker.port, "hall", "desk") as desk:
        pause = {"type": "pause_service", "service": "cash", "reason": "Staff meeting", "reopens_at": "2040-01-01T10:00:00Z"}
        assert desk.ask(pause)["ok"]
        hall.kiosk.begin()
        until(lambda: hall.kiosk.sees(ChooseService).cards[0].state == "Paused.")
        card = hall.kiosk.sees(ChooseService).cards[0]
        assert card.line == "Staff meeting. Open again: 1 Jan 2040 · 12:00."
        assert desk.ask({"type": "close_service", "service": "mess"})["ok"]
        until(lambda: not any(card.can_be_chosen for card in hall.kiosk.sees(ChooseService).cards))


def test_a_full_service_and_the_reason_of_a_pause_are_shown_before_anybody_asks(hall: Hall) -> None:
    with Client(hall.broker.port, "hall", "desk") as desk:
        service = {"id": "mess", "prefix": "QB", "name": "Mess", "daily_limit": 1}
        assert desk.ask({"type": "save_service", "service": service})["ok"]
        assert desk.ask({"type": "join", "service": "mess", "channel": "staff"})["ok"]
        assert desk.ask({"type": "pause_service", "service": "cash", "reason": "Staff meeting"})["ok"]
    until(lambda: hall.kiosk.kiosk.station.reach is Reach.LIVE)
    hall.kiosk.begin()
    until(lambda: [card.state for card in hall.kiosk.sees(ChooseService).cards] == ["Paused.", "Full."])
    assert hall.kiosk.sees(ChooseService).cards[0].line == "Staff meeting."


@pytest.mark.variants(5)
@pytest.mark.parametrize("victim", ["server", "broker"])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_of_a_tap_costs_nobody_a_ticket(hall: Hall, step: str, victim: str) -> None:
    kiosk = hall.kiosk
    if step == "at the start":
        kill(hall, victim)
        kiosk.take()
    elif step == "while choosing":
        kiosk.begin()
        kill(hall, victim)
        kiosk.choose()
    elif step == "while asking":
        os.kill(hall.server.pid, signal.SIGSTOP)  # the question arrives, and nobody answers
        kiosk.ask()
        kill(hall, victim)
    else:
        kiosk.take()
        if step == "with the paper":
            printed(kiosk)
        kill(hall, victim)
    printed(kiosk)
    assert (len(kiosk.numbers), hall.papers()) == (1, 1)
    revive(hall, victim)
    assert hall.queue(1) == [*kiosk.numbers, ""]


def kill(hall: Hall, victim: str) -> None:
    (hall.server if victim == "server" else hall.broker).kill()


def revive(hall: Hall, victim: str) -> None:
    if victim == "server":
        hall.server.start()
    else:
        hall.broker.start()
        os.kill(hall.server.pid, signal.SIGCONT)
    hall.live()


def test_an_answer_that_comes_too_late_gives_way_to_the_printed_number(hall: Hall) -> None:
    os.kill(hall.server.pid, signal.SIGSTOP)
    assert hall.kiosk.take() == "QAX01"
    printed(hall.kiosk)
    os.kill(hall.server.pid, signal.SIGCONT)
    assert hall.queue(1) == ["QAX01", ""]
    assert hall.kiosk.numbers == ["QAX01"]


def test_a_series_taken_without_the_branch_is_handed_in_in_its_order_also_after_a_restart(hall: Hall) -> None:
    online = hall.kiosk.take()
    hall.broker.kill()
    hall.server.kill()
    until(lambda: hall.kiosk.kiosk.station.reach is Reach.NO_LINK)
    for _ in range(3):
        hall.kiosk.go_home()
        hall.kiosk.take()
    hall.kiosk.stop()
    hall.kiosk.start()
    hall.kiosk.go_home()
    assert hall.kiosk.take() == "QAX04"
    hall.broker.start()
    hall.server.start()
    assert hall.queue(5) == [online, "QAX01", "QAX02", "QAX03", "QAX04", ""]


def test_a_printer_without_paper_leaves_the_number_on_the_screen_and_the_ticket_valid(hall: Hall) -> None:
    hall.printer.paper_out()
    until(lambda: hall.kiosk.page is not None and hall.kiosk.page.frame.band is not None)
    number = hall.kiosk.take()
    printed(hall.kiosk, Paper.FAILED)
    assert hall.papers() == 0
    assert hall.queue(1) == [number, ""]


def test_a_printer_that_is_unplugged_in_mid_ticket_prints_nothing_twice(hall: Hall) -> None:
    hall.printer.after(3000, hall.printer.unplug)
    hall.kiosk.take()
    printed(hall.kiosk, Paper.UNSURE)
    before = hall.papers()
    hall.printer.plug()
    hall.kiosk.go_home()
    hall.kiosk.take()
    printed(hall.kiosk)
    assert hall.papers() <= before + 2, "what was torn is cut off, and one new ticket comes out"


def test_a_kiosk_that_starts_alone_for_the_first_time_is_out_of_order_until_it_hears_its_branch(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    with WindowlessKiosk(tmp_path / "kiosk", broker.url, "dummy://") as kiosk:
        kiosk.sees(OutOfOrder)
        broker.start()
        (tmp_path / "branch").mkdir()
        with BranchProcess(tmp_path / "branch", SETUP, str(broker.url)):
            kiosk.sees(Attract)
        broker.kill()


def test_a_full_disk_is_said_and_no_number_is_given_that_could_not_be_stored(hall: Hall) -> None:
    ledger = hall.kiosk.settings.data
    hall.kiosk.stop()
    for path in ledger.iterdir():
        path.unlink()
    (ledger / "tickets.db").mkdir()
    hall.kiosk.start()
    hall.kiosk.sees(OutOfOrder)
    (ledger / "tickets.db").rmdir()
    hall.kiosk.sees(Attract)
    assert hall.kiosk.take() == "QA001"
