"""Organizations, branches and tokens, as rows: what the API and `foleni-cloud-admin` both do. In a caller's transaction."""

import hashlib
import json
import secrets as chance
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from cloud.offices.answers import MadeToken, NewBranch, NewOrganization
from cloud.store.database import upserting
from cloud.store.tables import branch_tokens, branches, mailboxes, organizations, pulses
from foleni.ids import uuid7
from foleni.times import Instant
from foleni.web.errors import WebError

_FIRST_CODE = 1
_TOKEN_BYTES = 32


def make_organization(c: Connection, told: NewOrganization, now: Instant) -> Row[Any]:
    """Raises `WebError` 409 `exists`."""
    row = {"id": told.id, "name": told.name, "retention_days": told.retention_days, "is_active": True, "created_at": now}
    fresh = upserting(c, organizations).values(row).on_conflict_do_nothing().returning(organizations.c.id)
    if c.execute(fresh).one_or_none() is None:
        raise WebError(409, "exists", f"There is an organization {told.id} already.")
    return organization(c, told.id)


def organization(c: Connection, name: str) -> Row[Any]:
    """Raises `WebError` 404 `unknown_organization`."""
    row = c.execute(select(organizations).where(organizations.c.id == name)).one_or_none()
    if row is None:
        raise WebError(404, "unknown_organization", f"There is no organization {name}.")
    return row


def branch(c: Connection, name: str) -> Row[Any]:
    """Raises `WebError` 404 `unknown_branch`."""
    row = c.execute(select(branches).where(branches.c.id == name)).one_or_none()
    if row is None:
        raise WebError(404, "unknown_branch", f"There is no branch {name}.")
    return row


def make_branch(c: Connection, told: NewBranch, by: str, now: Instant) -> MadeToken:
    """Makes a branch known, and its first token. Raises `WebError` 404, or 409 `exists` or `code_taken`."""
    organization(c, told.organization)
    if told.code is not None:
        check_code(c, told.code, told.id)
    name = json.dumps({told.languages[0]: told.name or told.id}, ensure_ascii=False)
    row = {
        "id": told.id, "organization": told.organization, "name": name,
        "time_zone": told.time_zone, "languages": json.dumps(list(told.languages)), "remote_issuer": None,
        "business_day_starts": "04:00", "address": told.address, "latitude": told.latitude, "longitude": told.longitude,
        "code": told.code or _next_code(c), "near_ahead": 3, "texts": "{}", "setup": "{}", "is_active": True, "created_at": now,
    }  # fmt: skip
    fresh = upserting(c, branches).values(row).on_conflict_do_nothing(index_elements=["id"]).returning(branches.c.id)
    if c.execute(fresh).one_or_none() is None:
        raise WebError(409, "exists", f"There is a branch {told.id} already.")
    pulse = {"branch": told.id, "acked": 0, "acked_id": "", "day": "", "skew_us": 0, "notice": "{}", "fault": ""}
    c.execute(upserting(c, pulses).values(pulse).on_conflict_do_nothing())
    c.execute(upserting(c, mailboxes).values(branch=told.id, last=0).on_conflict_do_nothing())
    return make_token(c, told.id, by, now)


def check_code(c: Connection, code: int, branch_id: str) -> None:
    """Raises `WebError` 409 `code_taken` where another branch is called by this code."""
    holder = c.execute(select(branches.c.id).where(branches.c.code == code)).scalar_one_or_none()
    if holder not in {None, branch_id}:
        raise WebError(409, "code_taken", f"Another branch has the code {code}.")


def make_token(c: Connection, branch_id: str, by: str, now: Instant, overlap_us: int | None = None) -> MadeToken:
    """A new token; the branch's others end after `overlap_us`, where that is given."""
    until = None if overlap_us is None else Instant(now + overlap_us)
    if until is not None:
        older = update(branch_tokens).where(branch_tokens.c.branch == branch_id, branch_tokens.c.revoked_at.is_(None))
        lasting = older.where(or_(branch_tokens.c.expires_at.is_(None), branch_tokens.c.expires_at > until))
        c.execute(lasting.values(expires_at=until))
    mine, token = uuid7(), chance.token_urlsafe(_TOKEN_BYTES)
    row = {"id": mine, "branch": branch_id, "hash": hash_of(token), "created_at": now, "created_by": by}
    c.execute(insert(branch_tokens).values(row))
    return MadeToken(id=mine, token=token, older_until=until)


def revoke_token(c: Connection, branch_id: str, token: str, now: Instant) -> bool:
    """Whether there was such a token that was still good."""
    mine = (branch_tokens.c.branch == branch_id, branch_tokens.c.id == token, branch_tokens.c.revoked_at.is_(None))
    return bool(c.execute(update(branch_tokens).where(*mine).values(revoked_at=now)).rowcount)


def revoke_tokens(c: Connection, branch_id: str, now: Instant) -> int:
    """Revokes all tokens of a branch: it is shut out until it is given another one."""
    mine = (branch_tokens.c.branch == branch_id, branch_tokens.c.revoked_at.is_(None))
    return c.execute(update(branch_tokens).where(*mine).values(revoked_at=now)).rowcount


def hash_of(token: str) -> str:
    """What is kept of a branch's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _next_code(c: Connection) -> int:
    return int(c.execute(select(func.max(branches.c.code))).scalar_one_or_none() or _FIRST_CODE - 1) + 1
