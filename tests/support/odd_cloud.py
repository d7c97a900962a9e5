"""A cloud that lives in memory and speaks the sync contract; it can be told to behave as no cloud should.

It knows nothing of queues: it keeps what a branch sends, and hands down what a test puts into the mailbox.
"""

import json
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from foleni.times import SECOND_US, to_wire
from tests.support.waiting import PATIENCE_S, until

Json = dict[str, Any]
TOKEN = "a-token-of-the-branch"
_LOOKS_S = 0.02


class Request(BaseHTTPRequestHandler):
    """One request of a branch."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    cloud: "OddCloud"
    peeked = ""
    """The body, for whoever wants to know before it is served."""

    @property
    def name(self) -> str:
        return f"{self.command} {urlsplit(self.path).path.rpartition('/')[2]}"

    @property
    def fields(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def do_GET(self) -> None:
        self.cloud.serve(self, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.peeked = body.decode()
        self.cloud.serve(self, body)

    def say(self, status: int, body: Json | bytes, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        with suppress(ConnectionError):  # a branch may end while it waits
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Branches are killed in the middle of what they say."""


Oddness = Callable[[Request], bool]


class OddCloud:
    """Serves on a free port of this machine. `odd` sees each request first, and answers those for which it says so.

    `ahead_s` is how far its clock is ahead of this machine's, `polling` how many long polls wait.
    """

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.token = TOKEN
        self.ahead_s = 0.0
        self.odd: Oddness | None = None
        self.events: list[Json] = []
        self.bodies: list[Json] = []
        self.replies: dict[str, Json] = {}
        self.requests: list[tuple[str, str]] = []
        self.polling = 0
        self._mailbox: list[tuple[int, Json]] = []
        self._lock = threading.Lock()
        self._is_over = False
        handler = type("Handler", (Request,), {"cloud": self})
        self._scheme = "http" if tls is None else "https"
        self._server = _Server(("127.0.0.1", port), handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def now_us(self) -> int:
        return time.time_ns() // 1000 + round(self.ahead_s * SECOND_US)

    def ask(self, *commands: Json) -> None:
        """Puts commands into the mailbox, together."""
        with self._lock:
            last = self._mailbox[-1][0] if self._mailbox else 0
            self._mailbox += list(enumerate(commands, last + 1))

    def reply_to(self, command: Json) -> Json:
        """The branch's reply, when it is there."""
        until(lambda: command["id"] in self.replies, PATIENCE_S)
        return self.replies[command["id"]]

    def asked(self, name: str) -> int:
        """How often there was such a request."""
        return sum(1 for asked, _ in self.requests if asked == name)

    def serve(self, request: Request, body: bytes) -> None:
        self.requests.append((request.name, request.headers.get("Authorization", "")))
        if self.odd is not None and self.odd(request):
            return
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            request.say(401, {"error": {"code": "not_signed_in", "message": "This token is not known."}})
            return
        answers = {
            "POST events": self._take_events, "POST replies": self._take_replies, "GET commands": self._hand_down,
            "GET events": self._hand_back,
        }  # fmt: skip
        answers[request.name](request, body)

    def _take_events(self, request: Request, body: bytes) -> None:
        message = json.loads(body)
        with self._lock:
            acked = len(self.events)
            known = {event["seq"]: event["id"] for event in self.events}
            if any(known.get(event["seq"], event["id"]) != event["id"] for event in message["events"]):
                request.say(409, {"error": {"code": "forked", "message": "Another past."}, "acked": acked})
                return
            if message["first"] <= acked + 1:
                self.events += [event for event in message["events"] if event["seq"] > acked]
            self.bodies.append(message)
            answer = {"acked": len(self.events), "now": to_wire(self.now_us())}
        request.say(200, answer)

    def _take_replies(self, request: Request, body: bytes) -> None:
        self.replies |= {reply["command"]: reply for reply in json.loads(body)["replies"]}
        request.say(200, {"now": to_wire(self.now_us())})

    def _hand_down(self, request: Request, _body: bytes) -> None:
        after, until_s = int(request.fields["after"]), time.monotonic() + float(request.fields["wait"])
        self.polling += 1
        while True:
            open_ones = [row for row in self._mailbox if row[0] > after and row[1].get("id") not in self.replies]
            if open_ones or time.monotonic() > until_s or self._is_over:
                break
            time.sleep(_LOOKS_S)
        self.polling -= 1
        cursor = open_ones[-1][0] if open_ones else after
        request.say(200, {"cursor": cursor, "commands": [row[1] for row in open_ones], "now": to_wire(self.now_us())})

    def _hand_back(self, request: Request, _body: bytes) -> None:
        after, limit = int(request.fields["after"]), int(request.fields["limit"])
        request.say(200, {"events": self.events[after : after + limit]})
