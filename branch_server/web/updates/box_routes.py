"""What boxes ask: whether there is something newer for them, and the bundle itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, Response

from branch_server.web.errors import WebError
from branch_server.web.people.current import address_of
from branch_server.web.public.strangers import Strangers
from branch_server.web.site import site_of
from branch_server.web.updates.updates import Updates, path_of, updates_of
from foleni.messages.updates import PREFIX, Report, Sha256

router = APIRouter(prefix=PREFIX, include_in_schema=False)
strangers = Strangers()


async def joined(request: Request) -> str:
    """The box of a request; who guesses is answered more and more slowly."""
    try:
        return updates_of(site_of(request)).device_of(request)
    except WebError:
        await strangers.slow_down(address_of(request))
        raise


async def updates_here(request: Request) -> Updates:
    return updates_of(site_of(request))


Box = Annotated[str, Depends(joined)]
Here = Annotated[Updates, Depends(updates_here)]


@router.post("/ask")
async def ask(box: Box, here: Here, report: Report) -> Response:
    """How a box stands, and what it should do about it."""
    return Response(here.heard(box, report).to_wire(), media_type="application/json")


@router.get("/bundles/{sha256}")
async def bundle(_box: Box, here: Here, sha256: Sha256) -> Response:
    """A bundle, or the part of it that a `Range` names."""
    return FileResponse(path_of(here, sha256), media_type="application/octet-stream", headers={"ETag": f'"{sha256}"'})
