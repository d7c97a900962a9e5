"""What comes to a standby in pieces: it is whole or not there, and nothing counts that was said before the other began anew."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from branch_server.adapters.db.journal import SqlJournal
from branch_server.standby.files import Incoming, Piece
from branch_server.standby.follower import Follower, Ports
from branch_server.standby.hub import Hub
from branch_server.standby.identity import Identity, Papers
from branch_server.standby.messages import Hello, Mark, Ping, Stands, Yield
from branch_server.standby.record import Record
from branch_server.standby.rules import Patience
from branch_server.standby.wire import Frame, PairError, Wire

_BLOCK = 64 * 1024
_PATIENCE_S = 10.0


def test_a_file_of_which_the_rest_never_comes_stays_as_it_was(tmp_path: Path) -> None:
    old, new = b"o" * 3 * _BLOCK, b"n" * 3 * _BLOCK
    incoming = Incoming(tmp_path)
    for body in _bodies(old):
        incoming.put(body)
    incoming.put(_bodies(new)[0])
    incoming.put_web_side_in_place()
    assert (tmp_path / "web.db").read_bytes() == old


def test_a_file_whose_end_has_changed_is_whole(tmp_path: Path) -> None:
    old = b"o" * 3 * _BLOCK
    new = old[:-_BLOCK] + b"n" * 9
    incoming = Incoming(tmp_path)
    for body in [*_bodies(old), _bodies(new)[-1]]:
        incoming.put(body)
    incoming.put_web_side_in_place()
    assert (tmp_path / "web.db").read_bytes() == new


def test_a_file_that_was_broken_off_comes_anew(tmp_path: Path) -> None:
    new = b"n" * 2 * _BLOCK
    Incoming(tmp_path).put(_bodies(b"o" * 3 * _BLOCK)[0])
    incoming = Incoming(tmp_path)
    with pytest.raises(PairError, match="whole"):
        incoming.put(_bodies(new)[1])
    for body in _bodies(new):
        incoming.put(body)
    incoming.put_web_side_in_place()
    assert (tmp_path / "web.db").read_bytes() == new


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_handover_that_comes_after_the_other_was_told_that_it_may_serve_is_void(tmp_path: Path, ends: ExitStack) -> None:
    record = Record(tmp_path)
    record.keep(role="standby", other="127.0.0.1:1", side=1)
    nothing = Papers(tmp_path / "none.pem", tmp_path / "none.key")
    follower = Follower(tmp_path, record, Identity("main", tmp_path / "ca.pem", nothing, nothing), Patience(0.0), Ports())
    ends.callback(follower.stop)
    first, mine = _wires(ends)
    following = threading.Thread(target=follower._follow, args=(mine, 0))
    following.start()
    first.ask(Frame.PING, Ping().to_wire(), Frame.ACK, _PATIENCE_S)
    again, called = _wires(ends)
    again.send(Frame.HELLO, Hello(branch="main", term=0, role="waiting", log=Mark(seq=0)).to_wire(), _PATIENCE_S)
    follower.stands(called)
    assert Stands.model_validate_json(again.expect(Frame.STANDS, _PATIENCE_S)).role == "standby"
    first.send(Frame.YIELD, Yield(term=1, by="ada").to_wire(), _PATIENCE_S)
    following.join(_PATIENCE_S)
    assert not following.is_alive()
    assert record.standing.role == "standby"


def test_the_last_device_is_known_to_a_server_that_begins_to_serve(tmp_path: Path, ends: ExitStack) -> None:
    record, patience = Record(tmp_path), Patience(0.0)
    record.keep(role="standby", other="127.0.0.1:1", side=1)
    nothing = Papers(tmp_path / "none.pem", tmp_path / "none.key")
    follower = Follower(tmp_path, record, Identity("main", tmp_path / "ca.pem", nothing, nothing), patience, Ports())
    ends.callback(follower.stop)
    patience.attach(0.0)
    follower.incoming.put(_bodies(b"password", "devices/kiosk-9.toml")[0])
    assert follower.serve(1, "ada", 0)
    assert (tmp_path / "devices" / "kiosk-9.toml").read_bytes() == b"password"


def test_a_handover_brings_the_newest_files_first(tmp_path: Path, ends: ExitStack) -> None:
    journal = SqlJournal(tmp_path)
    ends.callback(journal.close)
    hub = Hub(tmp_path, journal, Record(tmp_path), wait_s=1.0)
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "kiosk-9.toml").write_text("password")
    theirs, hub._follower = _wires(ends)
    told: list[bytes] = []
    following = threading.Thread(target=_acknowledged_until_yield, args=(theirs, told))
    following.start()
    assert hub.yield_to_follower(Yield(term=1, by="ada").to_wire())
    following.join(_PATIENCE_S)
    assert any(b"kiosk-9.toml" in head and body == b"password" for head, _, body in (each.partition(b"\n") for each in told))


def test_the_pair_goes_on_after_a_failure_that_nobody_thought_of(tmp_path: Path, ends: ExitStack) -> None:
    journal = SqlJournal(tmp_path)
    ends.callback(journal.close)
    hub = Hub(tmp_path, journal, Record(tmp_path), wait_s=5.0)
    failures = iter([OSError("the disk is full")])

    def devices() -> tuple[str, ...]:
        for failure in failures:
            raise failure
        return ("kiosk-1",)

    hub.ears.devices = devices
    theirs, hub._follower = _wires(ends)
    hub.start()
    ends.callback(hub.stop)
    assert Ping.model_validate_json(theirs.expect(Frame.PING, _PATIENCE_S)).devices == ("kiosk-1",)


def _acknowledged_until_yield(wire: Wire, told: list[bytes]) -> None:
    """Takes pieces of files, up to the handover."""
    kind = Frame.FILE
    while kind is Frame.FILE:
        kind, body = wire.receive(_PATIENCE_S)
        told.append(body)
        wire.send(Frame.ACK, b"", _PATIENCE_S)


def _bodies(content: bytes, name: str = "web.db") -> list[bytes]:
    """The pieces of a whole file."""
    last = (len(content) - 1) // _BLOCK * _BLOCK
    whole = hashlib.sha256(content).hexdigest()
    return [
        Piece(name=name, size=len(content), at=at, digest=whole if at == last else "").to_wire()
        + b"\n"
        + content[at : at + _BLOCK]
        for at in range(0, len(content), _BLOCK)
    ]


def _wires(ends: ExitStack) -> tuple[Wire, Wire]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = socket.create_connection(server.getsockname())
        here, _ = server.accept()
    ends.callback(there.close)
    ends.callback(here.close)
    return Wire(there), Wire(here)
