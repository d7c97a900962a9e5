"""The doctor asks a branch server by TLS, whoever has made its certificate."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from foleni.doctor.reaching import ReachError, get
from foleni.settings import HostPort
from tests.support.joining_members import Authority


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def test_the_certificate_of_an_organization_is_believed_without_its_root(tmp_path: Path) -> None:
    """`http_cert` names what the server shows, and the root of whoever signed it is not in it."""
    context = Authority().serve(tmp_path, "queue.example.org")
    (shown,) = tmp_path.glob("*.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Ready) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        place = HostPort("127.0.0.1", server.server_port)
        assert get(place, "/readyz", shown).status == 200
        with pytest.raises(ReachError, match="not of this branch"):
            get(place, "/readyz", Authority().pem)
        server.shutdown()
