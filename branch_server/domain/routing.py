"""Whom a counter calls next, and why."""

from dataclasses import dataclass, replace

from branch_server.domain.events import Head, Why
from branch_server.domain.state import Desk, Queue, State
from branch_server.domain.tickets import Ticket
from foleni.ids import TicketId
from foleni.messages.setup import Routing
from foleni.times import SECOND_US, Instant


@dataclass(frozen=True, slots=True)
class Choice:
    """A ticket, the reason for it, and the counter's running shares after it."""

    ticket: Ticket
    why: Why
    shares: dict[str, int]


def choose_next(state: State, desk: Desk, now: Instant, passed: frozenset[str] = frozenset()) -> Choice | None:
    """The ticket that the counter's rule picks at `now` among those who are not passed over by hand; None where none waits."""
    heads = [head for queue in _queues(state, desk) if (head := _first(state, queue, passed)) is not None]
    if not heads:
        return None
    choice = _by_rule(state, desk, heads, now, passed)
    left = [ticket for queue in _queues(state, desk) for _, ticket in queue.waiting if ticket in passed] if passed else []
    return _passing_over(state, choice, tuple(left)) if left else choice


def _passing_over(state: State, choice: Choice, left: tuple[TicketId, ...]) -> Choice:
    """The choice, with those on record who would have been chosen from too."""
    numbers = ", ".join(state.tickets[ticket].number for ticket in left)
    why = replace(choice.why, reason=f"{choice.why.reason}; passed over by hand: {numbers}", passed_over=left)
    return replace(choice, why=why)


def _by_rule(state: State, desk: Desk, heads: list[Ticket], now: Instant, passed: frozenset[str]) -> Choice:
    relieved = _normal_after_run(state, desk, passed)
    if relieved is not None:
        reason = f"{desk.credited_run} priority tickets in a row at counter {desk.counter.label}; the first normal one now"
        return _choice(heads, relieved, "max_priority_run", reason, desk.shares, now)
    match desk.counter.routing:
        case Routing.STRICT:
            return _strict(state, desk, heads, now)
        case Routing.WEIGHTED:
            return _weighted(state, desk, heads, now)
        case _:
            return _fifo(state, desk, heads, now)


def why_by_hand(rule: str, reason: str, ticket: Ticket, now: Instant) -> Why:
    """The recorded reason of a call that no rule made."""
    return Why(rule, reason, (_head(ticket, now),))


def _queues(state: State, desk: Desk) -> list[Queue]:
    return [state.queues[service] for service in desk.counter.services if service in state.queues]


def _first(state: State, queue: Queue, passed: frozenset[str]) -> Ticket | None:
    ticket = next((ticket for _, ticket in queue.waiting if ticket not in passed), None)
    return state.tickets[ticket] if ticket is not None else None


def _rank(ticket: Ticket) -> tuple[int, str]:
    return (ticket.rank_at or 0, ticket.id)


def _normal_after_run(state: State, desk: Desk, passed: frozenset[str]) -> Ticket | None:
    """The first normal ticket of those services whose limit of priority tickets in a row is reached."""
    normals = [
        ticket
        for queue in _queues(state, desk)
        if queue.service.max_priority_run is not None and desk.credited_run >= queue.service.max_priority_run
        if (ticket := _first_normal(state, queue, passed)) is not None
    ]
    return min(normals, key=_rank, default=None)


def _first_normal(state: State, queue: Queue, passed: frozenset[str]) -> Ticket | None:
    waiting = (state.tickets[ticket] for _, ticket in queue.waiting if ticket not in passed)
    return next((ticket for ticket in waiting if ticket.credit_min == 0), None)


def _fifo(state: State, desk: Desk, heads: list[Ticket], now: Instant) -> Choice:
    chosen = min(heads, key=_rank)
    services = _listed([_name(state, service) for service in desk.counter.services if service in state.queues])
    credit = f", credit {chosen.credit_min}" if chosen.credit_min else ""
    reason = f"longest effective wait of {services}; {_waited_min(chosen, now)} min{credit}"
    return _choice(heads, chosen, Routing.FIFO, reason, desk.shares, now)


def _strict(state: State, desk: Desk, heads: list[Ticket], now: Instant) -> Choice:
    chosen = heads[0]
    reason = f"{_name(state, chosen.service)} is the first service of counter {desk.counter.label} with anyone waiting"
    return _choice(heads, chosen, Routing.STRICT, reason, desk.shares, now)


def _weighted(state: State, desk: Desk, heads: list[Ticket], now: Instant) -> Choice:
    """Smooth weighted round robin over the services with anyone waiting; the first listed wins a tie."""
    weights = {ticket.service: desk.counter.weight(ticket.service) for ticket in heads}
    shares = {service: desk.shares.get(service, 0) for service in desk.counter.services}
    for service, weight in weights.items():
        shares[service] += weight
    chosen = max(heads, key=lambda ticket: shares[ticket.service])
    shares[chosen.service] -= sum(weights.values())
    weight = weights[chosen.service]
    reason = f"the turn of {_name(state, chosen.service)}, which has {weight} of {sum(weights.values())} shares"
    return _choice(heads, chosen, Routing.WEIGHTED, reason, shares, now)


def _choice(heads: list[Ticket], chosen: Ticket, rule: str, reason: str, shares: dict[str, int], now: Instant) -> Choice:
    listed = tuple(_head(ticket, now) for ticket in heads)
    if chosen not in heads:
        listed += (_head(chosen, now),)
    return Choice(chosen, Why(str(rule), reason, listed), shares)


def _head(ticket: Ticket, now: Instant) -> Head:
    wait_s = max(0, now - ticket.joined_at) // SECOND_US
    rank = ticket.rank_at if ticket.rank_at is not None else ticket.joined_at
    return Head(ticket.service, ticket.id, ticket.number, rank, wait_s, ticket.credit_min)


def _waited_min(ticket: Ticket, now: Instant) -> int:
    return max(0, now - ticket.joined_at) // (60 * SECOND_US)


def _name(state: State, service: str) -> str:
    names = state.queues[service].service.name
    return names.get("en") or next(iter(names.values()))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
