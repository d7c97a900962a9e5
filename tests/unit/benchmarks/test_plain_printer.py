"""The benchmark's printer: a kiosk believes it, and its clock starts with the ticket."""

import socket
import time
from collections.abc import Iterator

import pytest

from benchmarks.devices.printer import EchoPrinter, PlainPrinter
from benchmarks.rig import RigError

QUESTIONS = b"\x10\x04\x01\x10\x04\x04"
TICKET = b"\x1b@ a ticket \x1dV\x42\x00\x1dr\x01"


@pytest.fixture
def printer() -> Iterator[PlainPrinter]:
    with PlainPrinter() as made:
        yield made


def _dial(printer: PlainPrinter) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(printer.url.rpartition(":")[2])), 5)


def test_it_says_that_all_is_well_and_that_it_has_printed(printer: PlainPrinter) -> None:
    with _dial(printer) as kiosk:
        kiosk.sendall(QUESTIONS)
        assert kiosk.recv(2, socket.MSG_WAITALL) == b"\x12\x12"
        kiosk.sendall(TICKET)
        assert kiosk.recv(1) == b"\x00"


def test_only_a_ticket_is_timed(printer: PlainPrinter) -> None:
    with _dial(printer) as kiosk:
        kiosk.sendall(QUESTIONS)
        kiosk.recv(2, socket.MSG_WAITALL)
        with pytest.raises(RigError):
            printer.ticket(0.0)
        sent = time.perf_counter()
        kiosk.sendall(TICKET)
        assert printer.ticket(5) >= sent


def test_a_kiosk_may_come_again(printer: PlainPrinter) -> None:
    for _ in range(2):
        with _dial(printer) as kiosk:
            kiosk.sendall(TICKET)
            assert kiosk.recv(1) == b"\x00"


def test_the_echo_takes_a_moment_and_no_more() -> None:
    with EchoPrinter() as echo:
        assert 0 < echo.ask() < 1000
