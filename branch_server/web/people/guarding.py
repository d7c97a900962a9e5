"""Whether a request that changes something comes from our own pages."""

import hmac
from urllib.parse import urlsplit

from fastapi import Request

from branch_server.web.errors import WebError
from branch_server.web.site import site_of
from branch_server.web.store.sessions import csrf_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"


def check_origin(request: Request) -> None:
    """Refuses with 403 what another site's page sends. A request that names no origin is no page's."""
    named = request.headers.get("origin") or request.headers.get("referer")
    if named is not None and _host_of(named) not in _own_hosts(request):
        raise WebError(403, "wrong_origin", "This request does not come from a page of this branch.")


def check_csrf(request: Request, secret: str) -> None:
    """Refuses with 403 a change that does not carry the mark of its own session."""
    check_origin(request)
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(errors="replace"), csrf_of(secret).encode()):
        raise WebError(403, "wrong_csrf", "This page is out of date. Load it again, and try once more.")


def _own_hosts(request: Request) -> set[str]:
    """As the browser knows us, and as the setup says that we are known."""
    hosts = {request.headers.get("host", "").lower()}
    branch = site_of(request).follower.state.branch
    if branch is not None and branch.url is not None:
        hosts.add(_host_of(branch.url))
    return hosts - {""}


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
