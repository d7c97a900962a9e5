"""Who asks: the person of a request, by session or by token, as the branch knows them at this very moment."""

import time
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from branch_server.domain.state import State
from branch_server.web.errors import WebError
from branch_server.web.pages import language_of
from branch_server.web.people.guarding import SAFE, check_csrf
from branch_server.web.people.person import Person, Role, Scope
from branch_server.web.site import Site, site_of
from branch_server.web.store.sessions import Session
from foleni.times import HOUR_US

SESSION_COOKIE = "foleni_session"
CSRF_COOKIE = "foleni_csrf"
LASTS_US = 24 * HOUR_US
IDLE_US = {Role.ADMIN: HOUR_US, Role.MANAGER: 8 * HOUR_US, Role.STAFF: 8 * HOUR_US}
"""A session ends this long after the person's last request, and at the latest `LASTS_US` after it began."""


class SignInFirstError(Exception):
    """A page was asked for by nobody: they go to `where` and come back."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


async def signed_in(request: Request) -> Person:
    """The person of a request to the API, by bearer token or by session. Raises `WebError`: 401 `not_signed_in`, 403 for a
    change that is not from our own pages, and 403 `new_pin_needed` until a new PIN is chosen.
    """
    site = site_of(request)
    bearer = bearer_of(request)
    if bearer is not None:
        return _by_token(site, bearer, address_of(request))
    session, person = session_of(request)
    if request.method not in SAFE:
        check_csrf(request, request.cookies[SESSION_COOKIE])
    if session.needs_pin:
        raise WebError(403, "new_pin_needed", "Choose a PIN of your own first.")
    return person


async def person_for_page(request: Request) -> Person:
    """The person who opens a page. Raises a redirect to the sign-in, or to the choice of a new PIN."""
    try:
        session, person = session_of(request)
    except WebError:
        raise SignInFirstError(_onward("/sign-in", request)) from None
    if session.needs_pin:
        raise SignInFirstError(_onward("/sign-in/pin", request))
    return person


def session_of(request: Request) -> tuple[Session, Person]:
    """The session of a request's cookie and its person. Raises `WebError` 401 `not_signed_in`."""
    site, secret = site_of(request), request.cookies.get(SESSION_COOKIE)
    session = site.store.sessions.find(secret) if secret else None
    now = now_us()
    person = person_of(site, session, now, address_of(request), language_of(request)) if session is not None else None
    if session is None or person is None:
        raise WebError(401, "not_signed_in", "Please sign in.", {"WWW-Authenticate": 'Bearer realm="foleni"'})
    site.store.sessions.seen(session, now)
    return session, person


def person_of(site: Site, session: Session, now: int, address: str, language: str = "en") -> Person | None:
    """Whose session it is, with the rights that they have now; None where it is over."""
    staff = site.follower.state.staff.get(session.staff)
    if staff is None or not staff.active:
        return None
    role = Role(staff.role)
    if now >= ends_at(session, role):
        return None
    services = None if role is Role.ADMIN or not staff.services else frozenset(staff.services)
    spoken = site.store.preferences.language_of(staff.id) or language
    return Person(staff.id, staff.name, role, services, session=session.id, language=spoken, address=address)


def ends_at(session: Session, role: Role) -> int:
    """When a session ends if nothing more is asked in it."""
    return min(session.begun_at + LASTS_US, session.seen_at + IDLE_US[role])


def ended_now(site: Site, state: State, now: int) -> list[str]:
    """The ids of sessions that are over: by time, or because their person is gone."""
    over = []
    for session in site.store.sessions.all():
        staff = state.staff.get(session.staff)
        if staff is None or not staff.active or now >= ends_at(session, Role(staff.role)):
            over.append(session.id)
    return over


def tokens_over(site: Site, now: int) -> list[str]:
    """The owners' names of streams that may no longer be open, because their token has ended."""
    return [f"token:{token.id}" for token in site.store.tokens.all() if not token.is_valid(now)]


def end_sessions(site: Site, ended: list[str]) -> None:
    """Forgets sessions, and ends the streams that are open in them."""
    site.store.sessions.end(ended)
    for session in ended:
        site.hub.end(session)


def address_of(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def bearer_of(request: Request) -> str | None:
    """The token of an `Authorization` header; None where there is no such header."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    kind, _, value = header.partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def now_us() -> int:
    return time.time_ns() // 1000


def install_redirects(app: FastAPI) -> None:
    """Pages that need somebody send nobody to the sign-in."""

    @app.exception_handler(SignInFirstError)
    async def _sign_in(_request: Request, error: SignInFirstError) -> Response:
        return RedirectResponse(error.where, 303)


def _by_token(site: Site, bearer: str, address: str) -> Person:
    token = site.store.tokens.use(bearer, now_us())
    if token is None:
        raise WebError(401, "not_signed_in", "This token is not valid.", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    scopes = frozenset(Scope(scope) for scope in token.scopes)
    own = f"token:{token.id}"
    return Person(own, token.name, Role.INTEGRATION, None, scopes, session=own, address=address)


def _onward(page: str, request: Request) -> str:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{page}?next={quote(here, safe='')}"
