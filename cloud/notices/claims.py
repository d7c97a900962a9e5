"""The sender's side of `notifications`: who takes a message, what became of it, and what is given up. In transactions."""

import json
import random
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, not_, null, or_, select, update

from cloud.notices.lanes import Done, Job, Outcome
from cloud.notices.occasions import Channel, Occasion
from cloud.notices.providers.provider import Letter
from cloud.store.tables import notifications, push_subscriptions
from foleni.times import SECOND_US, Instant

ATTEMPTS = 3
CLAIM_S = 45
"""So long a message is ours; then whoever looks takes it, as the process that had it must be dead. Longer than any attempt."""
_AGAIN_S = (2.0, 15.0)
"""Between attempts; half as much again at most, so that those who failed together do not come back together."""

_MOST_ENDED = 1000

_t = notifications.c


def claim(c: Connection, channel: Channel, most: int, now: Instant) -> list[Job]:
    """At most `most` messages that are due, now ours; what other processes are taking is passed over. An attempt counts when it
    begins: a message that kills its sender does so three times at most.
    """
    due = and_(_is_free(now), _t.due_at <= now, _t.expires_at > now, _t.attempts < ATTEMPTS, _t.channel == channel.value)
    rows = c.execute(
        select(notifications).where(due).order_by(_t.due_at, _t.id).limit(most).with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return []
    until = now + CLAIM_S * SECOND_US
    c.execute(
        update(notifications).where(_t.id.in_([row.id for row in rows])).values(claimed_until=until, attempts=_t.attempts + 1)
    )
    reach = _subscriptions(c, rows) if channel is Channel.PUSH else {row.id: row.recipient for row in rows}
    return [_job(row, reach.get(row.id), until, now) for row in rows]


def record(c: Connection, done: Done, now: Instant) -> None:
    """What became of an attempt. A message that was sent stays sent, also where somebody else has taken it meanwhile."""
    letter = done.job.letter
    ours = and_(_t.id == letter.id, _t.state == "queued", _t.claimed_until == done.job.claim)
    match done.outcome:
        case Outcome.SENT:
            sent = {"state": "sent", "sent_at": now, "provider": done.provider, "provider_id": done.provider_id, "fault": None}
            mine = and_(_t.id == letter.id, _t.state == "queued")
            c.execute(update(notifications).where(mine).values(claimed_until=None, text=_kept_text(), **sent))
        case Outcome.FAULT if done.job.attempt < ATTEMPTS:
            again_s = _AGAIN_S[done.job.attempt - 1] * random.uniform(1.0, 1.5)  # noqa: S311 - jitter is no secret
            later = {"due_at": now + int(again_s * SECOND_US), "claimed_until": None}
            c.execute(update(notifications).where(ours).values(provider=done.provider, fault=done.fault, **later))
        case _:
            over = {"state": "failed", "claimed_until": None, "provider": done.provider, "fault": done.fault}
            c.execute(update(notifications).where(ours).values(text=_kept_text(), **over))
    if done.outcome is Outcome.GONE:
        gone = json.loads(letter.recipient)["endpoint"]
        c.execute(delete(push_subscriptions).where(push_subscriptions.c.endpoint == gone))


def give_up(c: Connection, offered: Collection[Channel], now: Instant) -> int:
    """Ends what is not to be sent any more: too late, tried too often, or by a way that nobody offers. How many."""
    free = _is_free(now)
    late = and_(free, _t.expires_at <= now)
    worn = and_(free, _t.attempts >= ATTEMPTS)
    nobody = and_(free, not_(_t.channel.in_([channel.value for channel in offered])))
    ended = (
        (late, {"state": "dropped", "fault": "too late"}),
        (worn, {"state": "failed", "fault": "nobody knows whether it was sent"}),
        (nobody, {"state": "failed", "fault": "no provider for this way"}),
    )
    return sum(_end(c, which, end) for which, end in ended)


def _end(c: Connection, which: ColumnElement[bool], end: dict[str, str]) -> int:
    """What somebody else is changing right now waits for the next time."""
    found = select(_t.id).where(which).limit(_MOST_ENDED).with_for_update(skip_locked=True)
    over = update(notifications).where(_t.id.in_(found)).values(claimed_until=None, text=_kept_text(), **end)
    return c.execute(over).rowcount


def mark(c: Connection, provider: str, provider_id: str, *, delivered: bool, fault: str | None, now: Instant) -> bool:
    """A provider's report about a message. Whether there is such a message; the first last word about it counts."""
    which = and_(_t.provider == provider, _t.provider_id == provider_id)
    if c.execute(select(_t.id).where(which)).first() is None:
        return False
    told = {"state": "delivered", "delivered_at": now} if delivered else {"state": "failed", "fault": fault}
    c.execute(update(notifications).where(which, _t.state == "sent").values(**told))
    return True


def _is_free(now: Instant) -> ColumnElement[bool]:
    return and_(_t.state == "queued", or_(_t.claimed_until.is_(None), _t.claimed_until < now))


def _kept_text() -> ColumnElement[Any]:
    """A one-time code is forgotten as soon as its message is over."""
    return case((_t.kind == Occasion.OTP.value, null()), else_=_t.text)


def _subscriptions(c: Connection, rows: Collection[Row[Any]]) -> dict[str, str]:
    wanted = {row.recipient for row in rows}
    found = c.execute(select(push_subscriptions).where(push_subscriptions.c.id.in_(wanted)))
    told = {one.id: json.dumps({"endpoint": one.endpoint, "keys": json.loads(one.keys)}) for one in found}
    return {row.id: told[row.recipient] for row in rows if row.recipient in told}


def _job(row: Row[Any], recipient: str | None, until: int, now: Instant) -> Job:
    good_for_s = max(1, (row.expires_at - now) // SECOND_US)
    letter = Letter(
        row.id, row.kind, Channel(row.channel), recipient or "", row.language, row.title, row.text or "", row.link, good_for_s
    )
    return Job(letter, until, row.attempts + 1, row.provider)
