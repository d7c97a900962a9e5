"""Who is written what: out of what has changed in a branch, in the transaction that keeps the change."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, select, update

from cloud.notices.occasions import GOOD_FOR_S
from cloud.notices.outbox import Occasion, tell
from cloud.queues.status import REMOTE, Status
from cloud.queues.surroundings import Surroundings, surroundings
from cloud.queues.view import draw, view_of
from cloud.store.tables import branches, services, tickets
from cloud.sync.picture import Changes, Note
from foleni.times import SECOND_US, Instant
from foleni.words import pick, wait_short

TicketRow = Row[Any]
_KINDS = {"called": (Occasion.CALLED, Status.CALLED), "skipped": (Occasion.SKIPPED, Status.WAITING)}


def tell_changes(c: Connection, branch: str, changes: Changes, now: Instant, branch_now: Instant, url: str) -> int:
    """Puts out the messages that follow from a fold; how many. What is older than it is good for is not said, nor what is not
    true any more. `branch_now` is the branch's clock.
    """
    told = 0
    fresh = [note for note in changes.notes if _is_fresh(note, branch_now)]
    for note in fresh:
        if note.kind == "closing":
            told += _tell_closing(c, branch, note, now, url)
    latest = {note.subject: note for note in fresh if note.kind in _KINDS}
    for row in _rows(c, [*latest, *changes.linked]):
        if row.id in changes.linked:
            told += tell_joined(c, row, now, url)
        if row.id in latest:
            told += _tell_note(c, row, latest[row.id], now, url)
    if changes.linked:
        _no_near_for(c, branch, changes.linked)
    return told + _tell_near(c, branch, changes, now, url)


def tell_joined(c: Connection, row: TicketRow, now: Instant, url: str) -> int:
    """The ticket, once, when it has its number."""
    if row.number is None or row.status not in {Status.WAITING, Status.CALLED} or not _is_reachable(row):
        return 0
    view = view_of(c, row, now)
    values = {"ahead": str(view.ahead or 0)}
    if view.wait_p50_s is not None:
        values["wait"] = wait_short(_language(c, row), view.wait_p50_s)
    return _tell(c, row, Occasion.JOINED, now, url, f"joined:{row.id}", values)


def tell_refused(c: Connection, row: TicketRow, now: Instant, url: str) -> int:
    """The number that was given is not good."""
    return _tell(c, row, Occasion.REFUSED, now, url, f"refused:{row.id}", {})


def _tell_note(c: Connection, row: TicketRow, note: Note, now: Instant, url: str) -> int:
    occasion, true_while = _KINDS[note.kind]
    if row.status != true_while or not _is_reachable(row):
        return 0
    label = surroundings(c, row.branch).label_of(row.counter) or ""
    return _tell(c, row, occasion, now, url, f"{note.kind}:{row.id}:{note.seq}", {"counter": label})


def _tell_closing(c: Connection, branch: str, note: Note, now: Instant, url: str) -> int:
    """A service closes while people wait for it."""
    waiting = (tickets.c.branch == branch, tickets.c.service == note.subject, tickets.c.status == Status.WAITING)
    closed = select(services.c.state).where(services.c.branch == branch, services.c.id == note.subject)
    if c.execute(closed).scalar() != "closed":
        return 0
    rows = c.execute(select(tickets).where(*waiting, tickets.c.channel.in_(REMOTE))).all()
    return sum(
        _tell(c, row, Occasion.CLOSING, now, url, f"closing:{row.id}:{note.seq}", {}) for row in rows if _is_reachable(row)
    )


def _tell_near(c: Connection, branch: str, changes: Changes, now: Instant, url: str) -> int:
    """Once for each ticket, when only so many are ahead as the branch has set."""
    if not changes.tickets or not _somebody_may_be_told(c, branch):
        return 0
    near_ahead = c.execute(select(branches.c.near_ahead).where(branches.c.id == branch)).scalar() or 0
    if near_ahead <= 0:
        return 0
    touched = select(tickets.c.service).where(tickets.c.branch == branch, tickets.c.ticket.in_(changes.tickets)).distinct()
    around = surroundings(c, branch)
    return sum(_tell_heads(c, branch, service, near_ahead, around, now, url) for service in c.execute(touched).scalars().all())


def _somebody_may_be_told(c: Connection, branch: str) -> bool:
    """Most events of a branch are about people who are in the building: for them one look is enough."""
    untold = (tickets.c.channel.in_(REMOTE), tickets.c.near_told.is_(False))
    waiting = select(tickets.c.id).where(tickets.c.branch == branch, tickets.c.status == Status.WAITING, *untold)
    return c.execute(waiting.limit(1)).first() is not None


def _tell_heads(c: Connection, branch: str, service: str, near_ahead: int, around: Surroundings, now: Instant, url: str) -> int:
    queue = (tickets.c.branch == branch, tickets.c.service == service, tickets.c.status == Status.WAITING)
    first = select(tickets).where(*queue, tickets.c.rank_at.is_not(None)).order_by(tickets.c.rank_at, tickets.c.id)
    told = 0
    for ahead, row in enumerate(c.execute(first.limit(near_ahead + 1)).all()):
        if row.near_told or not _is_reachable(row):
            continue
        c.execute(update(tickets).where(tickets.c.id == row.id).values(near_told=True))
        view = draw(row, around, ahead, now)
        values = {"ahead": str(ahead)}
        if view.wait_p50_s is not None:
            values["wait"] = wait_short(_language(c, row), view.wait_p50_s)
        told += _tell(c, row, Occasion.NEAR, now, url, f"near:{row.id}", values)
    return told


def _no_near_for(c: Connection, branch: str, joined: Iterable[str]) -> None:
    """Who joins with few ahead was just told so."""
    near_ahead = c.execute(select(branches.c.near_ahead).where(branches.c.id == branch)).scalar() or 0
    for row in _rows(c, joined):
        ahead = view_of(c, row, Instant(row.changed_at)).ahead
        if ahead is not None and ahead <= near_ahead:
            c.execute(update(tickets).where(tickets.c.id == row.id).values(near_told=True))


def _tell(c: Connection, row: TicketRow, kind: Occasion, now: Instant, url: str, once: str, values: dict[str, str]) -> int:
    language = _language(c, row)
    service = c.execute(select(services.c.name).where(services.c.branch == row.branch, services.c.id == row.service)).scalar()
    named = {"number": row.number or "", "service": pick(json.loads(service), language) if service else row.service}
    return tell(
        c, kind=kind, now=now, branch=row.branch, ticket=row.id, user=row.user, phone=row.phone, language=language,
        values={**named, **values}, link=f"{url}/t/{row.token}", once=once,
    )  # fmt: skip


def _language(c: Connection, row: TicketRow) -> str:
    """The customer's own, else the branch's first."""
    if row.language:
        return str(row.language)
    told = c.execute(select(branches.c.languages).where(branches.c.id == row.branch)).scalar()
    return next(iter(json.loads(told or "[]")), "en")


def _rows(c: Connection, ids: Iterable[str]) -> list[TicketRow]:
    wanted = sorted(set(ids))
    return list(c.execute(select(tickets).where(tickets.c.id.in_(wanted)).order_by(tickets.c.id)).all()) if wanted else []


def _is_reachable(row: TicketRow) -> bool:
    return row.channel in REMOTE and (row.phone is not None or row.user is not None)


def _is_fresh(note: Note, branch_now: Instant) -> bool:
    return branch_now - note.at <= GOOD_FOR_S[Occasion(note.kind)] * SECOND_US
