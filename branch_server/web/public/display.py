"""`/display`: the board for smart TVs and browsers."""

import hashlib
import json
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from branch_server.web import pages
from branch_server.web.public import board
from branch_server.web.public.board_words import script_words
from branch_server.web.public.speaking import asked_for, languages_of
from branch_server.web.public.streams import Gate, now_ms, streamed
from branch_server.web.site import Site
from foleni.words import words

MOST_DISPLAYS = 100
_FILES = ("public/board.js", "public/board-plan.js", "public/sound.js", "public/board.css")
_MOST_COUNTERS = 20


def install(app: FastAPI, site: Site) -> None:
    """Adds the board, its stream, and its picture for browsers that have no streams."""
    gate = Gate(MOST_DISPLAYS, MOST_DISPLAYS)

    @app.get("/display", include_in_schema=False)
    async def _display(request: Request) -> Response:
        spoken = asked_for(request, languages_of(site.follower.state.branch))
        settings = _settings(request, site, spoken)
        return pages.page(request, "public/display.html", spoken[0], settings=settings, **_plain(site, spoken[0]))

    @app.get("/display/stream", include_in_schema=False)
    async def _stream(request: Request) -> StreamingResponse:
        address = request.client.host if request.client is not None else ""
        gate.check(address)
        more = _more(request, site)
        return streamed(gate.through(site.hub, f"board:display {' '.join(more)}", lambda: _drawn(site, more), address))

    @app.get("/display/picture", include_in_schema=False)
    async def _picture(request: Request) -> Response:
        picture = json.loads(_drawn(site, _more(request, site))) | {"now": now_ms()}
        return Response(json.dumps(picture, ensure_ascii=False), media_type="application/json")


def _settings(request: Request, site: Site, spoken: tuple[str, ...]) -> dict[str, Any]:
    """What the script needs beside the pictures."""
    asked = request.query_params
    counters = [part.strip() for part in asked.get("counter", "").split(",") if part.strip()][:_MOST_COUNTERS]
    return {
        "languages": spoken, "words": script_words(spoken), "page": _mark(site), "counters": counters,
        "mute": "mute" in asked and asked["mute"] not in {"0", "no", "false"},
        "now": now_ms(), "picture": json.loads(_drawn(site, _more(request, site))),
    }  # fmt: skip


def _more(request: Request, site: Site) -> tuple[str, ...]:
    """Languages that this display speaks and its branch does not."""
    told = languages_of(site.follower.state.branch)
    return tuple(sorted(language for language in asked_for(request, told) if language not in told))


def _drawn(site: Site, more: tuple[str, ...]) -> bytes:
    return board.drawn(site, _mark(site), (*languages_of(site.follower.state.branch), *more))


def _plain(site: Site, language: str) -> dict[str, Any]:
    """What is written in the page itself, for a browser that runs no script."""
    state = site.follower.state
    hands = [(ticket, desk) for desk in state.desks.values() if (ticket := state.hand(desk)) is not None]
    hands.sort(key=lambda pair: pair[0].called_at or pair[0].joined_at, reverse=True)
    say = words(board.ROOM, language)
    return {
        "heading": board.title_of(state.branch, language), "serving": say("Now serving"),
        "calls": [(ticket.number, desk.counter.label) for ticket, desk in hands],
    }  # fmt: skip


def _mark(site: Site) -> str:
    """Changes where an open page is no longer what it would be now: other files, or other languages."""
    parts = (*(pages.asset(file) for file in _FILES), *languages_of(site.follower.state.branch))
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:10]
