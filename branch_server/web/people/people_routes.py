"""`/api/v1/people`: looking after colleagues. Who they are is part of the setup; how they sign in is kept here."""

import re
import unicodedata
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from branch_server.web.doing import command_of, do
from branch_server.web.errors import WebError, answer
from branch_server.web.people import rights
from branch_server.web.people.current import end_sessions, now_us, signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.people.session_routes import signing_of
from branch_server.web.people.wording import words_of
from branch_server.web.site import Site, site_of
from foleni.ids import Slug, uuid7
from foleni.messages.base import Name
from foleni.messages.replies import Reply
from foleni.messages.setup import Staff
from foleni.times import to_wire

router = APIRouter(prefix="/api/v1/people", tags=["people"], include_in_schema=False)

Asker = Annotated[Person, Depends(signed_in)]


class Described(BaseModel):
    """A colleague as a form has them. `was` is what the form was filled with: a change made meanwhile is not overwritten."""

    name: Annotated[Name, StringConstraints(min_length=1, strip_whitespace=True)]
    role: Literal["admin", "manager", "staff"] = "staff"
    services: Annotated[list[Slug], Field(max_length=200)] = []
    active: bool = True
    was: dict[str, Any] | None = None


class Newcomer(Described):
    id: Slug | None = None


class Address(BaseModel):
    address: Annotated[str, StringConstraints(max_length=64)]


@router.get("")
async def colleagues(request: Request, person: Asker) -> dict[str, Any]:
    """Everybody whom this person looks after, and what signs them in."""
    rights.check(person, Action.MANAGE_STAFF)
    return told(site_of(request), person)


@router.post("")
async def add(request: Request, person: Asker, asked: Newcomer) -> Response:
    """A new colleague, and the one-time code of their first sign-in; it is told this once."""
    site, say = site_of(request), words_of(request, person.language)
    async with site.pen("people"):
        known = site.follower.state.staff
        staff = asked.id or free_id(asked.name, set(known))
        if staff in known:
            raise WebError(409, "already_there", say("There is somebody with the id {id} already.", id=staff))
        reply = await _save(request, site, person, staff, asked)
    if not reply.ok:
        return answer(reply)
    if staff not in site.follower.state.staff:  # this very request came before, and gave them the id that was free then
        earlier = free_id(asked.name, set())
        raise WebError(409, "already_there", say("There is somebody with the id {id} already.", id=earlier))
    code = await _new_code(site, person, staff)
    return JSONResponse({"person": _one(site, site.follower.state.staff[staff], person), "code": code}, 201)


@router.put("/{staff}")
async def change(request: Request, person: Asker, staff: Slug, asked: Described) -> Response:
    """Name, role, services, and whether they may sign in. 409 `changed` where somebody else was quicker."""
    site, say = site_of(request), words_of(request, person.language)
    async with site.pen("people"):
        known = _known(site, person, staff)
        if asked.was is not None and asked.was != _described(known):
            text = say(
                "{name} was changed by somebody else meanwhile. Look at what is there now, and try again.", name=known.name
            )
            raise WebError(409, "changed", text)
        reply = await _save(request, site, person, staff, asked)
    if not reply.ok:
        return answer(reply)
    return JSONResponse({"person": _one(site, site.follower.state.staff[staff], person)})


@router.delete("/{staff}")
async def remove(request: Request, person: Asker, staff: Slug) -> Response:
    """They are signed out everywhere, and gone from the list; what they did stays in the log and in the reports."""
    site = site_of(request)
    _known(site, person, staff)
    command = command_of({"type": "remove_staff", "staff": staff, "id": _id_of(request)}, person)
    return answer(await do(site, person, command))


@router.post("/{staff}/reset-pin")
async def reset_pin(request: Request, person: Asker, staff: Slug) -> dict[str, Any]:
    """A one-time code in the place of the PIN; all sessions of this colleague end."""
    site = site_of(request)
    _known(site, person, staff)
    code = await _new_code(site, person, staff)
    end_sessions(site, [one.id for one in site.store.sessions.of_staff(staff)])
    return {"code": code}


@router.post("/{staff}/sign-out")
async def sign_out(request: Request, person: Asker, staff: Slug) -> dict[str, Any]:
    """Ends all sessions of a colleague."""
    site = site_of(request)
    _known(site, person, staff)
    ended = [one.id for one in site.store.sessions.of_staff(staff)]
    end_sessions(site, ended)
    site.store.audit.note(person, "sign_out_everywhere", staff)
    return {"ended": len(ended)}


@router.post("/{staff}/lift")
async def lift(request: Request, person: Asker, staff: Slug) -> dict[str, Any]:
    """Lets a colleague try again at once after too many wrong PINs."""
    site = site_of(request)
    _known(site, person, staff)
    site.store.failures.clear([f"staff:{staff}"])
    site.store.audit.note(person, "lift_lockout", staff)
    return {"ok": True}


@router.post("/lift-address")
async def lift_address(request: Request, person: Asker, asked: Address) -> dict[str, Any]:
    """Lets people at an address try again at once; for administrators."""
    rights.check(person, Action.MANAGE_TOKENS)
    site = site_of(request)
    site.store.failures.clear([f"address:{asked.address}"])
    site.store.audit.note(person, "lift_lockout", "address", detail=asked.address)
    return {"ok": True}


def told(site: Site, person: Person) -> dict[str, Any]:
    """What the page shows."""
    state, waiting = site.follower.state, site.store.failures.waiting(now_us())
    known = sorted(state.staff.values(), key=lambda staff: staff.name.casefold())
    people = [_one(site, staff, person, waiting) for staff in known if rights.looks_after(person, staff)]
    addresses = [
        {"address": key.removeprefix("address:"), "until": to_wire(until)}
        for key, until in sorted(waiting.items())
        if key.startswith("address:") and rights.may(person, Action.MANAGE_TOKENS)
    ]
    return {"people": people, "addresses": addresses}


def free_id(name: str, taken: set[str]) -> str:
    """An id made of a name: `jean-uwase`, or with a number where that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24].strip("-") or "staff"
    return next(one for n in range(len(taken) + 1) if (one := base if n == 0 else f"{base}-{n + 1}") not in taken)


def _one(site: Site, staff: Staff, person: Person, waiting: dict[str, int] | None = None) -> dict[str, Any]:
    now, state = now_us(), site.follower.state
    until = (waiting if waiting is not None else site.store.failures.waiting(now)).get(f"staff:{staff.id}")
    sessions = site.store.sessions.of_staff(staff.id)
    seen = max((one.seen_at for one in sessions), default=None)
    at = next((desk.counter.label for desk in state.desks.values() if desk.staff == staff.id), None)
    return {
        "id": staff.id, **_described(staff), "sign_in": signing_of(site).state_of(staff.id, now), "sessions": len(sessions),
        "seen_at": to_wire(seen) if seen is not None else None, "locked_until": to_wire(until) if until is not None else None,
        "counter": at, "is_me": staff.id == person.id,
    }  # fmt: skip


def _described(staff: Staff) -> dict[str, Any]:
    return {"name": staff.name, "role": staff.role, "services": list(staff.services), "active": staff.active}


def _known(site: Site, person: Person, staff: str) -> Staff:
    """A colleague who is there and is this person's to look after."""
    rights.check(person, Action.MANAGE_STAFF)
    known = site.follower.state.staff.get(staff)
    if known is None:
        raise WebError(404, "not_found", f"There is nobody with the id {staff}.")
    rights.check_staff(person, known)
    return known


async def _save(request: Request, site: Site, person: Person, staff: str, asked: Described) -> Reply:
    rights.check(person, Action.MANAGE_STAFF)
    fields = {"id": staff, "name": asked.name, "role": asked.role, "services": asked.services, "active": asked.active}
    command = command_of({"type": "save_staff", "staff": fields, "id": _id_of(request)}, person)
    return await do(site, person, command)


async def _new_code(site: Site, person: Person, staff: str) -> str:
    code = await signing_of(site).new_code(staff, now_us())
    site.store.failures.clear([f"staff:{staff}"])
    site.store.audit.note(person, "reset_pin", staff)
    return code


def _id_of(request: Request) -> str:
    """The command's id: the request's key, so that a request that comes twice is done once."""
    return request.headers.get("idempotency-key") or uuid7()
