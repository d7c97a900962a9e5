"""Everything that a printer can do wrong, and what becomes of the ticket: nothing is printed twice, nothing is believed
that is not so, and the next ticket after the fault is whole.
"""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foleni.sim.paper.machine import PaperPrinter
from kiosk.pages import Paper
from kiosk.paper.escpos import render
from kiosk.printer.talk import RESYNC
from tests.support.paper import QUICK, Hand, printed, whole
from tests.support.tickets import template, ticket
from tests.support.waiting import until

TICKET = render(ticket(), template())
MIDST = len(TICKET) // 2
LINES = 7
"""That can be read on a whole ticket."""
Fault = Callable[[PaperPrinter], object]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[PaperPrinter]:
    with PaperPrinter(tmp_path / "paper") as machine:
        yield machine


@pytest.fixture
def hand(machine: PaperPrinter) -> Iterator[Hand]:
    with Hand(machine.url) as hand:
        yield hand.until("ok")


def _prints_again(machine: PaperPrinter, hand: Hand) -> None:
    """After the fault, one whole ticket comes out, alone on its paper."""
    machine.be_well()
    hand.until("ok")
    before = len(whole(machine))
    assert hand.outcome(TICKET) is Paper.PRINTED
    until(lambda: len(whole(machine)) > before)
    last = whole(machine)[-1]
    assert isinstance(last["lines"], list)
    assert last["lines"][0] == "Demo Bank"
    assert len(last["lines"]) == LINES


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (PaperPrinter.paper_out, "paper_out"),
        (lambda machine: machine.cover(is_open=True), "cover_open"),
        (lambda machine: machine.cutter(is_stuck=True), "error"),
        (PaperPrinter.unplug, "offline"),
        (PaperPrinter.hang, "offline"),
        (PaperPrinter.mute, "offline"),
        (PaperPrinter.garble, "error"),
    ],
    ids=["out of paper", "cover", "cutter", "unplugged", "hangs", "mute", "garbage"],
)
def test_a_fault_before_the_ticket_refuses_it_and_nothing_comes_out(
    fault: Fault, state: str, machine: PaperPrinter, hand: Hand
) -> None:
    fault(machine)
    assert hand.outcome(TICKET) is Paper.FAILED
    hand.until(state)
    _prints_again(machine, hand)
    assert len(printed(machine)) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (PaperPrinter.paper_out, "paper_out"),
        (lambda machine: machine.cover(is_open=True), "cover_open"),
        (lambda machine: machine.cutter(is_stuck=True), "error"),
        (PaperPrinter.unplug, "offline"),
        (PaperPrinter.hang, "offline"),
        (PaperPrinter.mute, "offline"),
        (PaperPrinter.garble, "error"),
        (PaperPrinter.close, "ok"),
    ],
    ids=["out of paper", "cover", "cutter", "unplugged", "hangs", "mute", "garbage", "closes the socket"],
)
def test_a_fault_in_mid_ticket_leaves_it_unsure(fault: Fault, state: str, machine: PaperPrinter, hand: Hand) -> None:
    machine.after(MIDST, lambda: fault(machine))
    assert hand.outcome(TICKET) is Paper.UNSURE
    hand.until(state)
    _prints_again(machine, hand)


@pytest.mark.parametrize("dots", [100, 300, 500, 700, 900])
def test_paper_that_ends_anywhere_in_a_ticket_leaves_it_unsure_and_never_doubled(
    dots: int, machine: PaperPrinter, hand: Hand
) -> None:
    machine.paper_out(dots)
    assert hand.outcome(TICKET) is Paper.UNSURE
    hand.until("paper_out")
    assert hand.outcome(TICKET) is Paper.FAILED
    machine.new_roll()
    hand.until("ok")
    rest = [piece["lines"] for piece in printed(machine)]
    assert sum(lines.count("Cash") for lines in rest if isinstance(lines, list)) <= 1
    _prints_again(machine, hand)


def test_paper_that_ends_after_the_ticket_does_not_make_it_unsure(machine: PaperPrinter, hand: Hand) -> None:
    assert hand.outcome(TICKET) is Paper.PRINTED
    machine.paper_out()
    hand.until("paper_out")
    assert hand.outcome(TICKET) is Paper.FAILED
    assert len(printed(machine)) == 1
    _prints_again(machine, hand)


def test_low_paper_prints_and_is_told(machine: PaperPrinter, hand: Hand) -> None:
    machine.paper_low()
    assert hand.outcome(TICKET) is Paper.PRINTED
    hand.until("paper_low")


def test_a_cover_that_is_opened_and_closed_again_lets_the_ticket_end(machine: PaperPrinter, hand: Hand) -> None:
    machine.slow(1000)
    machine.after(MIDST, lambda: machine.cover(is_open=True))
    slip = hand.put(TICKET)
    until(lambda: machine.engine.inside.is_cover_open)
    machine.cover(is_open=False)
    assert slip.outcome() is Paper.PRINTED
    assert len(whole(machine)) == 1


@pytest.mark.parametrize("received", [30, 200, 2000, len(TICKET) - 40])
def test_wherever_the_plug_is_pulled_the_ticket_is_unsure(received: int, machine: PaperPrinter, hand: Hand) -> None:
    before = machine.received
    machine.after(received, machine.unplug)
    assert hand.outcome(TICKET) is Paper.UNSURE
    assert machine.received - before <= received
    assert whole(machine) == []
    machine.plug()
    _prints_again(machine, hand)


def test_a_printer_that_takes_no_bytes_in_mid_ticket_is_given_up(machine: PaperPrinter, hand: Hand) -> None:
    machine.after(MIDST, machine.hang)
    huge = TICKET[:-3] + b"\x1bJ\x01" * 3_000_000 + b"\x1dr\x01"
    assert hand.outcome(huge) is Paper.UNSURE
    assert machine.received < len(huge)
    _prints_again(machine, hand)


def test_a_confirmation_that_comes_too_late_confirms_no_other_ticket(machine: PaperPrinter, hand: Hand) -> None:
    machine.after(MIDST, lambda: machine.engine.stand_still(True))
    assert hand.outcome(TICKET) is Paper.UNSURE
    machine.engine.stand_still(False)
    machine.after(200, lambda: machine.engine.stand_still(True))
    assert hand.outcome(TICKET) is not Paper.PRINTED
    _prints_again(machine, hand)


def test_a_printer_that_answers_garbage_only_for_a_moment_is_believed_again(machine: PaperPrinter, hand: Hand) -> None:
    machine.slow(1000)
    machine.after(MIDST, machine.garble)
    slip = hand.put(TICKET)
    until(lambda: machine.received >= MIDST)
    machine.be_well()
    assert slip.outcome() in {Paper.PRINTED, Paper.UNSURE}
    _prints_again(machine, hand)


def test_a_printer_that_talks_without_end_is_an_error_and_heals(machine: PaperPrinter, hand: Hand) -> None:
    machine.babble()
    hand.until("error")
    assert hand.outcome(TICKET) is Paper.FAILED
    _prints_again(machine, hand)


def test_garbage_confirms_nothing(machine: PaperPrinter, hand: Hand) -> None:
    """Many kinds of garbage, each at the moment at which a confirmation is awaited."""
    for _ in range(4):
        machine.after(MIDST, machine.garble)
        assert hand.outcome(TICKET) is Paper.UNSURE
        _prints_again(machine, hand)


def test_faults_of_all_kinds_one_after_the_other_print_nothing_twice(machine: PaperPrinter, hand: Hand) -> None:
    faults = [machine.close, machine.unplug, machine.hang, machine.paper_out, machine.mute, machine.close]
    for number, fault in enumerate(faults):
        machine.after(1500 * (number + 1), fault)
        data = render(ticket(service=f"Service {number}"), template())
        outcome = hand.outcome(data)
        machine.be_well()
        hand.until("ok")
        lines = [line for piece in printed(machine) for line in piece["lines"]]  # type: ignore[attr-defined]
        assert lines.count(f"Service {number}") <= 1
        assert outcome is not Paper.PRINTED or f"Service {number}" in lines


@pytest.mark.parametrize(
    "noise", [b"\x1dv0\x00\x48\x00\x08\x00half", b"\x1d(L\xff\xff", b"\x1b*\x21\x40\x02", b"\x1b", bytes(range(256)) * 3]
)
def test_after_somebody_else_s_garbage_the_next_ticket_is_whole(noise: bytes, machine: PaperPrinter) -> None:
    with socket.create_connection(("127.0.0.1", machine.port)) as stranger:
        stranger.sendall(noise)
        until(lambda: machine.received >= len(noise))
    with Hand(machine.url, torn=True) as hand:
        _prints_again(machine, hand)


def test_a_printer_that_holds_its_data_is_not_fed_cuts_again_and_again(machine: PaperPrinter, hand: Hand) -> None:
    machine.after(MIDST, lambda: machine.engine.stand_still(True))
    assert hand.outcome(TICKET) is Paper.UNSURE
    hand.until("offline")
    before, beats = machine.received, hand.beats
    until(lambda: hand.beats > beats + 20)
    assert machine.received - before < 3 * len(RESYNC)
    _prints_again(machine, hand)


def test_answers_that_come_late_confirm_nothing_that_was_asked_after_them(machine: PaperPrinter, hand: Hand) -> None:
    machine.engine.answer_late(QUICK.answer_s * 1.5)
    assert {hand.outcome(TICKET) for _ in range(4)} == {Paper.FAILED}
    assert printed(machine) == []
    machine.engine.answer_late(0)
    _prints_again(machine, hand)


def test_a_printer_that_takes_its_time_is_waited_for(machine: PaperPrinter, hand: Hand) -> None:
    machine.engine.answer_late(QUICK.answer_s * 0.3)
    assert {hand.outcome(TICKET) for _ in range(3)} == {Paper.PRINTED}
    assert len(whole(machine)) == 3
