"""Who asks: FastAPI dependencies for the API (an access token) and for pages (the cookie of a sign-in)."""

from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from sqlalchemy import Connection, Row, select
from starlette.responses import RedirectResponse, Response

from cloud.people import passes
from cloud.people.rights import Role, Who
from cloud.site import Site, site_of
from cloud.store.tables import refresh_tokens, roles, users
from foleni.web.errors import WebError

__all__ = ["COOKIE", "Role", "Who", "maybe_signed_in", "person_for_page", "signed_in", "still_signed_in", "who_is"]

COOKIE = "foleni_session"
_SCHEME = "bearer "


class SignInFirstError(Exception):
    """A page is for people who are signed in."""


async def signed_in(request: Request) -> Who:
    """Whoever the access token names. Raises `WebError` 401 `not_signed_in`."""
    who = await maybe_signed_in(request)
    if who is None:
        raise _strange()
    return who


async def maybe_signed_in(request: Request) -> Who | None:
    """As `signed_in`, but None where no token is given at all; one that is not good is refused, so that it is renewed."""
    given = request.headers.get("authorization", "")
    if not given:
        return None
    if not given.lower().startswith(_SCHEME):
        raise _strange()
    site, token = site_of(request), given[len(_SCHEME) :].strip()
    who = await site.database.run(lambda c: _of_token(c, site, token))
    if who is None:
        raise _strange()
    return who


async def person_for_page(request: Request) -> Who:
    """Whoever is signed in by cookie; everybody else is led to the sign-in page, and from there back to this one."""
    who = await maybe_person(request)
    if who is None:
        raise SignInFirstError
    return who


async def maybe_person(request: Request) -> Who | None:
    """Whoever is signed in by cookie, for pages that anybody may see."""
    site, token = site_of(request), request.cookies.get(COOKIE, "")
    if not token:
        return None
    return await site.database.run(lambda c: _of_cookie(c, site, token))


async def still_signed_in(site: Site, who: Who) -> Who | None:
    """The same person with their roles of now, as long as this sign-in lasts: also after its cookie was exchanged."""
    return await site.database.run(lambda c: _in_session(c, who.user, who.session))


def install_redirect(app: FastAPI) -> None:
    """Strangers at a page go to the sign-in page."""

    @app.exception_handler(SignInFirstError)
    async def _to_door(request: Request, _error: SignInFirstError) -> Response:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse("/sign-in?" + urlencode({"next": wanted}), 303)


def who_is(c: Connection, user: Row[Any], session: str = "") -> Who:
    """The person of a row of `users`, with their roles of now."""
    found = c.execute(select(roles).where(roles.c.user == user.id).order_by(roles.c.id))
    held = tuple(Role(row.role, row.organization, row.branch) for row in found)
    return Who(user.id, user.phone or "", user.name, user.language, held, session)


def _of_token(c: Connection, site: Site, token: str) -> Who | None:
    claimed = passes.read(c, passes.ring_of(site), token, site.now())
    return None if claimed is None else _in_session(c, claimed.user, claimed.session)


def _of_cookie(c: Connection, site: Site, token: str) -> Who | None:
    kept = passes.standing(c, passes.ring_of(site), token, site.now())
    return None if kept is None else _in_session(c, kept.user, kept.family)


def _in_session(c: Connection, user: str, session: str) -> Who | None:
    """Nobody whose sign-in has ended, or who may not be here any more."""
    ended = select(refresh_tokens.c.id).where(refresh_tokens.c.family == session, refresh_tokens.c.revoked_at.is_not(None))
    row = c.execute(select(users).where(users.c.id == user, users.c.is_active, ~ended.exists())).one_or_none()
    return None if row is None else who_is(c, row, session)


def _strange() -> WebError:
    return WebError(401, "not_signed_in", "Please sign in.", {"WWW-Authenticate": "Bearer"})
