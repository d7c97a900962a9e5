"""The ledger in one small SQLite file, safe against `kill -9`, power cuts and full disks."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

from foleni.times import Instant
from kiosk.ledger.entries import UNFINISHED, Entry, Handing, Step, numbered_here
from kiosk.ledger.ledger import Change, Counts, LedgerError, is_far_ahead, number_of

_VERSION = 1
_BUSY_S = 1.0
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS tickets (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    service TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    priority TEXT NOT NULL,
    language TEXT NOT NULL,
    phone TEXT,
    step TEXT NOT NULL,
    number TEXT,
    own INTEGER NOT NULL,
    given_at INTEGER,
    ticket TEXT,
    ahead INTEGER,
    wait_p50_s INTEGER,
    wait_p90_s INTEGER,
    url TEXT,
    handing TEXT NOT NULL,
    cancel TEXT,
    code TEXT
);
CREATE INDEX IF NOT EXISTS tickets_handing ON tickets (handing);
CREATE INDEX IF NOT EXISTS tickets_step ON tickets (step);
CREATE TABLE IF NOT EXISTS series (day TEXT NOT NULL, series TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (day, series));
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, payload BLOB NOT NULL);
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_COLUMNS = tuple(field.name for field in fields(Entry))
_NAMES = ", ".join(_COLUMNS)
_STEPS = ", ".join(f"'{step}'" for step in sorted(UNFINISHED))
_SELECT = f"SELECT {_NAMES} FROM tickets "  # noqa: S608 - in all of these only names of our own are put together
_INSERT = f"INSERT OR IGNORE INTO tickets ({_NAMES}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_UPDATE = f"UPDATE tickets SET {', '.join(f'{name} = ?' for name in _COLUMNS)} WHERE id = ?"  # noqa: S608
_PRUNE = f"DELETE FROM tickets WHERE asked_at < ? AND handing <> ? AND step NOT IN ({_STEPS})"  # noqa: S608
_UNFINISHED = f"{_SELECT} WHERE step IN ({_STEPS}) ORDER BY place"
_NEXT = "SELECT coalesce(max(last), 0) + 1 FROM series WHERE series = ? AND day >= ?"
_OWN_WAITS = "SELECT 1 FROM tickets WHERE handing = ? AND own LIMIT 1"
_GO_ON = "INSERT INTO series (day, series, last) SELECT ?, series, last FROM series WHERE day = ?"
_CARRY_OVER = """
INSERT INTO series (day, series, last) VALUES (?, ?, ?)
ON CONFLICT (day, series) DO UPDATE SET last = max(last, excluded.last)
"""
_COUNT = "SELECT handing, count(*) FROM tickets WHERE handing IN (?, ?) GROUP BY handing"
_KEEP = "INSERT INTO kept (name, payload) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET payload = excluded.payload"


class SqliteLedger:
    """A `Ledger` below `path`. Making one touches no disk: a ledger that cannot be opened raises `LedgerError` at each use,
    until it can. One process at a time: another one finds it locked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def add(self, entry: Entry) -> None:
        with self._writing() as connection:
            connection.execute(_INSERT, _row_of(entry))

    def change(self, entry_id: str, change: Change) -> Entry:
        with self._writing() as connection:
            return _changed(connection, entry_id, change)

    def give_number(self, entry_id: str, series: str, day: str, now: Instant) -> Entry:
        with self._writing() as connection:
            (latest,) = connection.execute("SELECT coalesce(max(day), ?) FROM series", (day,)).fetchone()
            if day > latest and connection.execute(_OWN_WAITS, (Handing.WAITING,)).fetchone() is not None:
                connection.execute(_GO_ON, (day, latest))
            (count,) = connection.execute(_NEXT, (series, day)).fetchone()
            connection.execute(_CARRY_OVER, (max(day, latest), series, count))
            return _changed(connection, entry_id, lambda entry: numbered_here(entry, number_of(series, count), now))

    def trust_day(self, day: str) -> None:
        rows = self._read("SELECT day, series, last FROM series WHERE day > ?", day)
        ahead = [row for row in rows if is_far_ahead(row[0], day)]
        if not ahead:
            return
        with self._writing() as connection:
            for used, series, last in ahead:
                connection.execute(_CARRY_OVER, (day, series, last))
                connection.execute("DELETE FROM series WHERE day = ? AND series = ?", (used, series))

    def waiting(self, most: int = -1) -> list[Entry]:
        return self._entries(f"{_SELECT} WHERE handing = ? ORDER BY place LIMIT ?", Handing.WAITING, most)

    def unfinished(self) -> list[Entry]:
        return self._entries(_UNFINISHED)

    def last(self) -> Entry | None:
        found = self._entries(f"{_SELECT} WHERE number IS NOT NULL ORDER BY place DESC LIMIT 1")
        return found[0] if found else None

    def counts(self) -> Counts:
        rows = dict(self._read(_COUNT, Handing.WAITING, Handing.REFUSED))
        return Counts(rows.get(Handing.WAITING, 0), rows.get(Handing.REFUSED, 0))

    def keep(self, name: str, payload: bytes) -> None:
        with self._writing() as connection:
            connection.execute(_KEEP, (name, payload))

    def kept(self, name: str) -> bytes | None:
        rows = self._read("SELECT payload FROM kept WHERE name = ?", name)
        return rows[0][0] if rows else None

    def prune(self, before: Instant) -> None:
        with self._writing() as connection:
            connection.execute(_PRUNE, (before, Handing.WAITING))

    def check(self) -> None:
        self.keep("check", b"")

    def close(self) -> None:
        with self._lock:
            self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _entries(self, statement: str, *values: object) -> list[Entry]:
        return [_entry_of(row) for row in self._read(statement, *values)]

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, self._guarded() as connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when the block is left."""
        with self._lock, self._guarded() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._open()
        except sqlite3.Error as error:
            self._let_go()  # what the disk did to this connection is not carried on
            raise LedgerError(f"{self._path}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._path, _BUSY_S, isolation_level=None, check_same_thread=False)
            self._connection = connection
            for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
                connection.execute(f"PRAGMA {pragma}")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise sqlite3.DatabaseError(f"made by a newer version ({version})")
            if version < _VERSION:
                connection.executescript(_SCHEMA)
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _changed(connection: sqlite3.Connection, entry_id: str, change: Change) -> Entry:
    row = connection.execute(f"{_SELECT} WHERE id = ?", (entry_id,)).fetchone()
    if row is None:
        raise KeyError(entry_id)
    entry = change(_entry_of(row))
    connection.execute(_UPDATE, (*_row_of(entry), entry_id))
    return entry


def _row_of(entry: Entry) -> tuple[Any, ...]:
    return tuple(getattr(entry, name) for name in _COLUMNS)


def _entry_of(row: tuple[Any, ...]) -> Entry:
    values = dict(zip(_COLUMNS, row, strict=True))
    values |= {"step": Step(values["step"]), "handing": Handing(values["handing"]), "own": bool(values["own"])}
    return Entry(**values)
