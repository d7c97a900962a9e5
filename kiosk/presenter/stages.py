"""Where a visit is. A kiosk has one visitor at a time."""

from dataclasses import dataclass, field

from kiosk.ledger.entries import Entry
from kiosk.pages import Paper


@dataclass(frozen=True, slots=True)
class Start:
    """Nobody stands there."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """The services are shown."""


@dataclass(frozen=True, slots=True)
class Phoning:
    """A service was chosen; a phone number may be typed."""

    service: str
    typed: str = ""
    faulty: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """A ticket was asked for."""

    service: str


@dataclass(frozen=True, slots=True)
class Holding:
    """The number is shown until `until_s`, `of_s` seconds long."""

    entry: Entry
    paper: Paper
    until_s: float
    of_s: int


@dataclass(frozen=True, slots=True)
class Sorry:
    """There is no ticket, and why."""

    code: str
    service: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Staff stand there; until `is_open` the code is typed."""

    typed: str = ""
    is_open: bool = False
    note: str = ""
    """`wrong`, or what became of a paper."""
    locked_until_s: float = 0.0
    """Until then no code is taken."""


Stage = Start | Choosing | Phoning | Asking | Holding | Sorry | AtDesk


@dataclass(frozen=True, slots=True)
class Visit:
    """What the visitor has chosen about the kiosk itself; over when the kiosk returns to its start."""

    language: str
    switches: frozenset[str] = field(default_factory=frozenset)
    """The accessibility keys that are on: `large`, `contrast`, `low_reach`."""
    priority: str | None = None
