"""A push service for web pushes, on a loopback port: it reads each message with the keys of one browser."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import http_ece  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_SECRET = b"sixteen letters."


class PushService:
    """`taken` are the messages as the browser would have them."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="push service", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def subscription(self) -> dict[str, Any]:
        """What a browser says that has subscribed here."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        endpoint = f"http://127.0.0.1:{self._server.server_address[1]}/browser"
        return {"endpoint": endpoint, "expirationTime": None, "keys": {"p256dh": _text(point), "auth": _text(_SECRET)}}

    def _take(self, body: bytes) -> None:
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=_SECRET, version="aes128gcm")
        self.taken.append(json.loads(plain))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                service._take(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        return Handler


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
