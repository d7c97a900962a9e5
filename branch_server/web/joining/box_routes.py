"""What boxes ask that would like to join, or to renew their certificates. All of it comes from strangers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from branch_server.adapters.tls.authority import CsrError, TlsError
from branch_server.web.errors import WebError
from branch_server.web.joining.book import Asked, BookError, Stage, UnfitError, UnknownError
from branch_server.web.joining.granting import GoneError, NotReadyError
from branch_server.web.joining.joining import Joining, joining_at, kept_at
from branch_server.web.joining.revealing import revealed_of
from branch_server.web.people.current import address_of, now_us
from branch_server.web.site import site_of
from foleni import __version__
from foleni.messages.base import Message
from foleni.messages.joining import PREFIX, Ask, Commit, Opened, Renew, Reveal, Waiting, Welcome
from foleni.times import Instant, to_wire

_REASONS = {
    "refused": "Somebody has turned this box away.",
    "closed": "Joining was closed after too many wrong codes.",
    "replaced": "Another box was approved in its place.",
    "removed": "This box is no device of the branch any more.",
}

router = APIRouter(prefix=PREFIX, include_in_schema=False)


async def joining_of(request: Request) -> Joining:
    """How boxes join here. Raises `WebError` 404 where they cannot."""
    joining = joining_at(site_of(request))
    if joining is None:
        raise WebError(404, "not_found", "No box can join here.")
    return joining


Here = Annotated[Joining, Depends(joining_of)]


@router.get("/branch")
async def welcome(here: Here) -> Response:
    ca = here.authority.ca_pem.decode()
    return _told(Welcome(branch=here.authority.branch, name=here.branch_name[:64], ca=ca, version=__version__))


@router.post("/requests")
async def open_request(request: Request, here: Here, commit: Commit) -> Response:
    try:
        asked = here.book.open(commit, address_of(request), here.now, to_wire(Instant(now_us())))
    except BookError as error:
        again = {"Retry-After": str(max(1, round(error.again_s or 1.0)))}
        raise WebError(429, "too_many", _sentence(error.reason), again) from error
    here.site.hub.changed()
    return _told(Opened(request=asked.id, nonce=asked.server_nonce, expires_s=_left_s(asked, here)), 201)


@router.post("/requests/{request}/reveal")
async def reveal(here: Here, request: str, shown: Reveal) -> Response:
    try:
        asked = here.book.reveal(request, revealed_of(shown.csr), shown.nonce, here.now)
    except CsrError as error:
        raise WebError(422, "invalid", _sentence(str(error))) from error
    except UnknownError as error:
        raise WebError(404, "not_found", _sentence(error.reason)) from error
    except UnfitError as error:
        raise WebError(409, "unfit", _sentence(error.reason)) from error
    here.site.hub.changed()
    return _told(_waiting(asked, here))


@router.post("/requests/{request}/answer")
async def answer(here: Here, request: str, ask: Ask) -> Response:
    try:
        asked = here.book.ask(request, ask.nonce, here.now)
    except UnknownError as error:
        raise WebError(404, "not_found", _sentence(error.reason)) from error
    granted = await here.granted(asked) if asked.stage is Stage.APPROVED else None
    if asked.stage is Stage.REFUSED:
        raise WebError(410, asked.reason, _REASONS[asked.reason])
    return _told(granted) if granted is not None else _told(_waiting(asked, here), 202)


@router.post("/renew")
async def renew(request: Request, asked: Renew) -> Response:
    """A device that knows its password gets a new certificate, also when its old one is over."""
    here = kept_at(site_of(request))
    if here is None:
        raise WebError(404, "not_found", "This server has no certificates.")
    try:
        renewed = await here.renewed(asked)
    except CsrError as error:
        raise WebError(422, "invalid", _sentence(str(error))) from error
    except (NotReadyError, TlsError) as error:
        raise WebError(503, "unavailable", "This cannot be answered yet. Please try again.", {"Retry-After": "5"}) from error
    except GoneError as error:
        await here.strangers.slow_down(address_of(request))
        raise WebError(403, "not_allowed", _REASONS["removed"]) from error
    return _told(renewed)


def _waiting(asked: Asked, here: Joining) -> Waiting:
    return Waiting(expires_s=_left_s(asked, here), again_s=1 if asked.stage is Stage.APPROVED else 2)


def _left_s(asked: Asked, here: Joining) -> int:
    return max(0, round(asked.ends_at - here.now))


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def _told(message: Message, status: int = 200) -> Response:
    return JSONResponse(message.model_dump(mode="json"), status)
