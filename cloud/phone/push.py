"""`/api/v1/me/push`: a browser says where its push messages go."""

import base64
import binascii
import hashlib
import ipaddress
import json
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Path
from pydantic import AfterValidator, Field
from sqlalchemy import Connection, delete, select

from cloud.notices.providers.outside import is_public
from cloud.people.current import Who, signed_in
from cloud.site import Site, site_of
from cloud.store.database import upserting
from cloud.store.tables import push_subscriptions
from foleni.messages.base import Message
from foleni.times import Instant
from foleni.web.errors import WebError

MOST_OF_ONE = 10
"""Browsers of one person; the oldest is forgotten first."""
_POINT_BYTES, _SECRET_BYTES = 65, 16
_UNCOMPRESSED = 4
_ONLY_HERE = {"localhost"}


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64url") from None


def _point(text: str) -> str:
    key = _bytes(text)
    if len(key) != _POINT_BYTES or key[0] != _UNCOMPRESSED:
        raise ValueError("must be an uncompressed point of P-256")
    return text


def _secret(text: str) -> str:
    if len(_bytes(text)) != _SECRET_BYTES:
        raise ValueError(f"must be {_SECRET_BYTES} bytes")
    return text


class PushKeys(Message):
    """What a message to this browser is encrypted with; base64url as the browser gives it."""

    p256dh: Annotated[str, Field(max_length=120), AfterValidator(_point)]
    auth: Annotated[str, Field(max_length=40), AfterValidator(_secret)]


class PushSubscription(Message):
    """`PushSubscription.toJSON()` of a browser."""

    endpoint: str = Field(min_length=12, max_length=1000)
    keys: PushKeys


class PushKept(Message):
    """The same subscription always has the same `id`."""

    id: str


router = APIRouter(prefix="/api/v1/me/push", tags=["me"])


@router.post("", summary="Send push messages to this browser", responses={401: {"description": "not signed in"}})
async def subscribe(
    told: PushSubscription, who: Annotated[Who, Depends(signed_in)], site: Annotated[Site, Depends(site_of)]
) -> PushKept:
    """Saying it again is harmless. A browser that somebody else used before is from now on this person's."""
    if not is_outside(told.endpoint) and not _is_workbench(site, told.endpoint):
        raise WebError(422, "invalid", "endpoint: must be an https address of a push service")
    kept = _id_of(told.endpoint)
    await site.database.run(lambda c: _keep(c, kept, told, who.user, site.now()))
    return PushKept(id=kept)


@router.delete(
    "/{subscription}",
    status_code=204,
    summary="No more push messages to this browser",
    responses={401: {"description": "not signed in"}},
)
async def unsubscribe(
    subscription: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
    who: Annotated[Who, Depends(signed_in)],
    site: Annotated[Site, Depends(site_of)],
) -> None:
    """Of one that is not there, or not this person's, nothing is told."""
    mine = (push_subscriptions.c.id == subscription) & (push_subscriptions.c.user == who.user)
    await site.database.run(lambda c: c.execute(delete(push_subscriptions).where(mine)).rowcount)


def _id_of(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()[:32]


def _keep(c: Connection, kept: str, told: PushSubscription, user: str, now: Instant) -> None:
    row = {"user": user, "endpoint": told.endpoint, "keys": json.dumps(told.keys.model_dump()), "created_at": now}
    made = upserting(c, push_subscriptions).values(id=kept, **row)
    c.execute(made.on_conflict_do_update(index_elements=["id"], set_=row))
    newest = (
        select(push_subscriptions.c.id)
        .where(push_subscriptions.c.user == user)
        .order_by(push_subscriptions.c.created_at.desc(), push_subscriptions.c.id)
    )
    ids = list(c.execute(newest).scalars())
    if len(ids) > MOST_OF_ONE:
        c.execute(delete(push_subscriptions).where(push_subscriptions.c.id.in_(ids[MOST_OF_ONE:])))


def is_outside(endpoint: str) -> bool:
    """Whether it can be a push service: nobody makes us knock at doors inside of our own house. What its name resolves to is
    looked at when something is sent there.
    """
    try:
        url = urlsplit(endpoint)
        host = url.hostname or ""
        url.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    if url.scheme != "https" or url.username is not None or url.password is not None or "." not in host:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host not in _ONLY_HERE and not host.endswith((".local", ".internal", ".localhost"))
    return is_public(host)


def _is_workbench(site: Site, endpoint: str) -> bool:
    """A cloud that only its own machine reaches may send to a push service on that machine."""
    return is_loopback(site.url) and is_loopback(endpoint)


def is_loopback(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host in _ONLY_HERE or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
