"""What a branch server asks of the cloud. It always dials out, with the token that it was given."""

import asyncio
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.responses import JSONResponse, Response

from cloud.notices.outbox import TOPIC
from cloud.queues import settling
from cloud.queues.answers import Refusal
from cloud.requests import EVENTS_TAKEN
from cloud.site import Site, site_of
from cloud.sync import kept, taking
from cloud.sync.hearing import Hearing
from cloud.sync.polling import Polls
from cloud.sync.taking import FORKED, ForeignLogError, Taken
from cloud.sync.tokens import syncing
from foleni.messages.base import Message
from foleni.messages.replies import Reply
from foleni.messages.sync import MOST_EVENTS, Acked, CommandsDown, EventsUp, RepliesUp, SyncEvent
from foleni.times import WireTime, to_wire
from foleni.web.errors import WebError

M = TypeVar("M", bound=BaseModel)
LONGEST_WAIT_S = 60
_FARTHEST = 2**62


class Kept(Message):
    """Events that the cloud has kept, as the branch sent them."""

    events: tuple[SyncEvent, ...]


class Heard(Message):
    """The replies were taken in. `now` is the cloud's clock."""

    now: WireTime


class Forked(Refusal):
    """This log is not the one that the cloud knows; nothing was kept. `acked` is how far that one goes."""

    acked: int


def body(model: type[BaseModel]) -> dict[str, Any]:
    """The description of a body that is read by `read`."""
    schema = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


Refusals = dict[int | str, dict[str, Any]]
REFUSALS: Refusals = {status: {"model": Refusal} for status in (401, 403, 413, 422)}
router = APIRouter(prefix="/api/v1/sync/{branch}", tags=["sync"], responses=REFUSALS)
Branch = Annotated[str, Depends(syncing)]
OfSite = Annotated[Site, Depends(site_of)]


@router.post(
    "/events", summary="Keep the next events of a branch", responses={409: {"model": Forked}}, openapi_extra=body(EventsUp),
    response_model=Acked,
)  # fmt: skip
async def events(request: Request, branch: Branch, site: OfSite) -> Response:
    """Sending again is harmless. A gap is answered with how far the cloud has come: go on from there. The numbers of `events`
    follow each other from `first` on; an empty list asks only.
    """
    told = await _checked(request, branch, site)
    _hearing(site).heard(branch)
    try:
        taken = await site.database.run(lambda c: taking.take(c, told, site.now()))
    except ForeignLogError:
        acked = await site.database.run(lambda c: taking.note_fault(c, branch, FORKED))
        taken = Taken(acked, forked=True)
    EVENTS_TAKEN.inc(taken.kept)
    _ring(site, branch, taken)
    if taken.forked:
        message = "This log is not the one that the cloud knows of this branch. Nothing was kept."
        return JSONResponse({"error": {"code": FORKED, "message": message}, "acked": taken.acked}, 409)
    return JSONResponse({"acked": taken.acked, "now": to_wire(site.now())})


@router.get("/events", summary="The events that were kept, for a branch server that lost them", response_model=Kept)
async def kept_events(
    branch: Branch,
    site: OfSite,
    after: Annotated[int, Query(ge=0, le=_FARTHEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = MOST_EVENTS,
) -> Response:
    """From behind number `after`; an empty list at the end."""
    lines = await site.database.run(lambda c: kept.lines(c, branch, after, limit))
    return Response(b'{"events":[%s]}' % b",".join(lines), media_type="application/json")


@router.get("/commands", summary="Wait for what the branch is to do", response_model=CommandsDown)
async def commands(
    request: Request,
    branch: Branch,
    site: OfSite,
    after: Annotated[int, Query(ge=0, le=_FARTHEST)] = 0,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, allow_inf_nan=False)] = 25,
) -> Response:
    """Commands behind place `after` that have no reply yet: at once where there are some, else as soon as there is one, or with
    none after `wait` seconds. What has no reply comes again to who asks from 0.
    """
    hearing = _hearing(site)
    hearing.heard(branch)
    try:
        down = await _polls(site).commands(branch, after, wait)
    finally:
        hearing.heard(branch)
    await syncing(branch, request)  # a token that was revoked meanwhile brings nothing any more
    return Response(down.to_wire(), media_type="application/json")


@router.post("/replies", summary="The branch's replies", openapi_extra=body(RepliesUp), response_model=Heard)
async def replies(request: Request, branch: Branch, site: OfSite) -> Response:
    """Repeated replies, and those to what nobody has asked, are harmless. One that cannot be true is refused."""
    told = await read(request, RepliesUp)
    _hearing(site).heard(branch)
    good = [reply for reply in told.replies if reply.command.isprintable() and len(reply.command) <= 64]
    try:
        await site.database.run(lambda c: [settling.take_reply(c, branch, reply, site.now(), site.url) for reply in good])
    except IntegrityError:
        raise WebError(422, "invalid", "replies: two of them have the same ticket.") from None
    for reply in good:
        site.bus.ring(f"reply:{reply.command}", _payload(reply))
    site.bus.ring(f"changed:{branch}", b'{"replies":%d}' % len(good))
    site.bus.ring(TOPIC)
    return JSONResponse({"now": to_wire(site.now())})


async def read(request: Request, model: type[M]) -> M:
    """The body as a message. Raises `WebError` 422."""
    content = await request.body()
    try:
        return await asyncio.to_thread(model.model_validate_json, content)
    except (ValidationError, ValueError, RecursionError) as error:
        raise _invalid(error) from None


async def _checked(request: Request, branch: str, site: Site) -> taking.Told:
    message = await read(request, EventsUp)
    try:
        return await asyncio.to_thread(taking.checked, branch, message, site.url)
    except (ValueError, RecursionError) as error:
        raise _invalid(error) from None


def _invalid(error: Exception) -> WebError:
    """The first fault, without the value that was wrong: it may be a phone number."""
    if not isinstance(error, ValidationError):
        return WebError(422, "invalid", str(error)[:200])
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return WebError(422, "invalid", f"{place}: {first['msg']}"[:200] if place else first["msg"][:200])


def _ring(site: Site, branch: str, taken: Taken) -> None:
    if taken.changed:
        site.bus.ring(f"changed:{branch}", taken.changed)
    if taken.commands:
        site.bus.ring(f"commands:{branch}")
    if taken.notices:
        site.bus.ring(TOPIC)


def _payload(reply: Reply) -> bytes:
    return reply.model_dump_json(exclude_none=True).encode()


def _hearing(site: Site) -> Hearing:
    hearing = site.notes["sync.hearing"]
    assert isinstance(hearing, Hearing)
    return hearing


def _polls(site: Site) -> Polls:
    polls = site.notes["sync.polls"]
    assert isinstance(polls, Polls)
    return polls
