"""Kiosk, TV and counter agent as programs of their own: they show which one they are, and start again when they are told to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from foleni.look.tokens import GREEN
from foleni.sim.paper.machine import PaperPrinter
from foleni.sim.unit import SimLine
from tests.e2e.tv import Screen, Tv
from tests.support.agent import CounterProcess
from tests.support.kiosk_process import KioskProcess
from tests.support.screen import Screen as KioskScreen
from tests.support.waiting import until
from tests.support.web import Visitor, WebBranch
from tests.support.web_devices import pictures_of

RESTARTS = 75
AGENT = 'open_on_first_press = true\n[[line]]\nport = "{port}"\n[[line.unit]]\naddress = 1\n'


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("obey")) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


def told(ada: Visitor, device: str, order: str) -> str:
    """What came of an order to a device, once it is there."""
    for picture in pictures_of(ada, "/api/v1/devices/stream", "devices"):
        if any(known["id"] == device and known["online"] for known in picture["devices"]):
            break
    answer = ada.post(f"/api/v1/devices/{device}/orders", {"type": order})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


def test_a_tv_shows_its_name_over_everything_and_starts_again(branch: WebBranch, ada: Visitor, tmp_path: Path) -> None:
    with Screen() as screen, Tv(tmp_path, screen, branch.account("tv-1").mqtt, "main-street") as tv:
        screen.shows("is_live")
        assert told(ada, "tv-1", "identify") == "done"
        until(lambda: screen.shot().count(GREEN) > 500_000)
        assert told(ada, "tv-1", "restart") == "done"
        until(lambda: not tv.is_running)
        assert tv.stop() == RESTARTS


def test_a_counter_unit_shows_that_it_is_looked_for_and_its_agent_starts_again(
    branch: WebBranch, ada: Visitor, tmp_path: Path
) -> None:
    line = SimLine(tmp_path / "line", (1,)).start()
    try:
        with CounterProcess.of(tmp_path, branch.account("pad-1"), AGENT.format(port=line.link)) as agent:
            until(lambda: line.units[1].face.text == "CLOSED")
            assert told(ada, "pad-1", "identify") == "done"
            until(lambda: line.units[1].face.text == "ID")
            assert told(ada, "pad-1", "restart") == "done"
            until(lambda: not agent.is_running)
            assert agent.stop() == RESTARTS
    finally:
        line.stop()


def test_a_kiosk_starts_again_with_its_data_as_it_was(branch: WebBranch, ada: Visitor, tmp_path: Path) -> None:
    screen, account = KioskScreen((1024, 600)).start(), branch.account("kiosk-1")
    try:
        with (
            PaperPrinter(tmp_path / "paper") as printer,
            KioskProcess(tmp_path / "kiosk", screen, account.mqtt, printer.url, branch=account.branch) as kiosk,
        ):
            kiosk.sees("Attract")
            assert told(ada, "kiosk-1", "identify") == "done"
            assert kiosk.sees("Sign")["body"]["name"] == "kiosk-1"
            assert told(ada, "kiosk-1", "restart") == "done"
            until(lambda: not kiosk.is_running)
            assert kiosk.stop() == RESTARTS
            kiosk.launch().sees("Attract")
    finally:
        screen.kill()
