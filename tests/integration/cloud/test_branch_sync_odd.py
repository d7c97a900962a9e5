"""A cloud that behaves as none should: the queue notices nothing, the token stays secret, and all is well afterwards."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.branch import BranchProcess, run_once
from tests.support.client import Client
from tests.support.odd_cloud import TOKEN, OddCloud, Oddness, Request
from tests.support.synced import SyncedBranch, desk_of, join, last_of, log_of, synced_branch
from tests.support.waiting import PATIENCE_S, until

HEAL_S = 120.0

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Pair:
    branch: BranchProcess
    cloud: OddCloud
    desk: Client
    folder: Path

    def works(self) -> None:
        """The queue goes on, whatever the cloud does."""
        assert self.desk.ask({"type": "join", "service": "cash", "channel": "staff"})["ok"]

    def heals(self) -> None:
        """Everything goes up, and a join comes down and is answered."""
        self.cloud.odd = None
        command = join()
        self.cloud.ask(command)
        until(lambda: command["id"] in self.cloud.replies, HEAL_S)
        until(lambda: len(self.cloud.events) == last_of(self.branch.data), HEAL_S)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("odd")
    with OddCloud() as cloud, synced_branch(folder, cloud.url, cloud.token) as branch, desk_of(branch) as desk:
        yield Pair(branch, cloud, desk, folder)


def _login_page(request: Request) -> bool:
    request.say(200, b"<html><h1>Welcome to the hotel</h1>", Content_Type="text/html")
    return True


def _teapot(request: Request) -> bool:
    request.say(401, b"<html>please pay", Content_Type="text/html")
    return True


def _flood(request: Request) -> bool:
    request.say(200, b'{"acked":0,"cursor":0,"commands":[],"x":"' + b"x" * 10_000_000 + b'"}')
    return True


def _nonsense(request: Request) -> bool:
    request.say(200, {"acked": "many", "cursor": None, "commands": "join", "now": "yesterday"})
    return True


def _deep(request: Request) -> bool:
    request.say(200, b"[" * 200_000)
    return True


def _silence(request: Request) -> bool:
    request.close_connection = True
    return True


def _broken(request: Request) -> bool:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    request.close_connection = True
    return True


def _no_http(request: Request) -> bool:
    request.wfile.write(b"\x00\xff" * 500)
    request.close_connection = True
    return True


def _down(request: Request) -> bool:
    request.say(503, {"error": {"code": "unavailable", "message": "Later."}})
    return True


@pytest.mark.variants(3)
@pytest.mark.parametrize(
    "odd", [_login_page, _teapot, _flood, _nonsense, _deep, _silence, _broken, _no_http, _down], ids=lambda odd: odd.__name__
)
def test_what_is_no_cloud_disturbs_nobody(pair: Pair, odd: Oddness) -> None:
    before = len(pair.cloud.requests)
    pair.cloud.odd = odd
    pair.works()
    until(lambda: len(pair.cloud.requests) >= before + 3, PATIENCE_S)
    pair.works()
    pair.heals()
    assert "alert_raised" not in {event["type"] for event in pair.cloud.events}


def test_the_token_follows_no_redirect(pair: Pair) -> None:
    with OddCloud() as thief:

        def redirect(request: Request) -> bool:
            request.say(307, b"", Location=f"{thief.url}{request.path}")
            return True

        before = len(pair.cloud.requests)
        pair.cloud.odd = redirect
        pair.works()
        until(lambda: len(pair.cloud.requests) >= before + 3, PATIENCE_S)
        pair.heals()
        assert thief.requests == []


def test_a_netrc_does_not_replace_the_token(pair: Pair) -> None:
    assert {authorization for _, authorization in pair.cloud.requests} == {f"Bearer {TOKEN}"}


def test_another_token_heals_a_revoked_one_without_a_restart(pair: Pair) -> None:
    pair.cloud.token = "another-token"
    pair.works()
    raised = pair.desk.event("alert_raised", lambda event: event["alert"] == "cloud")
    assert "token" in raised["message"]
    pair.works()
    (pair.folder / "token").write_text("another-token\n", encoding="ascii")
    pair.heals()
    pair.desk.event("alert_cleared", lambda event: event["seq"] > raised["seq"])
    assert pair.branch.stderr.count("does not accept this branch's token") <= 6
    assert TOKEN not in pair.branch.stderr


def test_a_log_with_another_past_is_not_mixed_with_ours(pair: Pair) -> None:
    until(lambda: len(pair.cloud.events) == last_of(pair.branch.data), PATIENCE_S)
    right = list(pair.cloud.events)
    pair.cloud.events[-1] = {**right[-1], "id": "another"}
    pair.branch.restart()
    until(lambda: "another past" in log_of(pair.branch.data)[-1]["data"], PATIENCE_S)
    with desk_of(pair.branch) as desk:
        assert desk.ask({"type": "join", "service": "cash", "channel": "staff"})["ok"]
    assert [event["id"] for event in pair.cloud.events] == [event["id"] for event in right[:-1]] + ["another"]


def test_a_log_that_is_shorter_than_what_it_sent_once_is_not_sent_on(pair: Pair) -> None:
    right = [*pair.cloud.events[:-1], log_of(pair.branch.data)[len(pair.cloud.events) - 1]]
    pair.cloud.events[:] = [*right, *({"seq": len(right) + n, "id": "lost"} for n in range(1, 50))]
    pair.branch.restart()
    until(lambda: "more than there are here" in pair.branch.last_words, PATIENCE_S)
    pair.cloud.events[:] = right
    pair.branch.restart()
    until(lambda: len(pair.cloud.events) == last_of(pair.branch.data), PATIENCE_S)


def test_the_end_does_not_wait_for_a_long_poll(pair: Pair) -> None:
    until(lambda: pair.cloud.polling, PATIENCE_S)
    assert pair.branch.stop() == 0
    assert "ends without" not in pair.branch.last_words
    pair.branch.start()


def test_a_wrong_setting_ends_the_program_before_it_does_anything(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path / "data"), "--mqtt", "managed", "--cloud", "https://cloud.example.org"]
    done = run_once([*arguments, "--cloud-token-file", str(tmp_path / "token")])
    assert done.returncode == 2
    assert "--cloud-token-file" in done.stderr
    assert not (tmp_path / "data").exists()


def test_nobody_there_and_nobody_known_by_that_name_disturb_nobody(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:
        port = deaf.getsockname()[1]
        for url in (f"https://127.0.0.1:{port}", "https://no-such-host.invalid"):
            folder = tmp_path / url.partition("//")[2].replace(":", "-")
            folder.mkdir()
            with synced_branch(folder, url, TOKEN) as branch, desk_of(branch) as desk:
                assert desk.ask({"type": "join", "service": "cash", "channel": "staff"})["ok"]
                assert branch.stop() == 0


def test_a_certificate_that_nobody_vouches_for_gets_no_token(tmp_path: Path, stranger: ssl.SSLContext) -> None:
    heard: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                peer, _ = listening.accept()
                with stranger.wrap_socket(peer, server_side=True) as secure:
                    heard.append(secure.recv(1))
            except ssl.SSLError:
                heard.append(b"")
            except OSError:
                return

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        with synced_branch(tmp_path, f"https://127.0.0.1:{listening.getsockname()[1]}", TOKEN) as branch:
            until(lambda: len(heard) >= 3, PATIENCE_S)
            until(lambda: "certificate" in branch.stderr.lower(), PATIENCE_S)
    assert set(heard) == {b""}


def test_a_private_authority_is_believed_where_it_is_named(tmp_path: Path, stranger: ssl.SSLContext) -> None:
    with OddCloud(tls=stranger) as cloud:
        named = {"REQUESTS_CA_BUNDLE": str(tmp_path / "cert.pem")}
        with SyncedBranch(tmp_path, cloud.url, cloud.token, environment=named) as branch:
            command = join()
            cloud.ask(command)
            assert cloud.reply_to(command)["ok"]
            until(lambda: cloud.polling, PATIENCE_S)
            assert branch.stop() == 0
            assert "ends without" not in branch.last_words


@pytest.fixture
def stranger(tmp_path: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate of its own making."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
