"""The steps of joining, as a pure machine: what a box knows, and what it knows after it has heard one thing more.

looking -> (several branches) choosing -> asking -> showing a code -> joined
asking  -> away or full -> looking          showing -> over -> looking, with a new key and a new code
cut off -> looking, but only when a person asks for it        storage broken -> looking, when it works again
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from foleni.settings import HostPort


class Stage(StrEnum):
    """Where a box is on its way into a branch."""

    LOOKING = "looking"
    CHOOSING = "choosing"
    """Several branches are there: a person has to say which."""
    ASKING = "asking"
    SHOWING = "showing"
    """A code is on the screen; a person has to type it into the console."""
    AWAY = "away"
    """The server that was found does not answer as it should."""
    FULL = "full"
    """The server takes no requests for a while."""
    CUT_OFF = "cut_off"
    BROKEN = "broken"
    """What has to be kept cannot be kept."""
    JOINED = "joined"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A branch server that may be asked; `ca` is its fingerprint where it announced one, `branch` its id."""

    at: HostPort
    branch: str | None = None
    ca: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a box knows about its joining. `wanted` is the branch that it was told to join, `told` the server."""

    stage: Stage = Stage.LOOKING
    wanted: str | None = None
    told: Place | None = None
    places: tuple[Place, ...] = ()
    chosen: str | None = None
    """The authority of the branch that a person has chosen from several."""
    place: Place | None = None
    """Who is asked."""
    code: str = ""
    tries: int = 0
    """So many requests have come to nothing."""
    own_address: str | None = ""
    """This box's address on the LAN; None where it has none."""
    is_silent: bool = False
    """The server has not answered the last time, though a code is shown."""
    reason: str = ""
    """Why it does not go on, or why the code that was shown last is over; in the server's words."""
    retried: Stage | None = None
    """What was wrong before this try; until it has come to something, that is what people are told."""
    has_listened: bool = False
    """Whether everybody has had the time to announce themselves."""

    @property
    def has_network(self) -> bool:
        return self.own_address is not None

    @property
    def fitting(self) -> tuple[Place, ...]:
        """The servers that come into question."""
        if self.told is not None:
            return (self.told,)
        fitting = tuple(place for place in self.places if self.wanted in {None, place.branch})
        picked = tuple(place for place in fitting if place.ca == self.chosen)
        return picked or fitting

    @property
    def branches(self) -> tuple[Place, ...]:
        """What a person may choose from: one place of each branch and authority."""
        firsts: dict[tuple[str | None, str | None], Place] = {}
        for place in self.fitting:
            firsts.setdefault((place.branch, place.ca), place)
        return tuple(firsts.values())


@dataclass(frozen=True, slots=True)
class Networked:
    """This box's address; None where there is none."""

    address: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """Who announces themselves now; `is_all` once everybody has had the time to."""

    places: tuple[Place, ...]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Chose:
    """A person chose the branch of this authority."""

    ca: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The server has taken the request: this is its code. It may be a request from before the box was switched off."""

    code: str
    place: Place


@dataclass(frozen=True, slots=True)
class Waited:
    """The server was asked, and nobody has approved yet."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The server does not answer, or not as it should."""

    why: str


@dataclass(frozen=True, slots=True)
class Full:
    """The server takes no requests now."""


@dataclass(frozen=True, slots=True)
class Over:
    """The request was refused, has expired, or is not known any more."""

    why: str


@dataclass(frozen=True, slots=True)
class Rested:
    """It is time to try again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The branch has said yes, and it is kept: this box is one of its devices."""


@dataclass(frozen=True, slots=True)
class Broke:
    """The disk does not work."""

    why: str


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A person at the box wants it to join anew."""


News = Networked | Heard | Chose | Opened | Waited | Lost | Full | Over | Rested | Kept | Broke | AskedFor

_RESTING = {Stage.AWAY, Stage.FULL, Stage.BROKEN}
_FINAL = {Stage.JOINED}


def after(standing: Standing, news: News) -> Standing:
    """What a box knows once it has heard `news`. What does not belong to its stage changes nothing."""
    match news:
        case _ if standing.stage in _FINAL:
            known = standing
        case Networked(address):
            known = replace(standing, own_address=address)
        case Heard(places, is_all):
            known = _heard(replace(standing, places=places, has_listened=standing.has_listened or is_all), is_all=is_all)
        case Broke(why) if standing.stage is not Stage.CUT_OFF:
            known = _to(standing, Stage.BROKEN, reason=why)
        case AskedFor() | Rested() | Chose():
            known = _moved(standing, news)
        case _:
            known = _answered(standing, news)
    return known


def begins(wanted: str | None, told: HostPort | None, *, is_cut_off: bool = False) -> Standing:
    """What a box knows when it is started."""
    place = Place(told, wanted) if told is not None else None
    return Standing(Stage.CUT_OFF if is_cut_off else Stage.LOOKING, wanted, place)


def _heard(standing: Standing, *, is_all: bool) -> Standing:
    if standing.stage is Stage.CHOOSING and len(standing.branches) < 2:
        standing = replace(standing, stage=Stage.LOOKING)
    if standing.stage is not Stage.LOOKING or not is_all or not standing.fitting:
        return standing
    must_choose = standing.wanted is None and standing.told is None and len(standing.branches) > 1
    return replace(standing, stage=Stage.CHOOSING) if must_choose else _ask(standing)


def _ask(standing: Standing) -> Standing:
    """Ask one that fits; after each failure the next, so that no stranger's announcement can keep the box from its branch."""
    place = standing.fitting[standing.tries % len(standing.fitting)]
    return _to(standing, Stage.ASKING, place=place, retried=standing.retried)


def _moved(standing: Standing, news: AskedFor | Rested | Chose) -> Standing:
    """A person, or time, moves it on."""
    match news:
        case AskedFor() if standing.stage is Stage.CUT_OFF:
            return _to(standing, Stage.LOOKING)
        case Rested() if standing.stage in _RESTING:
            return _to(standing, Stage.LOOKING, retried=standing.stage)
        case Chose(ca) if standing.stage is Stage.CHOOSING and any(ca == place.ca for place in standing.fitting):
            return _ask(replace(standing, chosen=ca))
    return standing


def _answered(standing: Standing, news: News) -> Standing:
    match standing.stage, news:
        case Stage.ASKING | Stage.LOOKING, Opened(code, place):
            known = _to(standing, Stage.SHOWING, code=code, place=place)
        case Stage.ASKING, Lost(why):
            known = _to(standing, Stage.AWAY, place=standing.place, reason=why, tries=standing.tries + 1)
        case Stage.ASKING, Full():
            known = _to(standing, Stage.FULL, place=standing.place, tries=standing.tries + 1)
        case Stage.ASKING, Over():
            known = _to(standing, Stage.LOOKING, retried=Stage.AWAY, tries=standing.tries + 1)
        case Stage.SHOWING, Over(why):
            known = _to(standing, Stage.LOOKING, reason=why, tries=standing.tries + 1)
        case Stage.SHOWING, Waited() | Lost():
            known = replace(standing, is_silent=isinstance(news, Lost))
        case Stage.SHOWING, Kept():
            known = _to(standing, Stage.JOINED, place=standing.place)
        case _:
            known = standing
    return known


def _to(standing: Standing, stage: Stage, **known: object) -> Standing:
    """Another stage; of what the last one knew only what is given again stays."""
    fresh = {"place": None, "code": "", "is_silent": False, "reason": "", "retried": None, **known}
    return replace(standing, stage=stage, **fresh)  # type: ignore[arg-type]
