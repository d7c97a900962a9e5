"""The API's part about a ticket: joining, watching, and what its customer may do with it."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from cloud.limits import allowed
from cloud.people.current import Who, maybe_signed_in, signed_in
from cloud.people.rights import Action, may
from cloud.queues import acting, joining, view
from cloud.queues.answers import JoinRequest, MyTickets, RateRequest, Refusal, Responses, refusals
from cloud.queues.joining import AlreadyQueuedError, Wish
from cloud.queues.pictures import Key, pictures_of
from cloud.queues.status import Status
from cloud.queues.view import TicketView
from cloud.queues.watching import Watchers
from cloud.requests import network_of
from cloud.site import Site, site_of
from foleni.ids import canonical_uuid, is_slug, uuid7
from foleni.times import DAY_US, Instant
from foleni.web.errors import WebError

router = APIRouter(prefix="/api/v1", tags=["tickets"], responses=refusals(401, 422, 429))
OfSite = Annotated[Site, Depends(site_of)]
_KEY = "the token of a ticket's link; or its id, for its owner"
TicketKey = Annotated[str, Path(max_length=64, description=_KEY)]
IdempotencyKey = Annotated[str | None, Header(max_length=64, description="a UUID: the same again is the same ticket")]
_MOST_STRANGE, _STRANGE_S = 30, 60.0
_MOST_JOINS, _JOINS_S = 20, 600.0
_MOST_ACTS, _ACTS_S = 30, 60.0
_FARTHEST_US = 90 * DAY_US
_LATER: Responses = {202: {"model": TicketView, "description": "the branch is not connected; it will be told when it is back"}}


@router.post(
    "/queues/{branch}/join", summary="Take a place in a queue", responses=refusals(404, 409, 503), response_model=TicketView
)
async def join(
    branch: str,
    wish: JoinRequest,
    site: OfSite,
    who: Annotated[Who, Depends(signed_in)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """With the branch's own number where it answers within two seconds, else with one of our series, which it takes in when it
    is back. Somebody who has a place at this branch is answered `already_queued`, with that ticket.
    """
    if not is_slug(branch):
        raise WebError(404, "unknown_branch", "There is no such branch.")
    if not await allowed(site, f"join:{who.user}", _MOST_JOINS, _JOINS_S):
        raise _too_many()
    _check_time(wish.appointment, site.now())
    wanted = Wish(
        branch=branch, service=wish.service, channel="app" if wish.appointment is None else "appointment", user=who.user,
        phone=who.phone or None, name=wish.name or who.name or None, language=wish.language or who.language,
        command=_command(idempotency_key), priority=wish.priority, appointment=wish.appointment,
    )  # fmt: skip
    try:
        ticket = await joining.join(site, wanted)
    except AlreadyQueuedError as error:
        told = {"code": error.code, "message": error.message, "ticket": error.ticket.id, "number": error.ticket.number,
                "token": error.ticket.token}  # fmt: skip
        return JSONResponse(Refusal.model_validate({"error": told}).model_dump(mode="json", exclude_none=True), error.status)
    return _answer(ticket)


@router.get("/tickets/{key}/status", summary="A ticket as it is now", responses=refusals(404), response_model=TicketView)
async def status(key: TicketKey, request: Request, site: OfSite) -> Response:
    """By its id also for the staff of its branch; they get neither `token` nor `url`, for whoever has these has the ticket."""
    opened = await _opened(request, site, key, for_staff=True)
    told = await _seen(site, opened)
    if key == opened.token or await _is_theirs(request, opened):
        return _answer(told)
    return _answer(told.model_copy(update={"token": "", "url": ""}))


@router.get(
    "/tickets/{key}/stream", summary="A ticket, now and after each change (server-sent events)", responses=refusals(404, 503)
)
async def stream(key: TicketKey, request: Request, site: OfSite) -> Response:
    """Event `status` with the ticket as data, `beat` in between; it ends when the ticket is over."""
    opened = await _opened(request, site, key)
    watchers = watchers_of(site)
    watchers.check()
    return StreamingResponse(watchers.stream(opened), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.post(
    "/tickets/{key}/cancel", summary="Give a ticket up", responses={**refusals(404, 409), **_LATER}, response_model=TicketView
)
async def cancel(key: TicketKey, request: Request, site: OfSite) -> Response:
    ticket = await _acted(request, site, key)
    return await _done(acting.cancel(site, ticket.ticket), lambda told: told.cancel_wanted)


@router.post(
    "/tickets/{key}/check-in", summary="Say that one is there", responses={**refusals(404, 409, 503), **_LATER},
    response_model=TicketView,
)  # fmt: skip
async def check_in(key: TicketKey, request: Request, site: OfSite) -> Response:
    ticket = await _acted(request, site, key)
    return await _done(acting.check_in(site, ticket.ticket), lambda told: told.checked_in_at is None)


@router.post(
    "/tickets/{key}/rate", summary="Rate the service", responses={**refusals(404, 409, 503), **_LATER},
    response_model=TicketView,
)  # fmt: skip
async def rate(key: TicketKey, told: RateRequest, request: Request, site: OfSite) -> Response:
    """After the service; a later answer takes the place of an earlier one."""
    ticket = await _acted(request, site, key)
    return await _done(acting.rate(site, ticket.ticket, told.stars, told.text), lambda after: after.stars != told.stars)


@router.get("/me/tickets", summary="One's own tickets")
async def mine(site: OfSite, who: Annotated[Who, Depends(signed_in)]) -> MyTickets:
    now, phone = site.now(), who.phone or None
    active = await site.database.run(lambda c: view.of_user(c, who.user, phone, now))
    history = await site.database.run(lambda c: view.history_of_user(c, who.user, phone, now))
    return MyTickets(active=tuple(active), history=tuple(history))


def watchers_of(site: Site) -> Watchers:
    """The streams of a process."""
    watchers = site.notes["queues.watchers"]
    assert isinstance(watchers, Watchers)
    return watchers


async def _opened(request: Request, site: Site, key: str, *, for_staff: bool = False) -> Key:
    """The ticket of a key that opens it for whoever asks. What is unknown and what is not theirs are answered the same."""
    found = await pictures_of(site).find(key) if key.isprintable() else None
    if found is not None and found.token == key:
        return found
    if found is not None and (await _is_theirs(request, found) or (for_staff and await _is_of_staff(request, site, found))):
        return found
    if not await allowed(site, f"strange:{network_of(request)}", _MOST_STRANGE, _STRANGE_S):
        raise _too_many()
    raise _unknown()


async def _is_theirs(request: Request, key: Key) -> bool:
    who = await maybe_signed_in(request)
    return who is not None and (key.user == who.user or (key.phone is not None and key.phone == who.phone))


async def _is_of_staff(request: Request, site: Site, key: Key) -> bool:
    who = await maybe_signed_in(request)
    if who is None:
        return False
    branch = await site.database.run(lambda c: view.branch(c, key.branch, site.now()))
    return branch is not None and may(who, Action.SEE_QUEUE, organization=branch.organization, branch=branch.id)


async def _seen(site: Site, key: Key) -> TicketView:
    ticket = await pictures_of(site).view(key)
    if ticket is None:
        raise _unknown()
    return ticket


async def _acted(request: Request, site: Site, key: str) -> Key:
    opened = await _opened(request, site, key)
    if not await allowed(site, f"act:{opened.ticket}", _MOST_ACTS, _ACTS_S):
        raise _too_many()
    return opened


async def _done(doing: Awaitable[TicketView], is_later: Callable[[TicketView], bool]) -> Response:
    ticket = await doing
    return _answer(ticket, 202 if is_later(ticket) and ticket.status is not Status.CANCELLED else 200)


def _answer(ticket: TicketView, status_code: int = 200) -> Response:
    return Response(ticket.model_dump_json(), status_code, media_type="application/json")


def _command(key: str | None) -> str:
    if key is None:
        return uuid7()
    try:
        return canonical_uuid(key)
    except ValueError:
        raise WebError(422, "invalid", "Idempotency-Key: must be a UUID.") from None


def _check_time(appointment: Instant | None, now: Instant) -> None:
    if appointment is not None and not now < appointment <= now + _FARTHEST_US:
        raise WebError(422, "invalid", "appointment: must lie within the next 90 days.")


def _unknown() -> WebError:
    return WebError(404, "unknown_ticket", "There is no such ticket.")


def _too_many() -> WebError:
    return WebError(429, "too_many", "These are too many requests. Please wait a moment.", {"Retry-After": "30"})
