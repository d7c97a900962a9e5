"""Wires a server of a pair: what is added to one that serves, and all of one that does not."""

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.following import LogOutlet
from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.db.reading import LogReader
from branch_server.adapters.mqtt.device_files import DeviceFiles
from branch_server.adapters.mqtt.keeper import AccountKeeper
from branch_server.adapters.tls.names import own_names
from branch_server.engine.engine import Engine
from branch_server.engine.journal import StorageError
from branch_server.engine.recovery import recover
from branch_server.securing import Brokerage, Secured, accounts_of, open_authority, open_broker, serves_own
from branch_server.standby import papers
from branch_server.standby.door import Door
from branch_server.standby.files import Incoming
from branch_server.standby.follower import Follower, FollowerEars, Ports
from branch_server.standby.hub import FollowedJournal, Hub
from branch_server.standby.identity import Identity
from branch_server.standby.listener import Listener, Standbys
from branch_server.standby.page import StandbyPage
from branch_server.standby.record import Record
from branch_server.standby.rules import Patience
from branch_server.standby.standing_by import StandingBy, Waiting
from branch_server.standby.steward import Serving, Steward
from branch_server.standby.witnesses import Witnesses
from foleni.life import Life, Part
from foleni.messages.setup import Device, DeviceKind
from foleni.settings import HostPort, MqttUrl

_log = logging.getLogger(__name__)

_BEAT_WITHIN_S = 60.0


class Guarded(Secured, Protocol):
    """The settings of a server of a pair."""

    @property
    def pair(self) -> HostPort | None: ...
    @property
    def takeover_after(self) -> int: ...
    @property
    def pair_wait_ms(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ServingPair:
    """What a server that serves has beside the others of its parts."""

    hub: Hub
    steward: Steward
    listener: Listener
    witnesses: Witnesses

    @property
    def parts(self) -> Sequence[tuple[str, Part]]:
        return [("pair", self.hub), ("witnesses", self.witnesses), ("pair listener", self.listener), ("steward", self.steward)]


def followed(settings: Guarded, journal: SqlJournal, record: Record) -> tuple[Hub, FollowedJournal]:
    """The journal as the engine of a server of a pair has it. Raises `StorageError`."""
    try:
        Incoming(settings.data).put_web_side_in_place()
    except OSError as error:
        raise StorageError(f"the web side's data cannot be put in its place: {error}") from error
    hub = Hub(settings.data, journal, record, settings.pair_wait_ms / 1000)
    return hub, FollowedJournal(journal, hub)


def serving_pair(settings: Guarded, hub: Hub, record: Record, engine: Engine, broker: Brokerage, life: Life) -> ServingPair:
    """Raises `EngineError`, `BrokerError`."""
    branch = engine.view.setup.branch
    assert branch is not None
    assert settings.pair is not None
    authority = open_authority(settings, branch.id, is_paired=True)
    assert authority is not None
    steward = Steward(Serving(settings.data, record, hub, engine, life.become), life.watch)
    witnesses = Witnesses(broker.reached.url, branch.id, life.watch, steward.hears, speaks=False)
    steward.witnesses = witnesses
    identity = papers.founder_identity(settings.data, authority)
    listener = Listener(settings.pair, identity, lambda: _standbys(engine.view.setup.devices), hub.talk)
    hub.branch, hub.pair_port, hub.mqtt_port = branch.id, listener.port, broker.reached.devices.port
    hub.ears.sign = lambda hello: papers.signed_for(authority, hello)
    hub.ears.devices = lambda: witnesses.devices
    hub.ears.on_standing = lambda _attached: steward.tell_server()
    return ServingPair(hub, steward, listener, witnesses)


def standby_parts(settings: Guarded, record: Record, life: Life) -> tuple[Sequence[tuple[str, Part]], Callable[[], str]]:
    """The parts of a server that does not serve, and what it says when it is ready. Raises `EngineError`, `BrokerError`."""
    assert settings.pair is not None
    data = settings.data
    identity = _identity(settings)
    patience = Patience(float(settings.takeover_after))
    csr = papers.server_request(identity) if not (data / "tls" / "ca.key").exists() else ""
    ports = Ports(csr=csr, names=tuple(own_names()) if csr else ())
    follower = Follower(data, record, identity, patience, ports)
    standing_by = StandingBy(Waiting(data, record, follower, patience), life.watch)
    parts, url, ports.mqtt = _broker_parts(settings, identity.branch, standing_by, life)
    witnesses = Witnesses(url, identity.branch, life.watch, standing_by.hears, speaks=True)
    standing_by.witnesses = witnesses
    follower.ears = FollowerEars(
        on_serve=lambda by: life.become(f"it serves now, by {by}"),
        on_certificate=lambda chain: _take(data, identity, chain, life),
        beat=life.watch.beat("follower", _BEAT_WITHIN_S).tick,
    )
    parts.append(("witnesses", witnesses))
    if identity.serving.are_there:
        listener = Listener(settings.pair, identity, lambda: _standbys(_devices(data)), follower.stands)
        ports.pair = listener.port
        parts.append(("pair listener", listener))
    parts += [("follower", follower), ("standing by", standing_by)]
    page = _page(settings, identity)
    if page is not None:
        parts.append(("standby page", page))
    at = f"{page.address}, " if page is not None else ""
    return parts, lambda: f"standby of {record.standing.other}, {at}mqtt://{HostPort(url.host, url.port)}"


def _page(settings: Guarded, identity: Identity) -> StandbyPage | None:
    """What stands where the consoles are while this server does not serve; none before it has a certificate of its own."""
    if settings.http is None:
        return None
    pair = None
    if settings.http_cert is not None and settings.http_key is not None:
        pair = settings.http_cert, settings.http_key
    elif serves_own(settings):
        if not identity.serving.are_there:
            return None
        pair = identity.serving.certificate, identity.serving.key
    try:
        return StandbyPage(settings.http, settings.data, Door(settings.data), pair)
    except OSError as error:
        raise StorageError(f"--http {settings.http} cannot be used: {error}") from error


def _broker_parts(
    settings: Guarded, branch: str, standing_by: StandingBy, life: Life
) -> tuple[list[tuple[str, Part]], MqttUrl, int]:
    """The standby's own broker, which knows the devices as the other one does; how it is reached, and its port for devices."""
    has_certificate = (settings.data / "tls" / "ca.pem").exists()
    authority = open_authority(settings, branch) if has_certificate else None
    accounts = accounts_of(settings, branch, authority)
    broker = open_broker(settings, accounts, authority, _devices(settings.data), {}, life)
    given: dict[str, str] = {}
    engine = cast("Engine", _Followed(settings.data))
    keeper = AccountKeeper(engine, accounts, branch, broker.reached, managed=True, given=given)
    keeper.watched(life.watch.beat("accounts", _BEAT_WITHIN_S).tick)

    def renew() -> None:
        files = DeviceFiles(branch, settings.data / "devices")
        given.update({device.id: word for device in _devices(settings.data) if (word := files.password(device.id)) is not None})
        keeper.look_again()

    standing_by.renew_broker = renew
    parts: list[tuple[str, Part]] = [("broker", broker.part)] if broker.part is not None else []
    return [*parts, ("accounts", keeper)], broker.reached.url, broker.reached.devices.port


class _Followed:
    """What the keeper of the broker's accounts needs of an engine, where none runs: the devices of the log that is followed."""

    def __init__(self, data: Path) -> None:
        self._data = data

    @property
    def view(self) -> "_Followed":
        return self

    @property
    def setup(self) -> "_Followed":
        return self

    @property
    def devices(self) -> Sequence[Device]:
        return _devices(self._data)

    def subscribe(self, _listener: object) -> None:
        """Nothing is committed here."""


def _identity(settings: Guarded) -> Identity:
    """Of the founder, which has the authority's key, or of a server that has joined."""
    if not (settings.data / "tls" / "ca.key").exists():
        return papers.joined_identity(settings.data)
    with_log = LogReader(settings.data)
    branch = recover(with_log).branch
    with_log.close()
    if branch is None:
        raise StorageError(f"there is no branch in {settings.data}")
    authority = open_authority(settings, branch.id, is_paired=True)
    assert authority is not None
    return papers.founder_identity(settings.data, authority)


def _take(data: Path, identity: Identity, chain: str, life: Life) -> None:
    if papers.take_certificate(data, identity, chain):
        life.become("it has a server's certificate now")


def _devices(data: Path) -> Sequence[Device]:
    """The devices of the branch, as far as its log has come here."""
    if not (data / FILE_NAME).exists():
        return ()
    with closing(LogOutlet(data)) as outlet:
        return outlet.devices()


def _standbys(devices: Sequence[Device]) -> Standbys:
    return {device.id: device.box for device in devices if device.kind is DeviceKind.STANDBY}
