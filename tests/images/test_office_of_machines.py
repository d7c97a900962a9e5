"""A branch office out of cartons: server, kiosk and display start, find each other, are approved, and a ticket goes its way."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from tests.images.support.machine import Lan, Machine
from tests.images.support.office import MQTT, WEB, Office, certificate_at, code_of, until_online

pytestmark = pytest.mark.timeout(1800)

_TOUCH_TO_BEGIN = (0.5, 0.5)
_FIRST_SERVICE = (0.5, 0.35)


class Hall:
    """The machines of one office, on one network."""

    def __init__(self, folder: Path, life: ExitStack) -> None:
        lan = Lan.new()
        self.server = Machine("server", folder / "server", lan=lan, forwards=(WEB, MQTT))
        self.kiosk = Machine("kiosk", folder / "kiosk", lan=lan, size=(720, 1280))
        self.display = Machine("display", folder / "display", lan=lan, size=(1280, 720), clock="2001-01-01T00:00:00")
        for machine in (self.server, self.kiosk, self.display):
            life.callback(machine.cut_power)
        self.office = Office(self.server)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with ExitStack() as life:
        yield Hall(tmp_path_factory.mktemp("hall"), life)


def _colours(picture: Path) -> int:
    """How many colours a picture has: a screen that nobody draws on has one, words in a console three."""
    with Image.open(picture) as image:
        return len(image.convert("RGB").getcolors(1 << 24) or [])


def test_the_server_opens_its_console_and_its_broker_by_tls(hall: Hall) -> None:
    hall.server.write_boot_file("branch = accra-1\r\nlanguage = en\r\n")
    hall.server.on()
    hall.office.until_open()
    hall.office.found()
    hall.server.picture("server-ready")
    shown = certificate_at(hall.server.port(MQTT), hall.office.ca, "accra-1.foleni.internal")
    assert ("DNS", "accra-1.foleni.internal") in shown["subjectAltName"]


def test_a_kiosk_finds_its_branch_shows_a_code_and_is_let_in(hall: Hall) -> None:
    hall.kiosk.on()
    code = code_of(hall.kiosk)
    hall.kiosk.until(lambda: _colours(hall.kiosk.picture("kiosk-code")) > 16)
    hall.office.approve(code, "kiosk-1", issuer="K")
    until_online(hall.office, "kiosk-1")
    hall.kiosk.until(lambda: _colours(hall.kiosk.picture("kiosk-start")) > 16)


def test_a_display_with_a_clock_of_long_ago_and_a_mistake_in_its_file_is_let_in_too(hall: Hall) -> None:
    hall.display.write_boot_file("rotation = upside down\r\nsound = off\r\n")
    hall.display.on()
    hall.display.until_said("foleni.txt, line 1: rotation: must be one of 0, 90, 180, 270")
    code = code_of(hall.display)
    hall.office.approve(code, "tv-1")
    until_online(hall.office, "tv-1")
    hall.display.until(lambda: _colours(hall.display.picture("display-start")) > 16)


def test_no_key_gets_past_the_kiosk_and_a_touch_gives_a_ticket(hall: Hall) -> None:
    before = hall.kiosk.serial
    for keys in (("ctrl", "alt", "f2"), ("ctrl", "alt", "delete"), ("alt", "sysrq", "b"), ("alt", "f4"), ("esc",)):
        hall.kiosk.key(*keys)
    start = hall.kiosk.picture("kiosk-after-keys").read_bytes()

    def touched() -> bool:
        hall.kiosk.tap(*_TOUCH_TO_BEGIN)
        return hall.kiosk.picture("kiosk-services").read_bytes() != start

    hall.kiosk.until(touched, 120)

    def taken() -> bool:
        hall.kiosk.tap(*_FIRST_SERVICE)
        return hall.office.waiting() > 0

    hall.kiosk.until(taken, 120)
    hall.kiosk.picture("kiosk-ticket")
    assert "starting" not in hall.kiosk.serial[len(before) :], "it was not started again"


def test_the_display_shows_who_is_called(hall: Hall) -> None:
    before = hall.display.picture("display-before").read_bytes()
    admin = hall.office.admin
    assert admin.post("/api/v1/counters/c1/open").status_code == 200
    assert admin.post("/api/v1/counters/c1/call-next").status_code == 200
    hall.display.until(lambda: hall.display.picture("display-call").read_bytes() != before, 120)


def test_each_start_was_called_good(hall: Hall) -> None:
    for machine in (hall.server, hall.kiosk, hall.display):
        machine.until(lambda machine=machine: "foleni-a.conf" in machine.boot_entries(), 600)  # type: ignore[misc]
