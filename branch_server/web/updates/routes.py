"""`/api/v1/updates`: bundles and plans for the console. Every change is in the audit log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response, StreamingResponse

from branch_server.web.errors import WebError
from branch_server.web.people import rights
from branch_server.web.people.current import now_us, signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import Site, site_of
from branch_server.web.streaming import streamed
from branch_server.web.updates.pictures import drawn, picture_of
from branch_server.web.updates.plans import When, Window
from branch_server.web.updates.reading import BundleError
from branch_server.web.updates.shelf import Incoming, Stored
from branch_server.web.updates.updates import PlanError, Updates, updates_of
from foleni.messages.base import Message
from foleni.messages.updates import Compatible, Release, Sha256
from foleni.times import Instant, to_wire

BUNDLES = "/api/v1/updates/bundles"
_PIECE_BYTES = 1024 * 1024
_SILENT_S = 60.0

router = APIRouter(prefix="/api/v1/updates", include_in_schema=False)


async def administrator(person: Annotated[Person, Depends(signed_in)]) -> Person:
    """Somebody who may update boxes. Raises `Refused`."""
    rights.check(person, Action.MANAGE_UPDATES)
    return person


async def updates_here(request: Request) -> Updates:
    return updates_of(site_of(request))


Admin = Annotated[Person, Depends(administrator)]
Here = Annotated[Site, Depends(site_of)]
Shared = Annotated[Updates, Depends(updates_here)]


class PlanBody(Message):
    """Which version the boxes of a kind should have: a bundle on the shelf, or the one in their other slot."""

    sha256: Sha256 | None = None
    compatible: Compatible | None = None
    version: Release | None = None
    when: When
    downgrade: bool = False
    again: bool = False


@router.get("")
async def look(site: Here, shared: Shared, _person: Admin) -> Response:
    return JSONResponse(picture_of(site, shared))


@router.get("/stream")
async def stream(site: Here, shared: Shared, person: Admin) -> StreamingResponse:
    return streamed(site, person, [("updates:all", lambda: drawn(site, shared))])


@router.put("/bundles")
async def bring(request: Request, site: Here, shared: Shared, person: Admin) -> Response:
    """Takes a bundle in as it comes. The same bundle twice is there once."""
    if shared.is_receiving:
        raise WebError(409, "busy", "Another bundle is coming in at this moment.")
    shared.is_receiving = True
    try:
        incoming = await asyncio.to_thread(shared.shelf.incoming)
        stored = await _received(request, shared, incoming, person)
    except BundleError as error:
        site.store.audit.note(person, "bring_bundle", "", "invalid", detail=str(error))
        raise WebError(422, "invalid", str(error)) from error
    except OSError as error:
        raise WebError(507, "unavailable", f"The bundle cannot be kept: {error.strerror}.") from error
    finally:
        shared.is_receiving = False
    _noted(site, person, "bring_bundle", f"{stored.compatible} {stored.version}")
    return JSONResponse(stored.model_dump(), 201)


@router.delete("/bundles/{sha256}")
async def discard(site: Here, shared: Shared, person: Admin, sha256: Sha256) -> Response:
    """One that is planned stays: boxes fetch it."""
    stored = shared.shelf.find(sha256)
    if stored is not None and shared.is_planned(stored):
        raise WebError(409, "wrong_state", "This bundle is planned for boxes. Choose another one for them first.")
    if stored is not None:
        await asyncio.to_thread(shared.shelf.remove, sha256)
        _noted(site, person, "remove_bundle", f"{stored.compatible} {stored.version}")
    return JSONResponse({})


@router.post("/plans")
async def plan(site: Here, shared: Shared, person: Admin, body: PlanBody) -> Response:
    """Chooses a version for all boxes of a kind. Asking twice is asking once, unless `again` is said."""
    try:
        if body.sha256 is not None:
            stored = shared.shelf.find(body.sha256)
            if stored is None:
                raise WebError(404, "not_found", "There is no such bundle.")
            made = shared.plan_bundle(stored, body.when, person.name, downgrade=body.downgrade, again=body.again)
        elif body.compatible is not None and body.version is not None:
            made = shared.plan_way_back(body.compatible, body.version, body.when, person.name)
        else:
            raise WebError(422, "invalid", "Name a bundle, or a kind of boxes and a version.")
    except PlanError as error:
        raise WebError(409, error.code, str(error)) from error
    _noted(site, person, "plan_update", f"{made.compatible} {made.version}", made.when)
    return JSONResponse(made.model_dump())


@router.delete("/plans/{compatible}")
async def drop(site: Here, shared: Shared, person: Admin, compatible: Compatible) -> Response:
    """Boxes of that kind stay as they are."""
    shared.drop_plan(compatible)
    _noted(site, person, "drop_update", compatible)
    return JSONResponse({})


@router.put("/window")
async def window(site: Here, shared: Shared, person: Admin, body: Window) -> Response:
    """When boxes restart at night."""
    shared.set_window(body)
    _noted(site, person, "save_update_window", f"{body.begins} {body.ends}")
    return JSONResponse(body.model_dump())


async def _received(request: Request, shared: Updates, incoming: Incoming, person: Person) -> Stored:
    """The bundle of a request's body; what does not come whole leaves nothing behind."""
    gathered = bytearray()
    try:
        async for piece in pieces_of(request):
            gathered += piece
            if len(gathered) >= _PIECE_BYTES:
                await asyncio.to_thread(incoming.add, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(incoming.add, bytes(gathered))
        return await asyncio.to_thread(shared.shelf.take, incoming, person.name, to_wire(Instant(now_us())))
    except (ClientDisconnect, TimeoutError) as error:
        raise BundleError("The bundle did not come whole.") from error
    finally:
        await asyncio.to_thread(incoming.drop)


async def pieces_of(request: Request, silent_s: float = _SILENT_S) -> AsyncIterator[bytes]:
    """A request's body as it comes. Raises `TimeoutError` where nothing came for so long: a console that lost its network
    must not keep the next one out.
    """
    stream = request.stream()
    with suppress(StopAsyncIteration):
        while True:
            async with asyncio.timeout(silent_s):
                piece = await anext(stream)
            yield piece


def _noted(site: Site, person: Person, action: str, subject: str, detail: str | None = None) -> None:
    site.store.audit.note(person, action, subject, detail=detail)
    site.hub.changed()
