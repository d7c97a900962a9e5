"""The pages of devices, hall displays and paper tickets: shells with what is there now, drawn and kept by their scripts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from branch_server.web import pages
from branch_server.web.admin.kinds import fields_of, version_of
from branch_server.web.base.places import frame_of
from branch_server.web.devices.pictures import devices_of
from branch_server.web.joining.pictures import carried_for
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import Site, site_of
from foleni.messages.setup import Template
from foleni.times import to_wire
from foleni.words.catalogue import OWN_NAMES, words

_ROOM, _BASE = "branch_server.web.devices", "branch_server.web.base"
_PRINTED = ("en", "fr", "rw", "ar", "hi")
"""Languages of which a ticket is always shown, beside the branch's own."""

router = APIRouter(include_in_schema=False)
Reader = Annotated[Person, Depends(person_for_page)]


@router.get("/admin/devices")
async def devices(request: Request, person: Reader) -> Response:
    rights.check(person, Action.SEE_DEVICES)
    site = site_of(request)
    state = site.follower.state
    carried = {
        "devices": devices_of(site),
        "counters": [[desk.counter.id, desk.counter.label] for desk in state.desks.values()],
        "letters": _letters(site),
        "folder": str(site.data.resolve() / "devices"),
        "may": rights.may(person, Action.MANAGE_DEVICES),
    }
    return _page(request, person, "devices", carried | carried_for(request, person))


@router.get("/admin/devices/join")
async def join(request: Request, person: Reader) -> Response:
    """Where a box is let in by its code."""
    rights.check(person, Action.MANAGE_DEVICES)
    site = site_of(request)
    carried = {
        "devices": devices_of(site),
        "counters": [[desk.counter.id, desk.counter.label] for desk in site.follower.state.desks.values()],
        "letters": _letters(site),
    }
    return _page(request, person, "join", carried | carried_for(request, person), place="devices")


@router.get("/admin/tv")
async def tv(request: Request, person: Reader) -> Response:
    rights.check(person, Action.MANAGE_DEVICES)
    site = site_of(request)
    return _page(request, person, "tv", {"devices": devices_of(site), "notice": site.follower.state.notice})


@router.get("/admin/tickets")
async def tickets(request: Request, person: Reader) -> Response:
    rights.check(person, Action.MANAGE_DEVICES)
    site = site_of(request)
    known = next(iter(site.follower.state.templates.values()), None)
    carried = {
        "devices": devices_of(site),
        "template": fields_of(known or Template(id="ticket")),
        "version": version_of(known),
        "shown": list(dict.fromkeys((*_languages(site), *_PRINTED))),
    }
    return _page(request, person, "tickets", carried)


def _page(request: Request, person: Person, part: str, carried: dict[str, Any], place: str | None = None) -> Response:
    site = site_of(request)
    branch = site.follower.state.branch
    language = pages.language_of(request, chosen=person.language)
    common = {
        "now": to_wire(site.follower.now()),
        "hears": site.lan.is_live,
        "branch": branch.id if branch is not None else "",
        "zone": branch.time_zone if branch is not None else "UTC",
        "languages": [[code, OWN_NAMES.get(code, code)] for code in _languages(site)],
        "own_names": OWN_NAMES,
    }
    frame = frame_of(person, words(_ROOM, language, _BASE), "admin", place or part)
    return pages.page(request, f"devices/{part}.html", language, carried=common | carried, **frame)


def _languages(site: Site) -> tuple[str, ...]:
    branch = site.follower.state.branch
    return branch.languages if branch is not None else ("en",)


def _letters(site: Site) -> list[str]:
    """Letters of number series that are taken."""
    state = site.follower.state
    given = {device.issuer for device in state.devices.values() if device.issuer is not None}
    remote = state.branch.remote_issuer if state.branch is not None else None
    return sorted(given | ({remote} if remote is not None else set()))
