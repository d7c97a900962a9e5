"""How a join ends: with the branch's number, with one of our own series, or refused. Each is decided with the ticket's row
locked, so that whatever comes at the same time finds it decided.
"""

import json
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from cloud.queues import telling
from cloud.queues.series import clock_of, next_number
from cloud.queues.status import Status
from cloud.store.tables import commands, tickets
from cloud.sync import mailbox
from foleni.ids import uuid7
from foleni.messages.replies import Code, JoinResult, Reply
from foleni.times import Instant, from_wire, to_wire

TicketRow = Row[Any]
_OF_BRANCH = (
    *("service", "status", "priority", "day", "joined_at", "rank_at", "called_at", "started_at", "ended_at"),
    *("counter", "calls", "skips", "outcome", "stars"),
)
"""What of a ticket its branch's events have told."""


class Own(Enum):
    """What came of giving a number of our own series."""

    SETTLED = auto()
    """It has a number, this one or another, or was refused or withdrawn."""
    IMPOSSIBLE = auto()
    """The branch has no letter for our series."""


def row_of(c: Connection, ticket: str) -> TicketRow | None:
    """A ticket's row, which nobody else changes until the transaction ends."""
    return c.execute(select(tickets).where(tickets.c.id == ticket).with_for_update()).one_or_none()


def give_own_number(c: Connection, ticket: str, now: Instant, url: str) -> Own:
    """A number of our own series, where the branch has not given one meanwhile; the join that goes down carries it."""
    found = c.execute(select(tickets.c.branch).where(tickets.c.id == ticket)).scalar()
    if found is None:
        return Own.SETTLED
    mailbox.lock(c, found)
    row = row_of(c, ticket)
    if row is None or row.status != Status.ASKED:
        return Own.SETTLED
    given = next_number(c, row.branch, row.service, now)
    if given is None:
        return Own.IMPOSSIBLE
    number, day = given
    command = {**join_command(row.command, row), "number": number, "joined_at": to_wire(row.joined_at)}
    mailbox.replace_or_put(c, row.branch, command, row.channel, now)
    joined_at = clock_of(c, row.branch, Instant(row.joined_at))
    _change(c, row, now, number=number, day=day, provisional=True, status=Status.WAITING, joined_at=joined_at,
            rank_at=None if row.appointment is not None else joined_at)  # fmt: skip
    settled = row_of(c, ticket)
    assert settled is not None
    telling.tell_joined(c, settled, now, url)
    return Own.SETTLED


def withdraw(c: Connection, ticket: str, now: Instant) -> None:
    """A ticket that the branch may not know is given up: it ends at once where the branch never heard of it; else the branch is
    told as soon as it has taken it in.
    """
    branch = c.execute(select(tickets.c.branch).where(tickets.c.id == ticket)).scalar()
    if branch is None:
        return
    mailbox.lock(c, branch)
    row = row_of(c, ticket)
    if row is None or row.ticket is not None or row.status not in {Status.ASKED, Status.WAITING}:
        return
    if mailbox.withdraw(c, branch, row.command, now):
        _change(c, row, now, status=Status.CANCELLED, ended_at=now, provisional=False)
    else:
        _change(c, row, now, cancel_wanted=True)


def want_cancel(c: Connection, ticket: str, now: Instant) -> None:
    """The customer gives a ticket up that the branch has."""
    row = row_of(c, ticket)
    if row is not None and row.status == Status.WAITING:
        _change(c, row, now, cancel_wanted=True)


def cancel_answered(c: Connection, ticket: str, reply: Reply, now: Instant) -> None:
    """The branch has taken a ticket out, or says why not. Its event says the same, and may have come before."""
    row = row_of(c, ticket)
    if row is None:
        return
    if reply.ok and row.status == Status.WAITING:
        _change(c, row, now, status=Status.CANCELLED, cancel_wanted=False, ended_at=now)
    elif row.cancel_wanted:
        _change(c, row, now, cancel_wanted=False)


def note(c: Connection, ticket: str, now: Instant, values: dict[str, Any]) -> None:
    """Sets columns of a ticket to what an event of the branch is about to say."""
    row = row_of(c, ticket)
    if row is not None:
        _change(c, row, now, **values)


def take_reply(c: Connection, branch: str, reply: Reply, now: Instant, url: str) -> TicketRow | None:
    """Keeps a branch's reply, and settles the join that it answers. The ticket that looks otherwise now, if one does."""
    wire = reply.model_dump_json(exclude_none=True)
    asked = select(commands.c.type, commands.c.payload).where(commands.c.branch == branch, commands.c.id == reply.command)
    command = c.execute(asked).first()
    if command is None or command.type != "join":
        mailbox.answered(c, branch, reply.command, wire, now)
        return _not_cancelled(c, branch, command, reply, now)
    if not reply.ok and reply.error is not None and reply.error.code is Code.UNAVAILABLE:
        return None
    mailbox.lock(c, branch)
    row = row_of(c, _ticket_of(c, branch, reply.command))
    if row is None:
        mailbox.answered(c, branch, reply.command, wire, now)
        return None
    _settle(c, row, reply, wire, now, url)
    return row_of(c, row.id)


def _not_cancelled(c: Connection, branch: str, command: Row[Any] | None, reply: Reply, now: Instant) -> TicketRow | None:
    """A late refusal to take a ticket out: it is not given up any more."""
    if command is None or command.type != "cancel" or reply.ok:
        return None
    of = json.loads(command.payload).get("ticket")
    ticket = c.execute(select(tickets.c.id).where(tickets.c.branch == branch, tickets.c.ticket == of)).scalar()
    if ticket is not None:
        cancel_answered(c, ticket, reply, now)
    return row_of(c, ticket) if ticket is not None else None


def _settle(c: Connection, row: TicketRow, reply: Reply, wire: str, now: Instant, url: str) -> None:
    told = _result(reply)
    is_of_first_form = row.provisional and (
        mailbox.unfetched_again(c, row.branch, reply.command) or (told is not None and told.number != row.number)
    )
    if is_of_first_form and _has_two_forms(c, row):
        mailbox.answered_first_form(c, row.branch, reply.command, wire, now)
    else:
        mailbox.answered(c, row.branch, reply.command, wire, now)
    if told is not None:
        _taken_in(c, row, told, now, url)
    elif not reply.ok and not is_of_first_form:
        _refused(c, row, reply, now, url)


def _taken_in(c: Connection, row: TicketRow, told: JoinResult, now: Instant, url: str) -> None:
    """The branch has this ticket. Its events say the same, and may have come before."""
    if row.ticket is not None:
        return
    known: dict[str, Any] = {"ticket": told.ticket}
    twin = _twin_of(c, row, told.ticket)
    if twin is not None:
        c.execute(delete(tickets).where(tickets.c.id == twin.id))
        known |= {name: getattr(twin, name) for name in _OF_BRANCH} | {"refusal": None}
        known |= {} if row.provisional and row.number != twin.number else {"number": twin.number, "provisional": False}
    elif row.status in {Status.ASKED, Status.REFUSED}:
        joined_at = from_wire(told.joined_at)
        rank_at = None if row.appointment is not None else joined_at
        known |= {"number": told.number, "status": Status.WAITING, "joined_at": joined_at, "rank_at": rank_at, "refusal": None}
    elif row.number == told.number:
        known["provisional"] = False
    _change(c, row, now, **known)
    if row.cancel_wanted:
        command = {"id": uuid7(), "type": "cancel", "actor": row.channel, "ticket": told.ticket}
        mailbox.put(c, row.branch, command, row.channel, now)
    settled = row_of(c, row.id)
    if settled is not None and not settled.cancel_wanted:
        telling.tell_joined(c, settled, now, url)


def _twin_of(c: Connection, row: TicketRow, ticket: str) -> TicketRow | None:
    """The same ticket as the branch's events have told of it, where they came first and do not name the join."""
    same = (tickets.c.branch == row.branch, tickets.c.ticket == ticket, tickets.c.command.is_(None))
    return c.execute(select(tickets).where(*same).with_for_update()).one_or_none()


def _refused(c: Connection, row: TicketRow, reply: Reply, now: Instant, url: str) -> None:
    if row.ticket is not None or row.status not in {Status.ASKED, Status.WAITING}:
        return
    code = reply.error.code if reply.error is not None else Code.INVALID
    status = Status.CANCELLED if row.cancel_wanted else Status.REFUSED
    _change(c, row, now, status=status, refusal=code.value, ended_at=now, provisional=False)
    if row.provisional and not row.cancel_wanted:
        telling.tell_refused(c, row, now, url)


def _result(reply: Reply) -> JoinResult | None:
    """What a good reply to a join says; None for any other, and for one that cannot be understood."""
    if not reply.ok or reply.result is None:
        return None
    try:
        told = JoinResult.model_validate(reply.result)
        from_wire(told.joined_at)
    except ValueError:
        return None
    return told


def _ticket_of(c: Connection, branch: str, command: str) -> str:
    return c.execute(select(tickets.c.id).where(tickets.c.branch == branch, tickets.c.command == command)).scalar() or ""


def _has_two_forms(c: Connection, row: TicketRow) -> bool:
    forms = select(commands.c.place).where(commands.c.branch == row.branch, commands.c.id == row.command)
    return len(c.execute(forms).all()) > 1


def join_command(command: str, of: Any) -> dict[str, Any]:
    """The join in its own form; `of` has service, channel, priority and what is known of the customer."""
    told: dict[str, Any] = {
        "id": command, "type": "join", "actor": of.channel, "service": of.service, "channel": of.channel,
        "priority": of.priority, "language": of.language, "phone": of.phone, "name": of.name,
        "appointment": None if of.appointment is None else to_wire(of.appointment),
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _change(c: Connection, row: TicketRow, now: Instant, **values: Any) -> None:
    c.execute(update(tickets).where(tickets.c.id == row.id).values(**values, changed_at=now))
