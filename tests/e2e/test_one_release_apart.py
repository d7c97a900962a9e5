"""Devices and a branch server that are one release apart, either way: real programs of both, from the touch to the TV.

`FOLENI_LONG=1` or `FOLENI_KILLS` runs it; `FOLENI_PREVIOUS` names the commit of the release before.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from foleni.sim.paper.machine import PaperPrinter
from foleni.sim.unit import SimLine
from tests.e2e import tv
from tests.e2e.hall import SETUP
from tests.support import agent, branch, kiosk_process
from tests.support.client import Client
from tests.support.screen import Screen
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
PREVIOUS = os.environ.get("FOLENI_PREVIOUS", "e9d189a")
_ROOMS = ("foleni", "branch_server", "kiosk", "display", "counter")


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of the release before, in a folder of their own."""
    if not (os.environ.get("FOLENI_LONG") or os.environ.get("FOLENI_KILLS")):
        pytest.skip("takes a minute: FOLENI_LONG=1")
    folder = tmp_path_factory.mktemp("previous")
    packed = subprocess.run(["git", "archive", PREVIOUS, *_ROOMS], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode != 0:
        pytest.skip(f"this checkout has no commit {PREVIOUS}")
    subprocess.run(["tar", "--extract", "--directory", folder], input=packed.stdout, check=True)
    asked = "import branch_server, foleni, kiosk; print(branch_server.__file__, foleni.__file__, kiosk.__file__)"
    told = subprocess.run([sys.executable, "-c", asked], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert told.count(str(folder)) == 3, f"these are not the older programs: {told}"
    return folder


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    screen = Screen((600, 1024)).start()
    yield screen
    screen.kill()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who_is_older", ["devices", "server"])
def test_a_ticket_goes_its_way_between_two_releases(
    who_is_older: str, previous: Path, screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_server, of_devices = (previous, ROOT) if who_is_older == "server" else (ROOT, previous)
    monkeypatch.setattr(branch, "_ROOT", of_server)
    for program in (kiosk_process, agent, tv):
        monkeypatch.setattr(program, "_ROOT", of_devices)
    with ExitStack() as stack:
        server = stack.enter_context(branch.BranchProcess(tmp_path, SETUP))
        printer = stack.enter_context(PaperPrinter(tmp_path / "paper"))
        line = SimLine(tmp_path / "line", (1,)).start()
        stack.callback(line.stop)
        desk = stack.enter_context(Client(server.port, "hall", "desk", server.account("desk").password))
        glass = stack.enter_context(tv.Screen())
        display = stack.enter_context(tv.Tv(tmp_path, glass, server.account("tv-1").mqtt))
        kiosk = stack.enter_context(
            kiosk_process.KioskProcess(tmp_path / "kiosk", screen, server.account("kiosk-1").mqtt, printer.url)
        )
        kiosk.sees("Attract")
        until(lambda: printer.connections)
        kiosk.leave("Attract", "begin")
        kiosk.sees("ChooseService")
        kiosk.leave("ChooseService", "service", "cash")
        assert kiosk.sees("ShowTicket")["body"]["number"] == "QA001"
        assert desk.event("ticket_joined", lambda told: told["number"] == "QA001")
        unit = f'[[line]]\nport = "{line.link}"\n[[line.unit]]\naddress = 1\n'
        with agent.CounterProcess.of(tmp_path, server.account("pad-1"), unit):
            until(lambda: line.units[1].face.text == "CLOSED")
            line.press(1, "single", "NEXT")
            until(lambda: line.units[1].face.text == "QA001")
        glass.shows("is_live", "has_call")
        assert _complaints(kiosk.stderr) == []
        assert _complaints(display.stderr) == []
        assert _complaints(server.stderr) == []


def _complaints(said: str) -> list[str]:
    """Lines about messages that were not understood."""
    return [line for line in said.splitlines() if "cannot be read" in line or "Traceback" in line or "ValidationError" in line]
