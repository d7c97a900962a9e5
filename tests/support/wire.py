"""A wire between a browser and its server that counts what goes through, and can be cut."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_PIECE = 65536


class Wire:
    """Listens on a port of its own, which stays also while the wire is cut."""

    def __init__(self, url: str) -> None:
        to = urlsplit(url)
        self._to = (to.hostname or "127.0.0.1", to.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._cut = False
        self.down_bytes = 0
        """From the server to the browser, headers and all, since the wire was laid."""
        threading.Thread(target=self._accept, name="wire", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def cut(self) -> None:
        """Ends every connection; new ones end at once."""
        with self._lock:
            self._cut = True
            for end in self._open:
                _shut(end)

    def mend(self) -> None:
        with self._lock:
            self._cut = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cut()
        _shut(self._listening)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with near:
            try:
                far = socket.create_connection(self._to)
            except OSError:
                return
            with far:
                with self._lock:
                    if self._cut:
                        return
                    self._open |= {near, far}
                up = threading.Thread(target=self._carry, args=(near, far), daemon=True)
                up.start()
                self._carry(far, near, is_down=True)
                up.join()
                with self._lock:
                    self._open -= {near, far}

    def _carry(self, source: socket.socket, sink: socket.socket, *, is_down: bool = False) -> None:
        try:
            while piece := source.recv(_PIECE):
                if is_down:
                    with self._lock:
                        self.down_bytes += len(piece)
                sink.sendall(piece)
        except OSError:
            pass
        finally:
            _shut(source)
            _shut(sink)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
