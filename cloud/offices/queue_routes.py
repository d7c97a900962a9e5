"""Queues for staff who are away, to look at: in the API, and as a live stream for the pages."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from cloud.offices.picture import OfficeLines, QueuePicture, lines_of, picture_of
from cloud.offices.standing import branch_for, branches_of
from cloud.offices.streams import Streams
from cloud.people.current import Who, person_for_page, signed_in, still_signed_in
from cloud.people.rights import Action
from cloud.site import Site, site_of
from foleni.ids import Slug
from foleni.web.errors import WebError

router = APIRouter(prefix="/api/v1/staff", tags=["staff"], responses={403: {"description": "not allowed"}})
pages = APIRouter(include_in_schema=False)

TheSite = Annotated[Site, Depends(site_of)]
_NOTE = "offices.streams"


@router.get("/branches", summary="Branches that are mine, and how they are")
async def _branches(who: Annotated[Who, Depends(signed_in)], site: TheSite) -> OfficeLines:
    return await read_lines(site, who)


@router.get("/queues/{branch}", summary="A queue, as the branch last told of it", responses={404: {"description": "unknown"}})
async def _queue(branch: Slug, who: Annotated[Who, Depends(signed_in)], site: TheSite) -> QueuePicture:
    return await site.database.run(lambda c: _picture(c, site, who, branch))


@pages.get("/office/{branch}/stream")
async def _stream(branch: Slug, who: Annotated[Who, Depends(person_for_page)], site: TheSite) -> Response:
    streams = site.notes[_NOTE]
    assert isinstance(streams, Streams)
    await site.database.run(lambda c: _picture(c, site, who, branch))
    if streams.is_full:
        raise WebError(503, "unavailable", "There are too many open pages.", {"Retry-After": "10"})

    async def draw() -> bytes | None:
        still = await still_signed_in(site, who)
        if still is None:
            return None
        try:
            picture = await site.database.run(lambda c: _picture(c, site, still, branch))
        except WebError:
            return None
        return picture.model_dump_json().encode()

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(streams.stream(f"changed:{branch}", draw), media_type="text/event-stream", headers=headers)


async def read_lines(site: Site, who: Who) -> OfficeLines:
    """The branches where somebody may see the queue."""
    now = site.now()

    def read(c: Connection) -> OfficeLines:
        ids = [row.id for row in branches_of(c, who, Action.SEE_QUEUE)]
        return OfficeLines(branches=lines_of(c, ids, now), now=now)

    return await site.database.run(read)


def install_streams(site: Site) -> None:
    """Open streams end when the program does."""
    site.notes[_NOTE] = Streams(site)


def _picture(c: Connection, site: Site, who: Who, branch: str) -> QueuePicture:
    branch_for(c, who, Action.SEE_QUEUE, branch)
    return picture_of(c, branch, site.now())
