"""One-time codes: six digits by SMS, kept as a keyed hash, good for five minutes and five tries; the newest alone counts."""

import hashlib
import hmac
import secrets as chance
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from cloud.notices.outbox import Occasion, tell
from cloud.people.keys import Keys
from cloud.store.tables import otps, users
from foleni.ids import uuid7
from foleni.times import DAY_US, SECOND_US, Instant

GOOD_FOR_S = 300
MOST_TRIES = 5
MOST_A_DAY = 10
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants a code."""

    phone: str
    language: str
    address: str


def send(c: Connection, keys: Keys, asked: Asked, now: Instant) -> bool:
    """Puts a new code into the outbox. False where this phone had too many today; somebody who may not sign in gets none, and
    is told nothing else.
    """
    today = select(func.count()).select_from(otps).where(otps.c.phone == asked.phone, otps.c.created_at > now - DAY_US)
    if c.execute(today).scalar_one() >= MOST_A_DAY:
        return False
    mine, code = uuid7(), f"{chance.randbelow(10**_DIGITS):0{_DIGITS}d}"
    c.execute(
        insert(otps).values(
            id=mine, phone=asked.phone, hash=_hash(keys, mine, code), address=asked.address, created_at=now,
            expires_at=now + GOOD_FOR_S * SECOND_US, tries=0,
        )
    )  # fmt: skip
    if _may_come(c, asked.phone):
        tell(
            c, kind=Occasion.OTP, now=now, phone=asked.phone, language=asked.language, values={"code": code},
            once=f"otp:{mine}", expires_s=GOOD_FOR_S,
        )  # fmt: skip
    return True


def is_right(c: Connection, keys: Keys, phone: str, code: str, now: Instant) -> bool:
    """Whether `code` is the newest one of `phone`. Every call is a try; the right code is right once."""
    newest = _newest(c, phone)
    if newest is None:
        return False
    open_now = (otps.c.id == newest.id, otps.c.used_at.is_(None), otps.c.expires_at > now, otps.c.tries < MOST_TRIES)
    if not c.execute(update(otps).where(*open_now).values(tries=otps.c.tries + 1)).rowcount:
        return False
    if not hmac.compare_digest(newest.hash, _hash(keys, newest.id, code)):
        return False
    once = update(otps).where(otps.c.id == newest.id, otps.c.used_at.is_(None)).values(used_at=now)
    return bool(c.execute(once).rowcount) and _may_come(c, phone)


def _newest(c: Connection, phone: str) -> Row[Any] | None:
    mine = select(otps).where(otps.c.phone == phone).order_by(otps.c.created_at.desc(), otps.c.id.desc())
    return c.execute(mine.limit(1)).one_or_none()


def _may_come(c: Connection, phone: str) -> bool:
    return c.execute(select(users.c.is_active).where(users.c.phone == phone)).scalar_one_or_none() is not False


def _hash(keys: Keys, otp: str, code: str) -> str:
    return hmac.new(keys.pepper, f"otp:{otp}:{code}".encode(), hashlib.sha256).hexdigest()
