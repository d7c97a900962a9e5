"""What can be read: services, board, counters, tickets, and whom a counter would call next."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from branch_server.domain.asking import desk_of
from branch_server.domain.refusals import Refused
from branch_server.domain.routing import choose_next
from branch_server.domain.state import State
from branch_server.domain.tickets import Ticket
from branch_server.web.api import forms, telling
from branch_server.web.api.asking import Caller, check_name
from branch_server.web.api.examples import BOARD, COUNTER, COUNTERS, FOUND, NEXT, SERVICES, TOLD
from branch_server.web.api.notes import notes_of
from branch_server.web.api.refusals import OF_READING, described
from branch_server.web.api.schemas import named_in
from branch_server.web.people import rights
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import site_of
from foleni.ids import canonical_uuid
from foleni.messages.commands import MOST_PASSED_OVER
from foleni.messages.replies import Code
from foleni.messages.state import Board, CounterStatus, Services

router = APIRouter(prefix="/api/v1")


def _answers(model: type, example: Any, *codes: str) -> dict[int | str, dict[str, Any]]:
    told = {"model": model, "description": "Told", "content": {"application/json": {"example": example}}}
    return {200: told, **described([*OF_READING, *codes])}


@router.get("/services", tags=["services"], operation_id="services", responses=_answers(Services, SERVICES))
async def services(request: Request, person: Caller) -> Response:
    """The services with their queues, as on the LAN's topic."""
    rights.check(person, Action.SEE_QUEUE)
    return _json(notes_of(request).pictures.services())


@router.get("/board", tags=["board"], operation_id="board", responses=_answers(Board, BOARD))
async def board(request: Request, person: Caller) -> Response:
    """What the displays show, as on the LAN's topic."""
    rights.check(person, Action.SEE_QUEUE)
    return _json(notes_of(request).pictures.board())


@router.get("/counters", tags=["counters"], operation_id="counters", responses=_answers(forms.Counters, COUNTERS))
async def counters(request: Request, person: Caller) -> Response:
    """Every counter by its id, each as on its topic."""
    rights.check(person, Action.SEE_QUEUE)
    return _json(notes_of(request).pictures.counters())


@router.get(
    "/counters/{counter}", tags=["counters"], operation_id="counter", openapi_extra={"parameters": named_in("/{counter}")},
    responses=_answers(CounterStatus, COUNTER, Code.UNKNOWN_COUNTER),
)  # fmt: skip
async def counter(request: Request, person: Caller) -> Response:
    """One counter, as on its topic."""
    rights.check(person, Action.SEE_QUEUE)
    status = notes_of(request).pictures.counter(request.path_params["counter"])
    if status is None:
        raise Refused(Code.UNKNOWN_COUNTER, "There is no such counter.")
    return _json(status.to_wire())


@router.get(
    "/counters/{counter}/next", tags=["counters"], operation_id="counter_next",
    openapi_extra={"parameters": named_in("/{counter}")}, responses=_answers(forms.NextTicket, NEXT, Code.UNKNOWN_COUNTER),
)  # fmt: skip
async def counter_next(
    request: Request,
    person: Caller,
    pass_over: Annotated[list[str], Query(max_length=MOST_PASSED_OVER, description="tickets that are left out")] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Whom the next call would bring, and why. Nothing changes."""
    rights.check(person, Action.SEE_QUEUE)
    check_name("counter", request.path_params["counter"])
    follower = site_of(request).follower
    desk = desk_of(follower.state, request.path_params["counter"])
    if not any(person.touches(service) for service in desk.counter.services):
        raise Refused(Code.NOT_ALLOWED, f"Counter {desk.counter.label} serves no service of {person.name}.")
    moment = follower.moment()
    choice = choose_next(follower.state, desk, moment.now, frozenset(_ids(pass_over)))
    ticket = telling.told(follower.state, choice.ticket, moment, person) if choice is not None else None
    why = telling.why_of(choice.why) if choice is not None else None
    return JSONResponse({"seq": follower.state.seq, "counter": desk.counter.id, "ticket": ticket, "why": why})


@router.get("/tickets", tags=["tickets"], operation_id="find_tickets", responses=_answers(forms.TicketsFound, FOUND))
async def find_tickets(
    request: Request,
    person: Caller,
    number: Annotated[str | None, Query(max_length=16, description="the ticket's number", examples=["A042"])] = None,
    phone: Annotated[str | None, Query(max_length=32, description="the customer's phone number, or its end")] = None,
) -> Response:
    """Today's tickets with a number or of a phone number, the newest first."""
    rights.check(person, Action.SEE_QUEUE)
    if (number is None) == (phone is None):
        raise Refused(Code.INVALID, "Give either number or phone.")
    follower = site_of(request).follower
    found = _found(follower.state, person, number, phone)
    moment = follower.moment()
    newest = sorted(found, key=lambda ticket: ticket.joined_at, reverse=True)[: telling.MOST_FOUND]
    tickets = [telling.told(follower.state, ticket, moment, person) for ticket in newest]
    return JSONResponse({"seq": follower.state.seq, "tickets": tickets})


@router.get(
    "/tickets/{ticket}", tags=["tickets"], operation_id="ticket", openapi_extra={"parameters": named_in("/{ticket}")},
    responses=_answers(forms.TicketTold, TOLD, Code.UNKNOWN_TICKET),
)  # fmt: skip
async def ticket(request: Request, person: Caller) -> Response:
    """Where a ticket of today stands; for those who see the queue also what happened to it, and why."""
    if not telling.may_follow(person):
        rights.check(person, Action.SEE_QUEUE)
    check_name("ticket", request.path_params["ticket"])
    follower = site_of(request).follower
    known = follower.state.tickets.get(canonical_uuid(request.path_params["ticket"]))
    if known is None:
        raise Refused(Code.UNKNOWN_TICKET, "There is no such ticket today.")
    fields = telling.told(follower.state, known, follower.moment(), person)
    if rights.may(person, Action.SEE_QUEUE):
        fields["story"] = telling.story(follower.story_of(known.id), in_full=telling.may_name(person, known.service))
    return JSONResponse(fields)


def _found(state: State, person: Person, number: str | None, phone: str | None) -> list[Ticket]:
    """By phone only among those whose phone numbers this person may read: else asking would tell them."""
    if number is not None:
        return [ticket for ticket in telling.by_number(state, number) if person.touches(ticket.service)]
    if not telling.may_seek_phones(person):
        raise Refused(Code.NOT_ALLOWED, f"{person.name} may not look for phone numbers.")
    return [ticket for ticket in telling.by_phone(state, phone or "") if telling.may_name(person, ticket.service)]


def _ids(given: list[str]) -> list[str]:
    try:
        return [canonical_uuid(one) for one in given]
    except ValueError:
        raise Refused(Code.INVALID, "pass_over: give ids of tickets.") from None


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
