"""What sockets, serial lines and files have in common: a descriptor that never blocks for long."""

import fcntl
import os
import select
import struct
import termios

from kiosk.printer.transport import SLICE_S, TransportError

_READ_BYTES = 4096
_BROKEN = select.POLLHUP | select.POLLERR | select.POLLNVAL


class Descriptor:
    """Reads and writes by poll on a non-blocking descriptor; everything raises `TransportError`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, data: bytes) -> int:
        """As `Transport.write`."""
        try:
            return os.write(self._fd, data) if self._is_ready(select.POLLOUT, SLICE_S) else 0
        except BlockingIOError:
            return 0
        except OSError as error:
            raise TransportError(f"cannot write: {error}") from error

    def read(self, timeout_s: float) -> bytes:
        """As `Transport.read`."""
        try:
            if not self._is_ready(select.POLLIN, min(timeout_s, SLICE_S)):
                return b""
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise TransportError(f"cannot read: {error}") from error
        if not data:
            raise TransportError("the other side hung up")
        return data

    def unsent(self) -> int:
        """Bytes that are still in this machine, or on a socket not acknowledged (TIOCOUTQ, SIOCOUTQ)."""
        try:
            answer = fcntl.ioctl(self._fd, termios.TIOCOUTQ, b"\0\0\0\0")
        except OSError as error:
            raise TransportError(f"lost: {error}") from error
        return int(struct.unpack("i", answer)[0])

    def check(self) -> None:
        """As `Transport.check`: drops what came in."""
        while self.read(0):
            pass

    def _is_ready(self, event: int, timeout_s: float) -> bool:
        """Whether it can be read or written; a broken one can, for that tells what is wrong."""
        poll = select.poll()
        poll.register(self._fd, event)
        found = poll.poll(max(0.0, timeout_s) * 1000)
        return bool(found and found[0][1] & (event | _BROKEN))
