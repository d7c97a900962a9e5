"""The audit trail, for those who answer for a branch."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy import Connection, select

from cloud.people import rights
from cloud.people.current import Who, signed_in
from cloud.people.rights import Action
from cloud.site import Site, site_of
from cloud.store.tables import audit, branches, users
from foleni.ids import Slug
from foleni.messages.base import Message
from foleni.times import WireTime

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], responses={403: {"description": "not allowed"}})


class Line(Message):
    """`who` is a person's id, a branch, or `house`; `name` theirs, where it is known. `request` finds it in the log."""

    n: int
    at: WireTime
    who: str
    name: str
    address: str
    action: str
    subject: str
    outcome: str
    organization: str | None
    branch: str | None
    request: str


class Lines(Message):
    """The newest first; `next` is the `before` of older ones, where there are more."""

    lines: tuple[Line, ...]
    next: int | None


class Asked(Message):
    """Which lines: of a branch, of an organization, or of everything; by whom, and what."""

    organization: Slug | None = None
    branch: Slug | None = None
    by: str | None = Field(None, max_length=64, description="whose doings")
    action: str | None = Field(None, max_length=40)
    before: int | None = Field(None, ge=1, le=2**62)
    limit: int = Field(100, ge=1, le=500)


@router.get("", summary="Who did what, the newest first", responses={401: {"description": "not signed in"}})
async def _lines(
    who: Annotated[Who, Depends(signed_in)], site: Annotated[Site, Depends(site_of)], asked: Annotated[Asked, Query()]
) -> Lines:
    return await read_lines(site, who, asked)


async def read_lines(site: Site, who: Who, asked: Asked) -> Lines:
    """The lines. Raises `WebError` 403 where this is not the asker's to see."""
    return await site.database.run(lambda c: _read(c, who, asked))


def _read(c: Connection, who: Who, asked: Asked) -> Lines:
    organization = asked.organization
    if asked.branch is not None:
        organization = c.execute(select(branches.c.organization).where(branches.c.id == asked.branch)).scalar_one_or_none()
    rights.check(who, Action.SEE_AUDIT, organization=organization, branch=asked.branch)
    wanted = select(audit, users.c.name).outerjoin(users, users.c.id == audit.c.who)
    told = ((audit.c.organization, asked.organization), (audit.c.branch, asked.branch), (audit.c.who, asked.by))
    for column, value in (*told, (audit.c.action, asked.action)):
        if value:
            wanted = wanted.where(column == value)
    if asked.before is not None:
        wanted = wanted.where(audit.c.n < asked.before)
    rows = c.execute(wanted.order_by(audit.c.n.desc()).limit(asked.limit + 1)).all()
    lines = tuple(
        Line(
            n=row.n, at=row.at, who=row.who, name=row.name or "", address=row.address, action=row.action, subject=row.subject,
            outcome=row.outcome, organization=row.organization, branch=row.branch, request=row.request,
        )
        for row in rows[: asked.limit]
    )  # fmt: skip
    return Lines(lines=lines, next=lines[-1].n if len(rows) > asked.limit else None)
