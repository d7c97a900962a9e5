"""Reading the log of a branch while its server writes it: another process may do so at any time."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.rows import recorded_of
from branch_server.adapters.db.statements import compiled
from branch_server.adapters.db.tables import events, secrets, snapshots
from branch_server.domain.events import Recorded
from branch_server.engine.journal import DamagedError, Snapshot, StorageError

_CHUNK = 500
_NOTHING: ColumnElement[int] = literal_column("0")
_BEHIND = compiled(
    select(events).where(events.c.seq > bindparam("after")).order_by(events.c.seq).limit(bindparam("most")).offset(_NOTHING)
)
_NEWEST = compiled(
    select(snapshots.c.seq, snapshots.c.day, snapshots.c.state)
    .order_by(snapshots.c.seq.desc())
    .limit(literal_column("1"))
    .offset(_NOTHING)
)
_SECRET = compiled(select(secrets.c.value).where(secrets.c.name == bindparam("name")))


class LogReader:
    """The log in `folder`, on a connection that is kept, because it is asked many times a second. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises `StorageError` where there is no branch."""
        self._path = folder / FILE_NAME
        try:
            self._connection = sqlite3.connect(
                f"{self._path.resolve().as_uri()}?mode=ro", uri=True, timeout=2, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA query_only=ON").close()
            self._connection.execute("PRAGMA cache_size=-2000").close()
        except sqlite3.Error as error:
            raise StorageError(f"{self._path}: {error}") from error

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]:
        """The last snapshot and every event after it. Raises `StorageError`, `DamagedError`."""
        row = self._one(_NEWEST, {})
        snapshot = Snapshot(int(row[0]), str(row[1]), str(row[2])) if row is not None else None
        return snapshot, self._all_behind(snapshot.seq if snapshot is not None else 0)

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Up to `limit` events behind number `after`."""
        try:
            rows = self._connection.execute(_BEHIND, {"after": after, "most": limit}).fetchall()
            return [recorded_of(row) for row in rows]
        except sqlite3.Error as error:
            raise StorageError(f"{self._path}: {error}") from error
        except (KeyError, ValueError, json.JSONDecodeError) as error:
            raise DamagedError(f"{self._path}: an event after {after} cannot be read") from error

    def lines(self, after: int, limit: int) -> Sequence[tuple[Any, ...]]:
        """Up to `limit` rows behind number `after` as they are stored, in the order of the table's columns."""
        try:
            return self._connection.execute(_BEHIND, {"after": after, "most": limit}).fetchall()
        except sqlite3.Error as error:
            raise StorageError(f"{self._path}: {error}") from error

    def secret(self, name: str) -> str | None:
        """A secret of this branch, a hash or a key."""
        row = self._one(_SECRET, {"name": name})
        return str(row[0]) if row is not None else None

    def close(self) -> None:
        self._connection.close()

    def _all_behind(self, after: int) -> Iterator[Recorded]:
        while chunk := self.read(after, _CHUNK):
            yield from chunk
            after = chunk[-1].seq

    def _one(self, statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise StorageError(f"{self._path}: {error}") from error
        return row
