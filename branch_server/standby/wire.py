"""What the two servers of a pair say to each other: frames on a TCP connection with TLS at both ends.

A frame is four bytes of length, one letter that tells what it is, and a body. One side speaks, the other answers; no thread
reads while another writes.
"""

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from time import monotonic

from branch_server.engine.journal import EngineError

MOST_BYTES = 64 * 1024 * 1024
_HEAD = struct.Struct(">IB")


class PairError(EngineError):
    """The other server is not there, does not answer in time, or is none of ours."""


class Frame(StrEnum):
    """What a frame is."""

    HELLO = "h"
    """The follower: who it is and how far its log goes."""
    WELCOME = "w"
    """The server that serves: its term, and whether the follower's log is the beginning of its own."""
    STANDS = "s"
    """A server that does not serve: how far its own log goes."""
    IDS = "i"
    """Numbers and ids of events, asked for and told."""
    ROWS = "r"
    """A part of what the follower lacks."""
    END = "e"
    """All that it lacked was sent; from here on it is attached if the body says so."""
    BATCH = "b"
    FILE = "f"
    """The changed pages of a file beside the log."""
    PING = "p"
    YIELD = "y"
    """The follower is to serve from now on."""
    ACK = "a"
    REFUSED = "x"


class Wire:
    """One connection. Each call ends within its time, whatever the other side does, or raises `PairError`."""

    def __init__(self, sock: socket.socket) -> None:
        self.is_welcome: Callable[[], bool] = lambda: True
        """Whether the other side is still one of ours."""
        self._sock = sock
        self._rest = bytearray()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def peer_host(self) -> str:
        return str(self._sock.getpeername()[0])

    def send(self, kind: Frame, body: bytes, within_s: float) -> None:
        """Hand a frame to the network."""
        deadline = monotonic() + within_s
        view = memoryview(_HEAD.pack(len(body), ord(kind)) + body)
        try:
            while view:
                self._sock.settimeout(_left_s(deadline))
                view = view[self._sock.send(view) :]
        except OSError as error:
            raise PairError(f"cannot be told: {error}") from error

    def receive(self, within_s: float) -> tuple[Frame, bytes]:
        """The next frame."""
        deadline = monotonic() + within_s
        length, letter = _HEAD.unpack(self._exactly(_HEAD.size, deadline))
        if length > MOST_BYTES:
            raise PairError(f"a frame of {length} bytes")
        try:
            kind = Frame(chr(letter))
        except ValueError:
            raise PairError("a frame that nobody knows") from None
        return kind, self._exactly(length, deadline)

    def expect(self, wanted: Frame, within_s: float) -> bytes:
        """The body of the next frame, which is to be of this kind."""
        kind, body = self.receive(within_s)
        if kind is Frame.REFUSED:
            raise PairError(f"refused: {body.decode(errors='replace')[:200]}")
        if kind is not wanted:
            raise PairError(f"{kind.name} in place of {wanted.name}")
        return body

    def ask(self, kind: Frame, body: bytes, wanted: Frame, within_s: float) -> bytes:
        """Say something, and hear the answer."""
        self.send(kind, body, within_s)
        return self.expect(wanted, within_s)

    def close(self) -> None:
        """What was not delivered yet never will be: the other side must not hear us later than we think."""
        with suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def _exactly(self, size: int, deadline: float) -> bytes:
        while len(self._rest) < size:
            try:
                self._sock.settimeout(_left_s(deadline))
                piece = self._sock.recv(max(size - len(self._rest), 65_536))
            except OSError as error:
                raise PairError(f"does not answer: {error}") from error
            if not piece:
                raise PairError("has closed the connection")
            self._rest += piece
        found = bytes(self._rest[:size])
        del self._rest[:size]
        return found


def connected(host: str, port: int, context: ssl.SSLContext, name: str, within_s: float) -> Wire:
    """A wire to the other server, whose certificate holds `name`. Raises `PairError`."""
    try:
        sock = socket.create_connection((host, port), within_s)
    except OSError as error:
        raise PairError(f"{host}:{port} cannot be reached: {error}") from error
    try:
        return Wire(context.wrap_socket(sock, server_hostname=name))
    except (OSError, ValueError) as error:
        sock.close()
        raise PairError(f"{host}:{port} is none of ours: {error}") from error


def _left_s(deadline: float) -> float:
    left_s = deadline - monotonic()
    if left_s <= 0:
        raise TimeoutError("no answer in time")
    return left_s
