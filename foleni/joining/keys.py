"""A box's own key, what it asks a branch to sign, and for how long what was signed is good. Keys, requests and certificates
are PEM text, as they are kept.
"""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

RENEWED_BEFORE = timedelta(days=912)
"""A certificate is renewed so long before its end: half of the five years that a branch gives. Its beginning says nothing: it
lies far back, so that a box with a wrong clock can use it.
"""


class CertificateError(Exception):
    """A key, request or certificate that cannot be used; the text says why."""


def new_key() -> str:
    """A private key on P-256, not encrypted: it lies where only the box's program can read."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def signing_request(key: str) -> str:
    """What a branch is asked to sign. It names nobody: the branch gives the name. Two of one key differ."""
    subject = x509.Name([])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(_private(key), hashes.SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def der_of_request(request: str) -> bytes:
    """Raises `CertificateError`."""
    try:
        return x509.load_pem_x509_csr(request.encode()).public_bytes(Encoding.DER)
    except ValueError as error:
        raise CertificateError("this is no signing request") from error


def der_of_certificate(certificate: str) -> bytes:
    """The first certificate of a chain in DER. Raises `CertificateError`."""
    return _certificate(certificate).public_bytes(Encoding.DER)


def one_certificate(text: str) -> str:
    """The text as it is usually written, where it is one certificate and nothing else. Raises `CertificateError`: of two, one
    could be compared and the other believed.
    """
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise CertificateError("this is no certificate") from error
    if len(found) != 1:
        raise CertificateError("this is more than one certificate")
    return found[0].public_bytes(Encoding.PEM).decode()


def fingerprint(certificate: str) -> str:
    """SHA-256 of the first certificate of a chain, in hexadecimal. Raises `CertificateError`."""
    return _certificate(certificate).fingerprint(hashes.SHA256()).hex()


def check_pair(certificate: str, key: str, authority: str) -> None:
    """Raises `CertificateError` where a certificate is not of that key, or not signed by that authority."""
    leaf, signer = _certificate(certificate), _certificate(authority)
    if _raw(leaf.public_key()) != _raw(_private(key).public_key()):
        raise CertificateError("the certificate is of another key")
    try:
        leaf.verify_directly_issued_by(signer)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise CertificateError("the certificate is not signed by the branch's authority") from error


def is_due(certificate: str, now: datetime | None = None) -> bool:
    """Whether a certificate should be renewed, or is over. Raises `CertificateError`."""
    return (now or datetime.now(UTC)) >= _certificate(certificate).not_valid_after_utc - RENEWED_BEFORE


def _private(key: str) -> ec.EllipticCurvePrivateKey:
    try:
        private = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError) as error:
        raise CertificateError("this is no private key") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise CertificateError("the private key is of another kind")
    return private


def _certificate(chain: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(chain.encode())
    except ValueError as error:
        raise CertificateError("this is no certificate") from error


def _raw(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise CertificateError("the certificate's key is of another kind")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
