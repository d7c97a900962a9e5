"""A few words of MQTT 3.1.1: enough to hear whether a broker answers, and who it lets in. No thread, no library."""

import socket
import struct
from typing import Self

CONNACK = 0x20
PINGRESP = 0xD0
_CONNECT = 0x10
_PING = b"\xc0\x00"
_CLEAN, _PASSWORD, _USER = 0x02, 0x40, 0x80
_LEVEL = b"\x00\x04MQTT\x04"
_MOST_BYTES = 16_384

ACCEPTED = 0
WORDS = {
    1: "speaks another version of MQTT",
    2: "does not like the name of this client",
    3: "is not ready",
    4: "does not know this name and password",
    5: "does not let this account in",
}
"""What a broker's answers other than `ACCEPTED` mean."""


class TalkError(Exception):
    """What answers is no MQTT broker, or nobody answers in time; the text says which."""


class Talk:
    """One conversation over a connected `sock`, which it closes at the end and whose timeout counts for every answer."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def greet(self, client: str, user: str | None = None, password: str | None = None) -> int:
        """The broker's answer to a connection: `ACCEPTED`, or one of `WORDS`. Raises `TalkError`."""
        self._send(connect_packet(client, user, password))
        kind, body = self._packet()
        if kind != CONNACK or len(body) != 2:
            raise TalkError("what answers is no MQTT broker")
        return body[1]

    def ping(self) -> None:
        """Returns when the broker has answered a ping. Raises `TalkError`."""
        self._send(_PING)
        while self._packet()[0] != PINGRESP:
            pass

    def _send(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise TalkError(f"the connection broke: {error}") from error

    def _packet(self) -> tuple[int, bytes]:
        kind = self._read(1)[0] & 0xF0
        length = shift = 0
        while True:
            byte = self._read(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift > 21:
                raise TalkError("what answers is no MQTT broker")
        if length > _MOST_BYTES:
            raise TalkError("what answers is no MQTT broker")
        return kind, self._read(length) if length else b""

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                piece = self._sock.recv(count - len(data))
            except TimeoutError:
                raise TalkError("it takes connections and does not answer") from None
            except OSError as error:
                raise TalkError(f"the connection broke: {error}") from error
            if not piece:
                raise TalkError("it closed the connection")
            data += piece
        return data


def connect_packet(client: str, user: str | None, password: str | None) -> bytes:
    """CONNECT with a clean session and a keepalive of a minute."""
    flags = _CLEAN | (_USER if user is not None else 0) | (_PASSWORD if password is not None else 0)
    parts = [_LEVEL, bytes((flags,)), struct.pack(">H", 60)]
    parts += [_text(part) for part in (client, user, password) if part is not None]
    body = b"".join(parts)
    return bytes((_CONNECT,)) + _length(len(body)) + body


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _length(length: int) -> bytes:
    out = bytearray()
    while True:
        length, digit = divmod(length, 128)
        out.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(out)
