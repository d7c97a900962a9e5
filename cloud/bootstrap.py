"""Builds and wires the cloud: the only place that knows all its parts."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cloud.app import create_app
from cloud.bus.bus import Bus, LocalBus
from cloud.bus.redis_bus import RedisBus
from cloud.settings import CloudSettings
from cloud.site import Site
from cloud.store.database import Database
from foleni.life import Closing, Life, Part
from foleni.web.serving import HttpServer, address_of, listen

_BEAT_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Cloud:
    """The cloud, ready to be started: its parts in order, and what it says when it is ready."""

    parts: Sequence[tuple[str, Part]]
    ready: Callable[[], str]


def build(settings: CloudSettings, life: Life) -> Cloud:
    """Opens the database, takes the address, and wires everything. Starts nothing. Raises `DatabaseError`, `ServeError`."""
    database = Database(settings.database)
    database.open()
    listening = listen(settings.http)
    url = f"{'https' if settings.is_tls else 'http'}://{address_of(listening)}"
    bus: Bus = RedisBus(settings.redis) if settings.redis is not None else LocalBus()
    site = Site(settings, database, bus, (settings.public_url or url).rstrip("/"), secrets.token_hex(6))
    app = create_app(site)

    async def opened() -> None:
        await bus.open()
        for opening in site.opening:
            opening()

    async def ticked(_turn: int) -> None:
        for tick in site.ticks:
            tick()

    def closing() -> None:
        for close in site.closing:
            close()

    server = HttpServer(app, listening, settings, life.watch.beat("web", _BEAT_WITHIN_S).tick, life.fail)
    server.hooked(opened, ticked, closing)
    parts: list[tuple[str, Part]] = [("database", Closing(database.close)), *site.parts, ("web", server)]
    return Cloud(parts, lambda: url)
