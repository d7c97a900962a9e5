"""A network cable between programs on loopback: a TCP relay that can be cut, silently, and made whole."""

import socket
import threading
from contextlib import suppress
from typing import Self

_TURN_S = 0.2


class Cable:
    """Whoever connects to `at` reaches the same port of 127.0.0.1, and seems to come from `seen_from`."""

    def __init__(self, at: str, port: int, seen_from: str = "127.0.0.1") -> None:
        self._sock = socket.create_server((at, port))
        self._sock.settimeout(_TURN_S)
        self._port = port
        self._seen_from = seen_from
        self._is_cut = threading.Event()
        self._stopping = threading.Event()
        self._ends: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._sock.close()
        self._drop()

    def cut(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._is_cut.set()

    def mend(self) -> None:
        """New connections pass; what was on the way when the cable was cut never arrives."""
        self._drop()
        self._is_cut.clear()

    def _drop(self) -> None:
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                near, _ = self._sock.accept()
                self._ends.append(near)
                if not self._is_cut.is_set():
                    self._join(near)

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._port), 5, (self._seen_from, 0))
        except OSError:
            near.close()
            return
        far.settimeout(None)
        self._ends.append(far)
        for source, target in ((near, far), (far, near)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                if self._is_cut.is_set():
                    return
                target.sendall(piece)
        if not self._is_cut.is_set():
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)
