"""HTTP sessions whose requests another thread can end: a long poll must not hold up the end of the program."""

import socket
import threading
from contextlib import suppress
from os import environ
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

Pools = dict[str, type[HTTPConnectionPool]]


class Sockets:
    """The open sockets of a session. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: WeakSet[socket.socket] = WeakSet()
        self._is_over = False

    def add(self, opened: Any) -> None:
        """Knows a socket that was just connected; ends it at once where the end has begun."""
        with self._lock:
            self._open.add(opened)
            is_over = self._is_over
        if is_over:
            _shut(opened)

    def shut(self, *, for_good: bool = False) -> None:
        """Ends what waits on these sockets, with an error; `for_good` also what is connected later."""
        with self._lock:
            self._is_over = self._is_over or for_good
            opened = list(self._open)
            self._open.clear()
        for one in opened:
            _shut(one)


def session_over(sockets: Sockets, *, through_proxies: bool) -> requests.Session:
    """A session that tells `sockets` what it opens. It repeats nothing by itself: whoever asks knows when to ask again, and its
    rests can be ended.
    """
    session = requests.Session()
    session.trust_env = through_proxies
    session.verify = environ.get("REQUESTS_CA_BUNDLE") or True
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(sockets))
    return session


class _Adapter(HTTPAdapter):
    def __init__(self, sockets: Sockets) -> None:
        self._pools = _pools_over(sockets)
        super().__init__(pool_connections=2, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **named)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools_over(sockets: Sockets) -> Pools:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.add(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            sockets.add(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _shut(opened: socket.socket) -> None:
    with suppress(OSError, ValueError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)  # the kernel's, below TLS: the other thread may be inside of that
