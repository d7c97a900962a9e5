"""Contact data is erased when its time is over: an organization's 180 days by default. Each transaction writes its line of
proof with what it erased, so a process that dies in between has erased no more and no less than the log says.
"""

from functools import partial

from sqlalchemy import Connection, delete, or_, select, update

from cloud.keeping import proof
from cloud.keeping.contacts import Counts, blank_sent, erase_events, erase_person, last_before
from cloud.people.trail import HOUSE, note
from cloud.store.database import Database, upserting
from cloud.store.tables import (
    audit,
    branches,
    chores,
    commands,
    notifications,
    organizations,
    otps,
    pulses,
    refresh_tokens,
    roles,
    tickets,
    users,
)
from cloud.ussd import sessions as dialogues
from foleni.times import DAY_US, HOUR_US, MINUTE_US, Instant, to_wire

DEFAULT_DAYS = 180
_CLAIM_US = 30 * MINUTE_US
_NIGHT_US = HOUR_US
"""The day of this work begins so long after midnight UTC."""
_MOST_EVENTS = 2000
_MOST_ROWS = 1000
_OPEN = ("asked", "waiting", "called", "serving", "parked")


def claim(c: Connection, now: Instant, *, at_once: bool = False) -> bool:
    """Whether this process is the one that does it: once a day, or now where nobody else is at it."""
    c.execute(upserting(c, chores).values(name=proof.CHORE, claimed_until=0, done_on="").on_conflict_do_nothing())
    free = update(chores).where(chores.c.name == proof.CHORE, chores.c.claimed_until <= now)
    if not at_once:
        free = free.where(chores.c.done_on != _day(now))
    return bool(c.execute(free.values(claimed_until=now + _CLAIM_US)).rowcount)


def run(database: Database, now: Instant) -> None:
    """Erases all that is due, in many small transactions on this thread. For whoever has claimed it."""
    run = database.run_here
    for organization, days in run(_organizations):
        before = Instant(now - days * DAY_US)
        for branch in run(partial(_branches, organization=organization)):
            while run(partial(_step, organization=organization, branch=branch, before=before, now=now)):
                pass
        run(partial(_over, organization=organization, before=before, now=now))
    while run(partial(_people, now=now)):
        pass
    run(partial(_done, now=now))


def _step(c: Connection, organization: str, branch: str, before: Instant, now: Instant) -> bool:
    """One transaction of a branch's; whether there is more to do."""
    counts, more = _branch(c, branch, before)
    if counts.total():
        proof.write(c, now, organization, before, counts)
    return more


def _over(c: Connection, organization: str, before: Instant, now: Instant) -> None:
    """The night's last line of an organization, also where there was nothing to erase."""
    proof.write(c, now, organization, before, Counts())
    note(c, at=now, who=HOUSE, address="", action="erase_contacts", subject=to_wire(before), outcome="ok",
         organization=organization)  # fmt: skip


def _branch(c: Connection, branch: str, before: Instant) -> tuple[Counts, bool]:
    counts = Counts()
    counts["events"], more = _events(c, branch, before)
    old = (tickets.c.branch == branch, tickets.c.joined_at < before, tickets.c.status.not_in(_OPEN))
    named = or_(tickets.c.phone.is_not(None), tickets.c.name.is_not(None), tickets.c.user.is_not(None))
    some = select(tickets.c.id).where(*old, named).limit(_MOST_ROWS)
    counts["tickets"] = c.execute(
        update(tickets).where(tickets.c.id.in_(some)).values(phone=None, name=None, user=None)
    ).rowcount
    counts["commands"] = c.execute(delete(commands).where(commands.c.branch == branch, commands.c.created_at < before)).rowcount
    counts["notifications"] = blank_sent(c, (notifications.c.branch == branch, notifications.c.created_at < before))
    return counts, more or counts["tickets"] == _MOST_ROWS


def _events(c: Connection, branch: str, before: Instant) -> tuple[int, bool]:
    """Goes on from where the last night came to. A log that was turned back since is gone through from its start."""
    pulse = c.execute(select(pulses.c.erased, pulses.c.acked).where(pulses.c.branch == branch)).one_or_none()
    if pulse is None:
        return 0, False
    after = pulse.erased if pulse.erased <= pulse.acked else 0
    due = last_before(c, branch, before)
    up_to = min(due, after + _MOST_EVENTS)
    if up_to <= after:
        return 0, False
    changed = erase_events(c, branch, after, up_to)
    c.execute(update(pulses).where(pulses.c.branch == branch).values(erased=up_to))
    return changed, up_to < due


def _people(c: Connection, now: Instant) -> bool:
    """Who was not seen for longer than any organization keeps contacts, and what belongs to no branch."""
    longest = max((days for _, days in _organizations(c)), default=DEFAULT_DAYS)
    before = Instant(now - longest * DAY_US)
    has_role = select(roles.c.id).where(roles.c.user == users.c.id)
    strangers = select(users.c.id).where(users.c.phone.is_not(None), users.c.seen_at < before, ~has_role.exists())
    found = c.execute(strangers.limit(50)).scalars().all()
    counts = Counts()
    for user in found:
        counts.update(erase_person(c, user, now))
    counts["notifications"] += blank_sent(c, (notifications.c.branch.is_(None), notifications.c.created_at < before))
    counts["audit"] += c.execute(update(audit).where(audit.c.at < before, audit.c.address != "").values(address="")).rowcount
    counts["otps"] += c.execute(delete(otps).where(otps.c.created_at < now - 2 * DAY_US)).rowcount
    counts["refresh_tokens"] += c.execute(delete(refresh_tokens).where(refresh_tokens.c.expires_at < now)).rowcount
    counts["ussd_sessions"] += dialogues.forget(c, now)
    proof.write(c, now, None, before, counts)
    return len(found) == 50


def _done(c: Connection, now: Instant) -> None:
    c.execute(update(chores).where(chores.c.name == proof.CHORE).values(claimed_until=0, done_on=_day(now)))


def _branches(c: Connection, organization: str) -> list[str]:
    return list(c.execute(select(branches.c.id).where(branches.c.organization == organization)).scalars())


def _organizations(c: Connection) -> list[tuple[str, int]]:
    rows = c.execute(select(organizations.c.id, organizations.c.retention_days).order_by(organizations.c.id))
    return [(row.id, row.retention_days) for row in rows]


def _day(now: Instant) -> str:
    return to_wire(now - _NIGHT_US)[:10]
