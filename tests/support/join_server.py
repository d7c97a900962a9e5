"""A branch server as a box that joins meets it: over real TLS, from the messages' page alone, and as wrong as a test wants."""

import json
import secrets
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from foleni.joining import keys
from foleni.messages.joining import PREFIX, code, commitment, server_name
from tests.support.joining_members import Authority

Answer = tuple[int, Any]
"""A status, and a body: bytes, or what becomes JSON. Bytes are dripped where `drips` is set."""


class JoinServer:
    """Answers on a loopback port. `wrong` has other answers by what is asked (`branch`, `requests`, `reveal`, `answer`,
    `renew`); `granted` what it says in a grant in place of the truth.
    """

    def __init__(self, folder: Path, branch: str = "main", authority: Authority | None = None, *, days: int = 700) -> None:
        self.branch = branch
        self.authority = authority or Authority()
        self.ca = self.authority.pem
        self.wrong: dict[str, Answer] = {}
        self.granted: dict[str, Any] = {}
        self.is_approved = False
        self.asked: list[str] = []
        self.codes: list[str] = []
        self.boxes: list[dict[str, Any]] = []
        self.headers = {"Retry-After": "1"}
        self._commits: dict[str, tuple[str, str]] = {}
        self._requests: dict[str, str] = {}
        self._server = _Quiet(("127.0.0.1", 0), _handler(self))
        self.present(self.authority, folder, days)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def present(self, authority: Authority, folder: Path, days: int = 700) -> None:
        """Show a certificate of that authority."""
        context = authority.serve(folder, server_name(self.branch), days)
        plain = getattr(self, "_plain", self._server.socket)
        self._plain = plain
        self._server.socket = context.wrap_socket(plain.dup(), server_side=True, do_handshake_on_connect=False)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._plain.close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def times(self, what: str) -> int:
        """How often that was asked."""
        return self.asked.count(what)

    def answer(self, path: str, body: dict[str, Any]) -> Answer:
        """What a right server says, or `wrong` in its place."""
        parts = path.removeprefix(f"{PREFIX}/").split("/")
        what = parts[-1]
        self.asked.append(what)
        if what in self.wrong:
            return self.wrong[what]
        deeds: dict[str, Callable[[str, dict[str, Any]], Answer]] = {
            "branch": self._welcome, "requests": self._open, "reveal": self._reveal, "answer": self._answer,
            "renew": self._renew,
        }  # fmt: skip
        return deeds[what](parts[1] if len(parts) > 1 else "", body)

    def _welcome(self, _request: str, _body: dict[str, Any]) -> Answer:
        return 200, {"branch": self.branch, "name": f"Branch {self.branch}", "ca": self.ca, "version": "1"}

    def _open(self, _request: str, body: dict[str, Any]) -> Answer:
        request, nonce = str(uuid.uuid4()), secrets.token_hex(32)
        self._commits[request] = body["commit"], nonce
        self.boxes.append(body)
        return 201, {"request": request, "nonce": nonce, "expires_s": 600}

    def _reveal(self, request: str, body: dict[str, Any]) -> Answer:
        commit, nonce = self._commits[request]
        der = keys.der_of_request(body["csr"])
        if commitment(der, body["nonce"]) != commit:
            return 409, {"error": {"code": "unfit", "message": "It does not fit."}}
        self._requests[request] = body["csr"]
        self.codes.append(code(keys.der_of_certificate(self.authority.pem), der, body["nonce"], nonce))
        return 200, {"expires_s": 600, "again_s": 1}

    def _answer(self, request: str, _body: dict[str, Any]) -> Answer:
        if request not in self._requests:
            return 404, {"error": {"code": "not_found", "message": "Nobody knows it."}}
        if not self.is_approved:
            return 202, {"expires_s": 600, "again_s": 1}
        granted = {
            "branch": self.branch, "device": "kiosk-7", "kind": "kiosk", "account": "kiosk-7", "password": "secret",
            "certificate": self.authority.sign(self._requests[request]), "ca": self.authority.pem, "mqtt_port": 8883,
            "server_name": server_name(self.branch), "settings": {"region": "FR"},
        }  # fmt: skip
        return 200, granted | self.granted

    def _renew(self, _request: str, body: dict[str, Any]) -> Answer:
        return 200, {"certificate": self.authority.sign(body["csr"]), "ca": self.authority.pem, "mqtt_port": 8884}


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Boxes that do not believe it hang up; that is theirs to tell."""


def _handler(server: JoinServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            self._tell(*server.answer(self.path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._tell(*server.answer(self.path, json.loads(body)))

        def _tell(self, status: int, told: Any) -> None:
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            for name, value in {**server.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """What was asked is kept in `asked`."""

    return Handler
