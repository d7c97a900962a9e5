"""A printer on the network: a raw TCP port, usually 9100."""

import errno
import os
import select
import socket
import struct
import time

from kiosk.printer.descriptor import Descriptor
from kiosk.printer.transport import SLICE_S, TransportError, Turn

_UNDER_WAY = {0, errno.EINPROGRESS, errno.EAGAIN}
_DEAD_PEER_MS = 5000
_RESET = struct.pack("ii", 1, 0)


class TcpTransport(Descriptor):
    """A connected socket."""

    def __init__(self, host: str, port: int, timeout_s: float, turn: Turn) -> None:
        try:
            self._sock = _dial(host, port, timeout_s, turn)
        except OSError as error:
            raise TransportError(str(error) or repr(error)) from error
        super().__init__(self._sock.fileno())

    def close(self, *, drop: bool = False) -> None:
        """As `Transport.close`."""
        try:
            if drop:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._sock.close()
        except OSError:
            return


def _dial(host: str, port: int, timeout_s: float, turn: Turn) -> socket.socket:
    """A connection to the first address that takes one; only looking up a host name may take longer."""
    deadline = time.monotonic() + timeout_s
    failure: OSError = TimeoutError("no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            _prepare(sock)
            _connect(sock, address, deadline, turn)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


def _prepare(sock: socket.socket) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PEER_MS)


def _connect(sock: socket.socket, address: tuple[object, ...], deadline: float, turn: Turn) -> None:
    code = sock.connect_ex(address)
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    while code in _UNDER_WAY:
        turn()
        ready = poll.poll(SLICE_S * 1000)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if ready and code == 0:
            return
        if code == 0 and time.monotonic() >= deadline:
            raise TimeoutError("no connection in time")
    raise OSError(code, os.strerror(code))
