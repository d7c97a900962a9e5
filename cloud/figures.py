"""What Prometheus is told of the branches: read from the database at the moment of a scrape."""

import time

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Connection, select

from cloud.store.tables import pulses
from foleni.times import SECOND_US

_PULSES = select(pulses.c.branch, pulses.c.heard_at, pulses.c.acked, pulses.c.skew_us, pulses.c.fault).order_by(pulses.c.branch)


def branch_figures(connection: Connection) -> bytes:
    """The figures of all branches, in Prometheus' text form. A branch that was never heard has no age."""
    registry = CollectorRegistry()
    heard = _gauge(registry, "heard_seconds_ago", "since a branch last asked or told anything")
    events = _gauge(registry, "events", "events of a branch that are kept here")
    skew = _gauge(registry, "clock_skew_seconds", "a branch's clock less the cloud's")
    stands = _gauge(registry, "stands_still", "1 where a branch's sync needs a person")
    now = time.time_ns() // 1000
    for row in connection.execute(_PULSES):
        if row.heard_at is not None:
            heard.labels(row.branch).set(max(0, now - row.heard_at) / SECOND_US)
        events.labels(row.branch).set(row.acked)
        skew.labels(row.branch).set(row.skew_us / SECOND_US)
        stands.labels(row.branch).set(float(bool(row.fault)))
    return generate_latest(registry)


def _gauge(registry: CollectorRegistry, name: str, words: str) -> Gauge:
    return Gauge(f"foleni_cloud_branch_{name}", words, ["branch"], registry=registry)
