"""The branch's own certificate authority, kept in a folder that only the branch server can read."""

import contextlib
import fcntl
import logging
import os
import stat
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from branch_server.adapters.tls import making
from branch_server.adapters.tls.names import may_hold
from branch_server.adapters.tls.requests import CsrError, TlsError, public_key_of
from foleni.files import write_whole
from foleni.ids import is_slug

__all__ = ("Authority", "CsrError", "TlsError")

_log = logging.getLogger(__name__)

BORROWED = "borrowed"
"""The file that tells that the authority's key is at another server."""
_SERVER_CHAIN = "server.pem"
"""Where there is one there has been an authority that others trust: its key must not be overwritten."""
_FOLDER_MODE = 0o700
_PUBLIC_MODE = 0o644

Clock = Callable[[], datetime]


def now_utc() -> datetime:
    return datetime.now(UTC)


class Authority:
    """Signs the certificates of one branch. Safe to use from several threads and processes; get it with `opened`."""

    def __init__(self, folder: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, clock: Clock) -> None:
        self._folder = folder
        self._key = key
        self._certificate = certificate
        self._clock = clock

    @classmethod
    def opened(cls, folder: Path, branch: str, clock: Clock = now_utc) -> "Authority":
        """The authority in `folder`, made there where there is none; a borrowed one on a second server.

        Raises `TlsError` where it is damaged, belongs to another branch, or cannot be kept.
        """
        if not is_slug(branch):
            raise ValueError(f"{branch!r} is no id of a branch")
        try:
            folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            folder.chmod(_FOLDER_MODE)
            with _alone(folder):
                return _loaded(folder, branch, clock) or _made(folder, branch, clock)
        except OSError as error:
            raise TlsError(f"the branch's certificates cannot be kept in {folder}: {error.strerror}") from error

    @property
    def branch(self) -> str:
        return making.organization_of(self._certificate)

    @property
    def certificate(self) -> x509.Certificate:
        return self._certificate

    @property
    def ca_pem(self) -> bytes:
        """The authority's own certificate."""
        return self._certificate.public_bytes(making.PEM)

    @property
    def ca_der(self) -> bytes:
        return self._certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate in DER, 64 hexadecimal digits."""
        return self._certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def ca_file(self) -> Path:
        return _ca_file(self._folder)

    @property
    def server_chain(self) -> Path:
        """The server's certificate and the authority's, in PEM. Keep the server's certificate first."""
        return self._folder / _SERVER_CHAIN

    @property
    def server_key(self) -> Path:
        return self._folder / "server.key"

    def keep_server_certificate(self, names: Collection[str]) -> bool:
        """Makes the server's certificate anew where it is needed: none, damaged, past half its time, or without one of
        `names` (host names and addresses). Whether it did. Names that the authority may not vouch for are left out.

        Raises `TlsError` where it cannot be kept.
        """
        wanted = making.server_names(self.branch, (name for name in names if may_hold(self._certificate, name)))
        try:
            with _alone(self._folder):
                key = self._server_key_kept()
                present = self._present_server_certificate()
                if present is not None and making.still_serves(
                    present, self._certificate, key.public_key(), wanted, self._clock()
                ):
                    return False
                chain = making.sign_server(self._certificate, self._key, key.public_key(), wanted, self._clock())
                write_whole(self.server_chain, chain)
                return True
        except OSError as error:
            raise TlsError(f"the server's certificate cannot be kept in {self._folder}: {error.strerror}") from error

    def sign_device(self, csr_pem: bytes, device: str) -> bytes:
        """A certificate for the key of a signing request, as a chain in PEM. Of the request only the key counts: name and
        rights of the certificate are the branch's to give. Raises `CsrError`.
        """
        if not is_slug(device):
            raise ValueError(f"{device!r} is no id of a device")
        return making.sign_device(self._certificate, self._key, public_key_of(csr_pem), device, self._clock())

    def sign_server(self, csr_pem: bytes, names: Collection[str]) -> bytes:
        """A certificate for another server of this branch, as a chain in PEM: its own key, `names`, and the branch's name.

        Raises `CsrError`.
        """
        wanted = making.server_names(self.branch, (name for name in names if may_hold(self._certificate, name)))
        return making.sign_server(self._certificate, self._key, public_key_of(csr_pem), wanted, self._clock())

    @property
    def can_sign(self) -> bool:
        return True

    def _server_key_kept(self) -> ec.EllipticCurvePrivateKey:
        """One key for good: a renewal replaces one file only, so whoever reads the pair never finds halves of two."""
        with contextlib.suppress(FileNotFoundError):
            try:
                return _private_key(self.server_key)
            except ValueError:
                _log.warning("%s is damaged: the server gets a new key and certificate", self.server_key)
        key = making.new_key()
        write_whole(self.server_key, making.key_pem(key))
        return key

    def _present_server_certificate(self) -> x509.Certificate | None:
        try:
            return x509.load_pem_x509_certificate(self.server_chain.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            _log.warning("%s is damaged: it is made anew", self.server_chain)
            return None


class BorrowedAuthority(Authority):
    """On a second server: the authority's key stays at the first one. This one serves with the certificate that the first has
    signed for it, and cannot sign."""

    @classmethod
    def loaded(cls, folder: Path, branch: str, clock: Clock) -> "BorrowedAuthority":
        try:
            certificate = x509.load_pem_x509_certificate(_ca_file(folder).read_bytes())
        except ValueError as error:
            raise TlsError(f"{_ca_file(folder)} cannot be read: {error}") from error
        if making.organization_of(certificate) != branch:
            raise TlsError(f"{folder} holds the certificates of branch {making.organization_of(certificate)}, not of {branch}")
        return cls(folder, making.new_key(), certificate, clock)

    @property
    def can_sign(self) -> bool:
        return False

    def keep_server_certificate(self, names: Collection[str]) -> bool:  # noqa: ARG002 - the first server renews it
        """Nothing to do here."""
        return False

    def sign_device(self, csr_pem: bytes, device: str) -> bytes:  # noqa: ARG002 - nothing can be signed
        raise TlsError(f"only the branch's first server can sign, so {device} has to wait for it")

    def sign_server(self, csr_pem: bytes, names: Collection[str]) -> bytes:  # noqa: ARG002 - nothing can be signed
        raise TlsError("only the branch's first server can sign")


def _loaded(folder: Path, branch: str, clock: Clock) -> Authority | None:
    """The authority of the folder; None where there is none, or one that nobody can have seen yet."""
    key_file, ca_file = _key_file(folder), _ca_file(folder)
    if not ca_file.exists():
        if (folder / _SERVER_CHAIN).exists():
            raise TlsError(_damage(folder, f"{ca_file.name} is missing"))
        return None
    if (folder / BORROWED).exists() and not key_file.exists():
        return BorrowedAuthority.loaded(folder, branch, clock)
    try:
        key = _private_key(key_file)
        certificate = x509.load_pem_x509_certificate(ca_file.read_bytes())
    except FileNotFoundError:
        raise TlsError(_damage(folder, f"{key_file.name} is missing")) from None
    except ValueError as error:
        raise TlsError(_damage(folder, str(error))) from error
    if certificate.public_key() != key.public_key():
        raise TlsError(_damage(folder, f"{key_file.name} does not belong to {ca_file.name}"))
    if making.organization_of(certificate) != branch:
        raise TlsError(f"{folder} holds the certificates of branch {making.organization_of(certificate)}, not of {branch}")
    if stat.S_IMODE(key_file.stat().st_mode) & 0o077:
        _log.warning("%s could be read by others: it is closed now", key_file)
        key_file.chmod(0o600)
    return Authority(folder, key, certificate, clock)


def _made(folder: Path, branch: str, clock: Clock) -> Authority:
    """A new authority. Its key is on the disk before its certificate: with no certificate, nobody has ever trusted the key."""
    key = making.new_key()
    certificate = making.make_authority(key, branch, clock())
    write_whole(_key_file(folder), making.key_pem(key))
    authority = Authority(folder, key, certificate, clock)
    write_whole(_ca_file(folder), authority.ca_pem, _PUBLIC_MODE)
    _log.info("the branch has an authority of its own now, fingerprint %s", authority.fingerprint)
    return authority


def _private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Raises `FileNotFoundError`, and `ValueError` for anything but a key as we make them."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path.name} cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name} is no key of ours")
    return key


def _key_file(folder: Path) -> Path:
    return folder / "ca.key"


def _ca_file(folder: Path) -> Path:
    return folder / "ca.pem"


def _damage(folder: Path, what: str) -> str:
    return (
        f"the branch's authority in {folder} is damaged ({what}): bring the folder back from a backup; "
        "without one, move it away, and all devices have to join anew"
    )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps other threads and processes away from the folder's files; the kernel frees it if we die."""
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
