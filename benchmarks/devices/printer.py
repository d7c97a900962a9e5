"""The plainest printer that a kiosk believes: it takes everything at once, says that all is well, and notes the time."""

import queue
import re
import socket
import threading
import time
from contextlib import suppress
from typing import Self

from benchmarks.rig import RigError

_QUESTION = re.compile(rb"\x10\x04[\x01-\x04]")
_ALL_IS_WELL = b"\x12"
_ASK_PAPER = b"\x1dr\x01"
_HAS_PAPER = b"\x00"
_TICKET = b"\x1b@"
_STOP_S = 2.0


class PlainPrinter:
    """Listens on a loopback port, one connection after the other. Use as a context manager."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._tickets: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._peer: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="plain printer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for sock in (self._listener, self._peer):
            if sock is not None:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
        self._thread.join(_STOP_S)

    def ticket(self, within_s: float) -> float:
        """When the first byte of the next ticket came in, by `time.perf_counter`. Raises `RigError`."""
        with suppress(queue.Empty):
            return self._tickets.get(timeout=within_s)
        raise RigError(f"no ticket came to the printer within {within_s:g} s")

    def forget(self) -> None:
        """Drop the tickets that nobody asked for."""
        while not self._tickets.empty():
            self._tickets.get()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                self._peer, _ = self._listener.accept()
                self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._peer, suppress(ConnectionError):
                    self._serve(self._peer)

    def _serve(self, peer: socket.socket) -> None:
        """Pictures have no real-time question in them, and a ticket ends with the question that is answered in turn."""
        while data := peer.recv(65_536):
            now = time.perf_counter()
            if data.startswith(_TICKET):
                self._tickets.put(now)
            answers = _ALL_IS_WELL * len(_QUESTION.findall(data)) + _HAS_PAPER * data.endswith(_ASK_PAPER)
            if answers:
                peer.sendall(answers)


class EchoPrinter:
    """The floor: it sends back what comes in. One connection for each question, as for a printer that just woke up."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, name="echo printer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(_STOP_S)

    def ask(self) -> float:
        """Milliseconds from dialling to its first byte."""
        started = time.perf_counter()
        with socket.create_connection(self._listener.getsockname()[:2], _STOP_S) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.sendall(_TICKET)
            if not sock.recv(1):
                raise RigError("the echo printer hung up")
        return (time.perf_counter() - started) * 1000

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                with peer, suppress(ConnectionError):
                    while data := peer.recv(1024):
                        peer.sendall(data)
