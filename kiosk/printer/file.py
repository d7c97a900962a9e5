"""Printers that cannot be asked: a file, such as `/dev/usb/lp0` or one to look at later, and one that swallows all."""

import os
import stat

from kiosk.printer.descriptor import Descriptor
from kiosk.printer.transport import TransportError


class FileTransport(Descriptor):
    """Appends to a file; what was written is on the disk when `unsent` says 0."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            super().__init__(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC, 0o600))
            self._is_regular = stat.S_ISREG(os.fstat(self._fd).st_mode)
        except OSError as error:
            raise TransportError(str(error)) from error

    def read(self, timeout_s: float) -> bytes:  # noqa: ARG002 - nothing ever comes
        return b""

    def unsent(self) -> int:
        try:
            if self._is_regular:
                os.fsync(self._fd)
        except OSError as error:
            raise TransportError(f"cannot flush: {error}") from error
        return 0

    def check(self) -> None:
        """The file is still the one with that name."""
        try:
            same = os.path.samestat(os.stat(self._path), os.fstat(self._fd))  # noqa: PTH116 - beside fstat
        except OSError as error:
            raise TransportError(str(error)) from error
        if not same:
            raise TransportError(f"{self._path} is another file now")

    def close(self, *, drop: bool = False) -> None:  # noqa: ARG002 - nothing waits
        try:
            os.close(self._fd)
        except OSError:
            return


class DummyTransport:
    """Takes everything and prints nothing."""

    def write(self, data: bytes) -> int:
        return len(data)

    def read(self, timeout_s: float) -> bytes:  # noqa: ARG002 - nothing ever comes
        return b""

    def unsent(self) -> int:
        return 0

    def check(self) -> None:
        return

    def close(self, *, drop: bool = False) -> None:  # noqa: ARG002 - nothing waits
        return
