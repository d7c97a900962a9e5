"""Keys and certificates of devices that people install by hand."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from branch_server.adapters.tls import making
from branch_server.adapters.tls.authority import Authority, Clock, now_utc
from foleni.messages.joining import server_name


class HandPapers:
    """Makes what a person carries to a device, and knows when it has to be carried anew."""

    def __init__(self, authority: Authority, clock: Clock = now_utc) -> None:
        self._authority = authority
        self._clock = clock

    @property
    def ca_pem(self) -> bytes:
        return self._authority.ca_pem

    @property
    def server_name(self) -> str:
        return server_name(self._authority.branch)

    def papers_for(self, device: str) -> tuple[bytes, bytes]:
        """A new private key and its certificate chain, in PEM."""
        key = making.new_key()
        request = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, hashes.SHA256())
        return making.key_pem(key), self._authority.sign_device(request.public_bytes(making.PEM), device)

    def still_good(self, chain_pem: bytes) -> bool:
        """Whether a device's certificate is of this authority and in the first half of its time."""
        try:
            certificate = x509.load_pem_x509_certificate(chain_pem)
        except ValueError:
            return False
        return making.device_still_good(certificate, self._authority.certificate, self._clock())
