"""The board as `/display` shows it: what the LAN's topics say, with the words of each language."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from branch_server.domain.state import State
from branch_server.engine.view import View, view_of
from branch_server.web.public.speaking import languages_of
from branch_server.web.site import Site
from foleni.messages.setup import Branch, ServiceState
from foleni.messages.state import Call, ServiceSummary
from foleni.times import from_wire, to_datetime
from foleni.words import Words, day_and_time, pick, time_of_day, wait_short, words

ROOM = "branch_server.web.public"
_FIRST = re.compile(r"(?P<large>[^\n]{8,80}?(?:[.!?\u061f\u0964](?=\s)|\n))\s*(?P<small>\S.*)", re.DOTALL)
"""A first sentence or line, and what follows it."""


def drawn(site: Site, mark: str, languages: Sequence[str]) -> bytes:
    """The picture as one line of JSON, in words of these languages. `mark` tells an open page whether it is still the newest
    page.
    """
    state = site.follower.state
    view = view_of(state, site.follower.waits, site.follower.now())
    picture = {
        "live": site.lan.is_live, "page": mark, "offset_min": offset_min(state.branch, site),
        "calls": [_call(call) for call in view.board.calls], "recent": [_call(call) for call in view.board.recent],
        "services": _services(view), "counters": _counters(state),
        "words": {language: _worded(site, view, language) for language in languages},
    }  # fmt: skip
    return json.dumps(picture, ensure_ascii=False, separators=(",", ":")).encode()


def offset_min(branch: Branch | None, site: Site) -> int:
    """How many minutes the clocks of the branch are ahead of UTC now."""
    there = to_datetime(site.follower.now()).astimezone(_zone(branch)).utcoffset()
    return round(there.total_seconds() / 60) if there is not None else 0


def title_of(branch: Branch | None, language: str) -> str:
    """`Demo Bank · Main Street`."""
    if branch is None:
        return "Foleni"
    return " · ".join(part for part in (branch.organization, pick(branch.name, language, branch.languages[0])) if part)


def headline(notice: str) -> tuple[str, str]:
    """A notice as large words and, where it goes on after its first sentence or line, smaller ones."""
    found = _FIRST.match(notice)
    return (found["large"].strip().rstrip("."), found["small"].strip()) if found else (notice, "")


def _call(call: Call) -> dict[str, Any]:
    return {
        "number": call.number, "counter": call.counter, "label": call.counter_label,
        "at": from_wire(call.called_at) // 1000, "call": call.call,
    }  # fmt: skip


def _services(view: View) -> list[dict[str, Any]]:
    upcoming = {each.service: each.numbers for each in view.board.next}
    return [
        {"id": service.id, "state": service.state, "waiting": service.waiting, "next": (upcoming.get(service.id) or ("",))[0]}
        for service in view.services.services
    ]


def _counters(state: State) -> list[dict[str, Any]]:
    return [{"id": desk.counter.id, "label": desk.counter.label, "state": str(desk.state)} for desk in state.desks.values()]


def _worded(site: Site, view: View, language: str) -> dict[str, Any]:
    """What is said in one language: names, waits, the notice, and the sentences of the line at the bottom."""
    branch = site.follower.state.branch
    say, now = words(ROOM, language), to_datetime(site.follower.now())
    services = view.services.services
    return {
        "title": title_of(branch, language),
        "names": [_name(service, language, branch) for service in services],
        "about": [_about(service, say) for service in services],
        "notice": headline(pick(view.board.notice, language, languages_of(branch)[0]).strip()),
        "foot": _not_served(services, say, branch, now),
    }


def _name(service: ServiceSummary, language: str, branch: Branch | None) -> str:
    return pick(service.name, language, languages_of(branch)[0]) or service.prefix


def _about(service: ServiceSummary, say: Words) -> str:
    """The expected wait, or why there is none."""
    if service.state == ServiceState.PAUSED:
        return say("Paused")
    if service.state == ServiceState.CLOSED:
        return say("Closed")
    return wait_short(say.language, service.wait_p50_s)


def _not_served(services: Sequence[ServiceSummary], say: Words, branch: Branch | None, now: datetime) -> list[str]:
    """One sentence for all services that are paused or closed alike: `Loans: paused, open again at 14:00.`"""
    alike: dict[tuple[str, str], list[str]] = {}
    for service in services:
        if service.state in {ServiceState.PAUSED, ServiceState.CLOSED}:
            back = _reopens(service, say.language, branch, now)
            if service.state == ServiceState.PAUSED or back:
                alike.setdefault((service.state, back), []).append(_name(service, say.language, branch))
    return [_sentence(state, back, names, say) for (state, back), names in alike.items()]


def _sentence(state: str, back: str, names: Iterable[str], say: Words) -> str:
    listed = ", ".join(names)
    if state != ServiceState.PAUSED:
        return say("{services}: closed, open again at {time}.", services=listed, time=back)
    if back:
        return say("{services}: paused, open again at {time}.", services=listed, time=back)
    return say("{services}: paused.", services=listed)


def _reopens(service: ServiceSummary, language: str, branch: Branch | None, now: datetime) -> str:
    """When a service opens again: the time, with the day where that is another one; empty where nobody knows."""
    if service.reopens_at is None:
        return ""
    zone, moment = _zone(branch), to_datetime(from_wire(service.reopens_at))
    if moment < now:
        return ""
    if moment.astimezone(zone).date() == now.astimezone(zone).date():
        return time_of_day(moment, zone, language)
    return day_and_time(moment, zone, language)


def _zone(branch: Branch | None) -> ZoneInfo:
    return ZoneInfo(branch.time_zone if branch is not None else "UTC")
