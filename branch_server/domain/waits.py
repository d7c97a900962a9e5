"""How long a customer will wait: an estimate, behind one small interface."""

from collections.abc import Iterator
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
        service = queue.service.id
        staffed = [desk for desk in state.desks.values() if desk.state is CounterState.OPEN]
        desks = [desk for desk in staffed if service in desk.counter.services]
        mean_s = mean_service_s(queue)
        work_s, busy = _in_hands(state, desks, now)
        jobs = float(busy)
        for other, share in _sharing(state, staffed, desks, queue):
            ahead = other.ahead_of(rank_at, ticket) * share
            work_s += ahead * (mean_s if other is queue else mean_service_s(other))
            jobs += ahead
        if jobs < max(1, len(desks)) and len(desks) > busy:
            return Wait(0, 0)
        counters = max(1, len(desks))
        middle_s = work_s / counters
        deviation_s = _SPREAD * mean_s * sqrt(jobs) / counters
        return Wait(round(middle_s), round(middle_s + _Z90 * deviation_s))


def mean_service_s(queue: Queue) -> float:
    """The mean of the last service times, shrunk to the configured one as if that had been seen five times."""
    known = len(queue.served_s)
    return (sum(queue.served_s) + _WEIGHT_OF_DEFAULT * queue.service.service_time_s) / (known + _WEIGHT_OF_DEFAULT)


def _in_hands(state: State, desks: list[Desk], now: Instant) -> tuple[float, int]:
    """Seconds that the counters still need for what they have in hand, and how many have something."""
    total_s, busy = 0.0, 0
    for desk in desks:
        held = state.hand(desk)
        if held is None:
            continue
        busy += 1
        if held.service in state.queues:
            mean_s = mean_service_s(state.queues[held.service])
            spent_s = max(0, now - (held.called_at or now)) / SECOND_US
            total_s += max(mean_s - spent_s, _LEAST_REMAINING * mean_s)
    return total_s, busy


def _sharing(state: State, staffed: list[Desk], desks: list[Desk], queue: Queue) -> Iterator[tuple[Queue, float]]:
    """This queue, and those that draw on the same counters; with the part of their work that falls on these."""
    for service in dict.fromkeys([queue.service.id, *(service for desk in desks for service in desk.counter.services)]):
        other = state.queues.get(service)
        if other is None or not other.waiting:
            continue
        whole = other is queue or len(desks) == len(staffed)
        yield other, 1.0 if whole else _serving(desks, service) / _serving(staffed, service)


def _serving(desks: list[Desk], service: str) -> int:
    return sum(service in desk.counter.services for desk in desks)
