"""Where the gateways send to. A request that is not a gateway's own is turned away before anything of it is believed."""

import logging
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from cloud.people.trail import note
from cloud.requests import address_of
from cloud.site import Site
from cloud.ussd.gateways import FORMS, FormError
from cloud.ussd.talking import Talk
from cloud.ussd.trust import Gateway
from foleni.logs import Seldom
from foleni.web.errors import WebError
from foleni.web.limits import Buckets, Limit

_seldom = Seldom(logging.getLogger(__name__))

_MOST_BODY_BYTES = 16 * 1024
_NOTED = Limit(0.2, 5)
"""So many forgeries of one address are kept for each second; a flood of them must not fill the audit."""
_TEXT = {"schema": {"type": "string"}, "example": "CON Foleni\n1. Take a ticket"}
_OBJECT = {"schema": {"type": "object"}}
_RESPONSES = {
    200: {
        "description": "The next screen, in the gateway's own form",
        "content": {"text/plain": _TEXT, "application/json": _OBJECT},
    },
    403: {"description": "Not the gateway: wrong key or address"},
    404: {"description": "No such gateway"},
    422: {"description": "Not in the gateway's form, or no telephone number"},
}
_BODY = {
    "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": _OBJECT, "application/json": _OBJECT}}
}
"""Whether it is a form or JSON depends on the gateway, so no one schema describes it."""


class Inbox:
    """Takes requests in for the gateways of the settings."""

    def __init__(self, site: Site, gateways: tuple[Gateway, ...], talk: Talk) -> None:
        self._site = site
        self._gateways = {gateway.name: gateway for gateway in gateways}
        self._talk = talk
        self._noted = Buckets(_NOTED)

    async def take(self, request: Request, name: str | None, key: str = "") -> Response:
        """`name` None is the gateway that the settings name first."""
        gateway = self._gateways.get(name) if name is not None else next(iter(self._gateways.values()), None)
        if gateway is None:
            raise WebError(404, "not_found", "There is no such gateway.")
        if not gateway.trusts(key or _bearer(request), address_of(request)):
            await self._forged(request, gateway)
        body = await _body(request)
        form = FORMS[gateway.kind]
        try:
            inbound = form.read(body)
        except FormError as error:
            raise WebError(422, "invalid", f"{gateway.kind}: {error}.") from error
        if (phone := gateway.e164(inbound.phone)) is None:
            raise WebError(422, "invalid", "This is no telephone number.")
        screen = await self._talk.answer(replace(inbound, phone=phone), gateway)
        return form.write(inbound, screen)

    async def _forged(self, request: Request, gateway: Gateway) -> None:
        address = address_of(request)
        _seldom.warning(gateway.name, "a request that claims to be the gateway %s came from %s", gateway.name, address)
        if not self._noted.wait_s(address):
            at = self._site.now()
            await self._site.database.run(
                lambda c: note(c, at=at, who="nobody", address=address, action="ussd_inbound", subject=gateway.name,
                               outcome="not_allowed")
            )  # fmt: skip
        raise WebError(403, "not_allowed", "This is not the gateway.")


def routes(inbox: Inbox) -> APIRouter:
    """The key of a gateway that can send no header stands in the path."""
    router = APIRouter(tags=["ussd"])
    told = {"summary": "One step of a dialogue, from a gateway", "responses": _RESPONSES, "openapi_extra": _BODY}

    @router.post("/ussd/inbound/{gateway}", include_in_schema=False)
    @router.post("/ussd/inbound/{gateway}/{key}", include_in_schema=False)
    async def _inbound(gateway: str, request: Request, key: str = "") -> Response:
        return await inbox.take(request, gateway, key)

    @router.post("/api/v1/ussd/inbound", **told)  # type: ignore[arg-type]
    async def ussd_inbound(request: Request) -> Response:
        return await inbox.take(request, None)

    @router.post("/api/v1/ussd/inbound/{key}", **told)  # type: ignore[arg-type]
    async def ussd_inbound_with_key(key: str, request: Request) -> Response:
        return await inbox.take(request, None, key)

    return router


def _bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


async def _body(request: Request) -> bytes:
    if int(request.headers.get("content-length", "0")) > _MOST_BODY_BYTES:
        raise WebError(413, "too_large", f"No request here is longer than {_MOST_BODY_BYTES} bytes.")
    read = b""
    async for piece in request.stream():
        read += piece
        if len(read) > _MOST_BODY_BYTES:
            raise WebError(413, "too_large", f"No request here is longer than {_MOST_BODY_BYTES} bytes.")
    return read
