"""Builds and wires the branch server: the only place that knows all its parts."""

import logging
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from branch_server.adapters.db.checking import check_at_start, check_whole, guarding
from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.db.reading import LogReader
from branch_server.adapters.mqtt.accounts import Accounts, web_credentials
from branch_server.adapters.mqtt.adapter import MqttAdapter, Surroundings
from branch_server.adapters.mqtt.broker import ManagedBroker
from branch_server.adapters.mqtt.keeper import AccountKeeper
from branch_server.adapters.setup.file import SetupError, read_setup
from branch_server.adapters.setup.first import first_setup
from branch_server.adapters.setup.founding import PASSWORDS, found
from branch_server.adapters.sync.address import CloudUrl, TokenFile
from branch_server.adapters.web.child import WebChild, launch
from branch_server.domain.waits import Drain
from branch_server.engine.batching import Parts
from branch_server.engine.clock import SteadyClock
from branch_server.engine.engine import Engine
from branch_server.engine.journal import EngineError
from branch_server.web.links import LINK_KEY, Links
from foleni.life import Closing, Life, Part
from foleni.settings import HostPort, MqttUrl, Settings
from foleni.web.safety import unsafe

_log = logging.getLogger(__name__)

_BEAT_WITHIN_S = 20.0


class BranchSettings(Settings):
    """What `foleni-branch` is started with."""

    data: Path = Field(description="folder of the branch's data")
    mqtt: Literal["managed"] | MqttUrl = Field(description="'managed', or mqtt[s]://user:password@host:port of a broker")
    mqtt_listen: HostPort | None = Field(None, description="where the managed broker listens (default: a free loopback port)")
    setup: Path | None = Field(None, description="TOML description of a branch, applied when the data folder is empty")
    http: HostPort | None = Field(None, description="address of the consoles and the HTTP API; port 0 is a free one")
    http_cert: Path | None = Field(None, description="TLS certificate chain of that address, in PEM")
    http_key: Path | None = Field(None, description="private key of the certificate, in PEM")
    http_plain: bool = Field(False, description="allow an address beyond loopback without TLS, behind a proxy that has it")
    cloud: CloudUrl | None = Field(None, description="https://… of the cloud to sync with")
    cloud_token_file: TokenFile | None = Field(None, description="file that holds the cloud's token for this branch")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.http is not None and (fault := unsafe(self.http, self.http_cert, self.http_key, plain=self.http_plain)):
            raise ValueError(fault)
        if (self.cloud is None) != (self.cloud_token_file is None):
            raise ValueError("--cloud and --cloud-token-file go together")
        return self


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch server, ready to be started: its parts in order, and what it says when it is ready."""

    parts: Sequence[tuple[str, Part]]
    ready: Callable[[], str]


def build(settings: BranchSettings, life: Life, tell: Callable[[str], None]) -> Branch:
    """Reads the log, sets the branch up where it is new, and wires everything. Starts nothing. `tell` hears what is told once.

    Raises `EngineError` for storage that cannot be used, `SetupError`, `BrokerError`.
    """
    sound = check_at_start(settings.data)
    journal, engine = _opened(settings, life)
    _set_up(settings, engine, tell)
    branch = engine.view.setup.branch
    if branch is None:
        journal.close()
        raise SetupError(f"there is no branch in {settings.data}: describe one with --setup FILE, or in a browser with --http")
    parts: list[tuple[str, Part]] = [("journal", Closing(journal.close)), ("engine", engine)]
    given = {name.removeprefix(PASSWORDS): password for name, password in journal.secrets(PASSWORDS).items()}
    url, broker = _broker(settings, engine, branch.id, given, life)
    if broker is not None:
        journal.forget_secrets(PASSWORDS)
        parts.append(("broker", broker))
    accounts = Accounts(branch.id, settings.data / "devices")
    around = Surroundings(life.watch, life.fail, lambda: life.is_over)
    keeper = AccountKeeper(engine, accounts, branch.id, url, managed=broker is not None, given=given)
    keeper.watched(life.watch.beat("accounts", _BEAT_WITHIN_S).tick)
    parts += [("accounts", keeper), ("mqtt", MqttAdapter(engine, journal, branch.id, url, around))]
    cloud = _cloud(settings, engine, branch.id, life)
    if cloud is not None:
        parts.append(("cloud", cloud))
    web = _web_side(settings, branch.id, url, broker, life)
    if web is not None:
        parts.insert(0, ("web side", web))
        parts.append(("web side's answer", _Waiting(web)))
    if not sound:
        parts.append(("check", _WholeCheck(settings.data)))
    return Branch(parts, lambda: f"branch {branch.id}, {_at(web)}mqtt://{HostPort(url.host, url.port)}")


def _cloud(settings: BranchSettings, engine: Engine, branch: str, life: Life) -> Part | None:
    """The sync, where a cloud is given."""
    if settings.cloud is None or settings.cloud_token_file is None:
        return None
    from branch_server.adapters.sync.sync import Cloud, CloudSync  # noqa: PLC0415 - a branch without a cloud needs no HTTP client

    cloud = Cloud(settings.cloud, settings.cloud_token_file)
    return CloudSync(engine, partial(LogReader, settings.data), branch, cloud, life.watch)


def _at(web: WebChild | None) -> str:
    return f"{web.address}, " if web is not None else ""


def _web_side(settings: BranchSettings, branch: str, url: MqttUrl, broker: ManagedBroker | None, life: Life) -> WebChild | None:
    """The consoles' program, where an address is given for it."""
    if settings.http is None:
        return None
    if broker is not None:
        own = web_credentials(broker.folder)
        url = replace(url, user=own.username, password=own.password)
    arguments = [
        "--data",
        str(settings.data),
        "--branch",
        branch,
        "--http",
        str(settings.http),
        "--log-level",
        settings.log_level,
    ]
    if settings.http_cert is not None and settings.http_key is not None:
        arguments += ["--http-cert", str(settings.http_cert), "--http-key", str(settings.http_key)]
    if settings.http_plain:
        arguments.append("--http-plain")
    return WebChild(launch(arguments, url.in_full), life.watch.beat("web side", _BEAT_WITHIN_S).tick, life.fail)


def _opened(settings: BranchSettings, life: Life) -> tuple[SqlJournal, Engine]:
    """The journal, and an engine that has read it; where it cannot be trusted its files stay as they are."""
    with guarding(settings.data):
        journal = SqlJournal(settings.data)
        try:
            return journal, _engine(settings, journal, life)
        except EngineError:
            journal.close()
            raise


def _engine(settings: BranchSettings, journal: SqlJournal, life: Life) -> Engine:
    parts = Parts(SteadyClock(), _links(settings, journal), Drain())
    engine = Engine(journal, parts, beat=life.watch.beat("engine", _BEAT_WITHIN_S).tick, failed=life.fail)
    engine.load()
    return engine


def _links(settings: BranchSettings, journal: SqlJournal) -> Callable[[str], str]:
    """A ticket's public link: its token can be made from the ticket's id only with this branch's key. Where the port is
    not known before it listens, or there is no web side, it is a path.
    """
    key = journal.secrets(LINK_KEY).get(LINK_KEY)
    if key is None:
        key = secrets.token_hex(32)
        journal.keep_secret(LINK_KEY, key)
    scheme = "https" if settings.http_cert is not None else "http"
    root = f"{scheme}://{settings.http}" if settings.http is not None and settings.http.port else ""
    return Links(bytes.fromhex(key), root).link_of


def _set_up(settings: BranchSettings, engine: Engine, tell: Callable[[str], None]) -> None:
    """Applies `--setup` to an empty branch, whole or not at all; without it, for consoles, one to begin with."""
    if engine.view.setup.branch is not None:
        if settings.setup is not None:
            _log.info("there is a branch in %s already; --setup is not applied again", settings.data)
        return
    if settings.setup is not None:
        setup = read_setup(settings.setup)
    elif settings.http is not None:
        setup = first_setup(socket.gethostname())
    else:
        return
    faults = found(engine, setup, tell)
    if faults:
        raise SetupError(f"{settings.setup or settings.data}: {'; '.join(faults)}")


def _broker(
    settings: BranchSettings, engine: Engine, branch: str, given: dict[str, str], life: Life
) -> tuple[MqttUrl, ManagedBroker | None]:
    if isinstance(settings.mqtt, MqttUrl):
        return settings.mqtt, None
    listen = settings.mqtt_listen
    broker = ManagedBroker(
        settings.data / "mosquitto",
        ("127.0.0.1", None) if listen is None else (listen.host, listen.port or None),
        life.watch.beat("broker", _BEAT_WITHIN_S).tick,
        failed=life.fail,
    )
    broker.prepare()
    accounts = Accounts(branch, settings.data / "devices")
    own = accounts.write(broker.folder, engine.view.setup.devices, broker.device_address, given)
    address = broker.address
    return MqttUrl(address.host, address.port, own.username, own.password), broker


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The last part: the web side, which was started first, serves; and it is the first to hear of the end."""

    web: WebChild

    def start(self) -> None:
        self.web.wait_until_ready()

    def stop(self) -> None:
        self.web.begin_to_end()


class _WholeCheck:
    """Reads a large database whole, behind the start, and says so loudly where it is damaged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="check", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._thread.join(1.0)

    def _run(self) -> None:
        try:
            check_whole(self._folder, lambda: self._stopping)
        except EngineError as error:
            _log.critical("%s", error)
