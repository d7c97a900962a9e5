"""Printers on serial lines, on USB and behind files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from foleni.sim.paper.machine import PaperPrinter
from kiosk.pages import Paper
from kiosk.paper.escpos import render
from kiosk.printer.press import print_ticket
from kiosk.printer.status import State
from kiosk.printer.talk import Talk
from kiosk.printer.transport import TransportError
from kiosk.printer.usb import UsbTransport
from tests.support.paper import QUICK, Hand, on_paper, whole
from tests.support.printer_lines import SerialCable, UsbBus
from tests.support.tickets import template, ticket
from tests.support.waiting import until

TICKET = render(ticket(), template())


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[PaperPrinter]:
    with PaperPrinter(tmp_path / "paper") as machine:
        yield machine


@pytest.fixture
def bus(machine: PaperPrinter) -> Iterator[UsbBus]:
    bus = UsbBus(machine)
    yield bus
    bus.close()


def test_a_serial_printer_prints_and_confirms(machine: PaperPrinter) -> None:
    with SerialCable(machine) as cable, Hand(f"serial://{cable.path}?baud=115200") as hand:
        assert hand.until("ok").outcome(TICKET) is Paper.PRINTED
        machine.paper_out()
        hand.until("paper_out")
        assert hand.outcome(TICKET) is Paper.FAILED
    assert len(whole(machine)) == 1


def test_a_serial_line_that_is_unplugged_in_mid_ticket_leaves_it_unsure(machine: PaperPrinter, tmp_path: Path) -> None:
    link = tmp_path / "ttyPrinter"
    with SerialCable(machine) as cable:
        link.symlink_to(cable.path)
        with Hand(f"serial://{link}") as hand:
            hand.until("ok")
            machine.after(3000, machine.hang)
            slip = hand.put(TICKET)
            until(lambda: machine.received >= 3000)
            cable.break_off()
            assert slip.outcome() is Paper.UNSURE
            hand.until("offline")
            assert hand.outcome(TICKET) is Paper.FAILED
            machine.be_well()
            link.unlink()
            with SerialCable(machine) as other:
                link.symlink_to(other.path)
                assert hand.until("ok").outcome(TICKET) is Paper.PRINTED


def test_a_serial_line_that_does_not_exist_is_offline() -> None:
    with Hand("serial:///dev/ttyThatIsNotThere") as hand:
        hand.until("offline")
        assert hand.outcome(TICKET) is Paper.FAILED


def test_a_file_gets_the_bytes_of_every_ticket(tmp_path: Path) -> None:
    path = tmp_path / "tickets.bin"
    with Hand(f"file://{path}") as hand:
        hand.until("ok")
        assert [hand.outcome(TICKET), hand.outcome(TICKET)] == [Paper.PRINTED, Paper.PRINTED]
    data = path.read_bytes()
    assert data == TICKET * 2
    assert on_paper(TICKET, 576)[1][0] == "Demo Bank"


def test_a_file_that_is_taken_away_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "tickets.bin"
    with Hand(f"file://{path}") as hand:
        assert hand.outcome(TICKET) is Paper.PRINTED
        path.unlink()
        until(path.is_file)
        assert hand.until("ok").outcome(TICKET) is Paper.PRINTED
    assert path.read_bytes() == TICKET


def test_a_file_that_cannot_be_written_is_offline_and_the_ticket_failed(tmp_path: Path) -> None:
    with Hand(f"file://{tmp_path / 'no such folder' / 'tickets.bin'}") as hand:
        hand.until("offline")
        assert hand.outcome(TICKET) is Paper.FAILED


def test_a_full_disk_never_counts_as_printed() -> None:
    with Hand("file:///dev/full") as hand:
        assert hand.outcome(TICKET) is Paper.FAILED


def test_a_pipe_that_takes_only_a_part_leaves_the_ticket_unsure(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with Hand(f"file://{path}") as hand:
            hand.until("ok")
            assert hand.outcome(TICKET * 20) is Paper.UNSURE
    finally:
        os.close(reader)


def test_a_dummy_takes_everything() -> None:
    with Hand("dummy://") as hand:
        assert hand.until("ok").outcome(TICKET) is Paper.PRINTED


def test_a_usb_printer_is_taken_from_the_kernel_asked_and_printed_on(machine: PaperPrinter, bus: UsbBus) -> None:
    transport = UsbTransport(bus.VENDOR, bus.PRODUCT, bus)
    assert (bus.kernel_has_it, bus.claimed) == (False, [0])
    talk = Talk(transport, QUICK, lambda: None, answers=True)
    assert talk.state() is State.OK
    talk.settle(torn=False)
    assert print_ticket(talk, TICKET).paper is Paper.PRINTED
    assert len(whole(machine)) == 1
    transport.check()
    transport.close()
    assert bus.claimed == []


def test_a_usb_printer_that_is_unplugged_is_lost_and_the_ticket_unsure(machine: PaperPrinter, bus: UsbBus) -> None:
    transport = UsbTransport(bus.VENDOR, bus.PRODUCT, bus)
    talk = Talk(transport, QUICK, lambda: None, answers=True)

    def unplug() -> None:
        bus.is_plugged = False

    machine.after(3000, unplug)
    assert print_ticket(talk, TICKET).paper is Paper.UNSURE
    with pytest.raises(TransportError):
        transport.check()
    transport.close()
    with pytest.raises(TransportError, match="no USB device 04b8:0e15"):
        UsbTransport(bus.VENDOR, bus.PRODUCT, bus)


def test_a_usb_printer_that_takes_nothing_holds_nobody_up(machine: PaperPrinter, bus: UsbBus) -> None:
    transport = UsbTransport(bus.VENDOR, bus.PRODUCT, bus)
    machine.hang()
    assert transport.read(0.05) == b""
    while transport.write(bytes(1 << 16)):
        pass
    transport.close()


def test_a_machine_without_usb_support_says_so() -> None:
    with Hand("usb://04b8:0e15") as hand:
        hand.until("offline")
        assert hand.outcome(TICKET) is Paper.FAILED
