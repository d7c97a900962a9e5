"""The settings of a server of a pair, and which of the two it is when it starts."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.following import LogOutlet
from branch_server.engine.engine import Engine
from branch_server.engine.journal import StorageError
from branch_server.standby.record import Record
from branch_server.standby.rules import LEAST_PATIENCE_S
from foleni.ids import uuid7
from foleni.messages.commands import BeginTerm
from foleni.settings import HostPort, MqttUrl, Settings

_BEYOND = 1000
"""More terms than any pair begins between a backup and its return."""


class PairSettings(Settings):
    """What a branch server is told about another one beside it."""

    data: Path = Field(description="folder of the branch's data")
    mqtt: Literal["managed", "prepared"] | MqttUrl = Field(
        description="'managed', 'prepared' (foleni-branch broker runs it), or mqtt[s]://user:password@host:port of a broker"
    )
    pair: HostPort | None = Field(None, description="where the other server of a pair calls this one, such as 0.0.0.0:8884")
    follow: HostPort | None = Field(None, description="begin as the standby of the server whose --pair is there")
    takeover_after: int = Field(0, description="a standby takes over by itself after so many s; 0 for a person's press only")
    pair_wait_ms: int = Field(300, ge=50, le=20_000, description="so long an answer waits for the standby to have it, too")

    @model_validator(mode="after")
    def _paired(self) -> Self:
        if self.follow is not None and self.pair is None:
            raise ValueError("--follow needs --pair: after a takeover the other server follows this one")
        if self.pair is not None and isinstance(self.mqtt, MqttUrl):
            raise ValueError("--pair needs a broker of the branch's own: --mqtt managed or prepared")
        if self.takeover_after < 0 or 0 < self.takeover_after < LEAST_PATIENCE_S:
            raise ValueError(f"--takeover-after must be 0 (never) or at least {LEAST_PATIENCE_S:.0f}")
        return self


def open_record(settings: PairSettings) -> Record | None:
    """What this server of a pair remembers; None where there is no pair. Raises `EngineError`."""
    record = Record(settings.data)
    if settings.pair is None:
        if record.standing.role != "primary":
            raise StorageError(f"{settings.data} follows another server: start it with --pair, or restore a backup elsewhere")
        return None
    if not record.exists:
        if settings.follow is not None and not (settings.data / FILE_NAME).exists():
            record.keep(role="standby", other=str(settings.follow), side=1)
        else:
            record.keep(role="primary")
    return record


def must_wait(data: Path, record: Record, *, is_sure: bool) -> bool:
    """Whether this server does not serve, or may not before it has asked the other. `is_sure` where it has just found out.

    A takeover that was decided goes on after a power cut: since then the other has not been told that it may serve.
    """
    standing = record.standing
    if standing.role == "primary" and standing.other and not is_sure and not _is_about_to_begin(data, standing.term):
        record.keep(role="waiting")
    return record.standing.role != "primary"


def _is_about_to_begin(data: Path, term: int) -> bool:
    """Whether the log does not know the term yet."""
    try:
        with closing(LogOutlet(data)) as outlet:
            return outlet.term() < term
    except (StorageError, sqlite3.Error):
        return False


def begin(engine: Engine, data: Path, record: Record) -> None:
    """Reads the log, which is a day long and read once only: customers wait for it. Raises `EngineError`."""
    if not _is_about_to_begin(data, record.standing.term):
        engine.load()
        begin_term(engine, record)
    else:
        _write_term(engine, record)


def begin_term(engine: Engine, record: Record) -> None:
    """The first thing that is written in a new term is that it has begun. Raises `StorageError`."""
    known = engine.view.term
    if record.standing.term < known:
        # The log is another's, out of a backup: which terms were seen since then nobody knows here.
        record.keep(role="primary", term=(known + _BEYOND) // 2 * 2 + record.standing.side, by="a restored log", skipped=0)
    if known < record.standing.term:
        _write_term(engine, record)


def _write_term(engine: Engine, record: Record) -> None:
    standing = record.standing
    command = BeginTerm(id=uuid7(), term=standing.term, by=standing.by[:80], skipped=standing.skipped)
    if faults := engine.set_up([command]):
        raise StorageError(f"term {standing.term} cannot begin: {'; '.join(faults)}")
