"""The running branch as the demo sees it: its programs, its windows, its paper, its buttons."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from foleni.demo.camera import Camera, CameraError
from foleni.demo.desk import Desk
from foleni.demo.fingers import Windows, shown
from foleni.demo.keeper import Keeper
from foleni.demo.screen import Place, Screen

if TYPE_CHECKING:
    from PIL.Image import Image

    from foleni.demo.clouds import Sky

SERVER, PRINTER, KIOSK, TV = "server", "printer", "kiosk", "tv"
CLOUD, GATEWAY = "cloud", "messages"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where everything lies below the folder of the branch's data."""

    data: Path

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def kiosk(self) -> Path:
        return self.data / "kiosk"

    @property
    def cloud(self) -> Path:
        return self.data / "cloud"

    @property
    def tickets(self) -> Path:
        return self.data / "tickets"

    @property
    def pads(self) -> Path:
        return self.data / "units"

    @property
    def spoken(self) -> Path:
        """What the TV of an unseen screen would say aloud."""
        return self.data / "spoken"

    @property
    def shown(self) -> Path:
        """Where the kiosk says what it shows."""
        return self.kiosk / "shown.json"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that came out of the printer: the number that can be read on it, and how it looks."""

    number: str
    picture: Path


class Paper(Protocol):
    """The simulated printer."""

    def tickets(self) -> list[Ticket]:
        """What came out and was cut off, oldest first."""

    def say(self, *words: str) -> None:
        """`paper out`, `cover open` …; raises `OSError` where the printer is not there."""


class Pad(Protocol):
    """A simulated call unit."""

    def press(self, kind: str) -> None:
        """Raises `OSError` where the unit is not there."""

    def shows(self) -> str:
        """What stands on its display; empty for nothing."""

    def plug(self, *, in_: bool) -> None:
        """Pull the plug, or put it back."""


@dataclass(slots=True)
class House:
    """Everything that a line of a script can look at or touch. What is not there is None or empty."""

    folders: Folders
    shots: Path
    tell: Callable[[str], object]
    keepers: dict[str, Keeper] = field(default_factory=dict)
    desk: Desk | None = None
    sky: "Sky | None" = None
    screen: Screen | None = None
    windows: Windows | None = None
    camera: Camera | None = None
    paper: Paper | None = None
    pads: dict[str, Pad] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """Sentences about what this machine lacks."""
    taken: list[Path] = field(default_factory=list)
    """The pictures so far."""

    turned_at_s: float = 0.0
    """When the kiosk's page was first seen here (monotonic)."""
    _turn: object = None

    def seen(self, window: str) -> "Image":
        """What people see in a window now. Raises `CameraError`, `FingerError`."""
        place = self.place(window)
        if self.camera is None or place is None:
            raise CameraError(f"the {window} cannot be seen")
        return self.camera.look(place)

    def shown(self) -> dict[str, Any]:
        """What the kiosk says that it shows, and where its keys are; empty while it says nothing."""
        told = shown(self.folders.shown)
        if told.get("turn") != self._turn:
            self._turn, self.turned_at_s = told.get("turn"), time.monotonic()
        return told

    def place(self, window: str) -> Place | None:
        """Where a window stands now; None where it is not there."""
        keeper = self.keepers.get(window)
        if keeper is None or keeper.pid is None or self.screen is None:
            return None
        if self.windows is not None and self.windows.can_touch:
            return self.windows.place(keeper.pid)
        return self.screen.kiosk if window == KIOSK else self.screen.tv

    def spoken(self) -> list[str]:
        """The numbers whose call the TV has said to its end in at least one language, oldest first, recalls again."""
        try:
            written = (self.folders.spoken / "index.txt").read_text(encoding="utf-8")
        except OSError:
            return []
        said = [line.rpartition("\t")[2].split(" ", 1) for line in written.splitlines()]
        return [rest for (what, rest), (after, _) in pairwise(said) if what == "chime" and after != "chime"]
