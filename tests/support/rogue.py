"""A stranger on the LAN between a box and its branch: he answers as if he were the branch, with an authority of his own."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from branch_server.adapters.tls.authority import Authority
from foleni.messages.joining import PREFIX
from tests.support.joining import Box

_HOST = "127.0.0.1"


class Rogue:
    """Serves HTTPS on loopback; `url` is where. What a box says he passes on to the branch through `line`, a box of his own.

    `ca` is the authority that he shows instead of his own.
    """

    def __init__(self, directory: Path, line: Box, ca: str | None = None) -> None:
        self._line = line
        authority = Authority.opened(directory / "rogue", "main-street")
        authority.keep_server_certificate([_HOST])
        self._shown = ca or authority.ca_pem.decode()
        self._server = ThreadingHTTPServer((_HOST, 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.server_chain, authority.server_key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"https://{_HOST}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        rogue = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told = {"branch": "main-street", "name": "Main Street", "ca": rogue._shown, "version": "1.0"}
                self._answer(200, json.dumps(told).encode())

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = rogue._line.post(self.path.removeprefix(PREFIX), body)
                self._answer(answer.status_code, answer.content)

            def log_message(self, *_: Any) -> None:
                """Strangers keep no log."""

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
