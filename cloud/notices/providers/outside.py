"""HTTP to addresses that strangers have named: to the open internet alone, whatever a name resolves to, and never for long."""

import ipaddress
import socket
import threading
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from cloud.notices.providers.caller import Answer, Caller
from cloud.notices.providers.provider import RefusedError, TroubleError

_CONNECT_S = 3.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; of one that only wraps another, the inner one counts."""
    try:
        one = _inner(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return one.is_global and not one.is_multicast and not one.is_reserved


def _inner(one: Ip) -> Ip:
    if isinstance(one, ipaddress.IPv4Address):
        return one
    wrapped = ipaddress.IPv4Address(int(one) & 0xFFFF_FFFF) if one in _NAT64 else None
    return one.ipv4_mapped or one.sixtofour or wrapped or one


class OutsideCaller(Caller):
    """Connects to no address of our own house. What is not over in time is ended, however slowly it goes on.

    `post` also raises `RefusedError`, where the address is inside.
    """

    def __init__(self, timeout_s: float, *, also_here: bool = False) -> None:
        """`also_here`: this machine itself may be asked, too."""
        super().__init__(timeout_s)
        self._also_here = also_here

    def _opened(self) -> requests.Session:
        return _Session(also_here=self._also_here)

    def _post(self, session: requests.Session, *given: Any) -> Answer:
        assert isinstance(session, _Session)
        is_late = threading.Event()

        def end() -> None:
            is_late.set()  # before the end: what was cut off reads like a whole answer, and is back here at once
            session.end()

        timer = threading.Timer(self._timeout_s + _CONNECT_S, end)
        timer.daemon = True
        timer.start()
        try:
            answer = super()._post(session, *given)
        finally:
            timer.cancel()
        if is_late.is_set():
            raise TroubleError("the answer does not end")
        return answer


class _Session(requests.Session):
    def __init__(self, *, also_here: bool) -> None:
        super().__init__()
        self._open: WeakSet[socket.socket] = WeakSet()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self._open, also_here=also_here))

    def end(self) -> None:
        """Ends its request with an error. For any thread."""
        for one in list(self._open):
            with suppress(OSError, ValueError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)  # the kernel's, below TLS: the other thread may be inside of that


class _Adapter(HTTPAdapter):
    def __init__(self, opened: "WeakSet[socket.socket]", *, also_here: bool) -> None:
        self._pools = _pools(opened, also_here=also_here)
        super().__init__(pool_connections=2, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools


def _pools(opened: "WeakSet[socket.socket]", *, also_here: bool) -> dict[str, type[HTTPConnectionPool]]:
    class Outward(HTTPConnection):
        """Looks a name up once, and connects to what was looked at: a name must not mean something else a moment later."""

        def _new_conn(self) -> socket.socket:
            name = self._dns_host
            *first, last = _addresses_of(self, name, self.port, also_here=also_here)
            try:
                for self._dns_host in first:
                    with suppress(NewConnectionError):
                        return super()._new_conn()
                self._dns_host = last
                return super()._new_conn()
            finally:
                self._dns_host = name

        def connect(self) -> None:
            super().connect()
            opened.add(self.sock)

    class OutwardTls(Outward, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Outward

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = OutwardTls

    return {"http": Pool, "https": TlsPool}


def _addresses_of(connection: HTTPConnection, name: str, port: int | None, *, also_here: bool) -> list[str]:
    """The addresses behind a name, to be tried in this order. Raises `RefusedError` where any of them is inside."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(name, connection, socket.gaierror(str(error))) from error
    addresses = [str(one[4][0]) for one in found]
    if not all(is_public(one) or (also_here and ipaddress.ip_address(one).is_loopback) for one in addresses):
        raise RefusedError("its push service stands inside of our own house")
    return list(dict.fromkeys(addresses))
