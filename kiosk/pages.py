"""What a kiosk shows: plain facts and finished words. The presenter makes them, the views draw them."""

from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """How a line is coloured."""

    QUIET = "quiet"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Chip:
    """A language in its own words."""

    code: str
    name: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """The accessibility keys: their words, and what is switched on."""

    large: bool = False
    contrast: bool = False
    low_reach: bool = False
    large_word: str = "Large type"
    contrast_word: str = "High contrast"
    low_reach_word: str = "Low reach"
    open_word: str = "Aa"


@dataclass(frozen=True, slots=True)
class Band:
    """Trouble, told in a full-width band at the top; `calm` where it only informs."""

    text: str
    calm: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page. `clock` is the branch's time, such as `10:42`."""

    title: str
    clock: str
    language: str
    right_to_left: bool = False
    chips: tuple[Chip, ...] = ()
    access: Access = field(default_factory=Access)
    band: Band | None = None
    back: str | None = None
    """The word on the back key; None where there is no way back."""


@dataclass(frozen=True, slots=True)
class Attract:
    """Nobody stands there. One sentence per language; a touch anywhere begins."""

    headlines: tuple[str, ...]
    invitation: str


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A service to choose. One that cannot be chosen says why: `state` in red, then `line`."""

    service: str
    prefix: str
    name: str
    line: str
    state: str = ""
    can_be_chosen: bool = True


@dataclass(frozen=True, slots=True)
class PriorityKey:
    """A priority class that customers may claim."""

    priority: str
    name: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ChooseService:
    headline: str
    cards: tuple[ServiceCard, ...]
    priorities: tuple[PriorityKey, ...] = ()
    empty: str = ""
    """What to read where there are no cards."""


@dataclass(frozen=True, slots=True)
class EnterPhone:
    """An optional phone number. `digits` is what was typed, spaced for reading; `fault` says what is wrong with it."""

    headline: str
    hint: str
    digits: str
    fault: str
    skip_word: str
    go_word: str
    can_go: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """The branch server is asked for a number: at most two seconds."""

    headline: str


class Paper(StrEnum):
    """What became of the paper."""

    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    UNSURE = "unsure"
    """The printer went away in mid-ticket: there may be paper, and there may be none. It is never printed again by itself."""


@dataclass(frozen=True, slots=True)
class ShowTicket:
    """The number. `left_s` of `of_s` seconds are left before the kiosk returns to its start."""

    caption: str
    number: str
    facts: tuple[tuple[str, str], ...]
    """At most two pairs: a figure, and what it counts."""
    paper: Paper
    sentence: str
    advice: str
    """What to do where the paper failed; empty otherwise."""
    qr: str
    """The ticket's link; empty where there is none."""
    qr_headline: str
    qr_text: str
    left_s: int
    of_s: int
    done_word: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The branch said no: what happened, what it means, what to do now."""

    headline: str
    text: str
    done_word: str


@dataclass(frozen=True, slots=True)
class StaffDesk:
    """For staff: the printer, the last ticket, and what waits to be handed in. `code_asked` until the code was typed:
    then `digits` is dots, one for each digit, and there is no key to go on: the last digit does it.
    """

    headline: str
    code_asked: bool
    digits: str
    lines: tuple[tuple[str, str, Tone], ...]
    reprint_word: str
    can_reprint: bool
    test_word: str
    done_word: str
    note: str = ""
    """What just happened, or what is wrong with the code."""


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """The kiosk cannot serve: it has never heard from its branch, or its disk is broken."""

    headline: str
    text: str


@dataclass(frozen=True, slots=True)
class Sign:
    """Somebody looks for this kiosk: its name as large as the screen allows. Any touch ends it."""

    caption: str
    name: str
    hint: str


Body = Attract | ChooseService | EnterPhone | Asking | ShowTicket | Refused | StaffDesk | OutOfOrder | Sign


@dataclass(frozen=True, slots=True)
class Page:
    """The whole screen. `turn` counts the changes to another kind of page: a tap tells on which turn it was made."""

    frame: Frame
    body: Body
    turn: int = 0


class Key(StrEnum):
    """What a person can do. The view tells the presenter a `Tap`; a tap on what is no longer shown is ignored there."""

    BEGIN = "begin"
    LANGUAGE = "language"
    ACCESS = "access"
    BACK = "back"
    SERVICE = "service"
    PRIORITY = "priority"
    DIGIT = "digit"
    ERASE = "erase"
    SKIP = "skip"
    GO = "go"
    DONE = "done"
    STAFF = "staff"
    REPRINT = "reprint"
    TEST_PRINT = "test_print"


@dataclass(frozen=True, slots=True)
class Tap:
    """`value` is the language, the access key (`large`, `contrast`, `low_reach`), the service, the priority or the digit.

    `turn` is that of the page that the person saw; with None the tap counts for whatever is shown.
    """

    key: Key
    value: str = ""
    turn: int | None = None
