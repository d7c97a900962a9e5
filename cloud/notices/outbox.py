"""Messages are put into `notifications` in the transaction of what causes them; `cloud.notices.sending` sends them after it."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select, update

from cloud.notices import wishes
from cloud.notices.occasions import GOOD_FOR_S, HEAD_START_US, OVERTAKES, Channel, Occasion
from cloud.notices.wishes import Wishes
from cloud.notices.wording import Wording, wording
from cloud.store.database import upserting
from cloud.store.tables import branches, notifications, opt_outs, push_subscriptions, users
from foleni.ids import uuid7
from foleni.times import SECOND_US, Instant
from foleni.words.catalogue import pick

__all__ = ["TOPIC", "Channel", "Occasion", "tell"]

TOPIC = "notices"
"""Ring it on the bus after the commit, and the message goes out at once; else within a second or so."""


@dataclass(frozen=True, slots=True)
class _Person:
    """Where somebody can be reached."""

    user: str | None
    phone: str | None
    email: str | None
    wishes: Wishes


def tell(  # noqa: PLR0913 - a message has so many sides, and each is named
    c: Connection,
    *,
    kind: Occasion,
    now: Instant,
    branch: str | None = None,
    ticket: str | None = None,
    user: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    language: str,
    values: dict[str, str],
    link: str | None = None,
    once: str,
    expires_s: float | None = None,
) -> int:
    """Puts a message to a person (`user`, or whoever has `phone` or `email`) into the outbox, one for each way that they want,
    in the caller's transaction. Returns how many are new: what has the same `once` is never said twice.

    `values` are for the fields of the texts: number, service, ahead, wait, counter, time, code, minutes; `branch` is taken from
    the table where it is not given. A message that is not sent within `expires_s` (a default for each kind) is dropped.
    """
    if user is None and phone is None and email is None:
        return 0
    _overtake(c, kind, ticket, now)
    person = _person(c, user, phone, email)
    ways = [(channel, to) for channel in person.wishes.ways(kind) for to in _addresses(c, kind, channel, person)]
    if not ways:
        return 0
    said = _said(c, kind, branch, language, values, link)
    good_for_s = GOOD_FOR_S[kind] if expires_s is None else expires_s
    shared = {
        "branch": branch, "ticket": ticket, "user": person.user, "kind": kind.value, "language": language, "link": link,
        "title": said.title, "state": "queued", "created_at": now, "due_at": now - HEAD_START_US.get(kind, 0), "attempts": 0,
        "expires_at": now + int(good_for_s * SECOND_US),
    }  # fmt: skip
    return sum(_put(c, shared, once, channel, to, said) for channel, to in ways)


def _put(c: Connection, shared: dict[str, Any], once: str, channel: Channel, to: str, said: Wording) -> int:
    mark = f"{once}:{channel}:{to}" if channel is Channel.PUSH else f"{once}:{channel}"
    text = {Channel.SMS: said.sms, Channel.WHATSAPP: f"{said.text}\n{shared['link'] or ''}".strip()}.get(channel, said.text)
    row = {**shared, "id": uuid7(), "once": mark, "channel": channel.value, "recipient": to, "text": text}
    put = upserting(c, notifications).values(row).on_conflict_do_nothing().returning(notifications.c.id)
    return len(c.execute(put).all())


def _person(c: Connection, user: str | None, phone: str | None, email: str | None) -> _Person:
    """Who has signed up has wishes, also where only the phone is named."""
    whose = users.c.id == user if user is not None else users.c.phone == phone
    row = c.execute(select(users).where(whose, users.c.is_active)).one_or_none() if user or phone else None
    if row is None:
        return _Person(user, phone, email, wishes.DEFAULT)
    return _Person(row.id, phone or row.phone, email or row.email, wishes.read(row.wishes))


def _addresses(c: Connection, kind: Occasion, channel: Channel, person: _Person) -> list[str]:
    match channel:
        case Channel.PUSH:
            mine = select(push_subscriptions.c.id).where(push_subscriptions.c.user == person.user)
            return list(c.execute(mine).scalars()) if person.user is not None else []
        case Channel.EMAIL:
            return [person.email] if person.email else []
        case _:
            return [person.phone] if person.phone and (kind is Occasion.OTP or not _opted_out(c, person.phone)) else []


def _opted_out(c: Connection, phone: str) -> bool:
    return c.execute(select(opt_outs.c.at).where(opt_outs.c.recipient == phone)).one_or_none() is not None


def _said(
    c: Connection, kind: Occasion, branch: str | None, language: str, values: dict[str, str], link: str | None
) -> Wording:
    if branch is None:
        return wording(kind, language, values, link, {})
    row = c.execute(select(branches.c.name, branches.c.texts).where(branches.c.id == branch)).one_or_none()
    if row is None:
        return wording(kind, language, values, link, {})
    own = json.loads(row.texts or "{}")
    named = {"branch": pick(json.loads(row.name), language), **values}
    return wording(kind, language, named, link, own if isinstance(own, dict) else {})


def _overtake(c: Connection, kind: Occasion, ticket: str | None, now: Instant) -> None:
    """What still waits to be sent about this ticket, and is not true any more, is dropped."""
    older = OVERTAKES.get(kind)
    if ticket is None or older is None:
        return
    waiting = (notifications.c.ticket == ticket, notifications.c.state == "queued", notifications.c.kind.in_(older))
    free = or_(notifications.c.claimed_until.is_(None), notifications.c.claimed_until < now)
    c.execute(update(notifications).where(*waiting, free).values(state="dropped", fault=f"overtaken: {kind}"))
