"""What a branch is to be asked: a numbered list for each branch, read by its long poll. Functions are parts of transactions."""

import json
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from cloud.store.database import upserting
from cloud.store.tables import commands, mailboxes
from foleni.times import SECOND_US, Instant, to_wire

MOST_AT_ONCE = 200
Payload = dict[str, Any]


def lock(c: Connection, branch: str) -> int:
    """The place of the last command. Until the transaction ends nobody else puts anything into this mailbox."""
    locked = select(mailboxes.c.last).where(mailboxes.c.branch == branch).with_for_update()
    place = c.execute(locked).scalar_one_or_none()
    if place is None:
        c.execute(upserting(c, mailboxes).values(branch=branch, last=0).on_conflict_do_nothing())
        place = c.execute(locked).scalar_one()
    return int(place)


def put(c: Connection, branch: str, command: Payload, asked_by: str, now: Instant, expires_s: float | None = None) -> int:
    """Puts a command in its own form into the mailbox; its place. After `expires_s` it is void. The same id lies there once,
    however often it is put: the first one's place.
    """
    known = c.execute(select(commands.c.place).where(*_of(branch, command["id"]))).scalars().first()
    return int(known) if known is not None else put_again(c, branch, command, asked_by, now, expires_s)


def put_again(c: Connection, branch: str, command: Payload, asked_by: str, now: Instant, expires_s: float | None = None) -> int:
    """As `put`, also where a command with this id lies there already."""
    place = _next_place(c, branch)
    expires_at = None if expires_s is None else now + int(expires_s * SECOND_US)
    if expires_at is not None:
        command = {**command, "expires_at": to_wire(expires_at)}
    row = {
        "branch": branch, "place": place, "id": command["id"], "type": command["type"], "payload": _json(command),
        "asked_by": asked_by, "created_at": now, "expires_at": expires_at,
    }  # fmt: skip
    c.execute(commands.insert().values(row))
    return place


def replace_or_put(c: Connection, branch: str, command: Payload, asked_by: str, now: Instant) -> None:
    """The command takes the place of the one with its id that nobody has fetched yet, or else is put behind it."""
    unfetched = (*_of(branch, command["id"]), commands.c.delivered_at.is_(None), commands.c.answered_at.is_(None))
    changed = c.execute(update(commands).where(*unfetched).values(payload=_json(command)))
    if changed.rowcount == 0:
        put_again(c, branch, command, asked_by, now)


def withdraw(c: Connection, branch: str, command: str, now: Instant) -> bool:
    """Takes a command back; False where the branch may have it already."""
    rows = c.execute(select(commands.c.delivered_at).where(*_of(branch, command)).with_for_update()).all()
    if any(row.delivered_at is not None for row in rows):
        return False
    c.execute(update(commands).where(*_of(branch, command)).values(answered_at=now))
    return True


def fetch(c: Connection, branch: str, after: int, now: Instant) -> tuple[int, list[Payload]]:
    """The commands behind place `after` that are neither answered nor void, and the place of the last; they count as fetched
    from now on.
    """
    behind = select(commands.c.place, commands.c.payload, commands.c.delivered_at).where(
        commands.c.branch == branch, commands.c.answered_at.is_(None), commands.c.place > after,
        or_(commands.c.expires_at.is_(None), commands.c.expires_at > now),
    )  # fmt: skip
    rows = c.execute(behind.order_by(commands.c.place).limit(MOST_AT_ONCE).with_for_update()).all()
    new = [row.place for row in rows if row.delivered_at is None]
    if new:
        c.execute(update(commands).where(commands.c.branch == branch, commands.c.place.in_(new)).values(delivered_at=now))
    return (rows[-1].place if rows else after), [json.loads(row.payload) for row in rows]


def last(c: Connection, branch: str) -> int:
    """The place of the last command that was ever put."""
    return int(c.execute(select(mailboxes.c.last).where(mailboxes.c.branch == branch)).scalar() or 0)


def unfetched_again(c: Connection, branch: str, command: str) -> bool:
    """Whether a second form of a command that the branch has fetched still lies there unfetched."""
    newest = select(func.max(commands.c.place)).where(*_of(branch, command)).scalar_subquery()
    row = c.execute(select(commands.c.delivered_at).where(commands.c.branch == branch, commands.c.place == newest)).first()
    return row is not None and row.delivered_at is None


def answered(c: Connection, branch: str, command: str, reply: str, now: Instant) -> None:
    """Keeps the reply to a command; the first one counts."""
    c.execute(update(commands).where(*_of(branch, command), commands.c.reply.is_(None)).values(answered_at=now, reply=reply))


def answered_first_form(c: Connection, branch: str, command: str, reply: str, now: Instant) -> None:
    """Keeps a reply that is about a form of the command which has been overtaken: the newest one stays open."""
    newest = select(func.max(commands.c.place)).where(*_of(branch, command)).scalar_subquery()
    older = and_(*_of(branch, command), commands.c.place < newest, commands.c.answered_at.is_(None))
    c.execute(update(commands).where(older).values(answered_at=now, reply=reply))


def reply_to(c: Connection, branch: str, command: str) -> str | None:
    """The branch's reply as JSON."""
    rows = select(commands.c.reply).where(*_of(branch, command), commands.c.reply.is_not(None))
    return c.execute(rows.order_by(commands.c.place.desc())).scalars().first()


def _next_place(c: Connection, branch: str) -> int:
    """As `lock`, and the place behind the last command."""
    first = upserting(c, mailboxes).values(branch=branch, last=1)
    counted = first.on_conflict_do_update(index_elements=["branch"], set_={"last": mailboxes.c.last + 1})
    return int(c.execute(counted.returning(mailboxes.c.last)).scalar_one())


def _of(branch: str, command: str) -> tuple[Any, Any]:
    return commands.c.branch == branch, commands.c.id == command


def _json(command: Payload) -> str:
    return json.dumps(command, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
