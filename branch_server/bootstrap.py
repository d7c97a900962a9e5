"""Builds and wires the branch server: the only place that knows all its parts."""

import logging
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from branch_server.adapters.db.checking import check_at_start, check_whole, guarding
from branch_server.adapters.db.journal import SqlJournal
from branch_server.adapters.db.reading import LogReader
from branch_server.adapters.mqtt.adapter import MqttAdapter, Surroundings
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
from branch_server.engine.journal import EngineError, Journal
from branch_server.keeping.settings import BackupTarget
from branch_server.securing import (
    Brokerage,
    accounts_of,
    certificate_keeper,
    http_pair,
    open_authority,
    open_broker,
    serves_own,
    tls_fault,
)
from branch_server.standby.record import Record
from branch_server.standby.settings import PairSettings, begin, begin_term, must_wait, open_record
from branch_server.web.links import LINK_KEY, Links, root_of
from foleni.life import Closing, Life, Part
from foleni.settings import HostPort, MqttUrl

if TYPE_CHECKING:
    from branch_server.standby.hub import Hub
    from branch_server.standby.pairing import ServingPair

_log = logging.getLogger(__name__)

_BEAT_WITHIN_S = 20.0


class BranchSettings(PairSettings):
    """What `foleni-branch` is started with."""

    mqtt_listen: HostPort | None = Field(
        None, description="where the managed broker listens (default: a free loopback port); beyond loopback with TLS"
    )
    mqtt_tls: bool = Field(False, description="TLS with the branch's own authority for --mqtt-listen on loopback, too")
    setup: Path | None = Field(None, description="TOML description of a branch, applied when the data folder is empty")
    http: HostPort | None = Field(None, description="address of the consoles and the HTTP API; port 0 is a free one")
    http_tls: bool = Field(False, description="TLS with the branch's own certificate on loopback, too")
    http_cert: Path | None = Field(None, description="TLS certificate chain of that address, in PEM; else the branch's own")
    http_key: Path | None = Field(None, description="private key of the certificate, in PEM")
    http_plain: bool = Field(False, description="allow an address beyond loopback without TLS, behind a proxy that has it")
    cloud: CloudUrl | None = Field(None, description="https://… of the cloud to sync with")
    cloud_token_file: TokenFile | None = Field(None, description="file that holds the cloud's token for this branch")
    restore_from: str | None = Field(None, description="where DIR is empty, begin with a backup of this place and its key.txt")
    backup: tuple[BackupTarget, ...] = Field((), description="where backups go: tables [[backup]] of the settings file")
    backup_recipients: list[str] = Field([], description="public age keys that backups are locked with, beside the box's own")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if fault := tls_fault(self):
            raise ValueError(fault)
        if (self.cloud is None) != (self.cloud_token_file is None):
            raise ValueError("--cloud and --cloud-token-file go together")
        return self


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch server, ready to be started: its parts in order, and what it says when it is ready."""

    parts: Sequence[tuple[str, Part]]
    ready: Callable[[], str]


def build(settings: BranchSettings, life: Life, tell: Callable[[str], None], *, is_sure: bool = False) -> Branch:
    """Reads the log, sets the branch up where it is new, and wires everything. Starts nothing. `tell` hears what is told once;
    `is_sure` tells a server of a pair that it has just found out that it serves.

    Raises `EngineError` for storage that cannot be used, `SetupError`, `BrokerError`.
    """
    record = open_record(settings)
    if record is not None and must_wait(settings.data, record, is_sure=is_sure):
        return _standby(settings, record, life)
    sound = check_at_start(settings.data)
    journal, engine, hub = _opened(settings, record, life)
    _set_up(settings, engine, tell)
    branch = engine.view.setup.branch
    if branch is None:
        journal.close()
        raise SetupError(f"there is no branch in {settings.data}: describe one with --setup FILE, or in a browser with --http")
    parts: list[tuple[str, Part]] = [("journal", Closing(journal.close)), ("engine", engine)]
    given = {name.removeprefix(PASSWORDS): password for name, password in journal.secrets(PASSWORDS).items()}
    authority = open_authority(settings, branch.id)
    accounts = accounts_of(settings, branch.id, authority)
    broker = open_broker(settings, accounts, authority, engine.view.setup.devices, given, life)
    if broker.part is not None:
        journal.forget_secrets(PASSWORDS)
        parts.append(("broker", broker.part))
    around = Surroundings(life.watch, life.fail, lambda: life.is_over)
    url = broker.reached.url
    keeper = AccountKeeper(engine, accounts, branch.id, broker.reached, managed=broker.is_ours, given=given)
    keeper.watched(life.watch.beat("accounts", _BEAT_WITHIN_S).tick)
    if authority is not None:
        parts.append(("certificates", certificate_keeper(authority, broker, [keeper.look_again], life)))
    pair = _pair(settings, record, hub, engine, broker, life)
    also = pair.steward.also if pair is not None else partial(_term_of, engine)
    mqtt = MqttAdapter(engine, journal, branch.id, url, around, also)
    parts += [("accounts", keeper), ("mqtt", mqtt)]
    if pair is not None:
        pair.steward.tell_server = mqtt.tell_server
        parts += pair.parts
    cloud = _cloud(settings, engine, branch.id, life)
    if cloud is not None:
        parts.append(("cloud", cloud))
    web = _web_side(settings, branch.id, broker.web, http_pair(settings, authority), life)
    if web is not None:
        parts.insert(0, ("web side", web))
        parts.append(("web side's answer", _Waiting(web)))
    if not sound:
        parts.append(("check", _WholeCheck(settings.data)))
    return Branch(parts, lambda: f"branch {branch.id}, {_at(web)}{_lan(broker)}mqtt://{HostPort(url.host, url.port)}")


def _standby(settings: BranchSettings, record: Record, life: Life) -> Branch:
    """A server of a pair that does not serve."""
    from branch_server.standby.pairing import standby_parts  # noqa: PLC0415 - a branch with one server needs nothing of it

    parts, ready = standby_parts(settings, record, life)
    return Branch(parts, ready)


def _pair(
    settings: BranchSettings, record: Record | None, hub: "Hub | None", engine: Engine, broker: Brokerage, life: Life
) -> "ServingPair | None":
    """What a server of a pair has besides."""
    if record is None or hub is None:
        return None
    from branch_server.standby.pairing import serving_pair  # noqa: PLC0415 - a branch with one server needs nothing of it

    return serving_pair(settings, hub, record, engine, broker, life)


def _term_of(engine: Engine) -> dict[str, object]:
    """What the server's topic says besides, of a branch that has had two servers."""
    return {"term": engine.view.term} if engine.view.term else {}


def _cloud(settings: BranchSettings, engine: Engine, branch: str, life: Life) -> Part | None:
    """The sync, where a cloud is given."""
    if settings.cloud is None or settings.cloud_token_file is None:
        return None
    from branch_server.adapters.sync.sync import Cloud, CloudSync  # noqa: PLC0415 - a branch without a cloud needs no HTTP client

    cloud = Cloud(settings.cloud, settings.cloud_token_file)
    return CloudSync(engine, partial(LogReader, settings.data), branch, cloud, life.watch)


def _at(web: WebChild | None) -> str:
    return f"{web.address}, " if web is not None else ""


def _lan(broker: Brokerage) -> str:
    return f"mqtts://{HostPort(broker.lan.host, broker.lan.port)}, " if broker.lan is not None else ""


def _web_side(
    settings: BranchSettings, branch: str, url: MqttUrl, pair: tuple[Path, Path] | None, life: Life
) -> WebChild | None:
    """The consoles' program, where an address is given for it."""
    if settings.http is None:
        return None
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
    if pair is not None:
        arguments += ["--http-cert", str(pair[0]), "--http-key", str(pair[1])]
    if settings.http_plain:
        arguments.append("--http-plain")
    arguments += [f"--backups={target.label}" for target in settings.backup]
    return WebChild(launch(arguments, url.in_full), life.watch.beat("web side", _BEAT_WITHIN_S).tick, life.fail)


def _opened(settings: BranchSettings, record: Record | None, life: Life) -> "tuple[SqlJournal, Engine, Hub | None]":
    """The journal, and an engine that has read it; where it cannot be trusted its files stay as they are."""
    with guarding(settings.data):
        journal = SqlJournal(settings.data)
        try:
            if record is None:
                alone = _engine(settings, journal, journal, life)
                alone.load()
                if alone.view.term:
                    begin_term(alone, Record(settings.data))
                return journal, alone, None
            from branch_server.standby.pairing import followed  # noqa: PLC0415 - a branch with one server needs nothing of it

            hub, kept = followed(settings, journal, record)
            engine = _engine(settings, journal, kept, life)
            begin(engine, settings.data, record)
        except EngineError:
            journal.close()
            raise
        return journal, engine, hub


def _engine(settings: BranchSettings, journal: SqlJournal, kept: Journal, life: Life) -> Engine:
    parts = Parts(SteadyClock(), _links(settings, journal), Drain())
    return Engine(kept, parts, beat=life.watch.beat("engine", _BEAT_WITHIN_S).tick, failed=life.fail)


def _links(settings: BranchSettings, journal: SqlJournal) -> Callable[[str], str]:
    """A ticket's public link: its token can be made from the ticket's id only with this branch's key. Where the port is
    not known before it listens, or there is no web side, it is a path.
    """
    key = journal.secrets(LINK_KEY).get(LINK_KEY)
    if key is None:
        key = secrets.token_hex(32)
        journal.keep_secret(LINK_KEY, key)
    is_tls = settings.http_cert is not None or serves_own(settings)
    root = root_of(settings.http, is_tls=is_tls) if settings.http is not None and settings.http.port else ""
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
