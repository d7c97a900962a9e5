"""Who may call a server of a pair: its standby, with the machine that it is now, and nobody who was it once."""

import hashlib
import socket
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.tls import making
from branch_server.adapters.tls.authority import Authority
from branch_server.domain.asking import HOUSE
from branch_server.standby.door import Door
from branch_server.standby.hub import Hub
from branch_server.standby.identity import is_one_of
from branch_server.standby.page import MOST_CALLERS, StandbyPage
from branch_server.standby.record import Record
from branch_server.standby.wire import Wire
from foleni.settings import HostPort
from tests.support.waiting import until


class Machine:
    """A key, and the certificate in DER that a branch has signed for it."""

    def __init__(self, authority: Authority, device: str) -> None:
        key = making.new_key()
        request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
        chain = authority.sign_device(request.public_bytes(Encoding.PEM), device)
        self.shows = x509.load_pem_x509_certificate(chain).public_bytes(Encoding.DER)
        self.box = _box(key)


def _box(key: ec.EllipticCurvePrivateKey) -> str:
    return hashlib.sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.opened(tmp_path_factory.mktemp("tls"), "main")


def test_a_standby_that_was_replaced_is_none_any_more(authority: Authority) -> None:
    old, new = Machine(authority, "standby-1"), Machine(authority, "standby-1")
    assert is_one_of(old.shows, {"standby-1": old.box})
    assert not is_one_of(old.shows, {"standby-1": new.box})
    assert is_one_of(new.shows, {"standby-1": new.box})


def test_papers_that_a_person_has_carried_belong_to_no_machine(authority: Authority) -> None:
    assert is_one_of(Machine(authority, "standby-1").shows, {"standby-1": None})


def test_other_devices_are_no_servers(authority: Authority) -> None:
    kiosk = Machine(authority, "kiosk-1")
    assert not is_one_of(kiosk.shows, {"standby-1": kiosk.box})
    assert not is_one_of(None, {"standby-1": None})
    assert is_one_of(Machine(authority, HOUSE).shows, {})


def test_a_standby_that_is_cut_off_hears_no_more(tmp_path: Path) -> None:
    with closing(SqlJournal(tmp_path)) as journal, socket.create_server(("127.0.0.1", 0)) as server:
        hub = Hub(tmp_path, journal, Record(tmp_path), wait_s=1.0)
        with socket.create_connection(server.getsockname()) as standby:
            wire = Wire(server.accept()[0])
            wire.is_welcome = lambda: False
            hub._follower = wire
            hub.start()
            standby.settimeout(10.0)
            with pytest.raises(ConnectionResetError):
                standby.recv(1)
        assert not hub.is_attached
        hub.stop()


def test_callers_who_say_nothing_are_bounded(tmp_path: Path) -> None:
    page = StandbyPage(HostPort("127.0.0.1", 0), tmp_path, Door(tmp_path), None)
    page.start()
    where = HostPort.parse(page.address.removeprefix("http://"))
    with ExitStack() as callers:
        for _ in range(MOST_CALLERS):
            callers.enter_context(socket.create_connection((where.host, where.port)))
        late = callers.enter_context(socket.create_connection((where.host, where.port)))
        late.settimeout(5.0)
        assert late.recv(1) == b""
    until(lambda: _is_answered(page.address))
    page.stop()


def _is_answered(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False
