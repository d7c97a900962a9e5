"""Access tokens, which say for a quarter of an hour who somebody is, and the refresh tokens that bring new ones.

Each use of a refresh token brings the next one of its family, computed from it with a key of ours. So whoever repeats a request
whose answer got lost (within `GRACE_US`, and only while the next one is unused) gets the very same next token: the family stays
one chain. Anybody else who comes with a used token has a copy of it, and then the whole family ends.
"""

import hashlib
import hmac
import secrets as chance
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import jwt
from sqlalchemy import Connection, Row, select, update

from cloud.people.keys import KeyRing, Keys
from cloud.site import Site
from cloud.store.database import upserting
from cloud.store.tables import refresh_tokens, users
from foleni.ids import uuid7
from foleni.times import DAY_US, SECOND_US, Instant

ACCESS_S = 15 * 60
REFRESH_DAYS = 60
GRACE_US = 10 * SECOND_US
_AUDIENCE = "foleni"
_ALGORITHM = "HS256"
_NOTE = "people.keys"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an access token says."""

    user: str
    session: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What a sign-in brings. The refresh token is known to its owner alone: we keep a hash."""

    user: str
    session: str
    access: str
    refresh: str


class Refused(Enum):
    """Why a refresh token brings nothing."""

    UNKNOWN = auto()
    ENDED = auto()
    REUSED = auto()
    """Somebody has a copy; the whole family has ended."""


def ring_of(site: Site) -> KeyRing:
    """The keys of a process."""
    ring = site.notes.setdefault(_NOTE, KeyRing())
    assert isinstance(ring, KeyRing)
    return ring


def read(c: Connection, ring: KeyRing, token: str, now: Instant) -> Claimed | None:
    """What a good access token says; None for any other."""
    try:
        name = str(jwt.get_unverified_header(token).get("kid", ""))
        key = ring.of(c, named=name).passes.get(name)
        if key is None:
            return None
        options: Any = {"require": ["exp", "sub", "sid"], "verify_exp": False, "verify_iat": False}
        told = jwt.decode(token, key, [_ALGORITHM], options, audience=_AUDIENCE)
    except (jwt.PyJWTError, ValueError):
        return None
    return Claimed(str(told["sub"]), str(told["sid"])) if int(told["exp"]) * SECOND_US > now else None


def access_token(keys: Keys, user: str, session: str, now: Instant) -> str:
    """A new access token."""
    at = now // SECOND_US
    told = {"sub": user, "sid": session, "aud": _AUDIENCE, "iat": at, "exp": at + ACCESS_S}
    return jwt.encode(told, keys.passes[keys.newest], _ALGORITHM, {"kid": keys.newest})


def begin(c: Connection, ring: KeyRing, user: str, now: Instant) -> Pair:
    """A new sign-in of `user`."""
    keys, family, token = ring.of(c), uuid7(), chance.token_urlsafe(32)
    _put(c, token, family, user, now)
    return Pair(user, family, access_token(keys, user, family, now), token)


def renew(c: Connection, ring: KeyRing, token: str, now: Instant) -> Pair | Refused:
    """The next pair for a refresh token. Where it was used before, everybody with a token of its family is signed out."""
    row = _row(c, token)
    if row is None:
        return Refused.UNKNOWN
    if row.expires_at <= now or _has_ended(c, row.family) or not _is_active(c, row.user):
        return Refused.ENDED
    keys = ring.of(c)
    following = _following(keys, token)
    first = update(refresh_tokens).where(refresh_tokens.c.id == row.id, refresh_tokens.c.used_at.is_(None))
    if c.execute(first.values(used_at=now)).rowcount:
        _put(c, following, row.family, row.user, now)
        if _has_ended(c, row.family):  # meanwhile: then the one that was just put down must bring nothing, either
            end_session(c, row.family, now)
            return Refused.ENDED
    elif not _is_repeat(c, row.id, following, now):
        end_session(c, row.family, now)
        return Refused.REUSED
    return Pair(row.user, row.family, access_token(keys, row.user, row.family, now), following)


def standing(c: Connection, ring: KeyRing, token: str, now: Instant) -> Row[Any] | None:
    """The row of a refresh token that would bring a new pair now, without using it."""
    row = _row(c, token)
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    if row.used_at is None or _is_repeat(c, row.id, _following(ring.of(c), token), now):
        return row
    return None


def end_session(c: Connection, session: str, now: Instant) -> int:
    """Ends one sign-in at once, its access tokens too."""
    return _end(c, refresh_tokens.c.family == session, now)


def end_all(c: Connection, user: str, now: Instant) -> int:
    """Ends every sign-in of a person."""
    return _end(c, refresh_tokens.c.user == user, now)


def session_of(c: Connection, token: str) -> str | None:
    """The sign-in that a refresh token belongs to."""
    row = _row(c, token)
    return None if row is None else str(row.family)


def _end(c: Connection, which: Any, now: Instant) -> int:
    return c.execute(update(refresh_tokens).where(which, refresh_tokens.c.revoked_at.is_(None)).values(revoked_at=now)).rowcount


def _put(c: Connection, token: str, family: str, user: str, now: Instant) -> None:
    row = {
        "id": uuid7(), "family": family, "user": user, "hash": _hash(token), "created_at": now,
        "expires_at": now + REFRESH_DAYS * DAY_US,
    }  # fmt: skip
    c.execute(upserting(c, refresh_tokens).values(row).on_conflict_do_nothing())


def _row(c: Connection, token: str) -> Row[Any] | None:
    return c.execute(select(refresh_tokens).where(refresh_tokens.c.hash == _hash(token))).one_or_none()


def _is_repeat(c: Connection, used: str, following: str, now: Instant) -> bool:
    used_at = c.execute(select(refresh_tokens.c.used_at).where(refresh_tokens.c.id == used)).scalar_one()
    after = _row(c, following)
    return used_at is not None and now - used_at <= GRACE_US and after is not None and after.used_at is None


def _has_ended(c: Connection, family: str) -> bool:
    """Whether any token of a sign-in was revoked. One that came into being at that moment may not be."""
    t = refresh_tokens.c
    return c.execute(select(t.id).where(t.family == family, t.revoked_at.is_not(None)).limit(1)).first() is not None


def _is_active(c: Connection, user: str) -> bool:
    return bool(c.execute(select(users.c.is_active).where(users.c.id == user)).scalar_one_or_none())


def _following(keys: Keys, token: str) -> str:
    return hmac.new(keys.pepper, b"next:" + token.encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
