"""The HTTP API of devices: how they are, their setup, and orders to them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from branch_server.domain.refusals import Refused
from branch_server.web import errors, pages
from branch_server.web.admin.kinds import KINDS
from branch_server.web.admin.saving import Asked, remove, save
from branch_server.web.devices import pictures
from branch_server.web.joining import pictures as joining_pictures
from branch_server.web.joining.joining import joining_at
from branch_server.web.orders import order
from branch_server.web.people import rights
from branch_server.web.people.current import signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import Site, site_of
from branch_server.web.streaming import streamed
from foleni.messages.base import LanguageCode
from foleni.messages.orders import Came, Outcome
from foleni.messages.replies import Code
from foleni.messages.setup import Template
from foleni.words.catalogue import words

_ADMIN, _BASE = "branch_server.web.admin", "branch_server.web.base"

router = APIRouter(prefix="/api/v1/devices", tags=["devices"])
Visitor = Annotated[Person, Depends(signed_in)]


class Given(BaseModel):
    """A thing as its form has it, and the version that the form was made from; empty for a new one."""

    model_config = ConfigDict(extra="forbid")

    value: dict[str, Any]
    version: Annotated[str, Field(max_length=64)] | None = None


class Ordered(BaseModel):
    """What a device is to do. `print` prints a test page, in `language`, in the form of `template` where one is given."""

    type: Literal["identify", "restart", "print"]
    language: LanguageCode = "en"
    template: Template | None = None


async def asking(request: Request, person: Visitor) -> Asked:
    """Somebody who may change devices, in the language of their page. Raises `Refused`."""
    rights.check(person, Action.MANAGE_DEVICES)
    site = site_of(request)
    return Asked(site, person, words(_ADMIN, pages.language_of(request, chosen=person.language), _BASE), site.pen("setup"))


Asking = Annotated[Asked, Depends(asking)]


@router.get("", summary="All devices and how they are")
async def devices(request: Request, person: Visitor) -> Response:
    rights.check(person, Action.SEE_DEVICES)
    return JSONResponse({"devices": pictures.devices_of(site_of(request))})


@router.get("/stream", include_in_schema=False)
async def stream(request: Request, person: Visitor) -> Response:
    rights.check(person, Action.SEE_DEVICES)
    site = site_of(request)
    channels = [("devices:all", lambda: pictures.drawn(site)), ("notice:all", lambda: pictures.notice_drawn(site))]
    joining = joining_at(site) if rights.may(person, Action.MANAGE_DEVICES) else None
    if joining is not None:
        channels.append(("joining:all", lambda: joining_pictures.drawn(joining)))
    return streamed(site, person, channels)


@router.put("/{device}", include_in_schema=False)
async def save_device(asked: Asking, device: str, given: Given) -> Response:
    known = asked.state.devices.get(device)
    own = {**given.value, "box": known.box if known is not None else None}  # which machine it is, only joining says
    return await save(asked, KINDS["device"], device, own, given.version)


@router.delete("/{device}", include_in_schema=False)
async def remove_device(asked: Asking, device: str, version: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    """Cuts a device off: its account goes, and with it its connection."""
    return await remove(asked, KINDS["device"], device, version)


@router.post("/{device}/orders", summary="Tell a device to show itself, to restart, or to print a test page")
async def give_order(request: Request, person: Visitor, device: str, ordered: Ordered) -> Response:
    """Answers with what came of it: `{"ok","code","message"}`. A device that is away is refused with `not_there`."""
    rights.check(person, Action.MANAGE_DEVICES)
    site = site_of(request)
    _check_known(site, device)
    more = {"test": True, "language": ordered.language, "template": ordered.template} if ordered.type == "print" else {}
    outcome = await order(site, device, ordered.type, **more)
    site.store.audit.note(person, f"order_{ordered.type}", device, "ok" if outcome.ok else outcome.code)
    return _answer(outcome)


def _check_known(site: Site, device: str) -> None:
    if device not in site.follower.state.devices:
        raise errors.WebError(404, "not_found", "There is no such device.")


def _answer(outcome: Outcome) -> Response:
    if outcome.code == Came.INVALID:
        raise Refused(Code.INVALID, outcome.message)
    if outcome.ok:
        return JSONResponse({"ok": True, "code": outcome.code, "message": outcome.message})
    status = 504 if outcome.code == Came.NO_ANSWER else 409
    return errors.refused(status, outcome.code, outcome.message)
