"""The bytes of a serial line: a device of this machine, a TCP serial server, or one with RFC 2217."""

import os
import socket
import termios
from contextlib import AbstractContextManager

import serial

_READ_S = 0.02
_WRITE_S = 1.0
_MOST_AT_ONCE = 4096
_DEAD_MS = 5000


class PortError(Exception):
    """The line cannot be opened, or is unplugged."""


class SerialPort(AbstractContextManager["SerialPort"]):
    """Opened by `/dev/tty…`, `socket://host:port` or `rfc2217://host:port`. Where it is unplugged, all raise `PortError`."""

    def __init__(self, url: str, baud: int) -> None:
        try:
            self._serial = serial.serial_for_url(url, baud, timeout=_READ_S, do_not_open=True)
            if not url.startswith("rfc2217:"):  # it knows no write timeout
                self._serial.write_timeout = _WRITE_S
            if "://" not in url:
                self._serial.exclusive = True
            self._serial.open()
            if url.startswith("socket:"):
                _quicken(self._serial.fileno())
        except (OSError, ValueError, termios.error) as error:
            raise PortError(str(error)) from error

    def __exit__(self, *_: object) -> None:
        beneath = getattr(self._serial, "_socket", None)
        try:
            self._serial.close()
        except (OSError, termios.error) as error:
            raise PortError(str(error)) from error
        finally:
            if isinstance(beneath, socket.socket):
                beneath.close()  # pyserial leaves it open where the other side hung up first

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except (OSError, termios.error) as error:
            raise PortError(str(error)) from error

    def read(self) -> bytes:
        """What came in; waits a moment where there is nothing."""
        try:
            data: bytes = self._serial.read(1)
            while data and len(data) < _MOST_AT_ONCE and (more := self._serial.in_waiting):
                data += self._serial.read(more)
        except (OSError, termios.error) as error:  # pyserial's own error is an OSError; an unplugged device gives either
            raise PortError(str(error)) from error
        return data


def _quicken(fd: int) -> None:
    """A serial server over TCP gets each frame at once, and is given up where it acknowledges nothing for 5 s."""
    with socket.socket(fileno=os.dup(fd)) as shared:
        shared.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        shared.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_MS)
