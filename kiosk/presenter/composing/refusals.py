"""A sentence for every refusal, in the customer's language: what happened, what it means, what to do now."""

from foleni.messages.replies import Code
from foleni.times import Instant
from foleni.words import Words, msgid, words
from kiosk.pages import Refused
from kiosk.presenter.composing.frames import ROOM
from kiosk.presenter.composing.services import why_and_until
from kiosk.presenter.knowledge import Knowledge
from kiosk.presenter.stages import Sorry

_OTHER = msgid("Please choose another service, or ask our staff.")
_STAFF = msgid("Please ask our staff for a number.")
_SENTENCES: dict[str, tuple[str, str]] = {
    Code.SERVICE_CLOSED: (msgid("This service is closed now"), _OTHER),
    Code.SERVICE_PAUSED: (msgid("This service is paused now"), _OTHER),
    Code.SERVICE_FULL: (msgid("All numbers of today are given"), msgid("Please come on another day, or ask our staff.")),
    Code.UNKNOWN_SERVICE: (msgid("This service is no longer offered"), _OTHER),
}
_NO_TICKET = (msgid("We cannot give you a number now"), _STAFF)

BACK_TO_SERVICES = frozenset(_SENTENCES)
"""After these the visitor may choose something else."""


def refused(known: Knowledge, stage: Sorry, language: str, now: Instant) -> Refused:
    say = words(ROOM, language)
    if stage.code == Code.ALREADY_QUEUED and stage.number:
        return Refused(
            say("You have a number already: {number}", number=stage.number),
            say("Your place is kept. We call {number}.", number=stage.number),
            say("Done"),
        )
    headline, text = _SENTENCES.get(stage.code, _NO_TICKET)
    sentences = [_until(known, stage, say, now), say(text)]
    return Refused(
        say(headline),
        " ".join(filter(None, sentences)),
        say("Other services") if stage.code in BACK_TO_SERVICES else say("Done"),
    )


def _until(known: Knowledge, stage: Sorry, say: Words, now: Instant) -> str:
    offer = known.offer(stage.service, now)
    if offer is None or stage.code not in {Code.SERVICE_CLOSED, Code.SERVICE_PAUSED}:
        return ""
    return why_and_until(known, offer, say, now)
