"""What a device asks to have signed: bytes from a stranger, of which the public key is all that is taken."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_CURVES = ("secp256r1", "secp384r1")
_RSA_BITS = range(2048, 4097)
_MOST_BYTES = 16_384


class TlsError(Exception):
    """The branch's certificates cannot be used or kept. The text is for the administrator."""


class CsrError(TlsError):
    """A signing request that is none, or whose key is not good enough."""


def public_key_of(csr_pem: bytes) -> PublicKey:
    """The key of a signing request that its owner has signed. Raises `CsrError`."""
    if len(csr_pem) > _MOST_BYTES:
        raise CsrError("the signing request is too long")
    try:
        request = x509.load_pem_x509_csr(csr_pem)
        key = request.public_key()
        is_its_own = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise CsrError("this is no signing request in PEM") from error
    if not is_its_own:
        raise CsrError("the signing request is not signed with its own key")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in _RSA_BITS:
        return key
    raise CsrError("the key of the signing request is of a kind that is not taken: use EC P-256")
