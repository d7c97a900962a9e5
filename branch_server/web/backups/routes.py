"""`/admin/backups`, and what its page asks for."""

import asyncio
import time
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from branch_server.keeping.age import new_key
from branch_server.keeping.keys import keep_recipient
from branch_server.keeping.status import ask_for_one
from branch_server.web import pages
from branch_server.web.backups.picture import picture_of
from branch_server.web.base.places import frame_of
from branch_server.web.errors import WebError
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page, signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import Site, site_of
from foleni.times import Instant
from foleni.words.catalogue import words

_ROOM, _BASE = "branch_server.web.backups", "branch_server.web.base"

router = APIRouter(prefix="/api/v1/backups", include_in_schema=False)
page_router = APIRouter(include_in_schema=False)
Asker = Annotated[Person, Depends(signed_in)]


@router.get("")
async def backups(request: Request, person: Asker) -> dict[str, Any]:
    rights.check(person, Action.MANAGE_BACKUPS)
    return await _picture(site_of(request))


@router.post("")
async def ask(request: Request, person: Asker) -> Response:
    """Leaves word that a backup is wanted now. Asked twice, it is made once."""
    rights.check(person, Action.MANAGE_BACKUPS)
    site = site_of(request)
    try:
        await asyncio.to_thread(ask_for_one, site.data, person.id)
    except OSError as error:
        raise WebError(503, "unavailable", _say(request, person)("The disk of the branch server takes nothing now.")) from error
    site.store.audit.note(person, "back_up", "branch")
    return JSONResponse(await _picture(site), 202)


@router.post("/key")
async def make_key(request: Request, person: Asker) -> Response:
    """A new key. Its secret half is in this answer and nowhere else."""
    rights.check(person, Action.MANAGE_BACKUPS)
    site = site_of(request)
    secret, public = new_key()
    try:
        await asyncio.to_thread(keep_recipient, site.data, public)
    except OSError as error:
        raise WebError(503, "unavailable", _say(request, person)("The disk of the branch server takes nothing now.")) from error
    site.store.audit.note(person, "make_backup_key", "branch", detail=public)
    drawn = segno.make(secret, error="m").svg_data_uri(scale=4, border=2, light="white")
    return JSONResponse({"secret": secret, "public": public, "picture": drawn}, 201, {"Cache-Control": "no-store"})


@page_router.get("/admin/backups")
async def backups_page(request: Request, person: Annotated[Person, Depends(person_for_page)]) -> Response:
    rights.check(person, Action.MANAGE_BACKUPS)
    site, language = site_of(request), pages.language_of(request, chosen=person.language)
    frame = frame_of(person, words(_ROOM, language, _BASE), "admin", "backups")
    return pages.page(request, "backups/backups.html", language, carried=await _picture(site), **frame)


async def _picture(site: Site) -> dict[str, Any]:
    now = Instant(time.time_ns() // 1000)
    return await asyncio.to_thread(picture_of, site.data, site.settings.backups, now)


def _say(request: Request, person: Person) -> Any:
    return words(_ROOM, pages.language_of(request, chosen=person.language), _BASE)
