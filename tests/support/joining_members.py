"""A branch's authority and what it gives a box, made on the spot."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from foleni.joining import keys
from foleni.joining.membership import Membership
from foleni.settings import HostPort

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Authority:
    """Signs whatever it is shown."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._signed(self._name, self._key.public_key(), NOW + timedelta(days=10_000), is_ca=True)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def sign(self, csr: str, days: int = 1825) -> str:
        request = x509.load_pem_x509_csr(csr.encode())
        signed = self._signed(x509.Name([]), request.public_key(), NOW + timedelta(days=days), is_ca=False)
        return signed.public_bytes(Encoding.PEM).decode()

    def serve(self, folder: Path, name: str, days: int = 700) -> ssl.SSLContext:
        """The TLS of a server of that name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signed = self._signed(subject, key.public_key(), NOW + timedelta(days=days), is_ca=False, name=name)
        pem = folder / f"{name}-{signed.serial_number}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        pem.write_bytes(private + signed.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context

    def _signed(self, subject: x509.Name, key: object, end: datetime, *, is_ca: bool, name: str = "") -> x509.Certificate:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(datetime(2000, 1, 1, tzinfo=UTC)).not_valid_after(end)
        builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        if name:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def member(authority: Authority, device: str = "kiosk-1", branch: str = "main", **more: object) -> Membership:
    """A membership as a branch with that authority gives it."""
    key = keys.new_key()
    facts: dict[str, object] = {
        "branch": branch, "device": device, "kind": "kiosk", "account": device, "password": "s:e/c%r?t&",
        "ca": authority.pem, "certificate": authority.sign(keys.signing_request(key)), "key": key,
        "server": HostPort("10.0.0.1", 8443), "mqtt_port": 8883, "server_name": f"{branch}.foleni.internal", **more,
    }  # fmt: skip
    return Membership.model_validate(facts)
