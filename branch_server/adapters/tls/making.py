"""Certificates as a branch makes them, and when one has to be made anew. Pure: no files, time is an argument.

All are valid from the year 2000, so that a box whose clock has lost its battery can use them, and none is counted from a time
before `FLOOR`, so that a server in that state does not make one that is over when the clock is right again.
"""

import ipaddress
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from branch_server.adapters.tls.names import founding_limits
from branch_server.adapters.tls.requests import PublicKey
from foleni.link.clock import EARLIEST
from foleni.messages.joining import server_name

NOT_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
FLOOR = EARLIEST
YEAR = timedelta(days=365)
AUTHORITY_FOR = 30 * YEAR
SERVER_FOR = 2 * YEAR
DEVICE_FOR = 5 * YEAR

PEM = serialization.Encoding.PEM

_SIGNS_CERTIFICATES = {"key_cert_sign": True, "crl_sign": True, "digital_signature": False}
_SIGNS_HANDSHAKES = {"key_cert_sign": False, "crl_sign": False, "digital_signature": True}


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private key, not encrypted: whoever can read the file can read what would decrypt it."""
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def make_authority(key: ec.EllipticCurvePrivateKey, branch: str, now: datetime) -> x509.Certificate:
    """A certificate that may sign others for names of local networks, and no further authority."""
    subject = _subject(f"Foleni {branch}", branch)
    certificate = _started(subject, subject, key.public_key(), _from(now) + AUTHORITY_FOR)
    certificate = certificate.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = certificate.add_extension(_usage(**_SIGNS_CERTIFICATES), critical=True)
    certificate = certificate.add_extension(founding_limits(socket.gethostname().lower()), critical=True)
    return certificate.sign(key, hashes.SHA256())


def sign_server(
    authority: x509.Certificate, key: ec.EllipticCurvePrivateKey, public: PublicKey, names: frozenset[str], now: datetime
) -> bytes:
    """The server's certificate and the authority's, in PEM."""
    subject = _subject(server_name(organization_of(authority)), organization_of(authority))
    return _signed(
        authority, key, _leaf(authority, subject, public, names, _from(now) + SERVER_FOR), ExtendedKeyUsageOID.SERVER_AUTH
    )


def sign_device(
    authority: x509.Certificate, key: ec.EllipticCurvePrivateKey, public: PublicKey, device: str, now: datetime
) -> bytes:
    """A device's certificate and the authority's, in PEM; its CN is the device's id, its O the branch's."""
    branch = organization_of(authority)
    # Without a name of its own in the limits' sense, OpenSSL would hold the CN against them.
    names = frozenset({f"{device}.{server_name(branch)}"})
    leaf = _leaf(authority, _subject(device, branch), public, names, _from(now) + DEVICE_FOR)
    return _signed(authority, key, leaf, ExtendedKeyUsageOID.CLIENT_AUTH)


def server_names(branch: str, names: Iterable[str]) -> frozenset[str]:
    """All that a server's certificate says: the names, and the one by which devices know the branch."""
    return frozenset({server_name(branch), *names})


def still_serves(
    present: x509.Certificate, authority: x509.Certificate, public: PublicKey, names: frozenset[str], now: datetime
) -> bool:
    """Whether a server's certificate can stay: ours, of this key, in the first half of its time, and with all of `names`.

    One that says more may stay: an address that is gone for a moment shall not make a new one.
    """
    return (
        present.public_key() == public
        and _is_signed_by(present, authority)
        and present.not_valid_after_utc - SERVER_FOR / 2 > _from(now)
        and names <= _names_of(present)
    )


def device_still_good(present: x509.Certificate, authority: x509.Certificate, now: datetime) -> bool:
    """Whether a device's certificate is of this authority and in the first half of its time."""
    return _is_signed_by(present, authority) and present.not_valid_after_utc - DEVICE_FOR / 2 > _from(now)


def organization_of(certificate: x509.Certificate) -> str:
    """The branch's id; empty where the certificate names none."""
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _from(now: datetime) -> datetime:
    return max(now, FLOOR)


def _subject(name: str, branch: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, branch), x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _started(subject: x509.Name, issuer: x509.Name, public: PublicKey, until: datetime) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), NOT_BEFORE, until)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)


def _leaf(
    authority: x509.Certificate, subject: x509.Name, public: PublicKey, names: frozenset[str], until: datetime
) -> x509.CertificateBuilder:
    """Never longer than its authority, whatever the clock says."""
    builder = _started(subject, authority.subject, public, min(until, authority.not_valid_after_utc))
    general = [_general(name) for name in sorted(names)]
    return builder.add_extension(x509.SubjectAlternativeName(general), critical=False)


def _signed(
    authority: x509.Certificate, key: ec.EllipticCurvePrivateKey, leaf: x509.CertificateBuilder, purpose: x509.ObjectIdentifier
) -> bytes:
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(_usage(**_SIGNS_HANDSHAKES), critical=True)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    leaf = leaf.add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
    return leaf.sign(key, hashes.SHA256()).public_bytes(PEM) + authority.public_bytes(PEM)


def _usage(*, key_cert_sign: bool, crl_sign: bool, digital_signature: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature, key_cert_sign=key_cert_sign, crl_sign=crl_sign, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names_of(certificate: x509.Certificate) -> frozenset[str]:
    try:
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset({*said.get_values_for_type(x509.DNSName), *map(str, said.get_values_for_type(x509.IPAddress))})


def _is_signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
