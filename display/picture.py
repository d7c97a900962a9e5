"""What the screen shows: plain facts and finished words. The presenter makes them, the views draw them."""

from dataclasses import dataclass
from enum import StrEnum


class Light(StrEnum):
    """The dot in the header."""

    LIVE = "live"
    NOT_LIVE = "not_live"


class Tone(StrEnum):
    """How a cell of the waiting table is coloured."""

    PLAIN = "plain"
    QUIET = "quiet"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Header:
    """The line at the top. `clock` is the branch's time, such as `10:42`; empty while nobody knows its time zone."""

    title: str
    light: Light
    state: str
    clock: str


@dataclass(frozen=True, slots=True)
class Headings:
    """The words above the columns; `next` is empty where that column is not shown."""

    ticket: str
    counter: str
    before: str
    waiting: str
    next: str
    people: str
    about: str


@dataclass(frozen=True, slots=True)
class Row:
    """A number and the counter that it is called to. A `lit` row is amber; while it blinks that goes on and off."""

    number: str
    counter: str
    is_newest: bool = False
    lit: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """What stands where the calls will be."""

    headline: str
    text: str


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One line of the waiting table. `next_numbers` are called next, the first one first; an empty one says nothing."""

    name: str
    next_numbers: tuple[str, ...]
    people: str
    about: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Poster:
    """Large words on the calm panel: the branch's notice, or a greeting where there is none."""

    text: str
    caption: str = ""
    is_notice: bool = True


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of the branch's own on the panel."""

    path: str


@dataclass(frozen=True, slots=True)
class Sign:
    """Somebody looks for this screen: its name, as large as the screen allows."""

    caption: str
    name: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole screen. `rows` holds every call there is, the newest first; `empty` is given where there is none."""

    header: Header
    headings: Headings
    rows: tuple[Row, ...] = ()
    empty: Empty | None = None
    recent: tuple[Row, ...] = ()
    services: tuple[ServiceLine, ...] = ()
    panel: Poster | Photo = Poster("", is_notice=False)
    footer: str = ""
    turn: int = 0
    """Counts up where the screen's language changes: what has more pages than fit turns them then."""
    sign: Sign | None = None
    """Stands over everything else."""
    is_dimmed: bool = False
    is_mirrored: bool = False
    """Whether the leading language is read from the right: then everything but numbers stands the other way round."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A call to be spoken. `call` counts the calls of the ticket, recalls included; `heard_s` is a steady time."""

    ticket: str
    number: str
    counter: str
    call: int
    heard_s: float
