"""`/t/<token>`: a customer's own ticket. Whoever holds the token holds the ticket, and nothing else."""

from collections.abc import Awaitable
from dataclasses import dataclass

from fastapi import FastAPI, Request
from sqlalchemy import Connection
from starlette.responses import Response

from cloud.limits import allowed
from cloud.pages import PHONE_LANGUAGES
from cloud.phone.faces import Names, face_of
from cloud.phone.finding import lost
from cloud.phone.shell import drawn, language_of
from cloud.phone.wording import ROOM
from cloud.queues import acting, view
from cloud.queues.view import BranchView, ServiceView, TicketView
from cloud.requests import network_of
from cloud.site import Site
from foleni.web.errors import WebError
from foleni.web.forms import fields_of_form, is_own_form
from foleni.words import Words, pick, wait_short, words

MOST_LETTERS = 500
_MOST_STRANGE, _STRANGE_S = 30, 60.0
_MOST_ACTS, _ACTS_S = 30, 60.0
_TRAVELS_MIN = (5, 10, 15, 20, 30, 45, 60, 90)
"""A mistyped link costs nothing; nobody mistypes thirty in a minute."""


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket with what its page names."""

    ticket: TicketView
    branch: BranchView
    services: tuple[ServiceView, ...]


def install(app: FastAPI, site: Site) -> None:
    """Adds the ticket page, and its forms for browsers without scripts."""
    page = TicketPages(site)
    app.get("/t/{token}", include_in_schema=False)(page.show)
    app.post("/t/{token}/cancel", include_in_schema=False)(page.cancel)
    app.post("/t/{token}/check-in", include_in_schema=False)(page.check_in)
    app.post("/t/{token}/rate", include_in_schema=False)(page.rate)


class TicketPages:
    """The page of each ticket."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def show(self, request: Request, token: str) -> Response:
        """The page itself; a calm one too where there is no such ticket."""
        found = await self._find(request, token)
        return lost(request, "ticket", language_of(request)) if found is None else self._page(request, token, found)

    async def cancel(self, request: Request, token: str) -> Response:
        """Gives the place up. Asking twice is asking once."""
        found = await self._known(request, token)
        return await self._done(request, token, acting.cancel(self._site, found.ticket.id))

    async def check_in(self, request: Request, token: str) -> Response:
        """The customer is here."""
        found = await self._known(request, token)
        return await self._done(request, token, acting.check_in(self._site, found.ticket.id))

    async def rate(self, request: Request, token: str) -> Response:
        """Stars and words after the service; a later answer takes the place of an earlier one."""
        found = await self._known(request, token)
        fields, say = await fields_of_form(request), words(ROOM, language_of(request, found.ticket.language))
        if fields.get("stars", "") not in {"1", "2", "3", "4", "5"}:
            return self._page(request, token, found, say("Please choose one to five stars."), 422)
        text = fields.get("text", "").replace("\r\n", "\n").strip()[:MOST_LETTERS]
        return await self._done(request, token, acting.rate(self._site, found.ticket.id, int(fields["stars"]), text))

    async def _find(self, request: Request, token: str) -> Found | None:
        """Raises `WebError` 429 for an address that tries many links that lead nowhere."""
        found = await self._site.database.run(lambda c: _found(c, token, self._site)) if token.isprintable() else None
        if found is None and not await allowed(self._site, f"strange:{network_of(request)}", _MOST_STRANGE, _STRANGE_S):
            raise _too_many()
        return found

    async def _known(self, request: Request, token: str) -> Found:
        if not is_own_form(request):
            raise WebError(403, "not_allowed", "This was asked from another site.")
        found = await self._find(request, token)
        if found is None:
            raise WebError(404, "unknown_ticket", "There is no such ticket.")
        if not await allowed(self._site, f"act:{found.ticket.id}", _MOST_ACTS, _ACTS_S):
            raise _too_many()
        return found

    async def _done(self, request: Request, token: str, doing: Awaitable[TicketView]) -> Response:
        """The page again, which says what came of it."""
        try:
            await doing
        except WebError as error:
            found = await self._find(request, token)
            if found is None:
                raise
            say = words(ROOM, language_of(request, found.ticket.language))
            return self._page(request, token, found, _why(error, say), error.status)
        lang = request.query_params.get("lang", "")
        query = f"?lang={lang}" if lang in PHONE_LANGUAGES else ""
        return Response(status_code=303, headers={"Location": f"/t/{token}{query}"})

    def _page(self, request: Request, token: str, found: Found, trouble: str = "", status: int = 200) -> Response:
        ticket, language = found.ticket, language_of(request, found.ticket.language)
        names = _names(found, language)
        heading = f"{found.branch.organization_name} · {names.branch}"
        face = face_of(ticket, names, self._site.now(), words(ROOM, language))
        given = {
            "token": ticket.token,
            "heading": heading,
            "view": ticket.model_dump(mode="json"),
            "names": {"branch": names.branch, "services": names.services, "zone": names.zone},
        }
        return drawn(
            request, "phone/ticket.html", language, status=status, face=face, heading=heading, token=token,
            branch=found.branch.id, stars=ticket.stars or 0, given=given, trouble=trouble,
            travels=[(minutes, wait_short(language, minutes * 60)) for minutes in _TRAVELS_MIN],
            asking=request.query_params.get("ask") == "cancel",
        )  # fmt: skip


def _too_many() -> WebError:
    return WebError(429, "too_many", "These are too many requests. Please wait a moment.", {"Retry-After": "30"})


def _found(c: Connection, token: str, site: Site) -> Found | None:
    row = view.by_key(c, token)
    if row is None or row.token != token:
        return None
    ticket = view.view_of(c, row, site.now())
    branch = view.branch(c, ticket.branch, site.now())
    return Found(ticket, branch, tuple(view.services(c, ticket.branch, site.now()))) if branch is not None else None


def _names(found: Found, language: str) -> Names:
    default = found.branch.languages[0]
    services = {one.id: pick(one.name, language, default) for one in found.services}
    return Names(pick(found.branch.name, language, default), services, found.branch.time_zone)


def _why(error: WebError, say: Words) -> str:
    if error.code == "wrong_state":
        return say("This ticket is no longer waiting, so this cannot be done.")
    return say("This could not be sent. Please try again.")
