"""Opening a socket to the broker without ever blocking for long: TCP, then TLS where it is asked for."""

import errno
import os
import select
import socket
import ssl
import time
from collections.abc import Callable

from foleni.link import clock, tls
from foleni.settings import MqttUrl

BUFFER_BYTES = 1 << 18
_UNDER_WAY = {0, errno.EINPROGRESS, errno.EAGAIN}


class Waiter:
    """Waits on one socket and a bell that any thread may ring."""

    def __init__(self) -> None:
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)

    def wake(self) -> None:
        """End the present wait, or the next one. Harmless after `close`."""
        try:
            self._rope.send(b"\0")
        except OSError:
            return  # full: it rings already; closed: nobody waits

    def wait(self, sock: socket.socket | None, *, write: bool, timeout_s: float) -> tuple[bool, bool]:
        """Whether `sock` can be read (or has failed) and written."""
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        if sock is not None:
            poll.register(sock, select.POLLIN | (select.POLLOUT if write else 0))
        ready = dict(poll.poll(max(0.0, timeout_s) * 1000))
        if ready.pop(self._bell.fileno(), 0):
            self._silence()
        mask = next(iter(ready.values()), 0)
        return bool(mask & ~select.POLLOUT), bool(mask & select.POLLOUT)

    def close(self) -> None:
        self._bell.close()
        self._rope.close()

    def _silence(self) -> None:
        try:
            while self._bell.recv(4096):
                pass
        except BlockingIOError:
            return


Turn = Callable[[socket.socket, bool], None]
"""Waits a moment until a socket can be read (False) or written (True)."""


def dial(url: MqttUrl, timeout_s: float, turn: Turn) -> socket.socket:
    """A connected, non-blocking socket with TCP_NODELAY; raises `OSError` where there is none after `timeout_s`. Of a name with
    several addresses each has its share of that time: one that is silent does not hide the others.
    """
    gives_up_at = time.monotonic() + timeout_s
    failure: OSError = TimeoutError("no address")
    found = socket.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    for left, (family, kind, protocol, _, address) in zip(range(len(found), 0, -1), found, strict=True):
        now = time.monotonic()
        deadline = now + (gives_up_at - now) / left
        sock = socket.socket(family, kind, protocol)
        try:
            _prepare(sock, timeout_s)
            _connect(sock, address, deadline, turn)
            return _secure(sock, url, deadline, turn) if url.tls else sock
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
    raise failure


def _prepare(sock: socket.socket, timeout_s: float) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(max(timeout_s, 5.0) * 1000))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)


def _connect(sock: socket.socket, address: tuple[object, ...], deadline: float, turn: Turn) -> None:
    code = sock.connect_ex(address)
    while code in _UNDER_WAY:
        if _is_connected(sock):
            return
        _check(deadline)
        turn(sock, True)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    raise OSError(code, os.strerror(code))


def _is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def _secure(sock: socket.socket, url: MqttUrl, deadline: float, turn: Turn) -> ssl.SSLSocket:
    checks_time = url.ca is None or clock.is_set()
    context = tls.client_context(url.ca, url.cert, url.key, checks_time=checks_time)
    secured = context.wrap_socket(sock, server_hostname=url.name or url.host, do_handshake_on_connect=False)
    try:
        while True:
            try:
                secured.do_handshake()
            except ssl.SSLWantReadError:
                turn(secured, False)
            except ssl.SSLWantWriteError:
                turn(secured, True)
            else:
                if not checks_time:
                    tls.warn_of_dates(secured)
                return secured
            _check(deadline)
    except BaseException:
        secured.close()
        raise


def _check(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise TimeoutError("no connection in time")
