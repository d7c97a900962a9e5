"""How the servers of a pair know each other: both by certificates of the branch's own authority, and by no other."""

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from branch_server.domain.asking import HOUSE
from foleni.link.tls import client_context
from foleni.messages.joining import server_name

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL. Between the two no date counts: a server with a wrong clock must be able to follow."""


@dataclass(frozen=True, slots=True)
class Papers:
    """A certificate chain and its key, in PEM."""

    certificate: Path
    key: Path

    @property
    def are_there(self) -> bool:
        return self.certificate.exists() and self.key.exists()


@dataclass(frozen=True, slots=True)
class Identity:
    """`serving` is what this server shows to a caller, `calling` what it shows when it calls itself."""

    branch: str
    ca: Path
    serving: Papers
    calling: Papers

    @property
    def name(self) -> str:
        """What the other server's certificate must say."""
        return server_name(self.branch)

    def for_callers(self) -> ssl.SSLContext:
        """Raises `OSError` where a file cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.ca)
        context.load_cert_chain(self.serving.certificate, self.serving.key)
        context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_CHECK_TIME)
        return context

    def for_calling(self) -> ssl.SSLContext:
        """Raises `OSError` where a file cannot be used."""
        return client_context(self.ca, self.calling.certificate, self.calling.key, checks_time=False)


def is_one_of(certificate: bytes | None, standbys: Mapping[str, str | None]) -> bool:
    """Whether a caller's verified certificate, in DER, is the branch server's own or a standby's. `standbys` are ids, each with
    the machine that has joined as it (the SHA-256 of its public key), if one has: no other may call in its name, nor one that
    was replaced.
    """
    if certificate is None:
        return False
    shown = x509.load_der_x509_certificate(certificate)
    public = shown.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    machine = hashlib.sha256(public).hexdigest()
    names = {str(each.value) for each in shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    return HOUSE in names or any(standbys[name] in {None, machine} for name in names & standbys.keys())
