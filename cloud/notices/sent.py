"""What was sent to a branch's customers, for those who answer their questions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy import Connection, Row, select

from cloud.notices.occasions import Channel, Occasion
from cloud.people import rights
from cloud.people.current import Who, signed_in
from cloud.site import Site, site_of
from cloud.store.tables import branches, notifications
from foleni.ids import Slug
from foleni.messages.base import Message
from foleni.times import WireTime
from foleni.web.errors import WebError

_SHOWN_START, _SHOWN_END = 4, 2
_ID = r"^[A-Za-z0-9_-]{1,64}$"
_NOBODYS = "-"
"""The organization of a branch that is not there: who may not see all learns nothing about it."""


class SentNotice(Message):
    """One message. `recipient` is masked, and `text` is without the link: who has the link has the ticket."""

    id: str
    kind: Occasion
    channel: Channel
    ticket: str | None
    recipient: str
    language: str
    text: str
    state: str = Field(description="queued, sent, delivered, failed or dropped")
    created_at: WireTime
    sent_at: WireTime | None
    delivered_at: WireTime | None
    attempts: int
    provider: str | None
    fault: str | None


class SentNotices(Message):
    """The newest first; `next` is the `before` of those that are older, where there are more."""

    notifications: tuple[SentNotice, ...]
    next: str | None


router = APIRouter(prefix="/api/v1/branches/{branch}/notifications", tags=["branches"])


@router.get(
    "",
    summary="Messages to the customers of a branch, the newest first",
    responses={403: {"description": "not allowed"}, 404: {"description": "no such branch"}},
)
async def _sent(
    branch: Slug,
    who: Annotated[Who, Depends(signed_in)],
    site: Annotated[Site, Depends(site_of)],
    ticket: Annotated[str | None, Query(pattern=_ID)] = None,
    before: Annotated[str | None, Query(pattern=_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SentNotices:
    organization = await site.database.run(lambda c: _organization(c, branch))
    rights.check(who, rights.Action.SEE_MESSAGES, organization=organization or _NOBODYS, branch=branch)
    if organization is None:
        raise WebError(404, "not_found", "There is no such branch.")
    rows = await site.database.run(lambda c: _rows(c, branch, ticket, before, limit + 1))
    shown = tuple(_notice(row) for row in rows[:limit])
    return SentNotices(notifications=shown, next=shown[-1].id if len(rows) > limit else None)


def _organization(c: Connection, branch: str) -> str | None:
    return c.execute(select(branches.c.organization).where(branches.c.id == branch)).scalar_one_or_none()


def _rows(c: Connection, branch: str, ticket: str | None, before: str | None, most: int) -> list[Row[Any]]:
    wanted = select(notifications).where(notifications.c.branch == branch)
    if ticket is not None:
        wanted = wanted.where(notifications.c.ticket == ticket)
    if before is not None:
        wanted = wanted.where(notifications.c.id < before)
    return list(c.execute(wanted.order_by(notifications.c.id.desc()).limit(most)).all())


def _notice(row: Row[Any]) -> SentNotice:
    text = (row.text or "").replace(row.link, "").strip() if row.link else row.text or ""
    shown = {name: getattr(row, name) for name in SentNotice.model_fields if name not in {"recipient", "text"}}
    return SentNotice(recipient=masked(row.channel, row.recipient), text=text, **shown)


def masked(channel: str, recipient: str | None) -> str:
    """Enough to know it again for whoever has it in front of them: `+250…01`."""
    if not recipient:
        return ""
    match Channel(channel):
        case Channel.PUSH:
            return "browser"
        case Channel.EMAIL:
            name, _, host = recipient.partition("@")
            return f"{name[:1]}…@{host}"
        case _:
            return f"{recipient[:_SHOWN_START]}…{recipient[-_SHOWN_END:]}"
