"""The journal of a branch on SQLite."""

import fcntl
import json
import logging
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, select
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from branch_server.adapters.db.carrying import Rows, rows_of
from branch_server.adapters.db.checking import damaged
from branch_server.adapters.db.connections import FILE_NAME, readers_of, writer_of
from branch_server.adapters.db.following import Inlet
from branch_server.adapters.db.migrating import migrate
from branch_server.adapters.db.rows import recorded_of
from branch_server.adapters.db.statements import Put, compiled, replacing
from branch_server.adapters.db.tables import answers, cursors, events, secrets, snapshots, tickets
from branch_server.domain.events import Recorded
from branch_server.engine.journal import Answer, Batch, DamagedError, Snapshot, StorageError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

KEPT_SNAPSHOTS = 40
"""Answers are kept for as many business days: so long may a command with the same id come again."""

_CHUNK = 500

_put_events = Put(insert(events))
_put_tickets = Put(replacing(tickets, "id"))
_put_answers = Put(replacing(answers, "command", ["command", "sender", "payload"]))
_put_cursor = compiled(replacing(cursors, "reader"))
_put_snapshot = compiled(insert(snapshots))
_put_secret = compiled(replacing(secrets, "name"))
_an_answer = select(answers.c.command, answers.c.sender, answers.c.payload)
_known_answer = compiled(_an_answer.where(answers.c.command == bindparam("command")))
_known_answers = compiled(
    _an_answer.where(answers.c.command.in_(select(func.json_each(bindparam("commands")).table_valued("value").c.value)))
)
_last_answer = compiled(select(func.max(answers.c.n)))
_oldest_kept = compiled(
    select(snapshots.c.seq, snapshots.c.answers_until)
    .order_by(snapshots.c.seq.desc())
    .limit(literal_column("1"))
    .offset(literal_column(str(KEPT_SNAPSHOTS - 1)))
)
_forget_answers = compiled(delete(answers).where(answers.c.n <= bindparam("until")))
_forget_snapshots = compiled(delete(snapshots).where(snapshots.c.seq < bindparam("oldest")))
_behind = select(events).where(events.c.seq > bindparam("after")).order_by(events.c.seq).limit(bindparam("most"))


class SqlJournal:
    """The log in `folder`. One process at a time: opening it a second time raises `StorageError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = _lock(folder)
        self._writer_engine = writer_of(folder)
        self._readers = readers_of(folder)
        try:
            self._writer = self._writer_engine.connect()
            with self._writer.begin():
                migrate(self._writer)
        except SQLAlchemyError as error:
            self._release()
            raise _translated(folder, error) from error
        except DamagedError:
            self._release()
            raise

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]:
        def last(connection: Connection) -> Snapshot | None:
            newest = select(snapshots.c.seq, snapshots.c.day, snapshots.c.state).order_by(snapshots.c.seq.desc()).limit(1)
            row = connection.execute(newest).first()
            return Snapshot(row.seq, row.day, row.state) if row is not None else None

        snapshot = self._reading(last)
        return snapshot, self._all_behind(snapshot.seq if snapshot is not None else 0)

    def answers(self, commands: Collection[str]) -> dict[str, Answer]:
        """Asked for every command, so without a transaction: what this connection wrote, it sees."""
        try:
            if len(commands) == 1:
                rows = self._raw.execute(_known_answer, {"command": next(iter(commands))}).fetchall()
            else:
                rows = self._raw.execute(_known_answers, {"commands": json.dumps(list(commands))}).fetchall()
        except sqlite3.Error as error:
            raise StorageError(str(error)) from error
        return {row[0]: Answer(*row) for row in rows}

    def append(self, batch: Batch) -> None:
        self.append_rows(rows_of(batch))

    def append_rows(self, rows: Rows) -> None:
        """One transaction, straight through the driver: this is what every customer waits for."""
        raw = self._raw
        try:
            raw.execute("BEGIN IMMEDIATE")
            try:
                _append(raw, rows)
                raw.execute("COMMIT")
            except BaseException:
                _roll_back(raw)
                raise
        except sqlite3.Error as error:
            raise StorageError(f"{self._folder / FILE_NAME}: {error}") from error

    def inlet(self) -> Inlet:
        """The beginning of what a follower takes in as one transaction. Not while an engine runs on this journal."""
        inlet = Inlet(self._raw)
        inlet.begin()
        return inlet

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        def rows(connection: Connection) -> list[Recorded]:
            return [recorded_of(row) for row in connection.execute(_behind, {"after": after, "most": limit})]

        try:
            return self._reading(rows)
        except (KeyError, ValueError) as error:
            raise damaged(self._folder / FILE_NAME, f"an event after {after} cannot be read") from error

    def cursor(self, reader: str) -> int:
        found = self._reading(lambda connection: connection.scalar(select(cursors.c.seq).where(cursors.c.reader == reader)))
        return int(found or 0)

    def secrets(self, prefix: str) -> dict[str, str]:
        """The secrets of this branch, hashes and keys, whose name begins with `prefix`."""
        wanted = select(secrets.c.name, secrets.c.value).where(secrets.c.name.startswith(prefix, autoescape=True))
        return self._reading(lambda connection: {row.name: row.value for row in connection.execute(wanted)})

    def keep_secret(self, name: str, value: str) -> None:
        """Stores a secret, durably. Not while an engine runs on this journal."""
        self._writing(lambda connection: connection.exec_driver_sql(_put_secret, {"name": name, "value": value}))

    def forget_secrets(self, prefix: str) -> None:
        """Drops secrets that have done their work. Not while an engine runs on this journal."""
        done = delete(secrets).where(secrets.c.name.startswith(prefix, autoescape=True))
        self._writing(lambda connection: connection.execute(done))

    def tidy(self) -> None:
        """Folds the write-ahead log into the database, as far as nobody reads it."""
        try:
            self._raw.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
        except sqlite3.Error as error:
            raise StorageError(str(error)) from error

    def close(self) -> None:
        """Folds the write-ahead log into the database and lets go of the folder."""
        self._writer.close()
        self._release()

    @property
    def _raw(self) -> sqlite3.Connection:
        """The driver's own connection below the writer's."""
        connection: Any = self._writer.connection.dbapi_connection
        raw: sqlite3.Connection = connection
        return raw

    def _all_behind(self, seq: int) -> Iterator[Recorded]:
        while chunk := self.read(seq, _CHUNK):
            yield from chunk
            seq = chunk[-1].seq

    def _writing(self, work: Callable[[Connection], _T]) -> _T:
        def whole() -> _T:
            with self._writer.begin():
                return work(self._writer)

        return self._guarded(whole)

    def _reading(self, work: Callable[[Connection], _T]) -> _T:
        def whole() -> _T:
            with self._readers.connect() as connection:
                return work(connection)

        return self._guarded(whole)

    def _guarded(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except SQLAlchemyError as error:
            raise _translated(self._folder, error) from error

    def _release(self) -> None:
        self._writer_engine.dispose()
        self._readers.dispose()
        os.close(self._lock)


def _append(raw: sqlite3.Connection, rows: Rows) -> None:
    if rows.events:
        _put_events(raw, rows.events)
    if rows.tickets:
        _put_tickets(raw, rows.tickets)
    if rows.answers:
        _put_answers(raw, rows.answers)
    if rows.cursors:
        raw.executemany(_put_cursor, [{"reader": reader, "seq": seq} for reader, seq in rows.cursors])
    if rows.secrets:
        raw.executemany(_put_secret, [{"name": name, "value": value} for name, value in rows.secrets])
    for snapshot in rows.snapshots:
        _keep_snapshot(raw, Snapshot(*snapshot))


def _roll_back(raw: sqlite3.Connection) -> None:
    """SQLite has ended the transaction by itself after some faults, such as a full disk."""
    if raw.in_transaction:
        raw.execute("ROLLBACK")


def _keep_snapshot(raw: sqlite3.Connection, snapshot: Snapshot) -> None:
    """Writes it, and forgets the answers given before the oldest snapshot that is kept."""
    (until,) = raw.execute(_last_answer).fetchone()
    row = {"seq": snapshot.seq, "day": snapshot.day, "answers_until": until or 0, "state": snapshot.state}
    raw.execute(_put_snapshot, row)
    oldest = raw.execute(_oldest_kept).fetchone()
    if oldest is not None:
        seq, answers_until = oldest
        raw.execute(_forget_answers, {"until": answers_until})
        raw.execute(_forget_snapshots, {"oldest": seq})


def _translated(folder: Path, error: SQLAlchemyError) -> StorageError | DamagedError:
    words = str(error.orig) if isinstance(error, DatabaseError) else str(error)
    if any(sign in words for sign in ("malformed", "not a database", "file is encrypted")):
        return damaged(folder / FILE_NAME, words)
    return StorageError(f"{folder / FILE_NAME}: {words}")


def _lock(folder: Path) -> int:
    """Holds the folder for this process; the kernel lets go of it however the process ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(f"{folder} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StorageError(f"another branch server is using {folder}") from error
    return descriptor
