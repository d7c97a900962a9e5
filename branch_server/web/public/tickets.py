"""`/t/<token>`: a customer's own ticket page. Whoever holds the token holds the ticket, and nothing else."""

import json
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from branch_server.domain.tickets import Ticket
from branch_server.web import pages
from branch_server.web.errors import WebError
from branch_server.web.public import board
from branch_server.web.public.acting import Acting, Outcome
from branch_server.web.public.past import Past
from branch_server.web.public.pictures import TicketPicture
from branch_server.web.public.speaking import offered_by
from branch_server.web.public.strangers import Strangers
from branch_server.web.public.streams import Gate, now_ms, streamed
from branch_server.web.site import Site
from foleni.words import Words, day_and_time, words
from foleni.words.catalogue import OWN_NAMES, base_of

MOST_PAGES = 200
MOST_PAGES_OF_ONE = 50
_SAME_ORIGIN = {"Referrer-Policy": "same-origin"}
"""Without it browsers send no origin with a form."""


def install(app: FastAPI, site: Site) -> None:
    """Adds the ticket page with its stream and its two actions."""
    page = TicketPages(site)
    app.get("/t/{token}", include_in_schema=False)(page.show)
    app.get("/t/{token}/stream", include_in_schema=False)(page.stream)
    app.get("/t/{token}/picture", include_in_schema=False)(page.picture)
    app.post("/t/{token}/cancel", include_in_schema=False)(page.cancel)
    app.post("/t/{token}/rate", include_in_schema=False)(page.rate)


class TicketPages:
    """The page of each ticket, and what can be done there."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._gate = Gate(MOST_PAGES, MOST_PAGES_OF_ONE)
        self._strangers = Strangers()
        self._past = Past(site)
        self._acting = Acting(site)

    async def show(self, request: Request, token: str) -> Response:
        """The page itself; a calm one too where there is no such ticket."""
        ticket = self._ticket_of(token)
        if ticket is None:
            return await self._nobodys(request, token)
        return self._page(request, token, ticket)

    async def stream(self, request: Request, token: str) -> StreamingResponse:
        """Event `ticket` with each new picture."""
        ticket = await self._known(request, token)
        address = _address(request)
        self._gate.check(address)
        language = self._language(request, ticket)
        picture = TicketPicture(self._site, ticket.id, token, language)
        return streamed(self._gate.through(self._site.hub, f"ticket:{ticket.id}:{language}", picture.draw, address))

    async def picture(self, request: Request, token: str) -> Response:
        """The picture once, for browsers without streams."""
        ticket = await self._known(request, token)
        drawn = TicketPicture(self._site, ticket.id, token, self._language(request, ticket)).draw()
        return Response(json.dumps(json.loads(drawn) | {"now": now_ms()}, ensure_ascii=False), media_type="application/json")

    async def cancel(self, request: Request, token: str) -> Response:
        """Give the place up. Asking twice is asking once."""
        ticket = await self._known(request, token)
        return self._answer(request, token, await self._acting.cancel(request, ticket, self._language(request, ticket)))

    async def rate(self, request: Request, token: str) -> Response:
        """Stars and words after the service; a later answer takes the place of an earlier one."""
        ticket = await self._known(request, token)
        return self._answer(request, token, await self._acting.rate(request, ticket, self._language(request, ticket)))

    def _ticket_of(self, token: str) -> Ticket | None:
        follower = self._site.follower
        found = self._site.links.ticket_of(token, follower.state)
        if found is None:  # the ticket may be younger than the last look at the log
            follower.catch_up()
            found = self._site.links.ticket_of(token, follower.state)
        return follower.state.tickets.get(found) if found is not None else None

    async def _known(self, request: Request, token: str) -> Ticket:
        ticket = self._ticket_of(token)
        if ticket is None:
            await self._strangers.slow_down(_address(request))
            raise WebError(404, "unknown_ticket", "There is no such ticket today.")
        return ticket

    def _language(self, request: Request, ticket: Ticket | None) -> str:
        chosen = ticket.language if ticket is not None else None
        return pages.language_of(request, offered_by(self._site.follower.state.branch), chosen)

    def _page(self, request: Request, token: str, ticket: Ticket, trouble: str = "", status: int = 200) -> Response:
        language = self._language(request, ticket)
        picture = TicketPicture(self._site, ticket.id, token, language)
        face = picture.face(ticket)
        shown = {"face": face, "marks": picture.marks(face), "token": token, "trouble": trouble}
        return self._drawn(request, language, status, **shown, asking=request.query_params.get("ask") == "cancel")

    async def _nobodys(self, request: Request, token: str) -> Response:
        """A ticket of another day, or a link that leads nowhere."""
        past = await self._past.find(token)
        if past is None:
            await self._strangers.slow_down(_address(request))
        language = self._language(request, None)
        say = words(board.ROOM, language)
        return self._drawn(
            request, language, 404 if past is None else 410, face=None, token=token, asking=False, trouble="",
            past=(past.number, _said_day(past.day, say)) if past is not None else None,
        )  # fmt: skip

    def _drawn(self, request: Request, language: str, status: int, **values: Any) -> Response:
        branch = self._site.follower.state.branch
        values = {"past": None, "heading": board.title_of(branch, language), "script": _script(language), **values}
        values["choices"] = [(code, OWN_NAMES[code]) for code in offered_by(branch)]
        drawn = pages.page(request, "public/ticket.html", language, status=status, **values)
        drawn.headers.update(_SAME_ORIGIN)
        return drawn

    def _answer(self, request: Request, token: str, outcome: Outcome) -> Response:
        """For the script JSON; for a plain form the page again, which says what came of it."""
        if "application/json" in request.headers.get("accept", ""):
            body: dict[str, Any] = {"ok": True}
            if outcome.code:
                body = {"error": {"code": outcome.code, "message": outcome.message}}
            return Response(json.dumps(body, ensure_ascii=False), outcome.status, media_type="application/json")
        ticket = self._ticket_of(token)
        if outcome.code and ticket is not None:
            return self._page(request, token, ticket, outcome.message, outcome.status)
        asked = request.query_params.get("lang")
        query = f"?lang={base_of(asked)}" if asked else ""
        return Response(status_code=303, headers={"Location": f"/t/{token}{query}", **_SAME_ORIGIN})


def _script(language: str) -> dict[str, str]:
    """What the page's script says by itself."""
    say = words(board.ROOM, language)
    return {
        "away": say("This page is not live since {time}. Your place is kept."),
        "failed": say("This could not be sent. Please try again."),
        "stars": say("Please choose one to five stars."),
    }


def _said_day(day: str, say: Words) -> str:
    """`20 Nov 2026`."""
    return day_and_time(datetime.fromisoformat(day).replace(tzinfo=UTC), "UTC", say.language).split(" · ")[0]


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
