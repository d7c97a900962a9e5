"""How often somebody may ask."""

import hashlib
import math
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from branch_server.web import errors
from foleni.web.limits import Buckets, Limit

_BELOW = "/api/"
_JOINS = "/api/v1/tickets"

CALLER = Limit(100, 300)
ADDRESS = Limit(1000, 2000)
JOINING = Limit(20, 40)


class Limits:
    """Turns away what comes too often with `429`, before anything reads it."""

    def __init__(self, app: ASGIApp, turned_away: Callable[[], object]) -> None:
        self._app = app
        self._turned_away = turned_away
        self._callers, self._addresses, self._joins = Buckets(CALLER), Buckets(ADDRESS), Buckets(JOINING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_BELOW):
            await self._app(scope, receive, send)
            return
        wait_s = self._wait_s(scope)
        if wait_s > 0:
            self._turned_away()
            message = "These are too many requests. Please wait a moment."
            refusal = errors.refused(429, "too_many", message, {"Retry-After": str(math.ceil(wait_s))})
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _wait_s(self, scope: Scope) -> float:
        headers = Headers(scope=scope)
        caller = _caller_of(headers)
        address = scope["client"][0] if scope.get("client") else ""
        waits = [self._addresses.wait_s(address)]
        if caller is not None:
            waits.append(self._callers.wait_s(caller))
            if scope["method"] == "POST" and scope["path"] == _JOINS and "authorization" in headers:
                waits.append(self._joins.wait_s(caller))
        return max(waits)


def _caller_of(headers: Headers) -> str | None:
    """What stands for a token or a session, without being the secret; None where there is neither."""
    secret = headers.get("authorization")
    if secret is None:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get("foleni_session")
        except CookieError:
            return None
        secret = cookie.value if cookie is not None else None
    return hashlib.sha256(secret.encode()).hexdigest()[:24] if secret else None
