"""What every page and route of the cloud has at hand."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from cloud.bus.bus import Bus
from cloud.settings import CloudSettings
from cloud.store.database import Database
from foleni.life import Part
from foleni.times import Instant


def wall_clock() -> Instant:
    return Instant(time.time_ns() // 1000)


@dataclass(slots=True)
class Site:
    """One process of the cloud."""

    settings: CloudSettings
    database: Database
    bus: Bus
    url: str
    """As people type it, without a slash at its end."""
    boot: str
    """Changes with each start, so that an open page knows that it is older than its server."""
    now: Callable[[], Instant] = wall_clock
    ticks: list[Callable[[], None]] = field(default_factory=list)
    """What features want to be called twice a second, on the loop: hand over and return."""
    opening: list[Callable[[], None]] = field(default_factory=list)
    """What features want to be called once, on the loop, before the first request."""
    closing: list[Callable[[], None]] = field(default_factory=list)
    """What features want to be called on the loop when the end begins: long polls and streams end themselves then."""
    notes: dict[str, object] = field(default_factory=dict)
    """What features keep at hand for themselves, by their package's name."""
    parts: list[tuple[str, Part]] = field(default_factory=list)
    """Threads that features bring along: they start before the web server does, and stop after it."""


def site_of(request: Request) -> Site:
    """The site of a request; a FastAPI dependency."""
    site: Site = request.app.state.site
    return site
