"""A branch's queue as the cloud last heard of it, for staff who are away: who waits, who is called where."""

import json

from sqlalchemy import Connection, func, select

from cloud.queues.status import Status, is_live
from cloud.store.tables import branches, counters, organizations, pulses, services, tickets
from foleni.messages.base import Message, Texts
from foleni.times import Instant, WireTime

_MOST_SHOWN = 200


class OfficeLine(Message):
    """One branch among others. `waiting_since`: when the one who waits longest joined; `fault`: why its sync stands still."""

    id: str
    organization: str
    organization_name: str
    name: Texts
    live: bool
    heard_at: WireTime | None
    fault: str
    waiting: int
    waiting_since: WireTime | None
    counters: int
    open_counters: int


class OfficeLines(Message):
    branches: tuple[OfficeLine, ...]
    now: WireTime


class QueueService(Message):
    id: str
    name: Texts
    state: str
    reason: str | None
    reopens_at: WireTime | None
    waiting: int


class QueueTicket(Message):
    """`id` is ours. Nothing here tells who the customer is."""

    id: str
    number: str | None
    service: str
    status: str
    channel: str
    priority: str
    joined_at: WireTime
    called_at: WireTime | None
    is_here: bool
    provisional: bool


class QueueCounter(Message):
    """`ticket` is ours."""

    id: str
    label: str
    state: str
    services: tuple[str, ...]
    ticket: str | None
    number: str | None
    called_at: WireTime | None


class QueuePicture(Message):
    """What the branch last told, at `heard_at`. `live`: it is connected now."""

    branch: str
    live: bool
    heard_at: WireTime | None
    fault: str
    services: tuple[QueueService, ...]
    counters: tuple[QueueCounter, ...]
    waiting: tuple[QueueTicket, ...]
    """In the order in which they are called; the first of a long line."""


def lines_of(c: Connection, ids: list[str], now: Instant) -> tuple[OfficeLine, ...]:
    """The branches with these ids, by name."""
    waits = (
        select(tickets.c.branch, func.count().label("waiting"), func.min(tickets.c.joined_at).label("since"))
        .where(tickets.c.branch.in_(ids), tickets.c.status == Status.WAITING)
        .group_by(tickets.c.branch)
    )
    waiting = {row.branch: (row.waiting, row.since) for row in c.execute(waits)}
    desks: dict[str, list[str]] = {}
    for row in c.execute(select(counters.c.branch, counters.c.state).where(counters.c.branch.in_(ids))):
        desks.setdefault(row.branch, []).append(row.state)
    whose = organizations.c.name.label("organization_name")
    wanted = select(branches.c.id, branches.c.organization, whose, branches.c.name, pulses.c.heard_at, pulses.c.fault)
    wanted = wanted.join(organizations, organizations.c.id == branches.c.organization)
    rows = c.execute(wanted.outerjoin(pulses, pulses.c.branch == branches.c.id).where(branches.c.id.in_(ids))).all()
    return tuple(
        OfficeLine(
            id=row.id, organization=row.organization, organization_name=row.organization_name, name=json.loads(row.name),
            live=is_live(row.heard_at, now), heard_at=row.heard_at, fault=row.fault or "",
            waiting=waiting.get(row.id, (0, None))[0], waiting_since=waiting.get(row.id, (0, None))[1],
            counters=len(desks.get(row.id, ())), open_counters=desks.get(row.id, []).count("open"),
        )
        for row in sorted(rows, key=lambda one: (one.organization, one.id))
    )  # fmt: skip


def picture_of(c: Connection, branch: str, now: Instant) -> QueuePicture:
    """The queue of a branch."""
    pulse = c.execute(select(pulses.c.heard_at, pulses.c.fault).where(pulses.c.branch == branch)).one_or_none()
    heard_at = pulse.heard_at if pulse is not None else None
    waiting = _tickets(c, branch, [Status.WAITING])
    in_hand = {ticket.id: ticket for ticket in _tickets(c, branch, [Status.CALLED, Status.SERVING])}
    return QueuePicture(
        branch=branch, live=is_live(heard_at, now), heard_at=heard_at, fault=pulse.fault if pulse is not None else "",
        services=_services(c, branch, waiting), counters=_counters(c, branch, in_hand), waiting=waiting[:_MOST_SHOWN],
    )  # fmt: skip


def _services(c: Connection, branch: str, waiting: tuple[QueueTicket, ...]) -> tuple[QueueService, ...]:
    rows = c.execute(select(services).where(services.c.branch == branch).order_by(services.c.place, services.c.id))
    return tuple(
        QueueService(
            id=row.id, name=json.loads(row.name), state=row.state, reason=row.reason, reopens_at=row.reopens_at,
            waiting=sum(ticket.service == row.id for ticket in waiting),
        )
        for row in rows
    )  # fmt: skip


def _counters(c: Connection, branch: str, in_hand: dict[str, QueueTicket]) -> tuple[QueueCounter, ...]:
    held = select(counters, tickets.c.id.label("held")).outerjoin(
        tickets, (tickets.c.branch == counters.c.branch) & (tickets.c.ticket == counters.c.in_hand)
    )
    rows = c.execute(held.where(counters.c.branch == branch).order_by(counters.c.label, counters.c.id))
    found = []
    for row in rows:
        ticket = in_hand.get(row.held or "")
        found.append(
            QueueCounter(
                id=row.id, label=row.label, state=row.state, services=tuple(json.loads(row.services)),
                ticket=ticket.id if ticket else None, number=ticket.number if ticket else None,
                called_at=ticket.called_at if ticket else None,
            )
        )  # fmt: skip
    return tuple(found)


def _tickets(c: Connection, branch: str, states: list[Status]) -> tuple[QueueTicket, ...]:
    """By rank; an appointment whose customer has not arrived has none, and stands last."""
    t = tickets.c
    wanted = select(tickets).where(t.branch == branch, t.status.in_(states))
    return tuple(
        QueueTicket(
            id=row.id, number=row.number, service=row.service, status=row.status, channel=row.channel, priority=row.priority,
            joined_at=row.joined_at, called_at=row.called_at, is_here=row.checked_in_at is not None,
            provisional=row.provisional,
        )
        for row in c.execute(wanted.order_by(t.rank_at.is_(None), t.rank_at, t.id))
    )  # fmt: skip
