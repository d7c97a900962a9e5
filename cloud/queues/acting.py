"""What a customer does with a ticket: give it up, say that they are here, rate the service. Each twice is as once."""

from typing import Any

from sqlalchemy import Connection, Row

from cloud.notices.outbox import TOPIC
from cloud.queues import settling
from cloud.queues.status import REMOTE, Status, is_live
from cloud.queues.view import TicketView, by_key, view_of
from cloud.site import Site
from cloud.sync import asking
from foleni.ids import uuid7
from foleni.messages.replies import Code, Reply
from foleni.web.errors import WebError, status_of

TicketRow = Row[Any]
ANSWER_WITHIN_S = 2.0
_SAID_WITHIN_S = 12 * 3600.0
"""What a customer says of a ticket is of no use the next day."""
_MOST_LETTERS = 500


async def cancel(site: Site, ticket: str, within_s: float = ANSWER_WITHIN_S) -> TicketView:
    """Gives a ticket (our id) up. Where the branch does not answer `cancel_wanted` says that it will be told.

    Raises `WebError`: 404 `unknown_ticket`, 409 `wrong_state` for one that is called or over.
    """
    row = await _row(site, ticket)
    if row.status == Status.CANCELLED or row.cancel_wanted:
        return await _view(site, ticket)
    if row.status not in {Status.ASKED, Status.WAITING}:
        raise _wrong_state(row)
    await site.database.run(lambda c: settling.withdraw(c, ticket, site.now()))
    row = await _row(site, ticket)
    if row.ticket is not None:
        await site.database.run(lambda c: settling.want_cancel(c, ticket, site.now()))
        reply = await _asked(site, row, {"type": "cancel"}, within_s)
        if reply is not None:
            await site.database.run(lambda c: settling.cancel_answered(c, ticket, reply, site.now()))
            _check(reply)
    return await _changed(site, row)


async def check_in(site: Site, ticket: str, within_s: float = ANSWER_WITHIN_S) -> TicketView:
    """The customer of a ticket (our id) is here. Where the branch does not answer, it is told when it is back, and the view has
    no `checked_in_at` yet.

    Raises `WebError`: 404 `unknown_ticket`, 409 `wrong_state` for one that does not wait, 503 `unavailable` where the branch
    has not yet taken it in.
    """
    row = await _row(site, ticket)
    if row.checked_in_at is not None:
        return await _view(site, ticket)
    if row.status not in {Status.ASKED, Status.WAITING}:
        raise _wrong_state(row)
    return await _said(site, row, {"type": "check_in"}, {"checked_in_at": site.now()}, within_s)


async def rate(site: Site, ticket: str, stars: int, text: str = "") -> TicketView:
    """Stars (1 to 5), and words where there are any, after the service; a later answer takes the place of an earlier one.

    Where the branch does not answer, it is told when it is back, and the view has its former stars.

    Raises `WebError`: 404 `unknown_ticket`, 409 `wrong_state` for one that was not served.
    """
    row = await _row(site, ticket)
    if row.status != Status.COMPLETED:
        raise _wrong_state(row)
    return await _said(site, row, {"type": "rate", "stars": stars, "text": text[:_MOST_LETTERS]}, {"stars": stars})


async def _said(
    site: Site, row: TicketRow, command: dict[str, Any], then: dict[str, Any], within_s: float = ANSWER_WITHIN_S
) -> TicketView:
    """The ticket with what the branch has taken from its customer; `then` are the columns that its event will set."""
    if row.ticket is None:
        raise WebError(503, Code.UNAVAILABLE.value, "The branch has not yet taken this ticket in. Please try again later.")
    reply = await _asked(site, row, command, within_s)
    if reply is not None:
        _check(reply)
        await site.database.run(lambda c: settling.note(c, row.id, site.now(), then))
    return await _changed(site, row)


async def _asked(site: Site, row: TicketRow, command: dict[str, Any], within_s: float) -> Reply | None:
    """The branch's reply; a branch that is not connected is not waited for."""
    actor = row.channel if row.channel in REMOTE else "app"
    told = {"id": uuid7(), "actor": actor, "ticket": row.ticket, **command}
    view = await _view(site, row.id)
    wait_s = within_s if is_live(view.heard_at, site.now()) else 0.0
    return await asking.ask(site, row.branch, told, asked_by=row.user or actor, within_s=wait_s, expires_s=_SAID_WITHIN_S)


async def _changed(site: Site, row: TicketRow) -> TicketView:
    for topic in (f"commands:{row.branch}", f"changed:{row.branch}", TOPIC):
        site.bus.ring(topic)
    return await _view(site, row.id)


async def _row(site: Site, ticket: str) -> TicketRow:
    row = await site.database.run(lambda c: by_key(c, ticket))
    if row is None or row.id != ticket:
        raise WebError(404, Code.UNKNOWN_TICKET.value, "There is no such ticket.")
    return row


async def _view(site: Site, ticket: str) -> TicketView:
    return await site.database.run(lambda c: _view_now(c, ticket, site))


def _view_now(c: Connection, ticket: str, site: Site) -> TicketView:
    row = by_key(c, ticket)
    assert row is not None
    return view_of(c, row, site.now())


def _check(reply: Reply) -> None:
    if not reply.ok and reply.error is not None:
        raise WebError(status_of(reply.error.code), reply.error.code.value, reply.error.message)


def _wrong_state(row: TicketRow) -> WebError:
    return WebError(409, Code.WRONG_STATE.value, f"This ticket is {row.status.replace('_', ' ')}.")
