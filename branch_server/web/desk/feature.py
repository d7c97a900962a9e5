"""The staff console and the reception: their pages, their live pictures, and what only they ask."""

import time
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from branch_server.domain.asking import desk_of, ticket_of
from branch_server.domain.refusals import Refused
from branch_server.domain.state import CounterState, State
from branch_server.domain.tickets import Ticket
from branch_server.web import pages
from branch_server.web.base.places import frame_of
from branch_server.web.desk.digest import ticket_row
from branch_server.web.desk.finding import ahead_of, found
from branch_server.web.desk.pictures import Pictures
from branch_server.web.desk.printing import kiosks, print_ticket, qr_of
from branch_server.web.desk.story import details_of
from branch_server.web.errors import WebError
from branch_server.web.people import rights
from branch_server.web.people.current import person_for_page, signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import Site, site_of
from branch_server.web.streaming import streamed
from foleni.ids import Slug
from foleni.messages.replies import Code
from foleni.times import Instant, to_wire
from foleni.words.catalogue import words

Caller = Annotated[Person, Depends(signed_in)]
Visitor = Annotated[Person, Depends(person_for_page)]

_NAME = "desk"
_ROOM = "branch_server.web.desk"


class Print(BaseModel):
    """Which ticket comes out of which kiosk; a `copy` says that it is one."""

    ticket: Annotated[str, Field(max_length=64)]
    device: Slug
    copy_of: bool = Field(False, alias="copy")


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature's routes."""
    site.notes[_NAME] = Pictures(site)
    app.get("/console", include_in_schema=False, response_class=HTMLResponse)(_console)
    app.get("/reception", include_in_schema=False, response_class=HTMLResponse)(_reception)
    app.get("/api/v1/console/stream", include_in_schema=False)(_stream)
    app.get("/api/v1/console/find", include_in_schema=False)(_find)
    app.get("/api/v1/console/tickets/{ticket}", include_in_schema=False)(_ticket)
    app.get("/api/v1/console/tickets/{ticket}/qr", include_in_schema=False)(_qr)
    app.post("/api/v1/console/print", include_in_schema=False)(_print)


async def _console(request: Request, person: Visitor) -> HTMLResponse:
    return _page(request, person, "console")


async def _reception(request: Request, person: Visitor) -> HTMLResponse:
    return _page(request, person, "reception")


def _page(request: Request, person: Person, name: str) -> HTMLResponse:
    rights.check(person, Action.SEE_QUEUE)
    site, language = site_of(request), pages.language_of(request, chosen=person.language)
    state = site.follower.state
    about = {
        "me": {
            "id": person.id, "name": person.name, "services": None if person.services is None else sorted(person.services),
            "takes_over": person.role != "staff", "announces": rights.may(person, "announce") and person.touches_all(),
        },
        "counter": seat_of(state, person),
        "now": to_wire(Instant(time.time_ns() // 1000)),
    }  # fmt: skip
    frame = frame_of(person, words(_ROOM, language, "branch_server.web.base"), name)
    return pages.page(request, f"desk/{name}.html", language, about=about, **frame)


def seat_of(state: State, person: Person) -> str | None:
    """The counter at which somebody sits, open or on a break."""
    seats = (desk for desk in state.desks.values() if desk.staff == person.id and desk.state is not CounterState.CLOSED)
    return next((desk.counter.id for desk in seats), None)


async def _stream(
    request: Request,
    person: Caller,
    counter: Annotated[str | None, Query(max_length=64)] = None,
    *,
    whole: bool = False,
) -> StreamingResponse:
    """The pictures of a console. With a `counter` its own, and the queue of its services, or of all of the person's where
    `whole`.
    """
    rights.check(person, Action.SEE_OWN_FIGURES)
    site = site_of(request)
    state, pictures = site.follower.state, _pictures(site)
    followed = [pictures.setup(), pictures.hall(), pictures.me(person.id)]
    if counter is not None:
        desk = desk_of(state, counter)
        theirs = [service for service in desk.counter.services if person.touches(service)]
        if not theirs:
            raise Refused(Code.NOT_ALLOWED, f"Counter {desk.counter.label} serves no service of {person.name}.")
        followed += [pictures.desk(counter), pictures.queue(_mine(state, person) if whole else theirs)]
    elif whole:
        followed.append(pictures.queue(_mine(state, person)))
    return streamed(site, person, followed)


async def _find(request: Request, person: Caller, q: Annotated[str, Query(max_length=64)] = "") -> JSONResponse:
    rights.check(person, Action.SEE_OWN_FIGURES)
    state = site_of(request).follower.state
    rows = [ticket_row(ticket) | {"counter": ticket.counter} for ticket in found(state, person, q)]
    return JSONResponse({"tickets": rows})


async def _ticket(request: Request, person: Caller, ticket: str) -> JSONResponse:
    """One ticket whole: its story, why it was called, or who goes before it."""
    site = site_of(request)
    known = _known(site, person, ticket)
    count, first = ahead_of(site.follower.state, known)
    told = details_of(site.follower, known) | {"ahead": count, "first": [ticket_row(other) for other in first]}
    return JSONResponse(told)


async def _qr(request: Request, person: Caller, ticket: str) -> JSONResponse:
    """The customer's own page of a ticket, as an address and as a picture."""
    site = site_of(request)
    known = _known(site, person, ticket)
    link = site.links.link_of(known.id)
    return JSONResponse({"number": known.number, "url": link, "svg": qr_of(link)})


async def _print(request: Request, person: Caller, wanted: Print) -> JSONResponse:
    """A ticket on paper, at a kiosk's printer; answers when the printer has spoken."""
    site = site_of(request)
    rights.check(person, Action.PRINT_TICKET)
    known = _known(site, person, wanted.ticket)
    if wanted.device not in kiosks(site.follower.state):
        raise Refused(Code.INVALID, f"There is no kiosk {wanted.device}.")
    outcome = await print_ticket(site, wanted.device, known, copy=wanted.copy_of)
    came = "ok" if outcome.ok else str(outcome.code)
    site.store.audit.note(person, Action.PRINT_TICKET, known.id, came, None, wanted.device)
    if not outcome.ok:
        raise WebError(503, f"print_{outcome.code}", outcome.message)
    return JSONResponse({"device": wanted.device, "number": known.number, "message": outcome.message})


def _known(site: Site, person: Person, ticket: str) -> Ticket:
    """A ticket of today that somebody may see."""
    rights.check(person, Action.SEE_OWN_FIGURES)
    known = ticket_of(site.follower.state, ticket)
    if not person.touches(known.service):
        raise Refused(Code.NOT_ALLOWED, f"{known.service} is not a service of {person.name}.")
    return known


def _mine(state: State, person: Person) -> list[str]:
    return [service for service in state.queues if person.touches(service)]


def _pictures(site: Site) -> Pictures:
    kept: Any = site.notes[_NAME]
    assert isinstance(kept, Pictures)
    return kept
