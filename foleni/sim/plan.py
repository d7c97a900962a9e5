"""Who comes, when and for what: a pure function of the seed and of what the branch offers. Times in seconds."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from random import Random

HOUR_S = 3600.0
BANK_DAY = (0.55, 0.95, 1.30, 1.25, 0.90, 0.70, 1.05, 1.20, 0.75)
"""Relative arrivals of each hour from opening: a late-morning peak, a quiet lunch, a second peak before closing."""
SERVICE_TIME_SIGMA = 0.6
BUSY_SHARE = 0.85
"""Of the counters' time, what customers take when their number follows from the counters."""


class Detour(StrEnum):
    """What happens to a ticket in service before it is completed."""

    NONE = "none"
    PARK = "park"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer. `walk_s` is the way from the seat to the counter, `away_s` how long a parked one is away."""

    arrives_s: float
    service: str
    priority: str
    at_kiosk: bool
    no_show: bool
    walk_s: float
    service_s: float
    detour: Detour
    transfer_to: str
    away_s: float


@dataclass(frozen=True, slots=True)
class Habits:
    """How customers behave; shares in 0 to 1. `tickets` unset: as many as keep `counters` busy, by chance."""

    profile: tuple[float, ...] = BANK_DAY
    tickets: int | None = None
    hours: float | None = None
    counters: int = 1
    service_time_s: float = 180.0
    priority_share: float = 0.1
    no_show_share: float = 0.05
    park_share: float = 0.03
    transfer_share: float = 0.04
    kiosk_share: float = 0.85


def make_plan(seed: int, services: Sequence[str], habits: Habits) -> tuple[Customer, ...]:
    """The customers of one run, by arrival. Each service is asked for more often than those after it."""
    chance = Random(seed)  # noqa: S311
    return tuple(_customer(chance, at_s, services, habits) for at_s in _arrivals(chance, habits))


def read_profile(text: str) -> tuple[float, ...]:
    """Relative arrivals by hour, one number a line, `#` begins a remark; raises `ValueError` for anything else."""
    weights = tuple(float(line) for raw in text.splitlines() if (line := raw.partition("#")[0].strip()))
    if not weights or min(weights) < 0 or not 0 < sum(weights) < math.inf:
        raise ValueError("a profile needs one number of 0 or more for each hour, and one above 0")
    return weights


def _arrivals(chance: Random, habits: Habits) -> Iterator[float]:
    """Arrivals of a Poisson process whose rate follows the profile; with `tickets` set, given that so many came."""
    shares = _shares_of_hours(habits)
    weights = [habits.profile[hour % len(habits.profile)] * share for hour, share in enumerate(shares)]
    reached = [0.0, *accumulate(weights)]
    for mark in _marks(chance, habits, sum(shares)):
        place = mark * reached[-1]
        hour = max(1, bisect_left(reached, place)) - 1
        yield HOUR_S * (hour + shares[hour] * (place - reached[hour]) / weights[hour])


def _shares_of_hours(habits: Habits) -> list[float]:
    """How much of each hour the run lasts: 1 but for the last. A run longer than the profile begins it again."""
    hours = float(len(habits.profile)) if habits.hours is None else habits.hours
    return [min(1.0, hours - hour) for hour in range(math.ceil(hours))]


def _marks(chance: Random, habits: Habits, hours: float) -> list[float]:
    """Rising places in 0 to 1 of the day's arrivals, each as a share of all that the day brings."""
    if habits.tickets is not None:
        return sorted(chance.random() for _ in range(habits.tickets))
    expected = hours * HOUR_S * BUSY_SHARE * habits.counters / habits.service_time_s
    return [mark / expected for mark in _unit_process(chance, expected)]


def _unit_process(chance: Random, until: float) -> Iterator[float]:
    mark = chance.expovariate(1.0)
    while mark < until:
        yield mark
        mark += chance.expovariate(1.0)


def _customer(chance: Random, at_s: float, services: Sequence[str], habits: Habits) -> Customer:
    median_s = habits.service_time_s / math.exp(SERVICE_TIME_SIGMA**2 / 2)
    service = _pick(chance, services)
    others = [other for other in services if other != service]
    return Customer(
        arrives_s=at_s,
        service=service,
        priority="priority" if chance.random() < habits.priority_share else "normal",
        at_kiosk=chance.random() < habits.kiosk_share,
        no_show=chance.random() < habits.no_show_share,
        walk_s=chance.uniform(5.0, 25.0),
        service_s=chance.lognormvariate(math.log(median_s), SERVICE_TIME_SIGMA),
        detour=_detour(chance.random(), habits),
        transfer_to=_pick(chance, others or [service]),
        away_s=chance.uniform(120.0, 900.0),
    )


def _pick(chance: Random, services: Sequence[str]) -> str:
    weights = [1 / (place + 1) for place in range(len(services))]
    return chance.choices(services, weights)[0]


def _detour(draw: float, habits: Habits) -> Detour:
    if draw < habits.park_share:
        return Detour.PARK
    return Detour.TRANSFER if draw < habits.park_share + habits.transfer_share else Detour.NONE
