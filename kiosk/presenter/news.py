"""What the presenter hears beside taps and time, and what it wishes for."""

from dataclasses import dataclass, field
from typing import Literal

from foleni.messages.state import DeviceConfig, Services
from foleni.station.station import Reach
from foleni.times import Instant
from kiosk.ledger.entries import Entry
from kiosk.pages import Paper

PrinterState = Literal["ok", "paper_low", "paper_out", "cover_open", "offline", "error"]

NO_SERIES = "no_series"
"""Beside the branch's own codes of refusal: it does not answer, and the kiosk has no number series of its own."""
NO_STORAGE = "no_storage"
"""The kiosk could not store the ticket, and so gave none."""
RESUMED = 0
"""The visit of a ticket from before the kiosk's start."""


@dataclass(frozen=True, slots=True)
class Now:
    """One moment on two clocks: seconds that only go forward, and the time of day."""

    steady_s: float
    wall: Instant


@dataclass(frozen=True, slots=True)
class Given:
    """A ticket has a number. `visit` is that of the `AskFor`."""

    visit: int
    entry: Entry
    paper: Paper


@dataclass(frozen=True, slots=True)
class PaperNews:
    """What became of a ticket's paper."""

    entry_id: str
    paper: Paper


@dataclass(frozen=True, slots=True)
class Denied:
    """There is no ticket. `number` is the ticket that stands in the way, where one does."""

    visit: int
    code: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Resuming:
    """A ticket was being asked for when the kiosk ended; its answer comes as that of `RESUMED`."""

    service: str
    language: str


@dataclass(frozen=True, slots=True)
class Stock:
    """How the ledger stands. While it is `broken` no ticket can be given."""

    broken: bool
    waiting: int = 0
    refused: int = 0
    last: Entry | None = None


@dataclass(frozen=True, slots=True)
class StaffPaper:
    """What became of a reprint or a test print."""

    paper: Paper


Facts = DeviceConfig | Services | Reach | PrinterState | Stock
TicketNews = Given | PaperNews | Denied | StaffPaper | Resuming
News = Facts | TicketNews


@dataclass(frozen=True, slots=True)
class AskFor:
    """Ask the branch for a ticket; answered by `Given` or `Denied` with the same `visit`."""

    visit: int
    service: str
    priority: str
    language: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Reprint:
    """Print the last ticket once more; answered by `StaffPaper`."""


@dataclass(frozen=True, slots=True)
class TestPrint:
    """Print a page that is no ticket; answered by `StaffPaper`."""

    __test__ = False

    language: str = field(default="en")


Wish = AskFor | Reprint | TestPrint
