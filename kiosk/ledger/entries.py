"""A ticket in the ledger and the steps that it takes. Each step is a pure function from one entry to the next."""

from dataclasses import dataclass, replace
from enum import StrEnum

from foleni.messages.replies import JoinResult
from foleni.times import Instant


class Step(StrEnum):
    """How far a ticket has come at the kiosk."""

    ASKED = "asked"
    NUMBERED = "numbered"
    PRINTING = "printing"
    """From here on there may be paper: it is never printed again by itself."""
    PRINTED = "printed"
    FAILED = "failed"
    UNSURE = "unsure"
    REFUSED = "refused"
    """The branch said no; there is no ticket."""
    WITHDRAWN = "withdrawn"
    """Nobody saw a number: whatever the branch has of it is cancelled."""


class Handing(StrEnum):
    """What the branch server still has to hear of a ticket."""

    NOTHING = "nothing"
    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"


class StepError(Exception):
    """A step that does not follow from the one before: a fault of the program."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tap of a customer. `id` is the command's id, for ever. `own` tells whether the number is of the kiosk's own series,
    `given_at` when it was given; `ticket`, `ahead`, the waits and `url` are what the branch server answered.
    """

    id: str
    service: str
    asked_at: Instant
    priority: str = "normal"
    language: str = "en"
    phone: str | None = None
    step: Step = Step.ASKED
    number: str | None = None
    own: bool = False
    given_at: Instant | None = None
    ticket: str | None = None
    ahead: int | None = None
    wait_p50_s: int | None = None
    wait_p90_s: int | None = None
    url: str | None = None
    handing: Handing = Handing.NOTHING
    cancel: str | None = None
    """The id of the command that cancels it."""
    code: str | None = None
    """The code of a refusal."""


UNFINISHED = frozenset({Step.ASKED, Step.NUMBERED, Step.PRINTING})
_BEFORE = {
    Step.PRINTING: {Step.NUMBERED},
    Step.PRINTED: {Step.PRINTING},
    Step.FAILED: {Step.NUMBERED, Step.PRINTING},
    Step.UNSURE: {Step.NUMBERED, Step.PRINTING},
    Step.REFUSED: {Step.ASKED},
    Step.WITHDRAWN: {Step.ASKED, Step.NUMBERED},
    Step.NUMBERED: {Step.ASKED},
}


def answered(entry: Entry, result: JoinResult, now: Instant) -> Entry:
    """The branch server gave the number."""
    return replace(
        _moved(entry, Step.NUMBERED), number=result.number, given_at=now, ticket=result.ticket, ahead=result.ahead,
        wait_p50_s=result.wait_p50_s, wait_p90_s=result.wait_p90_s, url=result.url,
    )  # fmt: skip


def numbered_here(entry: Entry, number: str, now: Instant) -> Entry:
    """The kiosk gave the number, and has to hand it in."""
    return replace(_moved(entry, Step.NUMBERED), number=number, own=True, given_at=now, handing=Handing.WAITING)


def on_paper(entry: Entry, step: Step) -> Entry:
    """`step` is what became of the paper: printing, printed, failed or unsure."""
    return _moved(entry, step)


def refused(entry: Entry, code: str) -> Entry:
    return replace(_moved(entry, Step.REFUSED), code=code, phone=None)


def withdrawn(entry: Entry, cancel: str) -> Entry:
    """Nobody waits for it any more; `cancel` is the id of the command with which it will be cancelled."""
    return replace(_moved(entry, Step.WITHDRAWN), cancel=cancel, handing=Handing.WAITING)


def found(entry: Entry, ticket: str) -> Entry:
    """What a withdrawn entry is at the branch."""
    return replace(entry, ticket=ticket)


def handed_in(entry: Entry, ticket: str | None = None) -> Entry:
    """The branch server has heard all that it has to; the phone number is of no further use here."""
    return replace(entry, handing=Handing.TAKEN, ticket=ticket or entry.ticket, phone=None)


def turned_away(entry: Entry, code: str) -> Entry:
    """The branch server does not take what was handed in."""
    return replace(entry, handing=Handing.REFUSED, code=code, phone=None)


def without_phone(entry: Entry) -> Entry:
    return replace(entry, phone=None)


def _moved(entry: Entry, step: Step) -> Entry:
    if entry.step not in _BEFORE[step]:
        raise StepError(f"{entry.id} cannot become {step}: it is {entry.step}")
    return replace(entry, step=step)
