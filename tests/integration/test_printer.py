"""A printer over TCP that works, or that says why it does not."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from foleni.sim.paper.machine import PaperPrinter
from kiosk.pages import Paper
from kiosk.paper.escpos import render
from kiosk.printer.printer import Printer
from tests.support.paper import QUICK, Hand, Slip, printed, whole
from tests.support.tickets import template, ticket
from tests.support.waiting import until

TICKET = render(ticket(), template())


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[PaperPrinter]:
    with PaperPrinter(tmp_path / "paper") as machine:
        yield machine


@pytest.fixture
def hand(machine: PaperPrinter) -> Iterator[Hand]:
    with Hand(machine.url) as hand:
        yield hand.until("ok")


def test_a_ticket_is_printed_once_and_confirmed(machine: PaperPrinter, hand: Hand) -> None:
    assert hand.outcome(TICKET) is Paper.PRINTED
    (piece,) = printed(machine)
    assert piece["cut"]
    assert piece["unknown"] == 0
    assert piece["lines"] == ["Demo Bank", "Main Street", "Cash", "12 people ahead", "about 18 min, at most 30",
                              "Follow your place on your phone", "20 Nov 2026 · 10:42 · kiosk 1"]  # fmt: skip
    assert (machine.archive.folder / "0001.png").is_file()


def test_it_is_confirmed_only_after_it_came_out(machine: PaperPrinter, hand: Hand) -> None:
    out: list[tuple[Paper, int]] = []
    machine.slow(1000)
    hand.printer.submit("slow", TICKET, lambda paper: out.append((paper, len(whole(machine)))))
    until(lambda: out)
    assert out == [(Paper.PRINTED, 1)]


def test_tickets_come_out_in_the_order_in_which_they_were_submitted(machine: PaperPrinter, hand: Hand) -> None:
    slips = [hand.put(render(ticket(service=f"Service {n}", url=None), template())) for n in range(8)]
    assert {slip.outcome() for slip in slips} == {Paper.PRINTED}
    assert [piece["lines"][2] for piece in whole(machine)] == [f"Service {n}" for n in range(8)]  # type: ignore[index]


def test_the_same_job_is_not_printed_twice(machine: PaperPrinter, hand: Hand) -> None:
    assert [hand.outcome(TICKET, "one"), hand.outcome(TICKET, "one")] == [Paper.PRINTED, Paper.PRINTED]
    assert len(whole(machine)) == 1


def test_a_job_that_failed_may_be_tried_again_by_whoever_asked(machine: PaperPrinter, hand: Hand) -> None:
    machine.paper_out()
    assert hand.outcome(TICKET, "one") is Paper.FAILED
    machine.new_roll()
    assert hand.outcome(TICKET, "one") is Paper.PRINTED


def test_an_idle_printer_is_watched(machine: PaperPrinter, hand: Hand) -> None:
    machine.paper_low()
    hand.until("paper_low")
    machine.cover(is_open=True)
    hand.until("cover_open")
    machine.paper_out()
    machine.cover(is_open=False)
    hand.until("paper_out")
    machine.new_roll()
    hand.until("ok")
    machine.cutter(is_stuck=True)
    hand.until("error")
    machine.cutter(is_stuck=False)
    hand.until("ok")
    machine.unplug()
    hand.until("offline")
    machine.plug()
    hand.until("ok")
    wanted = ["ok", "paper_low", "cover_open", "paper_out", "ok", "error", "ok", "offline", "ok"]
    until(lambda: hand.states == wanted)


def test_a_printer_that_comes_late_is_found(tmp_path: Path) -> None:
    with PaperPrinter(tmp_path) as machine:
        machine.unplug()
        with Hand(machine.url) as hand:
            hand.until("offline")
            assert hand.outcome(TICKET) is Paper.FAILED
            machine.plug()
            hand.until("ok")
            assert hand.outcome(TICKET) is Paper.PRINTED


def test_the_thread_beats_while_idle_and_while_it_waits_for_a_confirmation(machine: PaperPrinter, hand: Hand) -> None:
    before = hand.beats
    until(lambda: hand.beats > before + 3)
    machine.after(5000, machine.hang)
    slip = hand.put(TICKET)
    until(lambda: machine.received >= 5000)
    before = hand.beats
    until(lambda: hand.beats > before + 3)
    assert slip.outcome() is Paper.UNSURE


def test_it_stops_at_once_and_tells_everybody_who_waits(machine: PaperPrinter) -> None:
    slips = [Slip() for _ in range(3)]
    printer = Printer(machine.url, pace=replace(QUICK, stall_s=60.0, confirm_s=60.0))
    printer.start()
    until(lambda: printer.state == "ok")
    machine.after(5000, machine.hang)
    for number, slip in enumerate(slips):
        printer.submit(str(number), TICKET, slip.take)
    until(lambda: machine.received >= 5000)
    stopper = threading.Thread(target=printer.stop)
    stopper.start()
    stopper.join(20.0)
    assert not stopper.is_alive()
    assert [slip.outcome() for slip in slips] == [Paper.UNSURE, Paper.FAILED, Paper.FAILED]
    late = Slip()
    printer.submit("late", TICKET, late.take)
    assert late.outcome() is Paper.FAILED


def test_a_ticket_that_nobody_waited_for_is_refused_at_the_end(machine: PaperPrinter) -> None:
    slip = Slip()
    printer = Printer(machine.url)
    printer.submit("early", TICKET, slip.take)
    printer.stop()
    assert slip.outcome() is Paper.FAILED


def test_a_handler_that_raises_harms_nobody(machine: PaperPrinter, hand: Hand) -> None:
    def broken(_: Paper) -> None:
        raise RuntimeError("broken on purpose")

    hand.printer.submit("broken", TICKET, broken)
    assert hand.outcome(TICKET) is Paper.PRINTED


def test_a_thread_that_dies_says_so_and_leaves_nobody_waiting(machine: PaperPrinter) -> None:
    broken, dead, slips = threading.Event(), list[str](), [Slip(), Slip()]

    def beat() -> None:
        if broken.is_set():
            raise RuntimeError("broken on purpose")

    printer = Printer(machine.url, on_dead=dead.append, beat=beat, pace=QUICK)
    printer.start()
    until(lambda: printer.state == "ok")
    machine.after(5000, broken.set)
    for number, slip in enumerate(slips):
        printer.submit(str(number), TICKET, slip.take)
    assert [slip.outcome() for slip in slips] == [Paper.UNSURE, Paper.FAILED]
    until(lambda: dead)
    printer.stop()


def test_what_was_cut_short_before_this_process_began_is_cut_off_first(machine: PaperPrinter) -> None:
    with Hand(machine.url) as first:
        first.until("ok")
        assert first.outcome(b"\x1b@half a ticket\n\x1dr\x01") is Paper.PRINTED
    with Hand(machine.url, torn=True) as second:
        assert second.until("ok").outcome(TICKET) is Paper.PRINTED
    assert [piece["lines"][0] for piece in whole(machine)] == ["half a ticket", "Demo Bank"]  # type: ignore[index]


def test_a_printer_that_cannot_answer_counts_what_it_takes(machine: PaperPrinter) -> None:
    machine.mute()
    with Hand(f"{machine.url}?answers=no") as hand:
        hand.until("ok")
        assert hand.outcome(TICKET) is Paper.PRINTED
        until(lambda: len(whole(machine)) == 1)
        machine.unplug()
        hand.until("offline")
        assert hand.outcome(TICKET) is Paper.FAILED


def test_one_connection_serves_for_all_tickets(machine: PaperPrinter, hand: Hand) -> None:
    assert {hand.outcome(TICKET) for _ in range(10)} == {Paper.PRINTED}
    assert machine.connections == 1
