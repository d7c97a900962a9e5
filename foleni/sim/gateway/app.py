"""The gateway's own side: the page, the messages as JSON, its faults, and writing back."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query
from jinja2 import Environment, FileSystemLoader
from pydantic import Field
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from foleni.messages.base import Message
from foleni.sim.gateway import companies
from foleni.sim.gateway.box import Box, Company, Mode
from foleni.sim.gateway.calling import Calling
from foleni.web import errors
from foleni.web.errors import WebError
from foleni.web.guarding import guard
from foleni.web.live import Hub, TooManyError
from foleni.web.statics import Statics

_MOST_BODY_BYTES = 256 * 1024
_SHOWN = 100
_FOLDER = Path(__file__).parent


class Control(Message):
    """What is to be different from now on; what is left out stays."""

    company: Company | None = Field(None, description="whom `mode` is for; all, where left out")
    mode: Mode | None = None
    slow_s: float | None = Field(None, ge=0, le=60)
    reports: str | None = Field(None, description="where Africa's Talking reports to")
    inbound: dict[Company, str] | None = Field(None, description="where what people write goes")


class Answer(Message):
    """What a phone writes back."""

    company: Company = Company.AFRICASTALKING
    phone: str = Field(min_length=3, max_length=20)
    text: str = Field(max_length=500)
    number: str = Field("21230", max_length=20)


def create_app(box: Box, calling: Calling, hub: Hub) -> FastAPI:
    """The gateway over `box`."""
    app = FastAPI(title="Message gateway that is none", docs_url=None, redoc_url=None, redirect_slashes=False)
    errors.install(app)
    companies.install(app, box, calling.report)
    statics = Statics(_FOLDER.parent, ("gateway",))
    _pages(app, box, hub, statics)
    _orders(app, box, calling)
    statics.install(app)
    guard(app, _MOST_BODY_BYTES, is_tls=False)
    return app


def ringing(box: Box, hub: Hub) -> None:
    """From now on each change is drawn. On the loop, once."""
    loop = asyncio.get_running_loop()
    box.changed = lambda: loop.call_soon_threadsafe(hub.changed)


def _picture(box: Box) -> bytes:
    return json.dumps(
        {"messages": box.newest(most=_SHOWN), "modes": box.modes, "orders": box.orders}, ensure_ascii=False
    ).encode()


def _pages(app: FastAPI, box: Box, hub: Hub, statics: Statics) -> None:
    drawn = Environment(loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True).get_template("page.html")

    @app.get("/")
    async def _page() -> Response:
        return HTMLResponse(drawn.render(asset=statics.asset, modes=list(Mode), companies=list(Company)))

    @app.get("/messages")
    async def _messages(after: Annotated[int, Query(ge=0)] = 0) -> Response:
        return JSONResponse({"messages": box.newest(after)})

    @app.get("/stream")
    async def _stream() -> Response:
        try:
            events = hub.stream([("messages", lambda: _picture(box))])
        except TooManyError as error:
            raise WebError(503, "unavailable", str(error)) from error
        return StreamingResponse(events, media_type="text/event-stream")


def _orders(app: FastAPI, box: Box, calling: Calling) -> None:
    @app.post("/control")
    async def _control(told: Control) -> dict[str, object]:
        if told.mode is not None:
            box.modes |= dict.fromkeys([told.company] if told.company is not None else Company, told.mode)
        box.slow_s = box.slow_s if told.slow_s is None else told.slow_s
        box.reports = box.reports if told.reports is None else told.reports or None
        box.inbound |= told.inbound or {}
        box.orders += 1
        box.changed()
        return {"modes": box.modes, "slow_s": box.slow_s, "reports": box.reports, "inbound": box.inbound}

    @app.post("/answers")
    async def _answer(told: Answer) -> dict[str, bool]:
        if not calling.written(told.company, told.phone, told.text, told.number):
            raise WebError(409, "invalid", "Nobody has said where answers go.")
        return {"ok": True}
