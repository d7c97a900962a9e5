"""What somebody sees who listens on the LAN while a customer with a name and a phone number is served."""

import json
import shutil
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from foleni.link import tls
from foleni.settings import MqttUrl
from tests.support.broker import free_port
from tests.support.raw_mqtt import OK, RawClient
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import PINS, WebBranch

ROOT = "foleni/main-street/"
NAME = "Immaculée Mukandayisenga"
PHONES = ("+250788123456", "+250788654321", "+250788222111")
LEAST_BYTES = 5_000


class Ear:
    """tcpdump on loopback, of some ports."""

    def __init__(self, folder: Path, *ports: int) -> None:
        self._file = folder / "heard.pcap"
        said = folder / "tcpdump.log"
        filters = " or ".join(f"tcp port {port}" for port in ports)
        command = ["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-s", "0", "-B", "16384", "-w", str(self._file), filters]
        with said.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: "listening on" in said.read_text() or self._process.poll() is not None)
        if self._process.poll() is not None:
            pytest.skip(f"nobody may listen here: {said.read_text()}")

    def heard(self, last: bytes = b"") -> bytes:
        """All of it, when it is enough for what was done, and has `last` in it."""
        until(lambda: len(so_far := self._file.read_bytes()) > LEAST_BYTES and last in so_far)
        self.close()
        return self._file.read_bytes()

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    if shutil.which("tcpdump") is None:
        pytest.skip("tcpdump is not installed")
    listen = ("--mqtt-listen", f"127.0.0.1:{free_port()}", "--mqtt-tls", "--http-tls")
    with WebBranch(tmp_path_factory.mktemp("sniffed"), arguments=listen) as started:
        yield started


class Customer:
    """A device's connection that asks and hears its answers."""

    def __init__(self, branch: WebBranch, device: str, *, secure: bool) -> None:
        self.account = branch.account(device)
        url = MqttUrl.parse(self.account.mqtt)
        context = tls.client_context(url.ca, url.cert, url.key, checks_time=False) if secure else None
        self.client = RawClient(url.port if secure else branch.port, context, url.name or "")
        assert self.client.connect(device, self.account.password, device) == OK
        for topic in (f"devices/{device}/replies", "board", "events/+", "services"):
            assert self.client.subscribe(ROOT + topic) == 1

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The result of a command."""
        mark = str(uuid.uuid4())
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        command = {"id": mark, "type": kind, "actor": self.account.device, "at": at, **fields}
        self.client.publish(f"{ROOT}devices/{self.account.device}/commands", json.dumps(command, ensure_ascii=False).encode())
        until(lambda: self.client.is_alive() and self._answer(mark))
        answer = self._answer(mark)
        assert answer["ok"], answer
        result: dict[str, Any] = answer["result"]
        return result

    def _answer(self, mark: str) -> dict[str, Any]:
        found = (json.loads(payload) for topic, payload in self.client.arrived if topic.endswith("/replies"))
        return next((answer for answer in found if answer["command"] == mark), {})


def served(branch: WebBranch, phone: str, *, secure: bool) -> list[str]:
    """A ticket's whole life on the LAN; what nobody else may read of it."""
    kiosk, desk = Customer(branch, "kiosk-1", secure=secure), Customer(branch, "desk", secure=secure)
    with kiosk.client, desk.client:
        ticket = kiosk.ask("join", service="cash", channel="kiosk", name=NAME, phone=phone)
        desk.ask("open_counter", counter="c1")
        called = desk.ask("call_next", counter="c1")
        assert called["in_hand"]["number"] == ticket["number"]
        desk.ask("start", counter="c1")
        desk.ask("complete", counter="c1")
    return [ticket["number"], NAME, phone, kiosk.account.password, desk.account.password]


def served_over_http(branch: WebBranch, phone: str) -> list[str]:
    """The same by hand of a clerk in the console; what nobody else may read of it."""
    clerk = branch.person()
    clerk.http.trust_env = False
    clerk.http.verify = str(branch.data / "tls" / "ca.pem")
    clerk.sign_in("ada")
    made = clerk.post("/api/v1/tickets", {"service": "cash", "name": NAME, "phone": phone})
    assert made.status_code in {200, 201}, made.text
    said = made.json()
    ticket = said.get("result", said)
    for act in ("open", "call-next", "start", "complete"):
        answer = clerk.post(f"/api/v1/counters/c1/{act}", {})
        assert answer.status_code == 200, answer.text
    assert clerk.get("/api/v1/board").status_code == 200
    return [ticket["number"], ticket["ticket"], NAME, phone, PINS["ada"], *clerk.http.cookies.values()]


def in_bytes(heard: bytes, secrets: list[str]) -> set[str]:
    """Those that can be read in it, as they are or as JSON has them."""
    return {secret for secret in secrets if secret.encode() in heard or json.dumps(secret)[1:-1].encode() in heard}


def listening(folder: Path, ports: tuple[int, ...], act: Callable[[], list[str]], last: bytes = b"") -> tuple[bytes, list[str]]:
    """What was heard while something was done, and what that was."""
    ear = Ear(folder, *ports)
    try:
        secrets = act()
        return ear.heard(last), secrets
    finally:
        ear.close()


def test_nothing_of_a_customer_can_be_read_on_the_lan(branch: WebBranch, tmp_path: Path) -> None:
    lan = MqttUrl.parse(branch.account("kiosk-1").mqtt).port
    web = int(branch.url.rsplit(":", 1)[1])

    def act() -> list[str]:
        return [*served(branch, PHONES[0], secure=True), *served_over_http(branch, PHONES[1])]

    heard, secrets = listening(tmp_path, (lan, web), act)
    for port in (lan, web):
        assert port.to_bytes(2) in heard
    assert in_bytes(heard, [*secrets, "kiosk-1", "ticket_called", "foleni_csrf"]) == set()


def test_in_the_clear_all_of_it_would_have_been_found(branch: WebBranch, tmp_path: Path) -> None:
    """So that the test above can fail."""
    heard, secrets = listening(tmp_path, (branch.port,), lambda: served(branch, PHONES[2], secure=False), b"ticket_completed")
    assert in_bytes(heard, secrets) == set(secrets)


def test_a_device_that_is_removed_in_the_console_is_out_at_once_and_its_certificate_is_of_no_use(branch: WebBranch) -> None:
    clerk = branch.person()
    clerk.http.trust_env = False
    clerk.http.verify = str(branch.data / "tls" / "ca.pem")
    clerk.sign_in("ada")
    account = branch.account("tv-1")
    url = MqttUrl.parse(account.mqtt)
    context = tls.client_context(url.ca, url.cert, url.key, checks_time=False)
    with RawClient(url.port, context, url.name or "") as tv:
        assert tv.connect("tv-1", account.password, "tv-1") == OK
        removed = clerk.post("/api/v1/devices/tv-1", method="DELETE")
        assert removed.status_code == 200, removed.text
        until(lambda: not tv.is_alive())
    with RawClient(url.port, context, url.name or "") as again:
        assert again.connect("tv-1", account.password, "tv-1") != OK
    until(lambda: not (branch.data / "devices" / "tv-1.key").exists())
