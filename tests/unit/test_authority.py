"""The branch's own authority: made once, never lost to a power cut, and what it signs and does not sign."""

import logging
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from branch_server.adapters.tls.authority import Authority, CsrError, TlsError
from branch_server.adapters.tls.names import own_names
from branch_server.adapters.tls.papers import HandPapers
from foleni.link.clock import EARLIEST

BRANCH = "main-street"
PEM = serialization.Encoding.PEM
NAMES = ("front.local", "192.168.1.20")


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, now: datetime = EARLIEST + timedelta(days=30)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authority(tmp_path: Path, clock: Clock) -> Authority:
    return Authority.opened(tmp_path / "tls", BRANCH, clock)


def request_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | None = None) -> bytes:
    signer = key or ec.generate_private_key(ec.SECP256R1())
    asking = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "foleni_server")])
    builder = x509.CertificateSigningRequestBuilder(asking)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()).public_bytes(PEM)


def certificate(chain: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(chain)


def server(authority: Authority) -> x509.Certificate:
    return certificate(authority.server_chain.read_bytes())


def names_in(found: x509.Certificate) -> set[str]:
    said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {*said.get_values_for_type(x509.DNSName), *map(str, said.get_values_for_type(x509.IPAddress))}


def verified_by_openssl(authority: Authority, chain: Path, *purpose: str) -> str:
    """What OpenSSL says of the first certificate of a chain, with all its rules."""
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(authority.ca_file), *purpose, str(chain)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().rsplit(" ", 1)[-1]


def test_it_is_made_once_and_its_key_is_for_us_alone(authority: Authority, tmp_path: Path) -> None:
    again = Authority.opened(tmp_path / "tls", BRANCH)
    assert again.fingerprint == authority.fingerprint == authority.certificate.fingerprint(hashes.SHA256()).hex()
    assert again.ca_pem == authority.ca_pem
    assert (tmp_path / "tls" / "ca.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


def test_two_that_start_at_once_have_one_authority(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from branch_server.adapters.tls.authority import Authority; "
        "print(Authority.opened(Path(sys.argv[1]), 'b').fingerprint)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "tls")], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = {process.communicate(timeout=60)[0] for process in both}
    assert len(said) == 1
    assert Authority.opened(tmp_path / "tls", "b").fingerprint in said.pop()


def test_a_power_cut_between_key_and_certificate_is_made_good(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    Authority.opened(folder, BRANCH)
    (folder / "ca.pem").unlink()
    (folder / ".ca.pem.partial").write_bytes(b"-----BEGIN CERT")
    made = Authority.opened(folder, BRANCH)
    assert Authority.opened(folder, BRANCH).fingerprint == made.fingerprint
    assert made.keep_server_certificate(NAMES)
    assert verified_by_openssl(made, made.server_chain) == "OK"


@pytest.mark.parametrize("damage", ["", "-----BEGIN PRIVATE KEY-----\nMIG", "\xff\x00"])
@pytest.mark.parametrize("file", ["ca.key", "ca.pem"])
def test_a_damaged_authority_is_refused_and_nothing_is_lost(tmp_path: Path, file: str, damage: str) -> None:
    folder = tmp_path / "tls"
    Authority.opened(folder, BRANCH)
    (folder / file).write_text(damage, encoding="latin-1")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(TlsError, match=r"is damaged .* backup"):
        Authority.opened(folder, BRANCH)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_key_that_devices_trust_outlives_the_loss_of_its_certificate(authority: Authority, tmp_path: Path) -> None:
    authority.keep_server_certificate(NAMES)
    key = (tmp_path / "tls" / "ca.key").read_bytes()
    (tmp_path / "tls" / "ca.pem").unlink()
    with pytest.raises(TlsError, match=r"ca\.pem is missing"):
        Authority.opened(tmp_path / "tls", BRANCH)
    assert (tmp_path / "tls" / "ca.key").read_bytes() == key


def test_a_key_that_is_gone_or_another_ones_is_refused(tmp_path: Path) -> None:
    folder, other = tmp_path / "tls", tmp_path / "other"
    Authority.opened(folder, BRANCH)
    Authority.opened(other, BRANCH)
    (folder / "ca.key").write_bytes((other / "ca.key").read_bytes())
    with pytest.raises(TlsError, match="does not belong"):
        Authority.opened(folder, BRANCH)
    (folder / "ca.key").unlink()
    with pytest.raises(TlsError, match=r"ca\.key is missing"):
        Authority.opened(folder, BRANCH)


def test_another_branchs_folder_is_refused(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(TlsError, match="of branch main-street, not of elsewhere"):
        Authority.opened(tmp_path / "tls", "elsewhere")


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TlsError, match="cannot be kept in"):
        Authority.opened(tmp_path / "file" / "tls", BRANCH)


def test_a_key_that_others_could_read_is_closed(authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "tls" / "ca.key").chmod(0o644)
    Authority.opened(tmp_path / "tls", BRANCH)
    assert (tmp_path / "tls" / "ca.key").stat().st_mode & 0o777 == 0o600
    assert "could be read by others" in caplog.text


def test_the_servers_certificate_holds_for_openssl_by_every_name(authority: Authority) -> None:
    assert authority.keep_server_certificate(NAMES)
    for name in ("main-street.foleni.internal", "front.local"):
        assert verified_by_openssl(authority, authority.server_chain, "-purpose", "sslserver", "-verify_hostname", name) == "OK"
    ip = ("-purpose", "sslserver", "-verify_ip", "192.168.1.20")
    assert verified_by_openssl(authority, authority.server_chain, *ip) == "OK"
    assert verified_by_openssl(authority, authority.server_chain, "-verify_hostname", "elsewhere.foleni.internal") != "OK"
    assert verified_by_openssl(authority, authority.server_chain, "-purpose", "sslclient") != "OK"
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(authority.server_chain, authority.server_key)


def test_a_devices_certificate_says_who_it_is_and_serves_for_nothing_else(authority: Authority, tmp_path: Path) -> None:
    chain = tmp_path / "kiosk-1.pem"
    chain.write_bytes(authority.sign_device(request_pem(), "kiosk-1"))
    found = certificate(chain.read_bytes())
    assert found.subject.rfc4514_string() == "CN=kiosk-1,O=main-street"
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert verified_by_openssl(authority, chain, "-purpose", "sslclient") == "OK"
    assert verified_by_openssl(authority, chain, "-purpose", "sslserver") != "OK"
    assert chain.read_bytes().endswith(authority.ca_pem)


def test_the_authority_cannot_vouch_for_the_internet(authority: Authority, tmp_path: Path) -> None:
    assert authority.keep_server_certificate([*NAMES, "bank.example", "8.8.8.8", "not a name", "*", ""])
    assert names_in(server(authority)) == {"main-street.foleni.internal", *NAMES}
    limits = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    networks = [str(each.value) for each in limits.value.permitted_subtrees or () if isinstance(each, x509.IPAddress)]
    assert "192.168.0.0/16" in networks
    assert "0.0.0.0/0" not in networks


def test_this_machines_own_names_are_names(authority: Authority) -> None:
    names = own_names()
    assert {"localhost", "127.0.0.1", "::1"} <= names
    for name in names:
        if name[0].isdigit() or ":" in name:
            ip_address(name)
    authority.keep_server_certificate(names)
    assert not authority.keep_server_certificate(names)


def test_the_server_keeps_its_certificate_through_half_its_time(authority: Authority, clock: Clock) -> None:
    authority.keep_server_certificate(NAMES)
    first = server(authority)
    clock.now += timedelta(days=364)
    assert not authority.keep_server_certificate(NAMES)
    clock.now += timedelta(days=2)
    assert authority.keep_server_certificate(NAMES)
    assert server(authority).not_valid_after_utc == clock.now.replace(microsecond=0) + timedelta(days=730)
    assert server(authority).public_key() == first.public_key()


def test_years_switched_off_end_in_a_new_certificate(authority: Authority, clock: Clock) -> None:
    authority.keep_server_certificate(NAMES)
    clock.now += timedelta(days=4000)
    assert authority.keep_server_certificate(NAMES)
    assert server(authority).not_valid_after_utc > clock.now


def test_a_new_address_makes_a_new_certificate_and_one_that_is_gone_does_not(authority: Authority) -> None:
    authority.keep_server_certificate(NAMES)
    assert not authority.keep_server_certificate(NAMES[:1])
    assert authority.keep_server_certificate([*NAMES, "192.168.1.21"])
    assert "192.168.1.21" in names_in(server(authority))


@pytest.mark.parametrize("file", ["server.pem", "server.key"])
def test_what_can_be_made_again_is_made_again(
    authority: Authority, tmp_path: Path, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    authority.keep_server_certificate(NAMES)
    (tmp_path / "tls" / file).write_bytes(b"\xff")
    with caplog.at_level(logging.WARNING):
        assert authority.keep_server_certificate(NAMES)
    assert "is damaged" in caplog.text
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(authority.server_chain, authority.server_key)
    (tmp_path / "tls" / file).unlink()
    assert authority.keep_server_certificate(NAMES)


def test_a_certificate_of_another_authority_is_replaced(authority: Authority, tmp_path: Path) -> None:
    other = Authority.opened(tmp_path / "other", BRANCH)
    other.keep_server_certificate(NAMES)
    authority.keep_server_certificate(NAMES)
    authority.server_chain.write_bytes(other.server_chain.read_bytes())
    assert authority.keep_server_certificate(NAMES)
    assert verified_by_openssl(authority, authority.server_chain) == "OK"


@pytest.mark.parametrize("year", [1970, 2000, 2026, 2040, 2200])
def test_whatever_the_clock_says_what_is_made_is_good_in_the_time_it_says_and_now(tmp_path: Path, year: int) -> None:
    clock = Clock(datetime(year, 6, 1, tzinfo=UTC))
    authority = Authority.opened(tmp_path / "tls", BRANCH, clock)
    authority.keep_server_certificate(NAMES)
    chain = tmp_path / "kiosk-1.pem"
    chain.write_bytes(authority.sign_device(request_pem(), "kiosk-1"))
    device = certificate(chain.read_bytes())
    for moment in (EARLIEST + timedelta(days=30), max(clock.now, datetime(2000, 2, 1, tzinfo=UTC))):
        for made in (chain, authority.server_chain):
            assert verified_by_openssl(authority, made, "-attime", str(int(moment.timestamp()))) == "OK"
    for found in (authority.certificate, server(authority), device):
        assert found.not_valid_before_utc == datetime(2000, 1, 1, tzinfo=UTC)
        assert found.not_valid_after_utc > max(clock.now, EARLIEST) + timedelta(days=700)
        assert found.not_valid_after_utc <= authority.certificate.not_valid_after_utc


def test_a_clock_set_right_after_years_ahead_or_behind_changes_nothing(authority: Authority, clock: Clock) -> None:
    authority.keep_server_certificate(NAMES)
    for year in (2000, 2026):
        clock.now = datetime(year, 12, 1, tzinfo=UTC)
        assert not authority.keep_server_certificate(NAMES)
    clock.now = datetime(2040, 1, 1, tzinfo=UTC)
    assert authority.keep_server_certificate(NAMES)
    clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    assert not authority.keep_server_certificate(NAMES)


def tampered(pem: bytes) -> bytes:
    """The request with another signature."""
    der = bytearray(x509.load_pem_x509_csr(pem).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    body = subprocess.run(
        ["openssl", "req", "-inform", "DER", "-outform", "PEM"], input=bytes(der), capture_output=True, check=True
    )
    return body.stdout


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"hello",
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        b"-----BEGIN CERTIFICATE REQUEST-----\n" + b"A" * 20_000 + b"\n-----END CERTIFICATE REQUEST-----\n",
        request_pem(rsa.generate_private_key(65537, 1024)),
        request_pem(ed25519.Ed25519PrivateKey.generate()),
        request_pem(ec.generate_private_key(ec.SECP256K1())),
        tampered(request_pem()),
    ],
    ids=["empty", "words", "no request", "huge", "short RSA", "Ed25519", "another curve", "forged"],
)
def test_what_is_no_good_signing_request_is_refused(authority: Authority, garbage: bytes) -> None:
    with pytest.raises(CsrError, match=r"signing request|key"):
        authority.sign_device(garbage, "kiosk-1")


def test_a_certificate_is_no_signing_request(authority: Authority) -> None:
    with pytest.raises(CsrError):
        authority.sign_device(authority.ca_pem, "kiosk-1")


def test_a_name_that_is_no_device_is_never_signed(authority: Authority) -> None:
    for name in ("", "Kiosk", "kiosk.1", "foleni_server", "a" * 33):
        with pytest.raises(ValueError, match="no id of a device"):
            authority.sign_device(request_pem(), name)


def test_papers_are_good_for_half_their_time_and_of_one_authority(authority: Authority, clock: Clock, tmp_path: Path) -> None:
    papers = HandPapers(authority, clock)
    key, chain = papers.papers_for("kiosk-1")
    for name, content in (("key", key), ("chain", chain)):
        (tmp_path / name).write_bytes(content)
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(tmp_path / "chain", tmp_path / "key")
    assert papers.still_good(chain)
    assert not papers.still_good(b"")
    assert not HandPapers(Authority.opened(tmp_path / "other", BRANCH), clock).still_good(chain)
    clock.now += timedelta(days=920)
    assert not papers.still_good(chain)
