"""What a box says to people while it is not yet, or no longer, a device of a branch: one thing, one sentence, one thing to do.

Pure, and without catalogues: `say` is a `Words`, or `plainly` where there is no screen.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from foleni.joining.stages import Place, Stage, Standing
from foleni.messages.joining import BoxKind

LANGUAGES = ("en", "fr", "rw", "ar", "hi")
"""All that the screens speak, in turn: nobody knows yet which of them the branch does."""
_HALF = 3


class Say(Protocol):
    """Words in one language."""

    def __call__(self, msgid: str, /, **values: object) -> str: ...


def plainly(msgid: str, /, **values: object) -> str:
    """English."""
    return msgid.format_map(values)


@dataclass(frozen=True, slots=True)
class Choice:
    """A branch that may be chosen; `ca` says which, `name` and `note` are for people."""

    ca: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the box knows of itself."""

    kind: BoxKind
    model: str = ""
    version: str = ""
    support: str = ""
    """Whom to call."""
    is_clock_wrong: bool = False
    has_touch: bool = False
    has_kept: bool = False
    """Whether it holds what a branch has not heard yet."""


@dataclass(frozen=True, slots=True)
class Poster:
    """A whole screen. `headline` is the one thing, or stands above the `code`, which is of two groups of digits."""

    title: str
    headline: str
    text: str
    code: tuple[str, ...] = ()
    qr: str = ""
    band: str = ""
    help: str = ""
    key: str = ""
    """What is written on the key that has a cut off box join anew, by holding it; empty where there is none."""
    choices: tuple[Choice, ...] = ()
    facts: tuple[str, ...] = ()
    is_trouble: bool = False


def poster_of(standing: Standing, facts: Facts, say: Say) -> Poster:
    """What is to be said, in the language of `say`."""
    shown = standing.stage
    if standing.retried is not None and standing.fitting and shown in {Stage.LOOKING, Stage.ASKING}:
        shown = standing.retried
    draw = _DRAWN[shown] if standing.has_network or shown in _ALONE else _no_network
    return draw(standing, facts, say)


def _no_network(standing: Standing, facts: Facts, say: Say) -> Poster:
    text = say(
        "This box has no address. Check the cable at the box and at the wall. The small lamps beside the plugs should be lit."
    )
    return _trouble(standing, facts, say, say("No network"), text)


def _looking(standing: Standing, facts: Facts, say: Say) -> Poster:
    if standing.has_listened and not standing.fitting:
        text = say("Is the branch server switched on, and in the same network? Then this box finds it by itself.")
        return _trouble(standing, facts, say, say("No branch server found"), text)
    headline = say("Looking for the branch server")
    if standing.reason and facts.has_touch:
        text = say("The last code is no longer good. A new one comes soon; touch the screen to have it now.")
    elif standing.reason:
        text = say("The last code is no longer good. A new one comes soon.")
    else:
        text = say("This takes a few seconds.")
    return _calm(standing, facts, say, headline, text)


def _choosing(standing: Standing, facts: Facts, say: Say) -> Poster:
    choices = tuple(Choice(place.ca or "", place.name, f"{place.branch} · {place.at}") for place in standing.branches)
    if facts.has_touch:
        return _calm(standing, facts, say, say("Which branch?"), say("Touch the branch that this box belongs to."), choices)
    text = say("There are several. Write the id of the right one into the settings of this box, then switch it off and on.")
    return _calm(standing, facts, say, say("Which branch?"), text, choices)


def _asking(standing: Standing, facts: Facts, say: Say) -> Poster:
    return _calm(standing, facts, say, say("Asking the branch server"), say("This takes a few seconds."))


def _showing(standing: Standing, facts: Facts, say: Say) -> Poster:
    place = standing.place
    band = say("The branch server does not answer. Is it switched on?") if standing.is_silent else ""
    return Poster(
        title=_title(facts, say),
        headline=(place.name or place.branch or "") if place is not None else "",
        text=say("In the console open Devices, Add a device, and type this code."),
        code=(standing.code[:_HALF], standing.code[_HALF:]),
        qr=console_of(place, standing.code) if place is not None else "",
        band=band or _clock(facts, say),
        help=say("An administrator can do that. This screen then goes on by itself."),
        facts=_facts(standing, facts, say),
    )


def _away(standing: Standing, facts: Facts, say: Say) -> Poster:
    text = say(
        "It was found, but it does not answer as it should. Is it switched on and ready? This box tries again by itself."
    )
    return _trouble(standing, facts, say, say("The branch server does not answer"), text)


def _full(standing: Standing, facts: Facts, say: Say) -> Poster:
    text = say("Too many boxes ask, or wrong codes were typed too often. This box tries again by itself.")
    return _trouble(standing, facts, say, say("Please wait a few minutes"), text)


def _cut_off(standing: Standing, facts: Facts, say: Say) -> Poster:
    text = say("An administrator has removed it, or has put another box in its place.")
    kept = say("Numbers that the branch has not heard of are kept in this box.") if facts.has_kept else ""
    way = "" if facts.has_touch else say("To join again, switch it off and on.")
    text = " ".join(filter(None, (text, kept, way)))
    drawn = _trouble(standing, facts, say, say("No longer part of this branch"), text)
    return replace(drawn, key=say("Hold to join again")) if facts.has_touch else drawn


def _broken(standing: Standing, facts: Facts, say: Say) -> Poster:
    text = say("Its disk is full or broken. Switch it off and on once. If this stays, it needs a new disk.")
    return _trouble(standing, facts, say, say("This box cannot store anything"), text)


def _joined(standing: Standing, facts: Facts, say: Say) -> Poster:
    return _calm(standing, facts, say, say("Part of the branch"), say("It begins in a moment."))


_DRAWN: dict[Stage, Callable[[Standing, Facts, Say], Poster]] = {
    Stage.LOOKING: _looking,
    Stage.CHOOSING: _choosing,
    Stage.ASKING: _asking,
    Stage.SHOWING: _showing,
    Stage.AWAY: _away,
    Stage.FULL: _full,
    Stage.CUT_OFF: _cut_off,
    Stage.BROKEN: _broken,
    Stage.JOINED: _joined,
}
_ALONE = {Stage.CUT_OFF, Stage.BROKEN, Stage.JOINED}
"""What is said with and without a network."""


def console_of(place: Place, code: str) -> str:
    """Where the console takes the code, for a telephone that reads it."""
    return f"https://{place.at}/admin/devices/join?code={code}"


def _calm(standing: Standing, facts: Facts, say: Say, headline: str, text: str, choices: tuple[Choice, ...] = ()) -> Poster:
    return Poster(
        _title(facts, say), headline, text, band=_clock(facts, say), choices=choices, facts=_facts(standing, facts, say)
    )


def _trouble(standing: Standing, facts: Facts, say: Say, headline: str, text: str) -> Poster:
    help_ = (
        say("If it stays so, call {support}.", support=facts.support)
        if facts.support
        else say("If it stays so, call whoever looks after the computers of this branch.")
    )
    return Poster(
        _title(facts, say),
        headline,
        text,
        band=_clock(facts, say),
        help=help_,
        facts=_facts(standing, facts, say),
        is_trouble=True,
    )


def _title(facts: Facts, say: Say) -> str:
    titles = {
        "kiosk": say("New kiosk"),
        "display": say("New display"),
        "counter": say("New counter unit"),
        "standby": say("New standby server"),
    }
    return titles[facts.kind]


def _clock(facts: Facts, say: Say) -> str:
    return say("The clock of this box is wrong. The network will set it.") if facts.is_clock_wrong else ""


def _facts(standing: Standing, facts: Facts, say: Say) -> tuple[str, ...]:
    place = standing.place
    server = say("Branch server: {address}", address=f"https://{place.at}") if place is not None else ""
    own = " · ".join(filter(None, (standing.own_address or "", facts.model, facts.version)))
    return tuple(filter(None, (server, say("This box: {facts}", facts=own) if own else "")))
