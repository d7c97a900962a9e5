"""What is behind the branch's own authority: the broker's TLS listener, the consoles' certificate, and their renewal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from branch_server.adapters.mqtt.accounts import Accounts, web_credentials
from branch_server.adapters.mqtt.broker import ManagedBroker
from branch_server.adapters.mqtt.broker_config import BrokerAddress, BrokerError
from branch_server.adapters.mqtt.keeper import Reached
from branch_server.adapters.mqtt.prepared import PreparedBroker
from foleni.life import Life
from foleni.messages.setup import Device
from foleni.settings import HostPort, MqttUrl
from foleni.web.safety import is_loopback, unsafe

if TYPE_CHECKING:
    from branch_server.adapters.tls.authority import Authority
    from branch_server.adapters.tls.keeper import CertificateKeeper

_BEAT_WITHIN_S = 20.0


class Secured(Protocol):
    """The settings that decide where there is TLS."""

    @property
    def data(self) -> Path: ...
    @property
    def mqtt(self) -> Literal["managed", "prepared"] | MqttUrl: ...
    @property
    def mqtt_listen(self) -> HostPort | None: ...
    @property
    def mqtt_tls(self) -> bool: ...
    @property
    def http(self) -> HostPort | None: ...
    @property
    def http_tls(self) -> bool: ...
    @property
    def http_cert(self) -> Path | None: ...
    @property
    def http_key(self) -> Path | None: ...
    @property
    def http_plain(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Brokerage:
    """The branch's broker as the other parts need it. `part` is None where somebody else runs it."""

    reached: Reached
    web: MqttUrl
    part: ManagedBroker | None = None
    renew: Callable[[], bool] | None = None
    is_ours: bool = True
    """Its accounts are ours to keep; otherwise its operator is asked first whether they are."""
    lan: BrokerAddress | None = None


def tls_fault(settings: Secured) -> str:
    """Why the settings would send secrets in the clear, or contradict each other; empty where they are well."""
    if settings.http_tls and (settings.http_plain or settings.http_cert is not None):
        return "--http-tls is the branch's own certificate: not with --http-plain or --http-cert"
    if settings.mqtt_tls and (settings.mqtt != "managed" or settings.mqtt_listen is None):
        return "--mqtt-tls needs --mqtt managed and --mqtt-listen"
    if settings.http is None:
        return ""
    return unsafe(settings.http, settings.http_cert, settings.http_key, plain=settings.http_plain or serves_own(settings))


def serves_own(settings: Secured) -> bool:
    """Whether the consoles are served with the branch's own certificate."""
    if settings.http is None or settings.http_cert is not None or settings.http_plain or settings.http_key is not None:
        return False
    return settings.http_tls or not is_loopback(settings.http.host)


def http_pair(settings: Secured, authority: "Authority | None") -> tuple[Path, Path] | None:
    """Certificate chain and key of the consoles; None where they have no TLS."""
    if settings.http_cert is not None and settings.http_key is not None:
        return settings.http_cert, settings.http_key
    if authority is None or not serves_own(settings):
        return None
    return authority.server_chain, authority.server_key


def open_authority(settings: Secured, branch: str, *, is_paired: bool = False) -> "Authority | None":
    """The branch's authority, and a certificate of the server; None where nothing has TLS of ours. Raises `BrokerError`."""
    is_https = serves_own(settings) or settings.http_cert is not None
    if not (is_paired or is_https or _has_tls_listener(settings) or settings.mqtt == "prepared"):
        return None
    from branch_server.adapters.tls.authority import Authority, TlsError  # noqa: PLC0415 - loopback alone needs no cryptography
    from branch_server.adapters.tls.names import own_names  # noqa: PLC0415 - as above

    try:
        authority = Authority.opened(settings.data / "tls", branch)
        authority.keep_server_certificate(own_names())
    except TlsError as error:
        raise BrokerError(str(error)) from error
    return authority


def accounts_of(settings: Secured, branch: str, authority: "Authority | None") -> Accounts:
    if authority is None or not authority.can_sign:
        return Accounts(branch, settings.data / "devices")
    from branch_server.adapters.tls.papers import HandPapers  # noqa: PLC0415 - loopback alone needs no cryptography

    return Accounts(branch, settings.data / "devices", HandPapers(authority))


def open_broker(
    settings: Secured,
    accounts: Accounts,
    authority: "Authority | None",
    devices: Sequence[Device],
    given: Mapping[str, str],
    life: Life,
) -> Brokerage:
    """The broker that the settings name, with its accounts as far as they can be made before it runs. Raises `BrokerError`."""
    if isinstance(settings.mqtt, MqttUrl):
        url = settings.mqtt
        return Brokerage(Reached(url, BrokerAddress(url.host, url.port)), url, is_ours=False)
    if settings.mqtt == "prepared":
        prepared = PreparedBroker(settings.data, authority)
        url, address = prepared.found()
        own = web_credentials(prepared.folder)
        web = replace(url, user=own.username, password=own.password)
        return Brokerage(Reached(url, address), web, renew=prepared.renew, lan=address if address.scheme == "mqtts" else None)
    broker = ManagedBroker(
        settings.data / "mosquitto",
        ("127.0.0.1", None) if settings.mqtt_listen is None else (settings.mqtt_listen.host, settings.mqtt_listen.port or None),
        life.watch.beat("broker", _BEAT_WITHIN_S).tick,
        failed=life.fail,
        certificates=authority if _has_tls_listener(settings) else None,
    )
    broker.prepare()
    signed_in = accounts.write(broker.folder, devices, broker.device_address, given)
    url = MqttUrl(broker.address.host, broker.address.port, signed_in.username, signed_in.password)
    own = web_credentials(broker.folder)
    web = replace(url, user=own.username, password=own.password)
    reached = Reached(url, broker.device_address)
    return Brokerage(reached, web, broker, broker.renew, lan=broker.lan)


def certificate_keeper(
    authority: "Authority", brokerage: Brokerage, hourly: Sequence[Callable[[], object]], life: Life
) -> "CertificateKeeper":
    """The part that renews. The web side sees by itself that its files have changed."""
    from branch_server.adapters.tls.keeper import CertificateKeeper  # noqa: PLC0415 - loopback alone needs no cryptography
    from branch_server.adapters.tls.names import own_names  # noqa: PLC0415 - as above

    tellings = [brokerage.renew] if brokerage.renew is not None else []
    keeper = CertificateKeeper(authority, own_names, tellings, hourly)
    keeper.watched(life.watch.beat("certificates", _BEAT_WITHIN_S).tick)
    return keeper


def _has_tls_listener(settings: Secured) -> bool:
    listen = settings.mqtt_listen
    return settings.mqtt == "managed" and listen is not None and (settings.mqtt_tls or not is_loopback(listen.host))
