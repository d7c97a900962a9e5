"""Signing requests of strangers: checked, and in the forms that codes and certificates need."""

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from branch_server.adapters.tls.requests import public_key_of
from branch_server.web.joining.book import Revealed


def revealed_of(pem: str) -> Revealed:
    """A signing request that its own key has signed. Raises `CsrError`."""
    raw = pem.encode()
    public = public_key_of(raw).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Revealed(raw, x509.load_pem_x509_csr(raw).public_bytes(Encoding.DER), hashlib.sha256(public).hexdigest())
