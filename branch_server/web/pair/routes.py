"""`/admin/second-server`, and what its page asks for."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from branch_server.standby.asked import Press, press
from branch_server.standby.record import now_of
from branch_server.web import pages
from branch_server.web.base.places import frame_of
from branch_server.web.errors import WebError
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page, signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import site_of
from foleni.words.catalogue import words

_ROOM, _BASE = "branch_server.web.pair", "branch_server.web.base"

router = APIRouter(prefix="/api/v1/second-server", include_in_schema=False)
page_router = APIRouter(include_in_schema=False)
Asker = Annotated[Person, Depends(signed_in)]


@router.get("")
async def second_server(request: Request, person: Asker) -> dict[str, Any]:
    rights.check(person, Action.MANAGE_BACKUPS)
    return await asyncio.to_thread(picture_of, site_of(request).data)


@router.post("/hand-over")
async def hand_over(request: Request, person: Asker) -> Response:
    """Lets the standby serve, if it has everything. The consoles come back on the other server."""
    rights.check(person, Action.MANAGE_BACKUPS)
    site = site_of(request)
    say = words(_ROOM, pages.language_of(request, chosen=person.language), _BASE)
    if (await asyncio.to_thread(picture_of, site.data))["state"] != "ready":
        raise WebError(409, "wrong_state", say("The second server does not have everything now."))
    try:
        await asyncio.to_thread(press, site.data, Press(what="hand_over", by=person.id))
    except OSError as error:
        raise WebError(503, "unavailable", say("The disk of the branch server takes nothing now.")) from error
    site.store.audit.note(person, "hand_over", "branch")
    return JSONResponse({"state": "handing_over"}, 202)


@page_router.get("/admin/second-server")
async def second_server_page(request: Request, person: Annotated[Person, Depends(person_for_page)]) -> Response:
    rights.check(person, Action.MANAGE_BACKUPS)
    site, language = site_of(request), pages.language_of(request, chosen=person.language)
    frame = frame_of(person, words(_ROOM, language, _BASE), "admin", "second-server")
    carried = await asyncio.to_thread(picture_of, site.data)
    return pages.page(request, "pair/second_server.html", language, carried=carried, **frame)


def picture_of(data: Path) -> dict[str, Any]:
    """`state` is `none`, `ready` (the standby has everything) or `behind`."""
    now = now_of(data)
    if not now.get("other"):
        return {"state": "none", "other": "", "term": 0}
    return {"state": "ready" if now.get("attached") else "behind", "other": now["other"], "term": now.get("term", 0)}
