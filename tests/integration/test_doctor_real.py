"""The doctor, and the broker's watcher, on things that are really broken: brokers, printers, certificates, disks, servers."""

import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from branch_server.adapters.tls.authority import Authority
from foleni import __version__
from foleni.doctor.belonging import check_membership, check_server_reach
from foleni.doctor.box import Box, Places
from foleni.doctor.branch import check_broker, check_devices, check_server
from foleni.doctor.finding import Finding, Level
from foleni.doctor.setting import check_settings
from foleni.doctor.storage import check_disk
from foleni.doctor.surroundings import check_printer
from foleni.doctor.watching import watch
from tests.support.broker import Broker, free_port
from tests.support.chaos_disks import kinds_of_full_disk, read_only, small_disk
from tests.support.waiting import until

BRANCH = "main"
ROOT = Path(__file__).parents[2]


def box_in(folder: Path) -> Box:
    for name in ("etc", "state"):
        (folder / name).mkdir(exist_ok=True)
    return Box(Places(etc=folder / "etc", state=folder / "state"))


def worst(findings: Sequence[Finding]) -> Level:
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.OK)


def said(findings: Sequence[Finding]) -> str:
    return "; ".join(finding.says for finding in findings)


@pytest.fixture
def branch_box(tmp_path: Path) -> Box:
    """A branch server's box whose folder is below the test's."""
    box = box_in(tmp_path)
    (tmp_path / "etc/branch.toml").write_text(f'data = "{tmp_path}/data"\n')
    (tmp_path / "data/mosquitto").mkdir(parents=True)
    return box


def test_a_broker_that_was_never_started_is_told(branch_box: Box) -> None:
    assert "not started" in said(list(check_broker(branch_box)))


def test_a_broker_that_ends_or_hangs_is_told(branch_box: Box) -> None:
    broker = Broker(branch_box.branch_data / "mosquitto", "allow_anonymous false\n").start()
    try:
        assert worst(list(check_broker(branch_box))) is Level.OK
        os.kill(broker.pid, signal.SIGSTOP)
        assert "does not answer" in said(list(check_broker(branch_box)))
        os.kill(broker.pid, signal.SIGCONT)
    finally:
        broker.kill()
    assert worst(list(check_broker(branch_box))) is Level.BAD


def test_a_broker_that_lets_strangers_in_is_told(branch_box: Box) -> None:
    broker = Broker(branch_box.branch_data / "mosquitto", "allow_anonymous true\n").start()
    try:
        assert "strangers" in said(list(check_broker(branch_box)))
    finally:
        broker.kill()


class _StopError(Exception):
    """Ends the watcher of a test."""


@contextmanager
def watching(folder: Path) -> Iterator[list[str]]:
    """What the watcher tells systemd; it rests a moment only."""
    told: list[str] = []
    over = threading.Event()

    def rest(_seconds: float) -> None:
        if over.wait(0.05):
            raise _StopError

    def run() -> None:
        try:
            watch(folder, told.append, rest)
        except _StopError:
            return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        thread.join(30)


class Hush:
    """Whether nothing was told since the last look."""

    def __init__(self, told: Sequence[str]) -> None:
        self._told, self._seen = told, -1

    def __call__(self) -> bool:
        seen, self._seen = self._seen, len(self._told)
        return seen == self._seen


def test_the_watcher_speaks_for_a_broker_only_while_it_answers(tmp_path: Path) -> None:
    """A broker that is stopped takes connections still; one that comes back is spoken for again."""
    with watching(tmp_path) as told:
        broker = Broker(tmp_path, "allow_anonymous false\n").start()
        try:
            until(lambda: len(told) > 3)
            os.kill(broker.pid, signal.SIGSTOP)
            until(Hush(told), every_s=1.0)
            os.kill(broker.pid, signal.SIGCONT)
            before = len(told)
            until(lambda: len(told) > before + 3)
            broker.kill()
            broker.start()
            before = len(told)
            until(lambda: len(told) > before + 3)
        finally:
            broker.kill()
    assert set(told) == {"WATCHDOG=1"}


@contextmanager
def printer(answers: dict[bytes, bytes]) -> Iterator[int]:
    """A printer on a free port that answers status queries; None of its own words otherwise."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                while query := peer.recv(3):
                    peer.sendall(answers.get(query, b""))

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(30)


@pytest.mark.parametrize(
    ("cause", "paper", "words"),
    [(b"\x12", b"\x12", "ready"), (b"\x16", b"\x12", "open cover"), (b"\x32", b"\x72", "out of paper"),
     (b"\x12", b"\x1e", "little"), (b"\x52", b"\x12", "broken")],
)  # fmt: skip
def test_what_the_printer_says_is_told(cause: bytes, paper: bytes, words: str, tmp_path: Path) -> None:
    box = box_in(tmp_path)
    with printer({b"\x10\x04\x02": cause, b"\x10\x04\x04": paper}) as port:
        (tmp_path / "etc/kiosk.toml").write_text(f'printer = "tcp://127.0.0.1:{port}"\n')
        assert words in said(list(check_printer(box)))


def test_a_printer_that_nobody_answers_for_is_told(tmp_path: Path) -> None:
    box = box_in(tmp_path)
    (tmp_path / "etc/kiosk.toml").write_text(f'printer = "tcp://127.0.0.1:{free_port()}"\n')
    assert worst(list(check_printer(box))) is Level.BAD


@pytest.mark.parametrize("kind", kinds_of_full_disk()[:1])
def test_a_full_disk_is_told(kind: str, tmp_path: Path) -> None:
    if kind != "mounted":
        pytest.skip("nothing can be mounted here")
    (tmp_path / "disk").mkdir()
    with small_disk(tmp_path, kind) as disk:
        disk.data.mkdir()
        box = Box(Places(etc=tmp_path, state=disk.data))
        assert worst(list(check_disk(box))) is Level.OK
        disk.fill()
        assert "left" in said(list(check_disk(box)))
        assert worst(list(check_disk(box))) is Level.BAD


def test_a_disk_that_has_become_read_only_is_told(tmp_path: Path) -> None:
    box = box_in(tmp_path)
    with read_only(tmp_path / "state"):
        assert worst([finding for finding in check_disk(box) if "written" in finding.says]) is not Level.OK


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    authority = Authority.opened(tmp_path_factory.mktemp("tls"), BRANCH)
    authority.keep_server_certificate(["localhost", "127.0.0.1"])
    return authority


METRICS = """\
foleni_device_online{device="kiosk-1",kind="kiosk"} 1.0
foleni_device_online{device="tv-1",kind="display"} 0.0
foleni_printer{device="kiosk-1",state="paper_out"} 1.0
"""
PAGES = {"/join/v1/branch": '{"version": "99.0.0"}', "/readyz": '{"ready": true, "seq": 7}', "/metrics": METRICS}


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES[self.path].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A test is quiet."""


@contextmanager
def server(authority: Authority) -> Iterator[int]:
    """Answers as a branch server does, with a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server_chain, authority.server_key)
    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    serving.socket = context.wrap_socket(serving.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    try:
        yield serving.server_address[1]
    finally:
        serving.shutdown()
        thread.join(30)
        serving.server_close()


def member(box: Box, ca: bytes, port: int, **changes: object) -> None:
    told = {"branch": BRANCH, "device": "kiosk-1", "ca": ca.decode(), "server": f"127.0.0.1:{port}", "mqtt_port": port}
    home = box.places.state / "kiosk"
    home.mkdir(exist_ok=True)
    (box.places.etc / "kiosk.toml").write_text("")
    (home / "membership.json").write_text(json.dumps({**told, **changes}))


def test_a_branch_server_is_reached_by_its_own_authority_only(authority: Authority, tmp_path: Path) -> None:
    box = box_in(tmp_path)
    rogue = Authority.opened(tmp_path / "rogue", BRANCH)
    with server(authority) as port:
        member(box, authority.ca_pem, port)
        found = list(check_server_reach(box))
        assert "answers at" in said(found)
        assert "too far apart" in said(found), f"{__version__} and 99.0.0"
        member(box, rogue.ca_pem, port)
        assert "not of this branch" in said(list(check_server_reach(box)))
    member(box, authority.ca_pem, port)
    assert worst(list(check_server_reach(box))) is Level.BAD


def test_the_branch_server_on_this_machine_is_asked(authority: Authority, branch_box: Box) -> None:
    tls = branch_box.branch_data / "tls"
    tls.mkdir()
    (tls / "ca.pem").write_bytes(authority.ca_pem)
    with server(authority) as port:
        settings = f'data = "{branch_box.branch_data}"\nhttp = "0.0.0.0:{port}"\n'
        (branch_box.places.etc / "branch.toml").write_text(settings)
        found = list(check_server(Box(branch_box.places)))
        assert "7 events" in said(found)
        assert "99.0.0 runs" in said(found)
        devices = said(list(check_devices(Box(branch_box.places))))
        assert "1 of 2 devices are away: tv-1" in devices
        assert "the printer of kiosk-1 is out of paper" in devices
    assert worst(list(check_server(Box(branch_box.places)))) is Level.BAD


@pytest.mark.parametrize(("days", "level"), [(400, Level.OK), (12, Level.WARN), (-3, Level.BAD)])
def test_a_certificate_that_was_not_renewed_is_told(days: int, level: Level, tmp_path: Path) -> None:
    box = box_in(tmp_path)
    chain = ending_in(timedelta(days=days))
    member(box, chain, 1)
    (box.places.state / "kiosk/device.pem").write_bytes(chain)
    assert worst(list(check_membership(box))) is level


def ending_in(left: timedelta) -> bytes:
    """A certificate, in PEM."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kiosk-1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=4000)).not_valid_after(now + left)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_a_box_without_a_network_is_told(tmp_path: Path) -> None:
    """Alone in a network of its own, the doctor finds no address."""
    if os.geteuid() != 0:
        pytest.skip("a network of one's own needs root")
    doctor = [sys.executable, "-m", "foleni", "doctor", "--json", "--only=network", f"--etc={tmp_path}", f"--state={tmp_path}"]
    done = subprocess.run(["unshare", "--net", *doctor], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "no address" in json.loads(done.stdout)["findings"][0]["says"]


def test_wrong_settings_are_told_in_the_programs_own_words(tmp_path: Path) -> None:
    box = box_in(tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "foleni-display"
    program.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m display "$@"\n')
    program.chmod(0o755)
    places = replace(box.places, programs=programs)
    config = tmp_path / "etc/display.toml"
    config.write_text(f'data = "{tmp_path}"\nsize = "large"\n')
    assert "size in" in said(list(check_settings(Box(places))))
    config.write_text(f'data = "{tmp_path}"\nsize = "1920x1080"\n')
    assert worst(list(check_settings(Box(places)))) is Level.OK
