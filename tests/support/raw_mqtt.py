"""The fewest bytes of MQTT 5: what a broker answers to each of them. Nothing of ours, nothing of paho."""

import socket
import ssl
from typing import Self

from tests.support.waiting import PATIENCE_S

OK = 0x00
NOT_AUTHORIZED = 0x87
NOBODY_LISTENS = 0x10
_CONNECT, _PUBLISH, _SUBSCRIBE, _PING, _GOODBYE = 0x10, 0x32, 0x82, 0xC0, 0xE0
_PUBACK, _SUBACK, _PINGRESP, _ARRIVAL = 4, 9, 13, 3


class RefusedError(Exception):
    """The broker hung up, before or instead of an answer."""


class RawClient:
    """One connection. `tls` is None for one in the clear; the server's name is not looked at where the context says so."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1") -> None:
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket = plain if tls is None else tls.wrap_socket(plain, server_hostname=name)
        except OSError as error:
            plain.close()
            raise RefusedError(str(error)) from error
        self._next = 0
        self.arrived: list[tuple[str, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connect(self, user: str, password: str | None, client_id: str) -> int:
        """The reason code of the answer. Raises `RefusedError` where there is none."""
        flags = 0x82 if password is None else 0xC2
        words = [client_id, user] if password is None else [client_id, user, password]
        body = _text("MQTT") + bytes([5, flags, 0, 60, 0]) + b"".join(_text(word) for word in words)
        self._send(_CONNECT, body)
        return self._read_packet()[1][1]

    def publish(self, topic: str, payload: bytes = b"x") -> int:
        """Whether it was taken, with QoS 1: the reason code."""
        mid = self._mid()
        self._send(_PUBLISH, _text(topic) + mid + b"\0" + payload)
        body = self._answer(_PUBACK, mid)
        return body[2] if len(body) > 2 else OK

    def subscribe(self, topic: str) -> int:
        """The reason code; 1 is a subscription with QoS 1."""
        mid = self._mid()
        self._send(_SUBSCRIBE, mid + b"\0" + _text(topic) + b"\1")
        return self._answer(_SUBACK, mid)[-1]

    def is_alive(self) -> bool:
        """Whether the broker still answers on this connection."""
        try:
            self._send(_PING, b"")
            while self._read_packet()[0] != _PINGRESP:
                pass
        except RefusedError:
            return False
        return True

    def close(self) -> None:
        try:
            self._send(_GOODBYE, b"")
        except RefusedError:
            pass
        finally:
            self._socket.close()

    def _answer(self, kind: int, mid: bytes) -> bytes:
        while True:
            found, body = self._read_packet()
            if found == kind and body[:2] == mid:
                return body

    def _mid(self) -> bytes:
        self._next += 1
        return self._next.to_bytes(2)

    def _send(self, head: int, body: bytes) -> None:
        try:
            self._socket.sendall(bytes([head]) + _length(len(body)) + body)
        except OSError as error:
            raise RefusedError(str(error)) from error

    def _read_packet(self) -> tuple[int, bytes]:
        """Kind and body of the next packet that is no arrival; arrivals are kept."""
        while True:
            head, size, shift = self._exactly(1)[0], 0, 0
            while True:
                byte = self._exactly(1)[0]
                size |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
            body = self._exactly(size)
            if head >> 4 != _ARRIVAL:
                return head >> 4, body
            self._keep(head, body)

    def _keep(self, head: int, body: bytes) -> None:
        end = 2 + int.from_bytes(body[:2])
        topic, at = body[2:end].decode(), end + (2 if head & 0x06 else 0)
        self.arrived.append((topic, body[at + 1 + body[at] :]))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            try:
                piece = self._socket.recv(size - len(data))
            except OSError as error:
                raise RefusedError(str(error)) from error
            if not piece:
                raise RefusedError("hung up")
            data += piece
        return data


def _text(word: str) -> bytes:
    return len(word.encode()).to_bytes(2) + word.encode()


def _length(size: int) -> bytes:
    encoded = bytearray()
    while True:
        size, byte = divmod(size, 128)
        encoded.append(byte | (0x80 if size else 0))
        if not size:
            return bytes(encoded)
