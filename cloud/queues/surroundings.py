"""What stands around a branch's tickets: services with their waits, counters, and when the branch was last heard."""

import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from cloud.store.tables import counters, pulses, services
from foleni.times import Instant

_SPREAD = 1.5
"""Nine of ten wait at most so much longer than one of two, where the branch has told no figures of its own."""
_MOST_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Around:
    """A service, as far as waits depend on it."""

    service_time_s: int
    wait_p50_s: int | None
    wait_p90_s: int | None
    told_waiting: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One branch, as it was when this was read."""

    heard_at: Instant | None = None
    services: dict[str, Around] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    """The counters' labels by their ids."""
    staffed: dict[str, int] = field(default_factory=dict)
    """How many open counters each service has."""

    def label_of(self, counter: str | None) -> str | None:
        return self.labels.get(counter, counter) if counter is not None else None

    def wait(self, service: str, ahead: int) -> tuple[int, int] | None:
        """Seconds that half, and nine of ten, wait at most with so many ahead; None for a service that is not known.

        Up to where the branch has estimated for, in proportion; beyond that each further one takes a service time, shared
        by the open counters.
        """
        known = self.services.get(service)
        if known is None:
            return None
        each_s = known.service_time_s / max(1, self.staffed.get(service, 0))
        p50, p90 = known.wait_p50_s, known.wait_p90_s
        if p50 is None or p90 is None:
            return _whole(ahead * each_s, ahead * each_s * _SPREAD)
        if ahead <= known.told_waiting:
            part = (ahead + 1) / (known.told_waiting + 1)
            return _whole(p50 * part, p90 * part)
        more_s = (ahead - known.told_waiting) * each_s
        return _whole(p50 + more_s, p90 + more_s * _SPREAD)


def surroundings(c: Connection, branch: str) -> Surroundings:
    """What stands around the tickets of a branch now."""
    heard_at = c.execute(select(pulses.c.heard_at).where(pulses.c.branch == branch)).scalar()
    wanted = (services.c.id, services.c.service_time_s, services.c.wait_p50_s, services.c.wait_p90_s, services.c.told_waiting)
    known = {row.id: Around(*row[1:]) for row in c.execute(select(*wanted).where(services.c.branch == branch))}
    labels: dict[str, str] = {}
    staffed: dict[str, int] = {}
    for row in c.execute(select(counters).where(counters.c.branch == branch)):
        labels[row.id] = row.label
        if row.state == "open":
            for service in json.loads(row.services):
                staffed[service] = staffed.get(service, 0) + 1
    return Surroundings(Instant(heard_at) if heard_at is not None else None, known, labels, staffed)


def _whole(p50_s: float, p90_s: float) -> tuple[int, int]:
    return min(_MOST_S, round(p50_s)), min(_MOST_S, round(p90_s))
