"""Integrations of a branch: programs with a token, streams that are read, and a place that webhooks go to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.waiting import until
from tests.support.web import Visitor, WebBranch


class Program(Visitor):
    """An integration with a token of some scopes."""

    def __init__(self, branch: WebBranch, *scopes: str) -> None:
        super().__init__(branch.url)
        ada = branch.person("ada")
        made = ada.post("/api/v1/tokens", {"name": f"of {' '.join(scopes)}", "scopes": list(scopes)})
        assert made.status_code == 201, made.text
        self.id = made.json()["token"]["id"]
        self.http.headers["Authorization"] = f"Bearer {made.json()['text']}"


@dataclass(frozen=True, slots=True)
class Picture:
    """One event of a stream."""

    event: str
    data: Any


@contextmanager
def stream_of(visitor: Visitor, path: str = "/api/v1/stream") -> Iterator[Iterator[Picture]]:
    """The events of an open stream, as they come; it ends with the connection."""
    with visitor.http.get(visitor.url + path, stream=True, timeout=15) as answer:
        assert answer.status_code == 200, answer.text
        yield _pictures(answer)


def is_in_form(answer: requests.Response) -> bool:
    """Whether a refusal has the contract's form."""
    body = answer.json()
    error = body.get("error", {})
    return isinstance(error.get("code"), str) and isinstance(error.get("message"), str) and bool(error["message"])


def _pictures(answer: requests.Response) -> Iterator[Picture]:
    event, data = "", ""
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            data = value
        elif not line and event:
            yield Picture(event, json.loads(data))
            event, data = "", ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came in, with header names in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class Receiver:
    """Where webhooks go. It answers with `status`; while it `hangs` it answers nobody."""

    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Delivery] = field(default_factory=list)
    _goes_on: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._goes_on.set()
        self.come()
        return self

    def __exit__(self, *_: object) -> None:
        self._goes_on.set()
        self.leave()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def come(self) -> None:
        """Listens, on the same port as before."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Delivery(self.path, headers, body))
                receiver._goes_on.wait(20)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """It says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A sender that went away is no fault."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def leave(self) -> None:
        """Nobody listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def hang(self) -> None:
        self._goes_on.clear()

    def go_on(self) -> None:
        self._goes_on.set()

    def wait_for(self, count: int, within_s: float = 15.0) -> list[Delivery]:
        """The deliveries, when there are so many."""
        until(lambda: len(self.got) >= count, within_s)
        return self.got


def try_out(cases: st.SearchStrategy[Any], keeps: Callable[[Any], None], examples: int) -> None:
    """Asks so many cases, always the same ones."""

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases)
    def tried(case: Any) -> None:
        keeps(case)

    tried()
