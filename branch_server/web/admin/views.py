"""The administration's pages: shells with what is there now, which their scripts then draw and keep."""

from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from branch_server.web import pages
from branch_server.web.admin.api import BASE, ROOM, setup_of
from branch_server.web.admin.overview import overview_of
from branch_server.web.base.places import admin_places_of, frame_of
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import site_of
from foleni.times import to_wire
from foleni.words.catalogue import OWN_NAMES, words

router = APIRouter(include_in_schema=False)
Reader = Annotated[Person, Depends(person_for_page)]


@router.get("/admin")
async def overview(request: Request, person: Reader) -> Response:
    """The overview; whoever may not see it goes on to the first page that is theirs."""
    if not rights.may(person, Action.MANAGE_SETUP):
        inside = admin_places_of(person, words(ROOM, person.language, BASE))
        if inside:
            return RedirectResponse(inside[0][1], 303)
    return _page(request, person, "overview", overview=overview_of(site_of(request)))


@router.get("/admin/branch")
async def branch(request: Request, person: Reader) -> Response:
    return _page(request, person, "branch", zones=_zones())


@router.get("/admin/services")
async def services(request: Request, person: Reader) -> Response:
    return _page(request, person, "services")


@router.get("/admin/counters")
async def counters(request: Request, person: Reader) -> Response:
    return _page(request, person, "counters")


@router.get("/admin/priorities")
async def priorities(request: Request, person: Reader) -> Response:
    return _page(request, person, "priorities")


@router.get("/admin/texts")
async def texts(request: Request, person: Reader) -> Response:
    return _page(request, person, "texts")


@router.get("/admin/move")
async def move(request: Request, person: Reader) -> Response:
    rights.check(person, Action.MOVE_SETUP)
    return _page(request, person, "move")


@cache
def _zones() -> list[str]:
    """All time zones that the machine knows; it reads many files for them."""
    return sorted(available_timezones())


def _page(request: Request, person: Person, part: str, **values: Any) -> Response:
    rights.check(person, Action.MANAGE_SETUP)
    site = site_of(request)
    language = pages.language_of(request, chosen=person.language)
    carried = {"setup": setup_of(site.follower.state), "now": to_wire(site.follower.now()), "own_names": OWN_NAMES, **values}
    frame = frame_of(person, words(ROOM, language, BASE), "admin", part)
    return pages.page(request, f"admin/{part}.html", language, carried=carried, **frame)
