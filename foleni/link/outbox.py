"""Commands that must not be lost before they are answered, such as the tickets of a kiosk that was offline."""

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Protocol, Self

from pydantic import ValidationError

from foleni.messages.commands import Command, parse_command

logger = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, command BLOB NOT NULL)
"""


class OutboxError(Exception):
    """The outbox cannot be read or written: its disk is full, gone or broken."""


class Outbox(Protocol):
    """Keeps commands in the order in which they came, until they are done. Safe to use from any thread."""

    def put(self, command: Command) -> None:
        """Keep `command`; durable when this returns. The same id again changes nothing. Raises `OutboxError`."""

    def pending(self) -> list[Command]:
        """What is not done, oldest first."""

    def done(self, command_id: str) -> None:
        """Forget a command; an unknown id is none of our business."""

    def close(self) -> None:
        """Let go of the storage."""


class MemoryOutbox:
    """An outbox that lasts as long as its process."""

    def __init__(self) -> None:
        self._commands: dict[str, Command] = {}
        self._lock = threading.Lock()

    def put(self, command: Command) -> None:
        with self._lock:
            self._commands.setdefault(command.id, command)

    def pending(self) -> list[Command]:
        with self._lock:
            return list(self._commands.values())

    def done(self, command_id: str) -> None:
        with self._lock:
            self._commands.pop(command_id, None)

    def close(self) -> None:
        return


class SqliteOutbox:
    """An outbox in one small SQLite file, safe against `kill -9` and power cuts. Raises `OutboxError`."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise OutboxError(f"{path}: {error}") from error
        try:
            self._run("PRAGMA journal_mode=WAL")
            self._run("PRAGMA synchronous=FULL")
            self._run(_SCHEMA)
        except OutboxError:
            self._connection.close()
            raise

    def put(self, command: Command) -> None:
        self._run("INSERT INTO outbox (id, command) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", command.id, command.to_wire())

    def pending(self) -> list[Command]:
        rows = self._run("SELECT id, command FROM outbox ORDER BY place")
        return [command for name, payload in rows if (command := _read(name, payload)) is not None]

    def done(self, command_id: str) -> None:
        self._run("DELETE FROM outbox WHERE id = ?", command_id)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, statement: str, *values: str | bytes) -> list[tuple[str, bytes]]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise OutboxError(str(error)) from error


def _read(name: str, payload: bytes) -> Command | None:
    """The stored command; one that this version cannot read stays where it is, for one that can."""
    try:
        return parse_command(payload)
    except ValidationError as error:
        logger.error("the outbox keeps %s, which cannot be read: %s", name, error.errors(include_input=False))
        return None
