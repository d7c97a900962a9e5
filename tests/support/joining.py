"""A box that joins a branch over HTTPS, said step by step, so that tests can do each of them wrongly; and the branch for it."""

import secrets
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests.adapters import HTTPAdapter

from foleni.link.link import Handlers, Link
from foleni.messages.joining import PREFIX, Ask, BoxKind, Commit, Granted, Renew, Renewed, Reveal, code, commitment
from foleni.settings import MqttUrl
from tests.support.broker import free_port
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import SETUP, Visitor, WebBranch

POLL_S = 0.2
_ASK_EVERY_S = 5.0
_numbers = count()


class _From(HTTPAdapter):
    """Connects from one of loopback's many addresses."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more, source_address=(self._address, 0))


class JoiningBranch(WebBranch):
    """A branch with its own certificate for its web side and for the broker's listener on the LAN, which is loopback here."""

    def __init__(self, directory: Path, setup: str = SETUP) -> None:
        port = free_port()
        tls = ("--http-tls", "--mqtt-listen", f"127.0.0.1:{port}", "--mqtt-tls")
        super().__init__(directory, setup, arguments=tls)
        self.mqtts_port = port

    def box(self, kind: BoxKind = "kiosk", model: str = "Test box", address: str = "") -> "Box":
        """A box that has found this branch."""
        return Box(self.url, self.directory, kind, model, address)

    @property
    def ca(self) -> Path:
        return self.data / "tls" / "ca.pem"

    def person(self, staff: str | None = None) -> Visitor:
        visitor = Visitor(self.url)
        visitor.http.trust_env = False  # an authority of this machine's settings would be believed instead
        visitor.http.verify = str(self.ca)
        return visitor if staff is None else visitor.sign_in(staff)


class Box:
    """One box with a key and an address of its own. Answers come as they are. `ca` is the authority that welcomed it."""

    def __init__(self, url: str, directory: Path, kind: BoxKind = "kiosk", model: str = "Test box", address: str = "") -> None:
        self.url = url
        self.kind = kind
        self.model = model
        self.key = ec.generate_private_key(ec.SECP256R1())
        request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(self.key, hashes.SHA256())
        self.csr = request.public_bytes(Encoding.PEM).decode()
        self.der = request.public_bytes(Encoding.DER)
        self.nonce = secrets.token_hex(32)
        self.request = self.server_nonce = self.ca = ""
        self.folder = Path(tempfile.mkdtemp(prefix="box-", dir=directory))
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.mount("https://", _From(address or f"127.0.{next(_numbers) % 250 + 1}.7"))

    @property
    def shows(self) -> str:
        """The code on its screen."""
        return code(ssl.PEM_cert_to_DER_cert(self.ca), self.der, self.nonce, self.server_nonce)

    def welcome(self) -> dict[str, Any]:
        """Asks which branch this is, believes the authority that it names, and asks again believing nobody else."""
        self.ca = self.http.get(f"{self.url}{PREFIX}/branch", verify=False, timeout=PATIENCE_S).json()["ca"]
        (self.folder / "ca.pem").write_text(self.ca)
        self.http.verify = str(self.folder / "ca.pem")
        told: dict[str, Any] = self.http.get(f"{self.url}{PREFIX}/branch", timeout=PATIENCE_S).json()
        return told

    def commit(self) -> requests.Response:
        commit = Commit(commit=commitment(self.der, self.nonce), kind=self.kind, box=self.model, version="1.0")
        answer = self.post("/requests", commit.model_dump())
        if answer.status_code == 201:
            self.request, self.server_nonce = answer.json()["request"], answer.json()["nonce"]
        return answer

    def reveal(self, csr: str | None = None, nonce: str | None = None) -> requests.Response:
        told = Reveal(csr=csr or self.csr, nonce=nonce or self.nonce)
        return self.post(f"/requests/{self.request}/reveal", told.model_dump())

    def ask(self, nonce: str | None = None) -> requests.Response:
        return self.post(f"/requests/{self.request}/answer", Ask(nonce=nonce or self.nonce).model_dump())

    def begin(self) -> "Box":
        """All up to the code on the screen."""
        self.welcome()
        assert self.commit().status_code == 201
        assert self.reveal().status_code == 200
        return self

    def granted(self) -> Granted:
        """What it is given, as soon as it is."""
        until(lambda: self.ask().status_code == 200, every_s=POLL_S)
        return Granted.model_validate(self.ask().json())

    def renew(self, granted: Granted, password: str | None = None) -> requests.Response:
        asked = Renew(device=granted.device, password=password or granted.password, csr=self.csr)
        return self.post("/renew", asked.model_dump())

    def post(self, path: str, body: Any) -> requests.Response:
        return self.http.post(f"{self.url}{PREFIX}{path}", json=body, timeout=PATIENCE_S)

    def mqtt(self, granted: Granted, certificate: str | None = None) -> MqttUrl:
        """How it reaches the broker with what it was given."""
        cert, key, ca = self.folder / "device.pem", self.folder / "device.key", self.folder / "ca.pem"
        cert.write_text(certificate or granted.certificate)
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return MqttUrl.parse(
            f"mqtts://{granted.account}:{granted.password}@127.0.0.1:{granted.mqtt_port}"
            f"?ca={ca}&cert={cert}&key={key}&name={granted.server_name}"
        )


@contextmanager
def asking(box: Box) -> Iterator[Box]:
    """A box with its code on its screen that goes on asking, so that it is not forgotten."""
    box.begin()
    over = threading.Event()

    def ask() -> None:
        while not over.wait(_ASK_EVERY_S):
            box.ask()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        over.set()
        thread.join()


@contextmanager
def linked(url: MqttUrl) -> Iterator[Link]:
    """A link of that device, which goes on trying."""
    assert url.user is not None
    link = Link(url, url.user, (), Handlers())
    link.start()
    try:
        yield link
    finally:
        link.stop()


def look(visitor: Visitor, shown: str) -> requests.Response:
    return visitor.post("/api/v1/joining/look", {"code": shown})


def approve(visitor: Visitor, box: Box, device: str, **more: Any) -> requests.Response:
    """Types the code that the box shows, and lets it in."""
    return visitor.post(f"/api/v1/joining/{box.request}/approve", {"code": box.shows, "id": device, **more})


def joined(visitor: Visitor, box: Box, device: str, **more: Any) -> Granted:
    """A box that has gone all the way."""
    answer = approve(visitor, box.begin(), device, **more)
    assert answer.status_code == 200, answer.text
    return box.granted()


def renewed(answer: requests.Response) -> Renewed:
    assert answer.status_code == 200, answer.text
    return Renewed.model_validate(answer.json())
