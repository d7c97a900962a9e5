"""The certificates that the servers of a pair show each other, and how the second one gets those of a server."""

import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from branch_server.adapters.tls import making
from branch_server.adapters.tls.authority import BORROWED, Authority, Clock, now_utc
from branch_server.adapters.tls.names import may_hold, own_names
from branch_server.domain.asking import HOUSE
from branch_server.engine.journal import StorageError
from branch_server.standby.identity import Identity, Papers
from branch_server.standby.messages import Hello
from branch_server.standby.record import FOLDER
from foleni.files import write_whole

_PUBLIC = 0o644
_FRESH_S = 3600.0


def founder_identity(data: Path, authority: Authority) -> Identity:
    """Of the server that holds the authority's key: it signs for itself what it needs when it calls the other."""
    calling = Papers(data / FOLDER / "calling.pem", data / FOLDER / "calling.key")
    if authority.can_sign and not _is_good(calling, authority):
        key = making.new_key()
        chain = authority.sign_device(_request(key), HOUSE)
        _write(calling, making.key_pem(key), chain)
    serving = Papers(authority.server_chain, authority.server_key)
    return Identity(authority.branch, authority.ca_file, serving, calling if calling.are_there else joined_papers(data))


def joined_identity(data: Path) -> Identity:
    """Of a server that has joined as a standby. Raises `StorageError` where it has not."""
    ca = data / "ca.pem"
    calling = joined_papers(data)
    try:
        branch = making.organization_of(x509.load_pem_x509_certificate(ca.read_bytes()))
    except (OSError, ValueError) as error:
        raise StorageError(f"this server has not joined the branch as a standby: {ca} cannot be read ({error})") from error
    if not calling.are_there:
        raise StorageError(f"this server has not joined the branch as a standby: {calling.certificate} is missing")
    return Identity(branch, ca, Papers(data / "tls" / "server.pem", data / "tls" / "server.key"), calling)


def joined_papers(data: Path) -> Papers:
    return Papers(data / "device.pem", data / "device.key")


def carried(authority: Authority, device: str, folder: Path) -> None:
    """Writes what a standby needs whose papers a person carries. Raises `OSError`, `TlsError`."""
    key = making.new_key()
    _write(joined_papers(folder), making.key_pem(key), authority.sign_device(_request(key), device))
    write_whole(folder / "ca.pem", authority.ca_pem, _PUBLIC)


def server_request(identity: Identity, clock: Clock = now_utc) -> str:
    """What the standby would like to have signed; empty where it has a server's certificate that stays."""
    try:
        present = x509.load_pem_x509_certificate(identity.serving.certificate.read_bytes())
        authority = x509.load_pem_x509_certificate(identity.ca.read_bytes())
        key = serialization.load_pem_private_key(identity.serving.key.read_bytes(), None)
        wanted = making.server_names(identity.branch, (name for name in own_names() if may_hold(authority, name)))
        now = making.FLOOR if _is_fresh(identity.serving.certificate) else clock()
        if making.still_serves(present, authority, key.public_key(), wanted, now):  # type: ignore[arg-type]
            return ""
    except (OSError, ValueError):
        pass
    return _request(_kept_key(identity.serving.key)).decode()


def take_certificate(data: Path, identity: Identity, chain: str) -> bool:
    """Keeps what the first server has signed; whether it is new."""
    tls = data / "tls"
    if identity.serving.certificate.exists() and identity.serving.certificate.read_text() == chain:
        return False
    write_whole(tls / BORROWED, b"")
    write_whole(tls / "ca.pem", identity.ca.read_bytes(), _PUBLIC)
    write_whole(identity.serving.certificate, chain.encode(), _PUBLIC)
    return True


def signed_for(authority: Authority, hello: Hello) -> str:
    """The certificate that a standby asks for; empty where it asks for none, or nothing can be signed here."""
    if not hello.csr or not authority.can_sign:
        return ""
    return authority.sign_server(hello.csr.encode(), hello.names).decode()


def _kept_key(path: Path) -> ec.EllipticCurvePrivateKey:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
    except (OSError, ValueError):
        pass
    fresh = making.new_key()
    write_whole(path, making.key_pem(fresh))
    return fresh


def _is_fresh(certificate: Path) -> bool:
    """Whether it was taken a moment ago: where the two clocks differ by a year, asking again would give no better one."""
    return abs(time.time() - certificate.stat().st_mtime) < _FRESH_S


def _is_good(papers: Papers, authority: Authority) -> bool:
    """Dates do not count between the two; the authority does."""
    if not papers.are_there:
        return False
    return papers.certificate.read_bytes().endswith(authority.ca_pem)


def _request(key: ec.EllipticCurvePrivateKey) -> bytes:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def _write(papers: Papers, key: bytes, chain: bytes) -> None:
    papers.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(papers.key, key)
    write_whole(papers.certificate, chain, _PUBLIC)
