"""The kiosk's program as a whole: real window, broker, branch server and printer, touched through X."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from foleni.sim.paper.machine import PaperPrinter
from tests.e2e.hall import SETUP
from tests.support.branch import BranchProcess
from tests.support.client import Client
from tests.support.kiosk_process import KioskProcess
from tests.support.paper import whole
from tests.support.screen import Screen
from tests.support.waiting import until

SETTLED_S = 0.4
MEANT_S = 0.1
IN_TIME_S = 6.0
"""Two seconds are its own, the others a busy machine's."""
GONE = "mqtt://127.0.0.1:1"


@dataclass
class Lobby:
    """A branch with a kiosk, and a visitor who reads each page before touching it."""

    server: BranchProcess
    printer: PaperPrinter
    kiosk: KioskProcess
    screen: Screen

    def touch(self, key: str, value: str = "") -> None:
        Event().wait(SETTLED_S)
        assert self.kiosk.touch(key, value), f"there is no key {key} {value}: {self.kiosk.page}"

    def type(self, digits: str) -> None:
        """Each digit is seen before the next one is touched, and no touch comes so soon that it is taken for the last one."""
        Event().wait(SETTLED_S)
        for digit in digits:
            before = self.kiosk.page["body"]
            assert self.kiosk.touch("digit", digit)
            until(partial(self._differs, before))
            Event().wait(MEANT_S)

    def _differs(self, before: object) -> bool:
        return bool(self.kiosk.page.get("body", before) != before)

    def choose(self, service: str = "cash") -> None:
        self.kiosk.sees("Attract")
        self.kiosk.leave("Attract", "begin")
        self.kiosk.sees("ChooseService")
        self.kiosk.leave("ChooseService", "service", service)

    def printed(self) -> str:
        """The number on the glass, when its paper is out."""
        pages: list[dict[str, Any]] = []

        def is_out() -> bool:
            pages.append(self.kiosk.sees("ShowTicket"))
            return bool(pages[-1]["body"]["paper"] == "printed")

        until(is_out)
        return str(pages[-1]["body"]["number"])


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    screen = Screen((600, 1024)).start()
    yield screen
    screen.kill()


@pytest.fixture
def lobby(tmp_path: Path, screen: Screen) -> Iterator[Lobby]:
    with ExitStack() as stack:
        server = stack.enter_context(BranchProcess(tmp_path, SETUP))
        printer = stack.enter_context(PaperPrinter(tmp_path / "paper"))
        mqtt = server.account("kiosk-1").mqtt
        more = ("--ask-phone", "--staff-code", "4711")
        kiosk = stack.enter_context(KioskProcess(tmp_path / "kiosk", screen, mqtt, printer.url, *more))
        kiosk.sees("Attract")
        until(lambda: printer.connections)
        yield Lobby(server, printer, kiosk, screen)


def test_touches_become_a_place_in_the_queue_and_one_paper(lobby: Lobby) -> None:
    lobby.choose()
    lobby.kiosk.sees("EnterPhone")
    lobby.type("0788123456")
    until(lambda: lobby.kiosk.page["body"]["can_go"])
    lobby.touch("go")
    assert lobby.printed() == "QA001"
    assert len(whole(lobby.printer)) == 1
    with Client(lobby.server.port, "hall", "desk", lobby.server.account("desk").password) as desk:
        again = desk.ask({"type": "join", "service": "mess", "channel": "staff", "phone": "+250788123456"})
    assert again["error"]["code"] == "already_queued"
    assert again["error"]["number"] == "QA001"


def test_staff_hold_the_title_type_their_code_and_print_the_last_ticket_again(lobby: Lobby) -> None:
    lobby.choose()
    lobby.kiosk.sees("EnterPhone")
    lobby.touch("skip")
    lobby.printed()
    Event().wait(1.0)
    lobby.touch("done")
    lobby.kiosk.sees("Attract")
    Event().wait(SETTLED_S)
    lobby.screen.press(60, 40)
    lobby.kiosk.sees("StaffDesk")
    lobby.screen.lift()
    Event().wait(SETTLED_S)
    lobby.type("4711")
    until(lambda: lobby.kiosk.sees("StaffDesk")["body"]["lines"])
    lobby.touch("reprint")
    until(lambda: lobby.kiosk.page["body"]["note"] == "Printed.")
    assert len(whole(lobby.printer)) == 2


def test_it_ends_in_good_order_and_in_time(lobby: Lobby) -> None:
    until(lambda: "foleni-kiosk: ready: kiosk-1" in lobby.kiosk.stderr)
    begun_s = time.monotonic()
    assert lobby.kiosk.stop() == 0, "what does not end within its 2 s ends with 1"
    assert time.monotonic() - begun_s < IN_TIME_S
    assert "ERROR" not in lobby.kiosk.stderr


def test_without_a_screen_it_ends_with_a_line_that_says_what_to_do(tmp_path: Path) -> None:
    arguments = ["--mqtt", GONE, "--branch", "hall", "--device", "kiosk-1", "--data", str(tmp_path), "--printer", "dummy://"]
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments], env={"SDL_VIDEODRIVER": "x11", "PATH": "/usr/bin"}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("foleni-kiosk: no screen can be opened")
