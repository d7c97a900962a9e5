"""`/api/v1/tokens`: what integrations sign in with."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from branch_server.web.errors import WebError
from branch_server.web.people import rights
from branch_server.web.people.current import now_us, signed_in
from branch_server.web.people.person import Person, Scope
from branch_server.web.people.rights import Action
from branch_server.web.people.wording import words_of
from branch_server.web.site import Site, site_of
from branch_server.web.store.tokens import Token
from foleni.times import of_datetime, to_wire

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"], include_in_schema=False)

Asker = Annotated[Person, Depends(signed_in)]
MOST_VALID = 200


class NewToken(BaseModel):
    """`until` is the last day on which it is valid; None lasts until it is revoked."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    until: date | None = None


@router.get("")
async def tokens(request: Request, person: Asker) -> dict[str, Any]:
    """All tokens, those that are over too, without their texts."""
    rights.check(person, Action.MANAGE_TOKENS)
    return told(site_of(request))


@router.post("")
async def make(request: Request, person: Asker, asked: NewToken) -> Response:
    """A new token. Its text is in this answer and nowhere else."""
    rights.check(person, Action.MANAGE_TOKENS)
    site, say, now = site_of(request), words_of(request, person.language), now_us()
    ends_at = _end_of(site, asked.until) if asked.until is not None else None
    if ends_at is not None and ends_at <= now:
        raise WebError(422, "invalid", say("This day is over. Choose a later one."))
    if sum(token.is_valid(now) for token in site.store.tokens.all()) >= MOST_VALID:
        raise WebError(409, "too_many", say("There are {count} tokens already. Revoke some first.", count=MOST_VALID))
    scopes = tuple(str(scope) for scope in Scope if scope in asked.scopes)
    token, text = site.store.tokens.make(asked.name, scopes, person.id, now, ends_at)
    site.store.audit.note(person, "make_token", f"token:{token.id}", detail=" ".join(scopes))
    return JSONResponse({"token": _one(site, token, now), "text": text}, 201)


@router.delete("/{token}")
async def revoke(request: Request, person: Asker, token: str) -> dict[str, Any]:
    """From now on nobody gets in with it."""
    rights.check(person, Action.MANAGE_TOKENS)
    site, now = site_of(request), now_us()
    known = site.store.tokens.find(token)
    if known is None:
        raise WebError(404, "not_found", "There is no such token.")
    if known.revoked_at is None:
        site.store.tokens.revoke(known, now)
        site.hub.end(f"token:{known.id}")
        site.store.audit.note(person, "revoke_token", f"token:{known.id}")
    return {"token": _one(site, known, now)}


def told(site: Site) -> dict[str, Any]:
    """What the page shows."""
    now = now_us()
    return {"tokens": [_one(site, token, now) for token in site.store.tokens.all()]}


def _one(site: Site, token: Token, now: int) -> dict[str, Any]:
    made_by = site.follower.state.staff.get(token.made_by)
    state = "revoked" if token.revoked_at is not None else "valid" if token.is_valid(now) else "over"
    return {
        "id": token.id, "name": token.name, "scopes": list(token.scopes), "state": state, "made_at": to_wire(token.made_at),
        "made_by": made_by.name if made_by is not None else token.made_by,
        "ends_at": to_wire(token.ends_at) if token.ends_at is not None else None,
        "used_at": to_wire(token.used_at) if token.used_at is not None else None,
    }  # fmt: skip


def _end_of(site: Site, day: date) -> int:
    """The first instant after a day of the branch."""
    branch = site.follower.state.branch
    zone = ZoneInfo(branch.time_zone if branch is not None else "UTC")
    try:
        return of_datetime(datetime.combine(day + timedelta(days=1), time(), zone))
    except (OverflowError, ValueError):
        raise WebError(422, "invalid", "until: this day is too far away") from None
