"""Web push and e-mail leave the house as browsers and mail servers want them."""

import base64
import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import http_ece  # type: ignore[import-untyped]
import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cloud.notices.occasions import Occasion
from cloud.site import wall_clock
from cloud.store.database import Database
from tests.support import notices
from tests.support.gateway import SendingCloud, apprise
from tests.support.waiting import PATIENCE_S, until

POLITE_S = 0.05


class PushService:
    """Takes what is pushed, and decrypts it as the browser does whose keys it has; `status` is what it answers."""

    def __init__(self) -> None:
        self.status = 201
        self.taken: list[tuple[dict[str, str], dict[str, Any]]] = []
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._secret = b"0123456789abcdef"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def keys(self) -> dict[str, str]:
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": _text(point), "auth": _text(self._secret)}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def read(self, body: bytes) -> dict[str, Any]:
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._secret, version="aes128gcm")
        told: dict[str, Any] = json.loads(plain)
        return told

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.taken.append((headers | {":path": self.path}, service.read(body)))
                self.send_response(service.status)
                self.send_header("Content-Length", "0")
                self.send_header("Location", "https://elsewhere.example.org/should-not-be-followed")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        return Handler


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class MailServer:
    """As much of SMTP as one sender needs."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        taken = self.taken

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 mail\r\n")
                for line in self.rfile:
                    word = line[:4].upper()
                    self.wfile.write(
                        b"354 go on\r\n" if word == b"DATA" else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"
                    )
                    if word == b"DATA":
                        taken.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                        self.wfile.write(b"250 taken\r\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Scene:
    def __init__(self, folder: Path) -> None:
        self.push, self.mail = PushService(), MailServer()
        self.database: Database = notices.opened(notices.sqlite_at(folder))
        providers = apprise("email", f"mailto://{self.mail.address}?to={{to}}&from=queue@bank.example.org&name=Bank")
        self.cloud = SendingCloud(
            folder, notices.sqlite_at(folder), providers, ["--push-contact", "mailto:it@bank.example.org"]
        )

    def close(self) -> None:
        self.cloud.kill()
        self.database.close()
        self.push.close()
        self.mail.close()

    def browser(self, user: str, name: str) -> str:
        notices.add_user(self.database, user, phone=None, wishes={"channels": ["push"]})
        return notices.add_browser(self.database, user, f"{self.push.url}/{name}", self.push.keys, name)

    def put(self, user: str, once: str, channel: str = "push", language: str = "en") -> None:
        given = {"user": user, "phone": None, "language": language}
        assert notices.put(self.database, Occasion.CALLED, once, wall_clock(), **given) == 1

    def until_is(self, state: str, once: str, channel: str = "push") -> Any:
        until(lambda: notices.state(self.database, once, channel) == state, PATIENCE_S, POLITE_S)
        return notices.row(self.database, once, channel)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    scene = Scene(tmp_path_factory.mktemp("push"))
    try:
        scene.cloud.start()
        yield scene
    finally:
        scene.close()


def _public_key(scene: Scene) -> str:
    return str(requests.get(f"{scene.cloud.url}/api/v1/push/key", timeout=PATIENCE_S).json()["key"])


def test_a_browser_can_read_its_message_and_knows_its_sender(scene: Scene) -> None:
    scene.browser("u1", "one")
    scene.put("u1", "one", language="ar")
    scene.until_is("sent", "one")
    ((headers, told),) = [one for one in scene.push.taken if one[0][":path"] == "/one"]
    assert told == {
        "kind": "called",
        "title": "A042 · Main Street",
        "text": "الرقم A042: توجه الآن إلى الشباك 3. Main Street",
        "link": notices.LINK,
        "tag": notices.LINK,
        "language": "ar",
        "direction": "rtl",
    }
    assert headers["urgency"] == "high"
    assert 0 < int(headers["ttl"]) <= 600
    claims = _verified(headers["authorization"], _public_key(scene))
    assert (claims["aud"], claims["sub"]) == (scene.push.url, "mailto:it@bank.example.org")


def test_the_key_stays_over_restarts(scene: Scene) -> None:
    before = _public_key(scene)
    assert scene.cloud.stop() == 0
    scene.cloud.start()
    assert _public_key(scene) == before
    assert len(base64.urlsafe_b64decode(before + "=")) == 65


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_has_left_is_forgotten(scene: Scene, status: int) -> None:
    name = scene.browser(f"u{status}", f"left{status}")
    scene.push.status = status
    scene.put(f"u{status}", f"left{status}")
    told = scene.until_is("failed", f"left{status}")
    assert told.attempts == 1
    assert name not in notices.browsers(scene.database)
    scene.push.status = 201


def test_keys_that_are_none_and_services_that_are_gone_harm_nobody_else(scene: Scene) -> None:
    for user, endpoint, keys in (
        ("odd", f"{scene.push.url}/odd", {"p256dh": "AAAA", "auth": "AAAA"}),
        ("dead", "http://127.0.0.1:9/dead", scene.push.keys),
    ):
        notices.add_user(scene.database, user, phone=None, wishes={"channels": ["push"]})
        notices.add_browser(scene.database, user, endpoint, keys, user)
        for n in range(4):
            scene.put(user, f"{user}{n}")
    scene.browser("well", "well")
    scene.put("well", "well")
    scene.until_is("sent", "well")
    until(lambda: notices.row(scene.database, "odd0", "push").fault, PATIENCE_S, POLITE_S)
    assert notices.row(scene.database, "odd0", "push").fault == "the subscription's keys are of no use"


def test_mail_has_a_subject_and_the_link(scene: Scene) -> None:
    wishes = {"channels": ["email"]}
    notices.add_user(scene.database, "mail", phone=None, email="ada+queue@example.org", wishes=wishes)
    scene.put("mail", "mail", "email", "fr")
    scene.until_is("sent", "mail", "email")
    (mail,) = scene.mail.taken
    assert "To: ada+queue@example.org" in mail
    assert "Subject: " in mail
    body = base64.b64decode(mail.split("\r\n\r\n", 1)[1]).decode() if "base64" in mail else mail
    assert "A042" in body
    assert notices.LINK in body


def _verified(header: str, public_key: str) -> dict[str, Any]:
    """The claims of a VAPID header (RFC 8292), whose signature was made with this key."""
    parts = dict(part.strip().split("=", 1) for part in header.removeprefix("vapid ").split(","))
    assert parts["k"] == public_key
    point = base64.urlsafe_b64decode(public_key + "=")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims: dict[str, Any] = jwt.decode(parts["t"], key, algorithms=["ES256"], options={"verify_aud": False})
    return claims
