"""The web side is a program of its own: it dies and comes back without the queue, and the queue without it."""

import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests

from foleni.ids import uuid7
from tests.support.branch import run_once
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import PINS, POLITE_S, SETUP, WebBranch


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("web-side")) as running:
        yield running


def web_of(branch: WebBranch) -> psutil.Process | None:
    children = psutil.Process(branch.pid).children()
    alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return next((child for child in alive if "branch_server.web" in child.cmdline()), None)


def serves(branch: WebBranch) -> bool:
    try:
        return requests.get(f"{branch.url}/healthz", timeout=PATIENCE_S).status_code == 200
    except requests.RequestException:
        return False


def test_a_web_side_that_is_killed_comes_back_and_people_are_still_signed_in(tmp_path: Path) -> None:
    port = free_port()
    with WebBranch(tmp_path, http=f"127.0.0.1:{port}") as branch:
        ada = branch.person("ada")
        before = web_of(branch)
        assert before is not None
        before.kill()
        until(lambda: (now := web_of(branch)) is not None and now.pid != before.pid and serves(branch), every_s=POLITE_S)
        assert ada.get("/api/v1/session").status_code == 200


def test_a_killed_branch_server_takes_its_web_side_along_and_a_new_one_has_the_address_at_once(tmp_path: Path) -> None:
    with WebBranch(tmp_path, http=f"127.0.0.1:{free_port()}") as branch:
        ada = branch.person("ada")
        ticket = ada.post("/api/v1/tickets", {"service": "cash", "channel": "staff"}).json()["result"]
        web = web_of(branch)
        assert web is not None
        branch.kill()
        until(lambda: not web.is_running() or web.status() == psutil.STATUS_ZOMBIE)
        branch.start()
        again = ada.get(f"/api/v1/tickets/{ticket['ticket']}")
        assert again.status_code == 200, again.text
        assert ticket["number"] in again.text


def test_a_taken_address_ends_the_start_and_says_which(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        branch = WebBranch(tmp_path, http=address)
        branch.launch()
        assert branch.wait() == 1
        assert f"--http {address}: Address already in use" in branch.last_words


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("--http", "127.0.0.1:0", "--http-tls", "--http-plain"), "--http-tls is the branch's own certificate"),
        (("--http", "127.0.0.1:0", "--http-cert", "/nowhere.pem"), "--http-cert and --http-key go together"),
        (("--http", "somewhere"), "must be HOST:PORT"),
    ],
)
def test_settings_that_would_send_pins_in_the_clear_or_cannot_work_are_refused_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], fault: str
) -> None:
    setup = tmp_path / "setup.toml"
    setup.write_text(SETUP, encoding="utf-8")
    ended = run_once(["--data", str(tmp_path / "data"), "--mqtt", "managed", "--setup", str(setup), *arguments])
    assert ended.returncode == 2
    assert fault in ended.stderr.splitlines()[-1]


def test_with_a_certificate_it_speaks_tls_and_marks_its_cookies_secure(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with WebBranch(tmp_path, arguments=("--http-cert", str(cert), "--http-key", str(key))) as branch:
        assert branch.url.startswith("https://127.0.0.1:")
        answer = requests.post(
            f"{branch.url}/api/v1/session", json={"staff": "ada", "pin": PINS["ada"]}, verify=str(cert), timeout=PATIENCE_S
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "; secure" in answer.headers["Set-Cookie"].lower()
        context = ssl.create_default_context(cafile=str(cert))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        port = int(branch.url.rsplit(":", 1)[1])
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        with plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as wire:
            assert wire.version() in {"TLSv1.2", "TLSv1.3"}


def test_every_answer_carries_the_headers_that_keep_strangers_out(branch: WebBranch) -> None:
    nobody = branch.person()
    for path in ("/", "/sign-in", "/api/v1/board", "/static/base/base.css", "/no/such/page"):
        headers = nobody.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"], path
        assert "'unsafe-inline'" not in headers["Content-Security-Policy"].split("script-src")[1].split(";")[0], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert "server" not in headers, path


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/base/../../settings.py",
        "/static/fonts/../fonts.py",
        "/static/base/%2e%2e/%2e%2e/settings.py",
        "/static//etc/passwd",
        "/static/base/",
    ],
)
def test_only_what_is_meant_for_browsers_is_served(branch: WebBranch, path: str) -> None:
    raw = raw_request(branch, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert raw.startswith((b"HTTP/1.1 404", b"HTTP/1.1 307")), raw[:200]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(64),
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
        b"A" * 100_000,
        b"\r\n\r\n\r\n",
    ],
    ids=["tls", "version", "negative", "huge", "flood", "blank"],
)
def test_garbage_on_the_line_leaves_it_serving(branch: WebBranch, garbage: bytes) -> None:
    raw_request(branch, garbage, silence_s=1.0)
    until(lambda: serves(branch))


def test_a_hundred_connections_that_say_nothing_do_not_keep_others_out(branch: WebBranch) -> None:
    port = int(branch.url.rsplit(":", 1)[1])
    idle = [socket.create_connection(("127.0.0.1", port), PATIENCE_S) for _ in range(100)]
    try:
        assert serves(branch)
    finally:
        for one in idle:
            one.close()


def test_two_who_ask_with_one_id_at_once_get_one_ticket(branch: WebBranch) -> None:
    visitors = [branch.person("ada") for _ in range(4)]
    key, body = uuid7(), {"service": "cards", "channel": "staff"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda visitor: visitor.post("/api/v1/tickets", body, key=key), visitors))
    numbers = {answer.json()["result"]["number"] for answer in answers}
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(numbers) == 1


def test_a_stopped_branch_server_ends_its_web_side_in_good_order(tmp_path: Path) -> None:
    with WebBranch(tmp_path) as branch:
        web = web_of(branch)
        assert web is not None
        stream = requests.get(f"{branch.url}/display/stream", stream=True, timeout=PATIENCE_S)
        assert stream.status_code == 200
        os.kill(branch.pid, signal.SIGTERM)
        assert branch.wait() == 0
        assert not web.is_running()
        stream.close()


def raw_request(branch: WebBranch, payload: bytes, silence_s: float = PATIENCE_S) -> bytes:
    """What comes back for these bytes, until the other side hangs up or falls silent for so long."""
    port = int(branch.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as line:
        line.settimeout(silence_s)
        got = b""
        try:
            line.sendall(payload)
            while piece := line.recv(65536):
                got += piece
        except (TimeoutError, ConnectionError):
            pass
        return got


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key
