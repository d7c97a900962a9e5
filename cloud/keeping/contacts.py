"""Erasing who somebody is from what they did. What remains counts, and names nobody."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select, update

from cloud.store.tables import commands, events, notifications, otps, push_subscriptions, tickets, users, ussd_sessions
from foleni.times import DAY_US, Instant

Counts = Counter[str]
"""Rows that were changed, by table."""
_BLANK: dict[str, Any] = {"phone": None, "name": None, "text": "", "reason": None}
"""Fields in which somebody is named, or anybody could write anything; and what stands there afterwards."""
TELLING = ("ticket_joined", "note_added", "ticket_rated", "ticket_parked")
"""Events that have such fields."""
_SENT: dict[str, Any] = {"recipient": None, "text": None, "title": "", "link": None}
_AT_ONCE = 400
_ASTRAY_US = DAY_US
"""A branch's clock may be so wrong, and a ticket be written of so much later."""


def erase_tickets(c: Connection, ids: Sequence[str]) -> Counts:
    """Erases phone, name and words of these tickets everywhere: their rows, the events and commands that made them, and what
    was sent about them.
    """
    counts = Counts()
    for start in range(0, len(ids), _AT_ONCE):
        part = list(ids[start : start + _AT_ONCE])
        for row in c.execute(select(tickets).where(tickets.c.id.in_(part))).all():
            counts["events"] += _erase_events_of(c, row)
            counts["commands"] += _erase_commands_of(c, row)
        about = update(notifications).where(notifications.c.ticket.in_(part), has_words())
        counts["notifications"] += c.execute(about.values(_SENT)).rowcount
        mine = update(tickets).where(tickets.c.id.in_(part))
        counts["tickets"] += c.execute(mine.values(phone=None, name=None, user=None)).rowcount
    return counts


def erase_person(c: Connection, user: str, now: Instant) -> Counts:
    """Erases a person, their tickets, and whatever waits to be sent to them. The row stays, so that the audit trail holds."""
    phone = c.execute(select(users.c.phone).where(users.c.id == user)).scalar_one_or_none()
    whose = tickets.c.user == user if phone is None else or_(tickets.c.user == user, tickets.c.phone == phone)
    counts = erase_tickets(c, list(c.execute(select(tickets.c.id).where(whose)).scalars()))
    to_me = notifications.c.user == user
    mine = to_me if phone is None else or_(to_me, notifications.c.recipient == phone)
    c.execute(update(notifications).where(mine, notifications.c.state == "queued").values(state="dropped", fault="erased"))
    counts["notifications"] += c.execute(update(notifications).where(mine, has_words()).values(_SENT)).rowcount
    counts["push_subscriptions"] += c.execute(delete(push_subscriptions).where(push_subscriptions.c.user == user)).rowcount
    if phone is not None:
        counts["otps"] += c.execute(delete(otps).where(otps.c.phone == phone)).rowcount
        counts["ussd_sessions"] += c.execute(delete(ussd_sessions).where(ussd_sessions.c.phone == phone)).rowcount
    row = {"phone": None, "name": "", "email": None, "wishes": "{}", "is_active": False, "seen_at": now}
    counts["users"] += c.execute(update(users).where(users.c.id == user).values(row)).rowcount
    return counts


def erase_events(c: Connection, branch: str, after: int, up_to: int, mark: str = "") -> int:
    """Erases what names somebody in a branch's events with a number in (`after`, `up_to`], or of those only in the ones that
    have `mark` in them. How many were changed.
    """
    telling = select(events.c.seq, events.c.data).where(
        events.c.branch == branch, events.c.seq > after, events.c.seq <= up_to, events.c.type.in_(TELLING)
    )
    if mark:
        telling = telling.where(events.c.data.contains(mark, autoescape=True))
    changed = 0
    for row in c.execute(telling).all():
        blank = blanked(row.data)
        if blank is not None:
            at = (events.c.branch == branch, events.c.seq == row.seq)
            changed += c.execute(update(events).where(*at).values(data=blank)).rowcount
    return changed


def last_before(c: Connection, branch: str, instant: int) -> int:
    """The number of the last event of a branch before an instant of its clock; 0 where there is none. Found by halving: numbers
    have no gap, and instants grow with them but for a clock that was set.
    """
    low, high = 0, int(c.execute(select(events.c.seq).where(events.c.branch == branch).order_by(events.c.seq.desc()).limit(1))
                       .scalar_one_or_none() or 0)  # fmt: skip
    while low < high:
        middle = (low + high + 1) // 2
        at = c.execute(select(events.c.at).where(events.c.branch == branch, events.c.seq == middle)).scalar_one_or_none()
        if at is None or at < instant:
            low = middle
        else:
            high = middle - 1
    return low


def blanked(data: str) -> str | None:
    """JSON without what names somebody; None where there is nothing of the kind in it."""
    told = json.loads(data)
    changes = {field: blank for field, blank in _BLANK.items() if told.get(field)}
    return json.dumps(told | changes, ensure_ascii=False, separators=(",", ":")) if changes else None


def has_words() -> Any:
    """Notifications that still say something to somebody."""
    return or_(notifications.c.recipient.is_not(None), notifications.c.text.is_not(None))


def blank_sent(c: Connection, which: Iterable[Any]) -> int:
    """Erases to whom notifications went, and what they said."""
    return c.execute(update(notifications).where(*which, has_words()).values(_SENT)).rowcount


def _erase_events_of(c: Connection, row: Any) -> int:
    if row.ticket is None:
        return 0
    after = last_before(c, row.branch, row.joined_at - _ASTRAY_US)
    up_to = last_before(c, row.branch, (row.ended_at or row.changed_at) + _ASTRAY_US)
    return erase_events(c, row.branch, after, up_to, row.ticket)


def _erase_commands_of(c: Connection, row: Any) -> int:
    rating = and_(commands.c.type == "rate", commands.c.payload.contains(row.ticket or row.id, autoescape=True))
    mine = or_(commands.c.id == (row.command or row.id), rating)
    found = c.execute(select(commands).where(commands.c.branch == row.branch, mine)).all()
    changed = 0
    for one in found:
        blank = blanked(one.payload)
        if blank is not None:
            at = (commands.c.branch == one.branch, commands.c.place == one.place)
            changed += c.execute(update(commands).where(*at).values(payload=blank)).rowcount
    return changed
