"""The JSON API behind the administration's pages, below `/api/v1/setup`. It belongs to the pages, not to the contract."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from branch_server.domain.state import State
from branch_server.web import errors, orders, pages
from branch_server.web.admin.kinds import BRANCH, KINDS, fields_of, version_of, version_of_all
from branch_server.web.admin.overview import TEST_TICKET, overview_of
from branch_server.web.admin.saving import Asked, kind_named, remove, save
from branch_server.web.people import rights
from branch_server.web.people.current import signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import Site, site_of
from branch_server.web.streaming import streamed
from foleni.ids import Slug
from foleni.times import to_wire
from foleni.web.live import Draw
from foleni.words.catalogue import words

ROOM = "branch_server.web.admin"
BASE = "branch_server.web.base"
_SHOWN = ("priority", "service", "counter")

router = APIRouter(prefix="/api/v1/setup", include_in_schema=False)


async def asking(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Asked:
    """Somebody who may change the setup, in the language of their page (`?lang=`). Raises `Refused`."""
    rights.check(person, Action.MANAGE_SETUP)
    site = site_of(request)
    return Asked(site, person, words(ROOM, pages.language_of(request, chosen=person.language), BASE), site.pen("setup"))


Asking = Annotated[Asked, Depends(asking)]


class Saved(BaseModel):
    """A thing as its form has it, and the version of the thing that the form was made from; empty for a new one."""

    value: dict[str, Any]
    version: Annotated[str, Field(max_length=64)] | None = None


class TestTicket(BaseModel):
    device: Slug


@router.get("")
async def read(asked: Asking) -> Response:
    """The whole setup that these pages look after, each thing with its version."""
    return JSONResponse(setup_of(asked.state))


@router.get("/stream")
async def stream(asked: Asking) -> Response:
    """The setup and the overview, live."""
    return streamed(asked.site, asked.person, _pictures(asked.site))


@router.post("/test-ticket")
async def print_test(asked: Asking, body: TestTicket) -> Response:
    """Prints a test ticket at a kiosk, and says what the printer said."""
    came = await orders.order(asked.site, body.device, "print", test=True, language=asked.say.language)
    outcome = "ok" if came.ok else str(came.code or "failed")
    asked.site.store.audit.note(asked.person, TEST_TICKET, body.device, outcome)
    asked.site.hub.changed()
    return JSONResponse({"ok": came.ok, "message": came.message})


@router.put("/branch")
async def save_branch(asked: Asking, body: Saved) -> Response:
    """The branch has no id to choose: it keeps its own."""
    branch = asked.state.branch
    if branch is None:
        raise errors.WebError(409, "wrong_state", "This branch is not set up yet.")
    return await save(asked, KINDS[BRANCH], branch.id, body.value, body.version)


@router.put("/{kind}/{thing_id}")
async def save_thing(asked: Asking, kind: str, thing_id: str, body: Saved) -> Response:
    return await save(asked, kind_named(kind), thing_id, body.value, body.version)


@router.delete("/{kind}/{thing_id}")
async def remove_thing(
    asked: Asking, kind: str, thing_id: str, version: Annotated[str | None, Query(max_length=64)] = None
) -> Response:
    return await remove(asked, kind_named(kind), thing_id, version)


def setup_of(state: State) -> dict[str, Any]:
    """`branch`, `priority`, `service`, `counter`: each thing with its version, services with how their queue is."""
    picture: dict[str, Any] = {"version": version_of_all(state), "branch": _shown(state.branch)}
    for name in _SHOWN:
        picture[name] = [_shown(thing) for thing in KINDS[name].things(state).values()]
    for shown in picture["service"]:
        queue = state.queues[shown["value"]["id"]]
        shown["live"] = {
            "state": str(queue.state), "reason": queue.reason, "waiting": queue.length, "issued": queue.issued,
            "reopens_at": to_wire(queue.reopens_at) if queue.reopens_at is not None else None,
        }  # fmt: skip
    for shown in picture["counter"]:
        desk = state.desks[shown["value"]["id"]]
        shown["live"] = {"state": str(desk.state), "staff": desk.staff}
    return picture


def _shown(thing: Any) -> dict[str, Any]:
    return {"value": fields_of(thing) if thing is not None else None, "version": version_of(thing)}


def _pictures(site: Site) -> list[tuple[str, Draw]]:
    def drawn(draw: Callable[[], Any]) -> Callable[[], bytes]:
        return lambda: json.dumps(draw(), ensure_ascii=False).encode()

    return [
        ("setup:all", drawn(lambda: setup_of(site.follower.state))),
        ("overview:all", drawn(lambda: overview_of(site))),
    ]
