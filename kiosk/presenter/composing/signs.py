"""Which kiosk this is, for somebody who looks for it."""

from foleni.words import words
from kiosk.pages import Sign
from kiosk.presenter.composing.frames import ROOM
from kiosk.presenter.knowledge import Knowledge


def sign_of(known: Knowledge) -> Sign:
    """In the branch's first language. Where the kiosk has a name, its id stands above it."""
    facts = known.facts
    say = words(ROOM, facts.language if facts is not None else "en")
    device = facts.device if facts is not None else ""
    name = facts.in_words(facts.name, facts.language) if facts is not None else ""
    return Sign(
        caption=say("This kiosk · {device}", device=device) if name else say("This kiosk"),
        name=name or device or "-",
        hint=say("Touch the screen to go on."),
    )
