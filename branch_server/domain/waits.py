"""How long a customer will wait: an estimate, behind one small interface."""

from dataclasses import dataclass
from math import sqrt
from typing import Protocol

from branch_server.domain.state import CounterState, Desk, Queue, State
from foleni.ids import TicketId
from foleni.times import SECOND_US, Instant

KEPT_TIMES = 20
"""So many of a service's last times are remembered."""

_WEIGHT_OF_DEFAULT = 5
_LEAST_REMAINING = 0.25
_SPREAD = 0.8
_Z90 = 1.2816


@dataclass(frozen=True, slots=True)
class Wait:
    """Half of such customers wait at most `p50_s`, nine of ten at most `p90_s`. Whole seconds."""

    p50_s: int
    p90_s: int


class WaitModel(Protocol):
    """What estimates waits. A better one may replace `Drain` without anybody noticing."""

    def estimate(self, state: State, queue: Queue, rank_at: Instant, ticket: TicketId, now: Instant) -> Wait:
        """The wait that remains at `now` for a place in `queue`."""
        ...


class Drain:
    """The work ahead, divided by the counters that do it.

    Each staffed counter first finishes what it has in hand. Ahead are the tickets of this service, and of the services that
    share its counters, in the proportion in which they share them. The spread grows with the root of the number of
    tickets; 0.8 is the ratio of deviation to mean that we take for a service time, and 1.2816 the normal 90 % point.
    With no counter staffed the estimate is that of one.
    """

    def estimate(self, state: State, queue: Queue, rank_at: Instant, ticket: TicketId, now: Instant) -> Wait:
        desks = _staffed(state, queue.service.id)
        work_s, jobs = _in_hands(state, desks, now)
        for other in _sharing(state, desks, queue):
            share = _share(state, desks, other, queue)
            ahead = other.ahead_of(rank_at, ticket) * share
            work_s += ahead * mean_service_s(other)
            jobs += ahead
        if jobs < max(1, len(desks)) and len(desks) > _busy(desks):
            return Wait(0, 0)
        counters = max(1, len(desks))
        middle_s = work_s / counters
        deviation_s = _SPREAD * mean_service_s(queue) * sqrt(jobs) / counters
        return Wait(round(middle_s), round(middle_s + _Z90 * deviation_s))


def mean_service_s(queue: Queue) -> float:
    """The mean of the last service times, shrunk to the configured one as if that had been seen five times."""
    known = len(queue.served_s)
    return (sum(queue.served_s) + _WEIGHT_OF_DEFAULT * queue.service.service_time_s) / (known + _WEIGHT_OF_DEFAULT)


def _staffed(state: State, service: str) -> list[Desk]:
    return [d for d in state.desks.values() if d.state is CounterState.OPEN and service in d.counter.services]


def _busy(desks: list[Desk]) -> int:
    return sum(desk.in_hand is not None for desk in desks)


def _in_hands(state: State, desks: list[Desk], now: Instant) -> tuple[float, float]:
    """Seconds that the counters still need for what they have in hand, and how many have something."""
    total_s = 0.0
    for desk in desks:
        held = state.hand(desk)
        if held is not None and held.service in state.queues:
            mean_s = mean_service_s(state.queues[held.service])
            spent_s = max(0, now - (held.called_at or now)) / SECOND_US
            total_s += max(mean_s - spent_s, _LEAST_REMAINING * mean_s)
    return total_s, float(_busy(desks))


def _sharing(state: State, desks: list[Desk], queue: Queue) -> list[Queue]:
    """This queue, and those that draw on the same counters."""
    services = {service for desk in desks for service in desk.counter.services} | {queue.service.id}
    return [state.queues[service] for service in services if service in state.queues and state.queues[service].waiting]


def _share(state: State, desks: list[Desk], other: Queue, queue: Queue) -> float:
    """The part of another queue's work that falls on these counters."""
    if other is queue:
        return 1.0
    everywhere = len(_staffed(state, other.service.id))
    here = sum(other.service.id in desk.counter.services for desk in desks)
    return here / everywhere if everywhere else 0.0
