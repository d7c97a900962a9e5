"""Joining a branch's queue from afar: with the branch's own number where it answers in time, else with one of our series."""

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from cloud.notices.outbox import TOPIC
from cloud.queues import settling
from cloud.queues.places import is_full
from cloud.queues.series import day_of
from cloud.queues.settling import Own, join_command
from cloud.queues.status import Status, is_live
from cloud.queues.view import Fresh, TicketView, active_at, view_of
from cloud.site import Site
from cloud.store.tables import branches, organizations, pulses, services, tickets
from cloud.sync import asking, mailbox
from foleni.messages.replies import Code, Reply
from foleni.times import Instant
from foleni.web.errors import WebError, status_of

RemoteChannel = Literal["app", "ussd", "appointment"]
TicketRow = Row[Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants a place. `command` is the UUID of this wish: the same one again is the same ticket. `phone` is E.164."""

    branch: str
    service: str
    channel: RemoteChannel
    user: str | None
    phone: str | None
    name: str | None
    language: str
    command: str
    priority: str = "normal"
    appointment: Instant | None = None


class AlreadyQueuedError(WebError):
    """This phone has a place in this branch's queues; `ticket` is it."""

    def __init__(self, ticket: TicketView) -> None:
        number = ticket.number or "…"
        super().__init__(409, Code.ALREADY_QUEUED.value, f"This phone number has a ticket already: {number}.")
        self.ticket = ticket


@dataclass(frozen=True, slots=True)
class _Begun:
    ticket: str
    is_settled: bool
    is_connected: bool


async def join(site: Site, wish: Wish, within_s: float = 2.0) -> TicketView:
    """The ticket: with the branch's number where it answers within `within_s`, else with one of our own series (`provisional`).

    Raises `AlreadyQueuedError`, and `WebError`: 404 `unknown_branch`, `unknown_service`; 409 `service_closed`,
    `service_paused`, `service_full` and whatever else the branch refuses with; 503 `unavailable` where neither can be had.
    """
    try:
        begun = await site.database.run(lambda c: _begin(c, wish, site.now()))
    except IntegrityError:
        raise _strange_key() from None
    reply: Reply | None = None
    if not begun.is_settled:
        wait_s = within_s if begun.is_connected else 0.0
        reply = await asking.answer_to(site, wish.branch, wish.command, wait_s)
        if reply is None:
            await finish(site, begun.ticket, wish.branch)
    view = await site.database.run(lambda c: _outcome(c, begun.ticket, site.now()))
    if view.status is Status.ASKED:
        await finish(site, begun.ticket, wish.branch)
        view = await site.database.run(lambda c: _outcome(c, begun.ticket, site.now()))
    return _fresh(reply).on(view)


async def finish(site: Site, ticket: str, branch: str) -> None:
    """Sees to it that a ticket has a number, of our own series where the branch has given none. Raises `WebError` 503 where
    that cannot be; the ticket is given up then.
    """
    own = await site.database.run(lambda c: _own_number(c, ticket, site.now(), site.url))
    for topic in (f"commands:{branch}", f"changed:{branch}", TOPIC):
        site.bus.ring(topic)
    if own is Own.IMPOSSIBLE:
        raise WebError(503, Code.UNAVAILABLE.value, "The branch cannot be reached now. Please try again in a moment.")


def _own_number(c: Connection, ticket: str, now: Instant, url: str) -> Own:
    own = settling.give_own_number(c, ticket, now, url)
    if own is Own.IMPOSSIBLE:
        settling.withdraw(c, ticket, now)
    return own


def _begin(c: Connection, wish: Wish, now: Instant) -> _Begun:
    """Puts the ticket and the branch's question down together; where the same was wished before, finds that ticket."""
    heard_at = c.execute(select(pulses.c.heard_at).where(pulses.c.branch == wish.branch)).scalar()
    is_connected = is_live(heard_at, now)
    branch = _branch(c, wish.branch)
    mailbox.lock(c, wish.branch)
    known = c.execute(select(tickets).where(tickets.c.id == wish.command)).one_or_none()
    if known is not None:
        return _Begun(_checked_owner(known, wish).id, known.status != Status.ASKED, is_connected)
    _check_open(c, wish, is_heard=heard_at is not None)
    if wish.phone is not None and (holder := active_at(c, wish.branch, wish.phone, now)) is not None:
        raise AlreadyQueuedError(view_of(c, holder, now))
    row = {
        "id": wish.command, "branch": wish.branch, "command": wish.command, "token": secrets.token_urlsafe(16),
        "service": wish.service, "status": Status.ASKED, "provisional": False, "channel": wish.channel,
        "priority": wish.priority, "day": day_of(branch, now), "joined_at": now, "appointment": wish.appointment, "calls": 0,
        "skips": 0, "language": wish.language, "phone": wish.phone, "name": wish.name, "user": wish.user,
        "cancel_wanted": False, "near_told": False, "changed_at": now,
    }  # fmt: skip
    c.execute(tickets.insert().values(row))
    mailbox.put(c, wish.branch, join_command(wish.command, wish), wish.user or wish.channel, now)
    return _Begun(wish.command, False, is_connected)


def _outcome(c: Connection, ticket: str, now: Instant) -> TicketView:
    row = c.execute(select(tickets).where(tickets.c.id == ticket)).one()
    if row.status == Status.REFUSED:
        raise _refusal(c, row, now)
    return view_of(c, row, now)


def _refusal(c: Connection, row: TicketRow, now: Instant) -> WebError:
    """What the branch said, in its own words."""
    kept = mailbox.reply_to(c, row.branch, row.command)
    error = Reply.model_validate_json(kept).error if kept else None
    if row.refusal == Code.ALREADY_QUEUED and row.phone is not None:
        holder = active_at(c, row.branch, row.phone, now)
        if holder is not None:
            return AlreadyQueuedError(view_of(c, holder, now))
    code = Code(row.refusal) if row.refusal else Code.UNAVAILABLE
    return WebError(status_of(code), code.value, error.message if error is not None else "The branch has refused this.")


def _branch(c: Connection, branch: str) -> Row[Any]:
    offered = select(branches).join(organizations, organizations.c.id == branches.c.organization)
    row = c.execute(offered.where(branches.c.id == branch, branches.c.is_active, organizations.c.is_active)).one_or_none()
    if row is None:
        raise WebError(404, "unknown_branch", "There is no such branch.")
    return row


def _check_open(c: Connection, wish: Wish, *, is_heard: bool) -> None:
    """By what the branch last told; it decides itself when it is asked."""
    row = c.execute(select(services).where(services.c.branch == wish.branch, services.c.id == wish.service)).one_or_none()
    if row is None and not is_heard:
        raise WebError(503, Code.UNAVAILABLE.value, "This branch is not connected yet.")
    if row is None:
        raise WebError(404, Code.UNKNOWN_SERVICE.value, "This branch has no such service.")
    if row.state != "open":
        code = Code.SERVICE_PAUSED if row.state == "paused" else Code.SERVICE_CLOSED
        why = f" {row.reason}" if row.reason else ""
        raise WebError(409, code.value, f"This service is {row.state} now.{why}")
    if is_full(row):
        raise WebError(409, Code.SERVICE_FULL.value, "This service has given all its tickets of today.")


def _checked_owner(known: TicketRow, wish: Wish) -> TicketRow:
    """The id of a wish is its owner's; nobody finds somebody else's ticket by it."""
    if (known.branch, known.service, known.user, known.phone) != (wish.branch, wish.service, wish.user, wish.phone):
        raise _strange_key()
    return known


def _strange_key() -> WebError:
    return WebError(422, Code.INVALID.value, "This Idempotency-Key belongs to another request.")


def _fresh(reply: Reply | None) -> Fresh:
    told = reply.result if reply is not None and reply.ok else None
    figures = [None if told is None else told.get(name) for name in ("ahead", "wait_p50_s", "wait_p90_s")]
    return Fresh(*(one if isinstance(one, int) and one >= 0 else None for one in figures))
