"""Certificates that are renewed while everything runs, and a broker that somebody else runs."""

import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from branch_server.adapters.mqtt.broker_config import BrokerError, BrokerFolder, remembered_port
from branch_server.adapters.mqtt.prepared import PreparedBroker, run_broker
from branch_server.adapters.tls.authority import Authority
from branch_server.adapters.tls.keeper import CertificateKeeper
from branch_server.bootstrap import BranchSettings
from branch_server.securing import open_authority, serves_own
from foleni.settings import HostPort, MqttUrl
from foleni.web.certificate import Pair
from foleni.web.serving import HttpServer, address_of, listen
from tests.support.branch import BranchProcess
from tests.support.broker import free_port
from tests.support.peer import Peer
from tests.support.raw_mqtt import RawClient
from tests.support.tls_house import BRANCH, NAMES, TlsHouse, dates
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import SETUP

_ROOT = Path(__file__).resolve().parents[2]


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now: datetime = dates(0, 0)[0]

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[TlsHouse]:
    made = TlsHouse(tmp_path, clock)
    yield made
    made.broker.stop()


def served(port: int, context: ssl.SSLContext, name: str | None = "127.0.0.1") -> bytes:
    """The certificate, in DER, that a server shows to whoever asks for `name`."""
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def shown_in(file: Path) -> bytes:
    """The first certificate of a chain, in DER."""
    text = file.read_text(encoding="ascii")
    return ssl.PEM_cert_to_DER_cert(text[: text.index("-----END CERTIFICATE-----") + 25] + "\n")


def test_mosquitto_serves_the_new_certificate_and_connections_stay(house: TlsHouse, clock: Clock) -> None:
    context, before = house.context(), shown_in(house.authority.server_chain)
    with house.signed_in("kiosk-1", secure=True) as kiosk, house.signed_in("server", secure=False) as server:
        assert served(house.port, context) == before
        clock.pass_by(400)
        assert house.authority.keep_server_certificate(NAMES)
        until(house.broker.renew)
        until(lambda: served(house.port, context) == shown_in(house.authority.server_chain))
        assert shown_in(house.authority.server_chain) != before
        assert kiosk.is_alive()
        assert server.is_alive()
    with house.signed_in("kiosk-1", secure=True) as again:
        assert again.is_alive()


def test_it_is_renewed_by_itself_for_its_time_and_for_a_new_address(house: TlsHouse, clock: Clock) -> None:
    names, looked = set(NAMES), []
    hourly = [lambda: looked.append(1)]
    keeper = CertificateKeeper(house.authority, lambda: frozenset(names), [house.broker.renew], hourly, look_s=0.02)
    beats: list[int] = []
    keeper.watched(lambda: beats.append(1))
    context, shown = house.context(), shown_in(house.authority.server_chain)
    keeper.start()
    try:
        clock.pass_by(400)
        until(lambda: served(house.port, context) != shown, every_s=0.02)
        shown = served(house.port, context)
        names.add("10.1.2.3")
        until(lambda: served(house.port, context) != shown, every_s=0.02)
        until(lambda: looked and beats)
    finally:
        keeper.stop()


def test_a_disk_that_is_full_does_not_end_the_watch(
    house: TlsHouse, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> bool:
        raise OSError(28, "No space left on device")

    keeper = CertificateKeeper(house.authority, lambda: NAMES, [full])
    with caplog.at_level(logging.DEBUG):
        keeper.look()
        keeper.look()
    said = [record.levelno for record in caplog.records if "could not be kept" in record.message]
    assert said == [logging.WARNING, logging.DEBUG]


def test_a_broker_that_was_away_shows_what_was_made_meanwhile(house: TlsHouse, clock: Clock) -> None:
    pid = house.broker.pid
    assert pid is not None
    clock.pass_by(400)
    house.authority.keep_server_certificate(NAMES)
    os.kill(pid, signal.SIGSTOP)
    until(house.broker.renew)
    os.kill(pid, signal.SIGKILL)
    until(lambda: house.broker.pid not in {None, pid})
    context = house.context()

    def shows_new() -> bool:
        try:
            return served(house.port, context) == shown_in(house.authority.server_chain)
        except OSError:
            return False

    until(shows_new, every_s=0.02)


@dataclass(frozen=True)
class HttpTls:
    http_cert: Path | None
    http_key: Path | None


async def hello(scope: dict[str, object], receive: object, send: object) -> None:
    """An application that answers 200 and keeps the connection."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"ok"})  # type: ignore[operator]


@pytest.fixture
def two(tmp_path: Path, clock: Clock) -> tuple[Authority, Authority]:
    """The organization's certificate, as it were, and the branch's own."""
    both = (Authority.opened(tmp_path / "one", "organization", clock), Authority.opened(tmp_path / "two", BRANCH, clock))
    for each in both:
        each.keep_server_certificate(NAMES)
    return both


@pytest.fixture
def site(two: tuple[Authority, Authority]) -> Iterator[int]:
    """The port of a server that shows the first to everybody and the second to who asks for the branch by name."""
    first, second = two
    failures: list[str] = []
    listening = listen(HostPort("127.0.0.1", 0))
    named = Pair(second.server_chain, second.server_key, f"{BRANCH}.foleni.internal")
    tls = HttpTls(first.server_chain, first.server_key)
    server = HttpServer(hello, listening, tls, lambda: None, failures.append, named)
    server.start()
    yield address_of(listening).port
    server.stop()
    assert failures == []


def anybody() -> ssl.SSLContext:
    """A browser before its administrator has done anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def answered(secured: ssl.SSLSocket) -> bool:
    secured.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    said = b""
    while not said.endswith(b"ok"):
        said += secured.recv(4096)
    return said.startswith(b"HTTP/1.1 200")


def test_a_box_that_joins_sees_the_branchs_own_certificate_and_browsers_the_organizations(
    two: tuple[Authority, Authority], site: int
) -> None:
    first, second = two
    for name in ("127.0.0.1", "localhost", None):
        assert served(site, anybody(), name) == shown_in(first.server_chain)
    assert served(site, anybody(), f"{BRANCH}.foleni.internal") == shown_in(second.server_chain)


def test_browsers_see_a_renewed_certificate_and_open_pages_stay(
    two: tuple[Authority, Authority], site: int, clock: Clock
) -> None:
    first, second = two
    with socket.create_connection(("127.0.0.1", site), PATIENCE_S) as plain, anybody().wrap_socket(plain) as open_page:
        assert answered(open_page)
        clock.pass_by(400)
        for each in two:
            assert each.keep_server_certificate(NAMES)
        until(lambda: served(site, anybody()) == shown_in(first.server_chain), every_s=0.05)
        until(lambda: served(site, anybody(), f"{BRANCH}.foleni.internal") == shown_in(second.server_chain), every_s=0.05)
        assert answered(open_page)


def test_a_certificate_that_cannot_be_used_changes_nothing_until_it_is_mended(
    two: tuple[Authority, Authority], site: int, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = two
    whole, shown = first.server_chain.read_bytes(), shown_in(first.server_chain)
    first.server_chain.write_bytes(b"-----BEGIN")
    until(lambda: "cannot be used" in caplog.text, every_s=0.05)
    assert served(site, anybody()) == shown
    first.server_chain.write_bytes(whole)
    assert served(site, anybody()) == shown


def settings(data: Path, **given: object) -> BranchSettings:
    return BranchSettings.model_validate({"data": data, "mqtt": "managed", **given})


def test_a_damaged_authority_ends_the_start_with_what_to_do(tmp_path: Path) -> None:
    Authority.opened(tmp_path / "tls", BRANCH)
    (tmp_path / "tls" / "ca.key").write_bytes(b"")
    with pytest.raises(BrokerError, match=r"is damaged .* backup"):
        open_authority(settings(tmp_path, mqtt_listen="0.0.0.0:8883"), BRANCH)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"mqtt_tls": True}, "--mqtt-tls needs"),
        ({"mqtt": "prepared", "mqtt_tls": True, "mqtt_listen": "127.0.0.1:1"}, "--mqtt-tls needs"),
        ({"http": "0.0.0.0:1", "http_tls": True, "http_plain": True}, "--http-tls is the branch's own"),
        ({"http": "127.0.0.1:1", "http_key": "/k"}, "go together"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path: Path, given: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        settings(tmp_path, **given)


def test_where_there_is_tls_by_the_settings(tmp_path: Path) -> None:
    assert open_authority(settings(tmp_path, http="127.0.0.1:1", mqtt_listen="127.0.0.1:1"), BRANCH) is None
    assert not (tmp_path / "tls").exists()
    assert serves_own(settings(tmp_path, http="0.0.0.0:1"))
    assert serves_own(settings(tmp_path, http="127.0.0.1:1", http_tls=True))
    assert not serves_own(settings(tmp_path, http="0.0.0.0:1", http_plain=True))
    assert not serves_own(settings(tmp_path, http="0.0.0.0:1", http_cert="/c", http_key="/k"))
    for given in ({"http": "0.0.0.0:1"}, {"mqtt_listen": "0.0.0.0:1"}, {"mqtt": "prepared"}):
        assert open_authority(settings(tmp_path, **given), BRANCH) is not None


class BrokerUnit:
    """`foleni-branch broker` as systemd runs it."""

    def __init__(self, data: Path, port: int, log: Path) -> None:
        self._command = [sys.executable, "-m", "branch_server", "broker", "--data", str(data)]
        self._command += ["--mqtt-listen", f"127.0.0.1:{port}", "--mqtt-tls"]
        self._log = log
        self.process = self._start()

    def restart(self) -> None:
        """As after a power cut of its own."""
        self.end()
        self.process = self._start()

    def end(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def test_a_broker_that_somebody_else_runs_serves_the_branch_and_outlives_it(tmp_path: Path) -> None:
    branch = BranchProcess(tmp_path, SETUP, mqtt="prepared")
    port = free_port()
    unit = BrokerUnit(branch.data, port, tmp_path / "broker.log")
    try:
        with branch:
            until((branch.data / "devices" / "kiosk-1.toml").exists)
            kiosk = MqttUrl.parse(branch.account("kiosk-1").mqtt)
            assert (kiosk.tls, kiosk.port, kiosk.name) == (True, port, f"{BRANCH}.foleni.internal")
            here = MqttUrl(
                "127.0.0.1", port, kiosk.user, kiosk.password, tls=True,
                ca=kiosk.ca, cert=kiosk.cert, key=kiosk.key, name=kiosk.name,
            )  # fmt: skip
            with Peer(here, "kiosk-1", f"foleni/{BRANCH}/server") as device:
                until(lambda: device.messages)
                unit.restart()
                until(lambda: len(device.ups) == 2)
                branch.stop()
                device.messages.clear()
                branch.start()
                until(lambda: any(b'"online":true' in message.payload for message in device.messages))
            renewed_from_outside(branch.data, here)
    finally:
        unit.end()


def renewed_from_outside(data: Path, url: MqttUrl) -> None:
    """The broker's process is told by its pid file: the server needs no more than to be the same user."""
    clock = Clock()
    clock.pass_by(400)
    authority = Authority.opened(data / "tls", BRANCH, clock)
    assert authority.keep_server_certificate(NAMES)
    until(PreparedBroker(data, authority).renew)
    context = ssl.create_default_context(cafile=url.ca)
    assert url.cert is not None
    context.load_cert_chain(url.cert, url.key)
    until(lambda: served(url.port, context, url.name) == shown_in(authority.server_chain), every_s=0.02)


def test_a_broker_waits_for_its_certificates_and_a_second_one_is_refused(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    folder = BrokerFolder(data / "mosquitto")
    unit = BrokerUnit(data, port, tmp_path / "broker.log")
    try:
        until(lambda: remembered_port(folder.port) is not None)
        with pytest.raises(BrokerError, match="another broker runs"):
            run_broker(data, HostPort("127.0.0.1", free_port()), tls=True)
        authority = Authority.opened(data / "tls", BRANCH)
        authority.keep_server_certificate(NAMES)
        url, address = PreparedBroker(data, authority).found()
        assert (address.scheme, address.port) == ("mqtts", port)
        until(lambda: unit.process.poll() is not None or answers(url))
        with RawClient(url.port) as server:
            assert server.connect(url.user or "", url.password, "server") == 0
            assert server.subscribe(f"foleni/{BRANCH}/#") == 1
    finally:
        unit.end()


def answers(url: MqttUrl) -> bool:
    try:
        socket.create_connection((url.host, url.port), PATIENCE_S).close()
    except OSError:
        return False
    return True


def test_a_broker_in_the_clear_beyond_loopback_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="is not loopback and has no TLS"):
        run_broker(tmp_path, HostPort("0.0.0.0", free_port()), tls=False)
