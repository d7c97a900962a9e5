"""What stands on a ticket, from top to bottom, as pure data."""

from dataclasses import dataclass
from datetime import UTC
from enum import Enum, StrEnum

from foleni.messages.setup import Template
from foleni.paper.ticket import PaperTicket
from foleni.words import Words, day_and_time, pick, wait_phrase, words

ROOM = "foleni.paper"


class Align(StrEnum):
    """Where a line stands; START and END change sides where people read from the right."""

    START = "start"
    CENTER = "center"
    END = "end"


class Weight(StrEnum):
    REGULAR = "regular"
    BOLD = "bold"


class Size(Enum):
    """Height of the letters in steps of 24 dots, the smallest that is printed."""

    NORMAL = 1
    LARGE = 2


@dataclass(frozen=True, slots=True)
class Line:
    """Words. What does not fit is broken, and large words are set smaller; nothing is cut off."""

    text: str
    size: Size = Size.NORMAL
    weight: Weight = Weight.REGULAR
    align: Align = Align.CENTER


@dataclass(frozen=True, slots=True)
class Rule:
    """A dashed line from side to side."""


@dataclass(frozen=True, slots=True)
class Number:
    """The ticket's number, as large as the paper is wide."""

    text: str


@dataclass(frozen=True, slots=True)
class Qr:
    """A link to scan."""

    link: str


@dataclass(frozen=True, slots=True)
class Space:
    dots: int


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture of black and white: rows of `width` bits, each filled up to whole bytes, 1 is black."""

    width: int
    height: int
    rows: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of the paper."""


Part = Line | Rule | Number | Qr | Space | Logo | Cut


@dataclass(frozen=True, slots=True)
class Layout:
    """A ticket on paper `width` dots wide (576: 80 mm, 384: 58 mm)."""

    width: int
    language: str
    right_to_left: bool
    parts: tuple[Part, ...]


def lay_out(ticket: PaperTicket, template: Template, logo: Logo | None = None) -> Layout:
    """The ticket in its customer's language. Of the template's texts `welcome` stands below the branch, and `follow` in
    place of our words below the QR code; its note and footer stand at the end.
    """
    say = words(ROOM, ticket.language)
    top = (
        *((logo, Space(12)) if logo else ()),
        Line(ticket.organization, Size.LARGE, Weight.BOLD),
        *_lines(ticket.branch, pick(template.texts.get("welcome", {}), say.language)),
        *(Space(14), Rule(), Space(18)),
    )
    middle = (
        Line(ticket.service, Size.LARGE),
        *(Space(24), Number(ticket.number), Space(30)),
        *_expectation(ticket, say),
        *_qr(ticket, template, say),
        *(Space(16), Rule(), Space(12)),
    )
    parts = (*top, *middle, *_end(ticket, template, say), Space(24), Cut())
    return Layout(template.width_px, say.language, say.right_to_left, parts)


def _lines(*texts: str) -> tuple[Line, ...]:
    return tuple(Line(line.strip()) for text in texts for line in text.splitlines() if line.strip())


def _expectation(ticket: PaperTicket, say: Words) -> tuple[Part, ...]:
    """How many are ahead and how long it may take; where nobody knows, that the number counts."""
    if ticket.trial:
        return ()
    if ticket.ahead is None:
        return _lines(say("You are in the queue. We will call this number."))
    ahead = say.n("{count} person ahead", "{count} people ahead", ticket.ahead) if ticket.ahead else say("Nobody ahead of you")
    head = Line(ahead, Size.LARGE, Weight.BOLD)
    if ticket.wait_p50_s is None or ticket.wait_p90_s is None:
        return (head,)
    return head, Space(2), Line(wait_phrase(say.language, ticket.wait_p50_s, ticket.wait_p90_s))


def _qr(ticket: PaperTicket, template: Template, say: Words) -> tuple[Part, ...]:
    if not ticket.url:
        return ()
    follow = pick(template.texts.get("follow", {}), say.language) or say("Follow your place on your phone")
    return Space(24), Qr(ticket.url), Space(14), *_lines(follow)


def _end(ticket: PaperTicket, template: Template, say: Words) -> tuple[Part, ...]:
    wall_clock = ticket.issued_at.replace(tzinfo=UTC)
    issued = f"{day_and_time(wall_clock, 'UTC', say.language)} · {ticket.kiosk}"
    footer = ticket.footer or pick(template.footer, say.language)
    copy = (Line(say("Copy"), weight=Weight.BOLD),) if ticket.copy else ()
    words_of_branch = _lines(template.note, footer)
    return Line(issued), *copy, *((Space(12), *words_of_branch) if words_of_branch else ())
