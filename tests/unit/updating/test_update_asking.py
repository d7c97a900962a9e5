"""Fetching a bundle: what is kept is on the disk, and a network that goes is no fault of the box."""

import errno
import hashlib
import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from foleni.messages.updates import Offer, Report
from foleni.settings import HostPort
from foleni.updating.asking import BranchServer, Place
from foleni.updating.errors import BranchAwayError, RefusedError

_BUNDLE = os.urandom(256 * 1024 + 1000)
_OFFER = Offer(
    plan="018f0000-0000-7000-8000-000000000000", version="0.2.0", sha256=hashlib.sha256(_BUNDLE).hexdigest(), size=len(_BUNDLE)
)


@contextmanager
def serving(content: bytes) -> Iterator[BranchServer]:
    """A web server that gives `content`, from where it is asked for."""

    class Giving(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            begins = int(self.headers["Range"].removeprefix("bytes=").partition("-")[0])
            self.send_response(206)
            self.send_header("Content-Length", str(len(content) - begins))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(content[begins:])

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Giving) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield BranchServer(Place(HostPort("127.0.0.1", server.server_port), "kiosk", "secret", plain=True))
        server.shutdown()


def test_the_last_bytes_are_on_the_disk_before_the_bundle_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    with serving(_BUNDLE) as branch:
        branch.fetch(_OFFER, tmp_path / "x.raucb", print)
    assert synced[0] == len(_BUNDLE)


def test_a_beginning_that_a_power_cut_has_spoilt_is_fetched_anew(tmp_path: Path) -> None:
    into = tmp_path / "x.raucb"
    (tmp_path / "x.raucb.partial").write_bytes(_BUNDLE[:1000] + bytes(1000))
    with serving(_BUNDLE) as branch:
        with pytest.raises(BranchAwayError, match="anew"):
            branch.fetch(_OFFER, into, print)
        branch.fetch(_OFFER, into, print)
    assert into.read_bytes() == _BUNDLE


def test_a_whole_bundle_that_was_spoilt_on_the_disk_is_fetched_anew(tmp_path: Path) -> None:
    into = tmp_path / "x.raucb"
    into.write_bytes(bytes(len(_BUNDLE)))
    with serving(_BUNDLE) as branch:
        branch.fetch(_OFFER, into, print)
    assert into.read_bytes() == _BUNDLE


def test_what_came_in_one_piece_and_is_another_thing_is_refused(tmp_path: Path) -> None:
    with serving(bytes(len(_BUNDLE))) as branch, pytest.raises(RefusedError, match="not what was offered"):
        branch.fetch(_OFFER, tmp_path / "x.raucb", print)
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_goes_while_it_is_asked_is_the_branch_being_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a disk that fails: that would be told to the administrator, and not tried again."""

    def gone(_talk: http.client.HTTPConnection) -> None:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr(http.client.HTTPConnection, "getresponse", gone)
    with serving(_BUNDLE) as branch:
        with pytest.raises(BranchAwayError, match="No route to host"):
            branch.fetch(_OFFER, tmp_path / "x.raucb", print)
        with pytest.raises(BranchAwayError, match="No route to host"):
            branch.ask(Report(compatible="foleni-kiosk-amd64", version="0.1.0", slot="a"))
