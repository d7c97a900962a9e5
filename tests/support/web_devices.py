"""A branch with its web side and a real kiosk with a real printer: what orders to devices are tried on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foleni.settings import MqttUrl
from foleni.sim.paper.archive import read_record
from foleni.sim.paper.machine import PaperPrinter
from foleni.station.station import Reach
from kiosk.pages import Attract
from tests.support.kiosk import WindowlessKiosk
from tests.support.waiting import until
from tests.support.web import Visitor, WebBranch


@dataclass
class DeviceHall:
    """`paper` is where the printer of `kiosk-1` keeps what it printed."""

    branch: WebBranch
    kiosk: WindowlessKiosk
    printer: PaperPrinter
    paper: Path

    def papers(self) -> list[list[str]]:
        """The words of everything that was printed."""
        return [[str(line) for line in record["lines"]] for record in read_record(self.paper) if "ticket" in record]  # type: ignore[attr-defined]

    def when(self, ada: Visitor, device: str, **wanted: Any) -> dict[str, Any]:
        """A device, as soon as its live picture is as `wanted`; with nothing wanted, as soon as it is gone."""
        for picture in pictures_of(ada, "/api/v1/devices/stream", "devices"):
            known: dict[str, Any] = next((one for one in picture["devices"] if one["id"] == device), {})
            if wanted.items() <= known.items() and bool(known) is bool(wanted):
                return known
        raise AssertionError(f"{device} was never {wanted}")

    def device(self, ada: Visitor, device: str) -> dict[str, Any]:
        """A device as the web side knows it now."""
        told = ada.get("/api/v1/devices").json()["devices"]
        return next((one for one in told if one["id"] == device), {})


def pictures_of(visitor: Visitor, path: str, name: str) -> Iterator[Any]:
    """The live pictures `name` of a stream, as they come."""
    with visitor.http.get(visitor.url + path, stream=True, timeout=15) as answer:
        event = ""
        for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: ") and event == name:
                yield json.loads(line.removeprefix("data: "))


@contextmanager
def device_hall(directory: Path) -> Iterator[DeviceHall]:
    (directory / "kiosk").mkdir()
    with WebBranch(directory) as branch, PaperPrinter(directory / "paper") as printer:
        url = MqttUrl.parse(branch.account("kiosk-1").mqtt)
        with WindowlessKiosk(directory / "kiosk", url, printer.url, branch="main-street") as kiosk:
            kiosk.sees(Attract)
            until(lambda: kiosk.kiosk.station.reach is Reach.LIVE and printer.connections)
            hall, ada = DeviceHall(branch, kiosk, printer, directory / "paper"), branch.person("ada")
            hall.when(ada, "kiosk-1", printer="ok")
            yield hall
