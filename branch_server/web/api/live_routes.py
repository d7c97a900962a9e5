"""The stream of board, services and counters; and whether this program lives, is ready, and how it is."""

import asyncio
import ipaddress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response, StreamingResponse

from branch_server.web.api import forms
from branch_server.web.api.asking import Caller
from branch_server.web.api.examples import STREAM
from branch_server.web.api.notes import newest_of, notes_of
from branch_server.web.api.refusals import OF_READING, described
from branch_server.web.people import rights
from branch_server.web.people.current import signed_in
from branch_server.web.people.rights import Action
from branch_server.web.site import Site, site_of
from branch_server.web.streaming import streamed
from foleni.messages.replies import Code

MOST_LAG = 100
"""So many events behind it is no longer said to follow the log."""

stream_router = APIRouter(prefix="/api/v1")
router = APIRouter()

_STREAM: dict[int | str, dict[str, Any]] = {200: {
    "description": "Events `board`, `services` and `counters`, each with its whole picture, at once and after each change; "
    "`beat` every 10 s; `over` when the session has ended.",
    "content": {"text/event-stream": {"schema": {"type": "string"}, "example": STREAM}},
}}  # fmt: skip


@stream_router.get(
    "/stream", tags=["stream"], operation_id="stream", response_class=StreamingResponse,
    responses={**_STREAM, **described([*OF_READING, Code.UNAVAILABLE])},
)  # fmt: skip
async def stream(request: Request, person: Caller) -> Response:
    """Board, services and counters as they change."""
    rights.check(person, Action.SEE_QUEUE)
    pictures = notes_of(request).pictures
    shown = [("board:api", pictures.board), ("services:api", pictures.services), ("counters:api", pictures.counters)]
    return streamed(site_of(request), person, shown)


def _ready(about: str, lag: int | None) -> dict[str, Any]:
    reasons = [] if lag is not None else ["the branch's log cannot be read"]
    example = {"ready": not reasons, "seq": 4711, "lag": lag, "reasons": reasons}
    return {"model": forms.Ready, "description": about, "content": {"application/json": {"example": example}}}


@router.get("/healthz", tags=["health"], operation_id="healthz", response_model=forms.Alive)
async def healthz() -> dict[str, str]:
    """The program lives."""
    return {"status": "ok"}


@router.get(
    "/readyz", tags=["health"], operation_id="readyz",
    responses={200: _ready("Ready", lag=0), 503: _ready("Not ready; the reasons say why", lag=None)},
)  # fmt: skip
async def readyz(request: Request) -> Response:
    """Whether the log is followed and commands reach the engine."""
    told = await _readiness(site_of(request))
    return JSONResponse(told, 200 if told["ready"] else 503)


def _near(request: Request) -> bool:
    """Whether somebody on this very machine asks, and not through a proxy."""
    host = request.client.host if request.client is not None else ""
    through_proxy = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    try:
        return ipaddress.ip_address(host).is_loopback and not through_proxy
    except ValueError:
        return False


async def _may_measure(request: Request) -> None:
    if not _near(request):
        rights.check(await signed_in(request), Action.SEE_METRICS)


_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus' text form", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get(
    "/metrics", tags=["health"], operation_id="metrics", response_class=Response,
    responses={**_METRICS, **described(["not_signed_in", Code.NOT_ALLOWED])},
)  # fmt: skip
async def metrics(request: Request, _allowed: Annotated[None, Depends(_may_measure)]) -> Response:
    """How the branch is, for Prometheus: open to this machine, else for administrators and tokens with the scope."""
    return Response(notes_of(request).meter.text(), media_type=CONTENT_TYPE_LATEST)


async def _readiness(site: Site) -> dict[str, Any]:
    reasons = []
    try:
        newest = await asyncio.to_thread(newest_of, site)
    except SQLAlchemyError:
        newest = None
    seq = site.follower.state.seq
    lag = max(0, newest - seq) if newest is not None else None
    if lag is None:
        reasons.append("the branch's log cannot be read")
    elif lag > MOST_LAG:
        reasons.append(f"{lag} events of the log are not read yet")
    if not site.lan.is_live:
        reasons.append("commands do not reach the branch server")
    return {"ready": not reasons, "seq": seq, "lag": lag, "reasons": reasons}
