"""What an accepted command is answered with, seen after its events were applied."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from branch_server.domain.asking import Moment
from branch_server.domain.state import Desk, Queue, State
from branch_server.domain.tickets import Status, Ticket
from foleni.messages import commands as c
from foleni.times import to_wire


def result_of(state: State, command: c.Command, moment: Moment) -> dict[str, Any]:
    """The `result` of a reply."""
    if isinstance(command, c.Join):
        return standing(state, state.tickets[state.joins[command.key]], moment)
    if isinstance(command, c.CounterCommand):
        return at_counter(state, state.desks[command.counter])
    if isinstance(command, c.TicketCommand):
        return standing(state, state.tickets[command.ticket], moment)
    if isinstance(command, c.ServiceCommand):
        return of_service(state.queues[command.service])
    return {}


def standing(state: State, ticket: Ticket, moment: Moment) -> dict[str, Any]:
    """A ticket as its customer may know it. Position and waits as of `moment`; out of the queue they are 1 and 0."""
    ahead, wait_p50_s, wait_p90_s = 0, 0, 0
    if ticket.status is Status.WAITING and ticket.service in state.queues:
        queue = state.queues[ticket.service]
        rank = ticket.rank_at if ticket.rank_at is not None else moment.now
        ahead = queue.ahead_of(rank, ticket.id)
        wait = moment.waits.estimate(state, queue, rank, ticket.id, moment.now)
        wait_p50_s, wait_p90_s = wait.p50_s, wait.p90_s
    return {
        "ticket": ticket.id, "number": ticket.number, "service": ticket.service, "status": str(ticket.status),
        "joined_at": to_wire(ticket.joined_at), "position": ahead + 1, "ahead": ahead,
        "wait_p50_s": wait_p50_s, "wait_p90_s": wait_p90_s, "url": _link(state, ticket, moment),
    }  # fmt: skip


def _link(state: State, ticket: Ticket, moment: Moment) -> str:
    """A ticket's public link, at the branch's own address where it has told one: phones come from outside."""
    link = moment.link_of(ticket.id)
    return urljoin(state.branch.url, urlsplit(link).path) if state.branch is not None and state.branch.url else link


def at_counter(state: State, desk: Desk) -> dict[str, Any]:
    """A counter as its clerk sees it."""
    return {"counter": desk.counter.id, "in_hand": in_hand(state.hand(desk)), "waiting": state.waiting_at(desk)}


def in_hand(ticket: Ticket | None) -> dict[str, Any] | None:
    """The ticket in a hand, as replies and the counters' topics show it."""
    if ticket is None:
        return None
    return {
        "ticket": ticket.id, "number": ticket.number, "service": ticket.service, "status": str(ticket.status),
        "called_at": to_wire(ticket.called_at or ticket.joined_at), "call": ticket.calls,
    }  # fmt: skip


def of_service(queue: Queue) -> dict[str, Any]:
    """A service's state after it was opened, paused or closed."""
    reopens_at = to_wire(queue.reopens_at) if queue.reopens_at is not None else None
    return {"service": queue.service.id, "state": str(queue.state), "reopens_at": reopens_at}
