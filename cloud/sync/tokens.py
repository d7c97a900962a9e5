"""Which branch asks: by the token that it was given. Tokens are random; the database knows only their SHA-256."""

import hashlib
import hmac
import logging
from dataclasses import dataclass
from time import monotonic
from typing import Any

from fastapi import Request
from sqlalchemy import Connection, Row, select, update

from cloud.requests import address_of
from cloud.site import Site, site_of
from cloud.store.tables import branch_tokens, branches
from foleni.ids import is_slug
from foleni.logs import Seldom
from foleni.times import MINUTE_US, Instant
from foleni.web.errors import WebError

_seldom = Seldom(logging.getLogger(__name__))

_NOTE = "sync.tokens"
_SCHEME = "bearer "
_GOOD_FOR_S = 1.0
"""So long a token that was good is taken for good: a revoked one is out within a second."""
_MOST_KNOWN = 10_000
_USED_EVERY_US = MINUTE_US


@dataclass(frozen=True, slots=True)
class _Checked:
    branch: str
    good_until: float


async def syncing(branch: str, request: Request) -> str:
    """The branch of the path, if the bearer token is its own; a FastAPI dependency. Raises `WebError` 401 `not_signed_in` for
    a token that is unknown, revoked or over, 403 `not_allowed` for another branch's, or where the branch is out of use.
    """
    site, given = site_of(request), request.headers.get("authorization", "")
    if not given.lower().startswith(_SCHEME):
        raise _strange()
    mark = hashlib.sha256(given[len(_SCHEME) :].strip().encode("utf-8", "surrogateescape")).hexdigest()
    known = _known(site).get(mark)
    if known is None or known.good_until <= monotonic():
        known = await _look(site, mark, branch, address_of(request))
    if not hmac.compare_digest(known.branch.encode(), branch.encode("utf-8", "surrogatepass")):
        raise WebError(403, "not_allowed", "This token is another branch's.")
    return known.branch


async def _look(site: Site, mark: str, branch: str, address: str) -> _Checked:
    found = await site.database.run(lambda c: _branch_of(c, mark, site.now()))
    known = _known(site)
    if found is None:
        known.pop(mark, None)
        name = branch if is_slug(branch) else "?"
        _seldom.warning(address, "somebody at %s asks as branch %s with a token that is not good", address, name)
        raise _strange()
    if not found.is_active:
        raise WebError(403, "not_allowed", "This branch is out of use.")
    if len(known) >= _MOST_KNOWN:
        known.clear()
    known[mark] = _Checked(found.branch, monotonic() + _GOOD_FOR_S)
    return known[mark]


def _branch_of(c: Connection, mark: str, now: Instant) -> Row[Any] | None:
    t = branch_tokens.c
    wanted = select(t.id, t.branch, t.expires_at, t.revoked_at, t.last_used_at, branches.c.is_active)
    row = c.execute(wanted.join(branches, branches.c.id == t.branch).where(t.hash == mark)).first()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    if row.last_used_at is None or now - row.last_used_at >= _USED_EVERY_US:
        c.execute(update(branch_tokens).where(t.id == row.id).values(last_used_at=now))
    return row


def _known(site: Site) -> dict[str, _Checked]:
    known = site.notes.setdefault(_NOTE, {})
    assert isinstance(known, dict)
    return known


def _strange() -> WebError:
    return WebError(401, "not_signed_in", "This token is not good.", {"WWW-Authenticate": "Bearer"})
