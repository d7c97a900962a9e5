"""Staff who are away from the branch. The branch decides; where it does not answer, nothing was done and nothing will be."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy import Connection, Row, select
from starlette.responses import Response

from cloud.offices.standing import branch_for
from cloud.people.current import Who, signed_in
from cloud.people.rights import Action
from cloud.people.trail import note
from cloud.queues.status import is_live
from cloud.requests import address_of
from cloud.site import Site, site_of
from cloud.store.tables import pulses, tickets
from cloud.sync.asking import ask
from foleni.ids import Slug, uuid7
from foleni.messages.base import Message, Text, Uuid
from foleni.messages.replies import Reply
from foleni.times import Instant, WireTime, to_wire
from foleni.web.errors import WebError, answer

router = APIRouter(
    prefix="/api/v1/staff",
    tags=["staff"],
    responses={
        403: {"description": "not allowed"},
        404: {"description": "unknown"},
        409: {"description": "the branch refuses"},
        503: {"description": "the branch does not answer; nothing was done"},
    },
)

TheSite = Annotated[Site, Depends(site_of)]
Someone = Annotated[Who, Depends(signed_in)]
WITHIN_S = 5.0


class Press(Message):
    """`id` of a command, which may be repeated: the same id has the effect of once."""

    id: Uuid = Field(default_factory=uuid7)

    def fields(self) -> dict[str, Any]:
        """The command's own fields in the form of the wire."""
        return self.model_dump(mode="json", exclude_none=True)


class CounterPress(Press):
    counter: Slug
    seen: str | None = Field(None, max_length=16, description="the number that was seen in hand")


class ServicePress(Press):
    service: Slug
    reason: Text | None = None


class PausePress(ServicePress):
    reopens_at: WireTime | None = None


class SkipPress(Press):
    seen: str | None = Field(None, max_length=16)


@router.post("/queues/{branch}/call-next", summary="Call the next ticket to a counter", response_model=Reply)
async def _call_next(branch: Slug, told: CounterPress, request: Request, who: Someone, site: TheSite) -> Response:
    return await _press(request, site, who, branch, Action.CALL, {"type": "call_next", **told.fields()})


@router.post("/queues/{branch}/pause", summary="Pause a service; those who wait keep their place", response_model=Reply)
async def _pause(branch: Slug, told: PausePress, request: Request, who: Someone, site: TheSite) -> Response:
    return await _press(request, site, who, branch, Action.STEER, {"type": "pause_service", **told.fields()})


@router.post("/queues/{branch}/resume", summary="Open a service", response_model=Reply)
async def _resume(branch: Slug, told: ServicePress, request: Request, who: Someone, site: TheSite) -> Response:
    return await _press(request, site, who, branch, Action.STEER, {"type": "open_service", **told.fields()})


@router.post("/queues/{branch}/close", summary="Close a service", response_model=Reply)
async def _close(branch: Slug, told: PausePress, request: Request, who: Someone, site: TheSite) -> Response:
    return await _press(request, site, who, branch, Action.STEER, {"type": "close_service", **told.fields()})


@router.post("/tickets/{ticket}/skip", summary="Skip a called ticket whose customer is not there", response_model=Reply)
async def _skip(ticket: str, request: Request, who: Someone, site: TheSite, told: SkipPress | None = None) -> Response:
    row = await site.database.run(lambda c: _ticket(c, who, ticket))
    if row.counter is None or row.status not in {"called", "serving"}:
        raise WebError(409, "wrong_state", f"{row.number or 'This ticket'} is not called to a counter now.")
    command = {"type": "skip", "counter": row.counter, "seen": row.number, **(told or SkipPress()).fields()}
    return await _press(request, site, who, row.branch, Action.CALL, command)


async def _press(request: Request, site: Site, who: Who, branch: str, action: Action, command: dict[str, Any]) -> Response:
    """Asks the branch in the person's name, and writes down what came of it. One that is not connected is not waited for."""
    now, address = site.now(), address_of(request)
    row, is_there = await site.database.run(lambda c: (branch_for(c, who, action, branch), _is_there(c, branch, now)))
    asked = {**command, "actor": who.shown[:64], "at": to_wire(now)}
    reply = await ask(site, branch, asked, asked_by=who.user, within_s=WITHIN_S, expires_s=WITHIN_S) if is_there else None
    outcome = "unavailable" if reply is None else "ok" if reply.ok else str(reply.error.code if reply.error else "refused")
    subject = str(command.get("counter") or command.get("service"))
    await site.database.run(
        lambda c: note(c, at=now, who=who.user, address=address, action=command["type"], subject=subject, outcome=outcome,
                       organization=row.organization, branch=branch)
    )  # fmt: skip
    if reply is None:
        raise WebError(503, "unavailable", "The branch does not answer. Nothing was done.", {"Retry-After": "5"})
    return answer(reply)


def _is_there(c: Connection, branch: str, now: Instant) -> bool:
    return is_live(c.execute(select(pulses.c.heard_at).where(pulses.c.branch == branch)).scalar_one_or_none(), now)


def _ticket(c: Connection, who: Who, ticket: str) -> Row[Any]:
    """The row of a ticket (our id) of a branch of theirs; strangers learn nothing of it."""
    row = c.execute(select(tickets).where(tickets.c.id == ticket)).first()
    if row is None:
        raise WebError(403, "not_allowed", "You may not do this here.")
    branch_for(c, who, Action.CALL, row.branch)
    return row
