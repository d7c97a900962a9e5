"""Builds and wires the web side: the only place that knows all its parts."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from branch_server.adapters.db.connections import readers_of
from branch_server.adapters.db.reading import LogReader
from branch_server.web.app import create_app
from branch_server.web.follower import Follower
from branch_server.web.joining.feature import announced
from branch_server.web.lan import Lan, LanEars
from branch_server.web.links import LINK_KEY, Links, root_of
from branch_server.web.settings import WebSettings
from branch_server.web.site import Site
from branch_server.web.store.store import Store
from branch_server.web.updates.updates import updates_of
from foleni.life import Closing, Life, Part
from foleni.web.live import Hub
from foleni.web.serving import HttpServer, address_of, listen

_BEAT_WITHIN_S = 20.0
_REDRAW_TURNS = 10
"""Waits shrink as time goes by: pictures are drawn anew every so many ticks, of half a second each."""


@dataclass(frozen=True, slots=True)
class Web:
    """The web side, ready to be started: its parts in order, and what it says when it is ready."""

    parts: Sequence[tuple[str, Part]]
    ready: Callable[[], str]


def build(settings: WebSettings, life: Life) -> Web:
    """Opens what it reads and keeps, takes the address, and wires everything. Starts nothing.

    Raises `EngineError`, `StoreError`, `ServeError`.
    """
    listening = listen(settings.http)
    url = f"{'https' if settings.is_tls else 'http'}://{address_of(listening)}"
    log = LogReader(settings.data)
    links = Links(bytes.fromhex(log.secret(LINK_KEY) or ""), root_of(address_of(listening), is_tls=settings.is_tls))
    follower = Follower(log, links.link_of)
    follower.load()
    ears = _Ears()
    lan = Lan(settings.mqtt, settings.branch, LanEars(ears.ring, ears.new_life, ears.devices), life.watch, life.fail)
    store = Store(settings.data)
    hub = Hub()
    site = Site(settings, follower, lan, hub, store, readers_of(settings.data), links, secrets.token_hex(6))
    app = create_app(site)

    async def opened() -> None:
        ears.open(asyncio.get_running_loop(), site)
        follower.subscribe(lambda _fresh: hub.changed())

    async def ticked(turn: int) -> None:
        follower.catch_up()
        if turn % _REDRAW_TURNS == 0:
            hub.changed()
        for tick in site.ticks:
            tick()

    server = HttpServer(app, listening, settings, life.watch.beat("web", _BEAT_WITHIN_S).tick, life.fail, settings.own_pair)
    server.hooked(opened, ticked, hub.end)
    updates_of(site).open_for_own_box(address_of(listening))
    announcing = announced(site, address_of(listening))
    parts: list[tuple[str, Part]] = [("store", Closing(store.close)), *site.parts, ("web", server), ("lan", lan), *announcing]
    return Web(parts, lambda: url)


class _Ears:
    """What the LAN's thread tells the loop. Many bells that ring at once are answered once."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._site: Site | None = None
        self._rung = False

    def open(self, loop: asyncio.AbstractEventLoop, site: Site) -> None:
        self._loop, self._site = loop, site

    def ring(self) -> None:
        if not self._rung:
            self._rung = True
            self._on_loop(self._answer)

    def new_life(self) -> None:
        self._on_loop(self._read_anew)

    def devices(self) -> None:
        self._on_loop(self._changed)

    def _answer(self) -> None:
        self._rung = False
        if self._site is not None:
            self._site.follower.catch_up()

    def _read_anew(self) -> None:
        if self._site is not None:
            self._site.follower.read_anew()

    def _changed(self) -> None:
        if self._site is not None:
            self._site.hub.changed()

    def _on_loop(self, call: Callable[[], object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)
