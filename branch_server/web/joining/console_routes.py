"""The HTTP API of the page on which boxes are approved."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from branch_server.web import pages
from branch_server.web.devices import pictures as device_pictures
from branch_server.web.devices.routes import Asking
from branch_server.web.joining.approving import Approval, Approving, Code
from branch_server.web.joining.box_routes import Here
from branch_server.web.joining.pictures import box_of, drawn, who_asks
from branch_server.web.people import rights
from branch_server.web.people.current import signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.streaming import streamed
from foleni.words.catalogue import words

ROOM, _BASE = "branch_server.web.joining", "branch_server.web.base"

router = APIRouter(prefix="/api/v1/joining", include_in_schema=False)


class Typed(BaseModel):
    code: Code


async def approving(request: Request, here: Here, asking: Asking) -> Approving:
    """Somebody who may change devices. Raises `Refused`."""
    language = pages.language_of(request, chosen=asking.person.language)
    return Approving(here, asking, words(ROOM, language, _BASE))


Allowed = Annotated[Approving, Depends(approving)]


@router.get("")
async def boxes(here: Here, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """The boxes that ask now."""
    rights.check(person, Action.MANAGE_DEVICES)
    return JSONResponse(who_asks(here))


@router.get("/stream")
async def stream(here: Here, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """The boxes that ask, and the devices, as live pictures."""
    rights.check(person, Action.MANAGE_DEVICES)
    devices = ("devices:all", lambda: device_pictures.drawn(here.site))
    return streamed(here.site, person, [("joining:all", lambda: drawn(here)), devices])


@router.post("/look")
async def look(allowed: Allowed, typed: Typed) -> Response:
    """The box that shows a code: 404 `wrong_code` where there is none, 429 `too_many` after some of these."""
    return JSONResponse(box_of(allowed.look(typed.code)))


@router.post("/{request}/approve")
async def approve(allowed: Allowed, request: str, approval: Approval) -> Response:
    """Answers with the device that the box has become. The same twice is done once."""
    return await allowed.approve(request, approval)


@router.post("/{request}/refuse")
async def refuse(allowed: Allowed, request: str) -> Response:
    return allowed.refuse(request)
