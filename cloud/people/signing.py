"""Signing in and out, as transactions; and the cookie that keeps a browser signed in."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import Response

from cloud.people import accounts, codes, passes
from cloud.people.answers import Me, OtpCheck, Tokens, me
from cloud.people.current import COOKIE
from cloud.people.passes import ACCESS_S, REFRESH_DAYS, Pair, Refused
from cloud.people.phones import masked
from cloud.people.trail import note
from cloud.site import Site
from foleni.times import Instant
from foleni.web.errors import WebError
from foleni.words.catalogue import base_of


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A pair of tokens, and whose they are."""

    pair: Pair
    me: Me

    def tokens(self) -> Tokens:
        return Tokens(access_token=self.pair.access, refresh_token=self.pair.refresh, expires_in=ACCESS_S, user=self.me)


def sign_in(c: Connection, site: Site, told: OtpCheck, address: str, now: Instant) -> SignedIn | None:
    """Whoever knows the code that was sent to this phone; None for everybody else. Somebody new is made known."""
    ring = passes.ring_of(site)
    if not codes.is_right(c, ring.of(c), told.phone, told.code, now):
        note(c, at=now, who="nobody", address=address, action="sign_in", subject=masked(told.phone), outcome="wrong_code")
        return None
    user = accounts.found_or_made(c, told.phone, now, language=base_of(told.language or "en"))
    accounts.seen(c, user.id, now)
    note(c, at=now, who=user.id, address=address, action="sign_in", subject=user.id, outcome="ok")
    return SignedIn(passes.begin(c, ring, user.id, now), me(c, user))


def renew(c: Connection, site: Site, token: str, address: str, now: Instant) -> SignedIn | None:
    """The next pair; None where the token brings nothing. A stolen one ends the sign-in, and stands in the audit trail."""
    brought = passes.renew(c, passes.ring_of(site), token, now)
    if brought is Refused.REUSED:
        note(c, at=now, who="nobody", address=address, action="refresh", subject=passes.session_of(c, token) or "",
             outcome="reused")  # fmt: skip
    if isinstance(brought, Refused):
        return None
    accounts.seen(c, brought.user, now)
    user = accounts.by_id(c, brought.user)
    return None if user is None else SignedIn(brought, me(c, user))


def keep_cookie(site: Site, response: Response, token: str) -> None:
    """The browser comes back with this token; no script of a page can read it, and no other site can send it."""
    is_tls = site.settings.is_tls or site.url.startswith("https://")
    response.set_cookie(COOKIE, token, max_age=REFRESH_DAYS * 86_400, path="/", secure=is_tls, httponly=True, samesite="strict")


def drop_cookie(site: Site, response: Response) -> None:
    is_tls = site.settings.is_tls or site.url.startswith("https://")
    response.delete_cookie(COOKIE, path="/", secure=is_tls, httponly=True, samesite="strict")


def own_cookie(request: Request) -> str | None:
    """The cookie's token. Raises `WebError` where a page of another site may have sent the request."""
    token = request.cookies.get(COOKIE)
    if token:
        check_origin(request, needed=True)
    return token or None


def check_origin(request: Request, *, needed: bool = False) -> None:
    """Raises `WebError` 403 where the request comes from another site's page, or (`needed`) does not say from which."""
    site: Site = request.app.state.site
    origin = request.headers.get("origin")
    is_same = origin is not None and (origin == site.url or urlsplit(origin).netloc == request.headers.get("host"))
    if not is_same and (needed or origin is not None):
        raise WebError(403, "not_allowed", "This comes from another site.")
