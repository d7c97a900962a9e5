"""A bad line between a branch and its cloud: it drops, repeats, delays and reorders requests, and loses answers."""

import http.client
import random
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})
_PATIENCE_S = 90.0


@dataclass(frozen=True)
class Chances:
    """How likely each mishap is, of one request. What is late comes after up to `delay_s`."""

    lost: float = 0.0
    answer_lost: float = 0.0
    repeated: float = 0.0
    delayed: float = 0.0
    late_again: float = 0.0
    delay_s: float = 0.4


CALM = Chances()
STORM = Chances(lost=0.15, answer_lost=0.2, repeated=0.2, delayed=0.2, late_again=0.2)


class BadLine:
    """Listens on a free port, and passes requests on to `target`.

    `chances` may be changed at any time; `is_cut` cuts the line.
    """

    def __init__(self, target: str, seed: int, chances: Chances = CALM) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "", parts.port or 80)
        self.chances = chances
        self.is_cut = False
        self.mishaps: dict[str, int] = {}
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._strays: list[threading.Thread] = []
        handler = type("Handler", (_Passing,), {"line": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        for stray in self._strays:
            stray.join(_PATIENCE_S)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def happens(self, mishap: str) -> bool:
        """Whether this one happens now."""
        with self._lock:
            struck = self._chance.random() < float(getattr(self.chances, mishap))
            self.mishaps[mishap] = self.mishaps.get(mishap, 0) + struck
            return struck

    def wait(self) -> None:
        with self._lock:
            wait_s = self._chance.uniform(0, self.chances.delay_s)
        time.sleep(wait_s)  # the delay itself, not a way to wait for something

    def later(self, request: "Packet") -> None:
        """A copy that arrives when others have passed it."""

        def arrive() -> None:
            self.wait()
            with suppress(OSError, http.client.HTTPException):
                request.go(self.target)

        stray = threading.Thread(target=arrive, daemon=True)
        self._strays.append(stray)
        stray.start()


@dataclass(frozen=True)
class Packet:
    """A request as it is passed on."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def go(self, target: tuple[str, int]) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(*target, timeout=_PATIENCE_S)
        try:
            connection.request(self.method, self.path, self.body or None, dict(self.headers))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Both sides are killed in the middle of what they say."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    line: BadLine

    def do_GET(self) -> None:
        self._pass(b"")

    def do_POST(self) -> None:
        self._pass(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def _pass(self, body: bytes) -> None:
        line = self.line
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _CONNECTION}
        packet = Packet(self.command, self.path, headers, body)
        if line.is_cut or line.happens("lost"):
            self.close_connection = True
            return
        if line.happens("delayed"):
            line.wait()
        is_post = self.command == "POST"
        if is_post and line.happens("late_again"):
            line.later(packet)
        try:
            if is_post and line.happens("repeated"):
                packet.go(line.target)
            answer = packet.go(line.target)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            return
        if line.happens("answer_lost") or self.line.is_cut:
            self.close_connection = True
        else:
            self._answer(*answer)

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        with suppress(ConnectionError):
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
