"""A branch's own broker with a TLS listener, its authority, and the papers of its devices."""

import ssl
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from branch_server.adapters.mqtt.accounts import Accounts, Credentials, web_credentials
from branch_server.adapters.mqtt.broker import ManagedBroker
from branch_server.adapters.tls.authority import Authority, Clock, now_utc
from branch_server.adapters.tls.making import PEM, key_pem
from branch_server.adapters.tls.papers import HandPapers
from foleni.link import tls
from foleni.messages.setup import Device, DeviceKind
from foleni.settings import MqttUrl
from tests.support.broker import free_port
from tests.support.raw_mqtt import RawClient

BRANCH = "main-street"
BOX = "ab" * 32
DEVICES = (
    Device(id="kiosk-1", kind=DeviceKind.KIOSK),
    Device(id="tv-1", kind=DeviceKind.DISPLAY),
    Device(id="pad-1", kind=DeviceKind.COUNTER, counter="c1"),
    Device(id="desk", kind=DeviceKind.CONSOLE),
    Device(id="kiosk-2", kind=DeviceKind.KIOSK, box=BOX),
)
NAMES = ("localhost", "127.0.0.1")


class TlsHouse:
    """The broker runs from the start. `kiosk-2` has joined by itself, all others were installed by hand."""

    def __init__(self, folder: Path, clock: Clock = now_utc) -> None:
        self.devices_folder = folder / "the devices"
        self.authority = Authority.opened(folder / "tls", BRANCH, clock)
        self.authority.keep_server_certificate(NAMES)
        listen = ("127.0.0.1", free_port())
        self.broker = ManagedBroker(folder / "the broker", listen, certificates=self.authority)
        self.broker.prepare()
        self.accounts = Accounts(BRANCH, self.devices_folder, HandPapers(self.authority))
        self.server = self.accounts.write(self.broker.folder, DEVICES, self.broker.device_address)
        self.web = web_credentials(self.broker.folder)
        self.broker.start()

    @property
    def port(self) -> int:
        """The TLS listener's."""
        return self.broker.device_address.port

    @property
    def plain_port(self) -> int:
        return self.broker.address.port

    def credentials(self, account: str) -> Credentials:
        if account in {"server", "web"}:
            return self.server if account == "server" else self.web
        said = tomllib.loads((self.devices_folder / f"{account}.toml").read_text(encoding="utf-8"))
        return Credentials(account, said["password"])

    def papers(self, device: str = "kiosk-1") -> tuple[Path, Path]:
        """Certificate chain and key of a device that was installed by hand."""
        return self.devices_folder / f"{device}.pem", self.devices_folder / f"{device}.key"

    def context(self, device: str = "kiosk-1") -> ssl.SSLContext:
        return tls.client_context(self.authority.ca_file, *self.papers(device), checks_time=False)

    def url(self, device: str = "kiosk-1") -> MqttUrl:
        """As the device's own file has it."""
        chain, key = self.papers(device)
        who = self.credentials(device)
        return MqttUrl(
            "127.0.0.1", self.port, who.username, who.password, tls=True,
            ca=self.authority.ca_file, cert=chain, key=key, name=f"{BRANCH}.foleni.internal",
        )  # fmt: skip

    def signed_in(self, account: str, *, secure: bool) -> RawClient:
        """A client of the account, over TLS with a good certificate or in the clear."""
        client = RawClient(self.port, self.context()) if secure else RawClient(self.plain_port)
        who = self.credentials(account)
        assert client.connect(who.username, who.password, account) == 0
        return client


def forge(
    folder: Path, signer: Authority | None, begins: datetime, ends: datetime, *, of: str = "kiosk-1"
) -> tuple[Path, Path]:
    """Chain and key of a client's certificate with any dates; signed by itself where there is no `signer`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, of)])
    issuer = subject if signer is None else signer.certificate.subject
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), begins, ends)
    name = x509.SubjectAlternativeName([x509.DNSName(f"{of}.{BRANCH}.foleni.internal")])
    builder = builder.add_extension(name, critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    made = builder.sign(key if signer is None else signer._key, hashes.SHA256())
    (folder / "forged.pem").write_bytes(made.public_bytes(PEM))
    (folder / "forged.key").write_bytes(key_pem(key))
    return folder / "forged.pem", folder / "forged.key"


def dates(first_day: int, last_day: int) -> tuple[datetime, datetime]:
    """From and until so many days from now."""
    now = datetime.now(UTC)
    return now + timedelta(days=first_day), now + timedelta(days=last_day)
