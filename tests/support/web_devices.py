"""A branch with its web side and a real kiosk with a real printer: what orders to devices are tried on."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foleni.settings import MqttUrl
from foleni.sim.paper.archive import read_record
from foleni.sim.paper.machine import PaperPrinter
from foleni.station.station import Reach
from kiosk.pages import Attract, Key
from tests.support.kiosk import WindowlessKiosk
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import Visitor, WebBranch

_SECOND_LOOK_S = 2.0
"""After so long a person touches a page again that has not changed."""


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

    def printed(self, had: int) -> list[str]:
        """The words of the paper after `had` others, as soon as it has come out: what is said of it may be faster."""
        until(lambda: len(self.papers()) > had, every_s=0.02)
        return self.papers()[had]

    def tap(self, key: Key, leads_to: type[object]) -> None:
        """Taps until it has led there, as a person does: a page that changed under the finger took the tap for none."""
        until(lambda: self._led(key, leads_to))

    def _led(self, key: Key, leads_to: type[object]) -> bool:
        self.kiosk.tap(key)
        with suppress(AssertionError):
            self.kiosk.sees(leads_to, _SECOND_LOOK_S)
        return self.kiosk.page is not None and isinstance(self.kiosk.page.body, leads_to)

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
    """The live pictures `name` of a stream, as they come; no more of them when nobody waits that long."""
    patience_ends = time.monotonic() + 2 * PATIENCE_S
    with visitor.http.get(visitor.url + path, stream=True, timeout=PATIENCE_S) as answer:
        event = ""
        for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
            if time.monotonic() > patience_ends:
                return
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
