"""The HTTP server as a part of the program: an event loop on a thread of its own."""

import asyncio
import errno
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import uvicorn

from foleni.settings import HostPort
from foleni.web.certificate import Certificates, Pair

_log = logging.getLogger(__name__)

_START_S = 40.0
_STOP_S = 1.3
_TICK_S = 0.5
_BIND_S = 3.0
"""So long the one before us, which was killed, may still hold the address."""
_BIND_AGAIN_S = 0.1


class Tls(Protocol):
    """The settings of a server: its certificate chain and key in PEM, or neither."""

    @property
    def http_cert(self) -> Path | None: ...

    @property
    def http_key(self) -> Path | None: ...


class ServeError(Exception):
    """The address cannot be served."""


async def _nothing(*_: object) -> None:
    return None


class HttpServer:
    """Serves an application on a socket that `listen` gave."""

    def __init__(
        self,
        app: Any,
        listening: socket.socket,
        settings: Tls,
        beat: Callable[[], object],
        fail: Callable[[str], object],
        named: Pair | None = None,
    ) -> None:
        """`named` is another certificate, for those who ask for its name."""
        self._socket = listening
        self._beat = beat
        self._fail = fail
        self._opened: Callable[[], Awaitable[None]] = _nothing
        self._ticked: Callable[[int], Awaitable[None]] = _nothing
        self._closing: Callable[[], object] = lambda: None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = False
        self._stopping = False
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,
            server_header=False,
            ssl_certfile=str(settings.http_cert) if settings.http_cert else None,
            ssl_keyfile=str(settings.http_key) if settings.http_key else None,
        )
        self._tls = settings
        self._named = named
        self._certificates: Certificates | None = None
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def hooked(
        self, opened: Callable[[], Awaitable[None]], ticked: Callable[[int], Awaitable[None]], closing: Callable[[], object]
    ) -> None:
        """What runs on the loop: `opened` before the first request, `ticked` twice a second with the number of the turn,
        `closing` when the end begins, before open streams are waited for. Before `start`.
        """
        self._opened, self._ticked, self._closing = opened, ticked, closing

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(_START_S) or self._over:
            raise ServeError("the web server did not start")

    def stop(self) -> None:
        self._stopping = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._closing)
        self._server.should_exit = True
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - the top of a thread
            _log.exception("the web server died")
            self._over = True
            self._ready.set()
            self._fail(f"the web server died: {error}")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._opened()
        self._certificates = self._shown()
        ticking = asyncio.create_task(self._tick())
        await self._server.serve(sockets=[self._socket])
        ticking.cancel()
        if not self._stopping:
            raise ServeError("the web server ended though nobody stopped it")

    def _shown(self) -> Certificates | None:
        self._server.config.load()
        context = self._server.config.ssl
        if context is None or self._tls.http_cert is None or self._tls.http_key is None:
            return None
        return Certificates(context, Pair(self._tls.http_cert, self._tls.http_key), self._named)

    async def _tick(self) -> None:
        turn = 0
        while not self._server.should_exit:
            self._beat()
            if self._server.started:
                self._ready.set()
            if self._certificates is not None:
                self._certificates.refresh()
            await self._ticked(turn)
            turn += 1
            await asyncio.sleep(_TICK_S if self._server.started else 0.02)


def address_of(listening: socket.socket) -> HostPort:
    """Where a socket listens, with the port that it got."""
    host, port = listening.getsockname()[:2]
    return HostPort(host, port)


def listen(http: HostPort) -> socket.socket:
    """A socket at this address. Raises `ServeError`."""
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    gives_up_at = time.monotonic() + _BIND_S
    while True:
        try:
            listening.bind((http.host, http.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < gives_up_at:
                time.sleep(_BIND_AGAIN_S)
                continue
            listening.close()
            raise ServeError(f"--http {http}: {error.strerror}") from error
        return listening
