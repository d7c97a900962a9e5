"""What every page and route of the web side has at hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import Request
from sqlalchemy import Engine

from branch_server.web.follower import Follower
from branch_server.web.lan import Lan
from branch_server.web.links import Links
from branch_server.web.settings import WebSettings
from branch_server.web.store.store import Store
from foleni.life import Part
from foleni.web.live import Hub


@dataclass(slots=True)
class Site:
    """One branch's web side. `branch_db` reads the branch's database and cannot write; `store` is the web side's own."""

    settings: WebSettings
    follower: Follower
    lan: Lan
    hub: Hub
    store: Store
    branch_db: Engine
    links: Links
    boot: str
    """Changes with each start, so that an open page knows that it is older than its server."""
    ticks: list[Callable[[], None]] = field(default_factory=list)
    """What features want to be called twice a second, on the loop: hand over and return."""
    notes: dict[str, object] = field(default_factory=dict)
    """What features keep at hand for themselves, by their package's name."""
    parts: list[tuple[str, Part]] = field(default_factory=list)
    """Threads that features bring along: they start before the web server does, and stop after it."""

    @property
    def data(self) -> Path:
        return self.settings.data

    def pen(self, kind: str) -> asyncio.Lock:
        """Held by whoever looks at things of a kind and then saves one: between the two nobody else saves."""
        pen = self.notes.setdefault(f"the pen: {kind}", asyncio.Lock())
        assert isinstance(pen, asyncio.Lock)
        return pen


def site_of(request: Request) -> Site:
    """The site of a request; a FastAPI dependency."""
    site: Site = request.app.state.site
    return site
