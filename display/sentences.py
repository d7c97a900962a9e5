"""The sentences of the display, in one language."""

import re
from collections.abc import Iterable

from display.moment import Moment
from display.place import Place
from foleni.messages.setup import ServiceState
from foleni.messages.state import ServiceSummary
from foleni.times import from_wire
from foleni.words import Words, day_and_time, pick, time_of_day, wait_short

_FIRST = re.compile(r"(?P<large>[^\n]{8,80}?(?:[.!?\u061f\u0964](?=\s)|\n))\s*(?P<small>\S.*)", re.DOTALL)
"""A first sentence or line, and what follows it."""
_MINUTE_S = 60
_HOUR_MIN = 60


def name_of(service: ServiceSummary, say: Words, place: Place) -> str:
    """The name of a service, or its prefix where it has none."""
    return pick(service.name, say.language, place.languages[0]) or service.prefix


def title(say: Words, place: Place) -> str:
    """`Demo Bank · Main Street`."""
    name = pick(place.names, say.language, place.languages[0])
    return " · ".join(part for part in (place.organization, name) if part)


def about(service: ServiceSummary, say: Words) -> str:
    """What stands in the last column: the expected wait, or why there is none."""
    match service.state:
        case ServiceState.PAUSED:
            return say("Paused")
        case ServiceState.CLOSED:
            return say("Closed")
    return wait_short(say.language, service.wait_p50_s)


def not_served(services: Iterable[ServiceSummary], say: Words, place: Place, now: Moment) -> list[str]:
    """One sentence for all services that are paused or closed alike: `Loans: paused, open again at 14:00.`"""
    alike: dict[tuple[str, str], list[str]] = {}
    for service in services:
        if service.state in {ServiceState.PAUSED, ServiceState.CLOSED}:
            back = _reopens(service, say, place, now)
            if service.state == ServiceState.PAUSED or back:
                alike.setdefault((service.state, back), []).append(name_of(service, say, place))
    return [_not_served(state, back, ", ".join(names), say) for (state, back), names in alike.items()]


def _not_served(state: str, back: str, names: str, say: Words) -> str:
    if state == ServiceState.PAUSED:
        return say("{services}: paused, open again at {time}.", services=names, time=back) if back else say(
            "{services}: paused.", services=names
        )  # fmt: skip
    return say("{services}: closed, open again at {time}.", services=names, time=back)


def _reopens(service: ServiceSummary, say: Words, place: Place, now: Moment) -> str:
    """When a service opens again: the time, with the day where that is another one; empty where nobody knows."""
    if service.reopens_at is None or place.zone is None:
        return ""
    try:
        moment = from_wire(service.reopens_at)
    except ValueError:
        return ""
    if moment < now.wall:
        return ""
    with_day = day_and_time(moment, place.zone, say.language)
    is_today = with_day.split("·")[0] == day_and_time(now.wall, place.zone, say.language).split("·")[0]
    return time_of_day(moment, place.zone, say.language) if is_today else with_day


def headline(notice: str) -> tuple[str, str]:
    """A notice as large words and, where it goes on after its first sentence or line, smaller ones."""
    found = _FIRST.match(notice)
    return (found["large"].rstrip("."), found["small"].strip()) if found else (notice, "")


def not_live(lost_at: Moment | None, say: Words, place: Place, now: Moment) -> str:
    """For the header: `Not live since 10:42 · picture 5 min old`."""
    if lost_at is None or place.zone is None:
        return say("Not live · this picture may be old")
    since = say("Not live since {time}", time=time_of_day(lost_at.wall, place.zone, say.language))
    return f"{since} · {_age(lost_at, say, now)}"


def _age(lost_at: Moment, say: Words, now: Moment) -> str:
    minutes = int(now.steady_s - lost_at.steady_s) // _MINUTE_S
    if minutes < 1:
        return say("picture less than 1 min old")
    if minutes < _HOUR_MIN:
        return say("picture {minutes} min old", minutes=minutes)
    hours = minutes // _HOUR_MIN
    return say.n("picture more than {count} hour old", "picture more than {count} hours old", hours)
