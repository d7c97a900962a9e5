"""What a follower's database lacks, read from the log that it follows, and written as one transaction."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.rows import Row
from branch_server.adapters.db.statements import Put, replacing
from branch_server.adapters.db.tables import answers, events, snapshots, tickets
from branch_server.engine.journal import StorageError
from foleni.messages.setup import Device

_AT_ONCE = 1000
_TICKETS_OF = (
    "SELECT * FROM tickets WHERE id IN (SELECT DISTINCT json_extract(data, '$.ticket') FROM events WHERE seq > ? AND seq <= ?)"
)
_DEVICES = "SELECT type, data FROM events WHERE type IN ('device_saved', 'device_removed') ORDER BY seq"
_put_events = Put(replacing(events, "seq"))
_put_tickets = Put(replacing(tickets, "id"))
_put_answers = Put(replacing(answers, "n"))
_put_snapshots = Put(replacing(snapshots, "seq"))


@dataclass(frozen=True, slots=True)
class Place:
    """How far a database goes: its last event and its last answer."""

    seq: int = 0
    id: str = ""
    answers: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Oldest:
    """What a log still keeps: older answers and snapshots are forgotten."""

    answer: int
    snapshot: int


class LogOutlet:
    """Reads, as at one moment, all that is behind a place. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises `StorageError`."""
        path = folder / FILE_NAME
        try:
            self._raw = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StorageError(f"{path}: {error}") from error

    def place(self) -> Place:
        """Where the log ends."""
        return _place_of(self._raw)

    def has(self, place: Place) -> bool:
        """Whether a database that ends there is the beginning of this one."""
        event = self._raw.execute("SELECT id FROM events WHERE seq = ?", (place.seq,)).fetchone()
        answer = self._raw.execute("SELECT command FROM answers WHERE n = ?", (place.answers,)).fetchone()
        fits = place.seq == 0 or (event is not None and event[0] == place.id)
        (oldest,) = self._raw.execute("SELECT coalesce(min(n), 0) FROM answers").fetchone()
        known = place.answers < oldest or (answer is not None and answer[0] == place.answer)
        return fits and (place.answers == 0 or known)

    def ids(self, upto: int, most: int) -> list[tuple[int, str]]:
        """The numbers and ids of the events up to that number, the newest first."""
        return self._raw.execute("SELECT seq, id FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT ?", (upto, most)).fetchall()

    def term(self) -> int:
        """The last term that has begun."""
        found = self._raw.execute("SELECT data FROM events WHERE type = 'term_began' ORDER BY seq DESC LIMIT 1").fetchone()
        return int(json.loads(found[0])["term"]) if found else 0

    def devices(self) -> tuple[Device, ...]:
        """The devices of the branch. Nobody waits for a day to be folded. Empty where there is no log yet."""
        found: dict[str, Device] = {}
        try:
            for kind, data in self._raw.execute(_DEVICES):
                told = json.loads(data)["device"]
                if kind == "device_saved":
                    found[told["id"]] = Device.model_validate(told)
                else:
                    found.pop(told, None)
        except sqlite3.OperationalError:
            return ()
        return tuple(found.values())

    def lines(self, after: int) -> Iterator[str]:
        """Every event behind that number as a line of JSON."""
        found = self._raw.execute("SELECT * FROM events WHERE seq > ? ORDER BY seq", (after,))
        names = [column[0] for column in found.description]
        for row in found:
            told = dict(zip(names, row, strict=True))
            yield json.dumps(told | {"data": json.loads(told["data"])}, ensure_ascii=False)

    def behind(self, place: Place) -> Iterator[bytes]:
        """Pieces for `Inlet.put`. Until the last one is read, the log's own housekeeping waits."""
        raw = self._raw
        raw.execute("BEGIN").close()
        try:
            here = _place_of(raw)
            seq = place.seq
            while seq < here.seq:
                upto = min(seq + _AT_ONCE, here.seq)
                yield _piece("events", raw.execute("SELECT * FROM events WHERE seq > ? AND seq <= ?", (seq, upto)))
                yield _piece("tickets", raw.execute(_TICKETS_OF, (seq, upto)))
                seq = upto
            yield from _answers(raw, place.answers)
            yield _piece("snapshots", raw.execute("SELECT * FROM snapshots WHERE seq > ?", (place.seq,)))
            yield _piece("cursors", raw.execute("SELECT * FROM cursors"))
            yield _piece("secrets", raw.execute("SELECT * FROM secrets"))
        finally:
            raw.execute("COMMIT").close()

    def oldest(self) -> Oldest:
        (answer,) = self._raw.execute("SELECT coalesce(min(n), 0) FROM answers").fetchone()
        (snapshot,) = self._raw.execute("SELECT coalesce(min(seq), 0) FROM snapshots").fetchone()
        return Oldest(int(answer), int(snapshot))

    def close(self) -> None:
        self._raw.close()


class Inlet:
    """Writes pieces into the follower's database: nothing of them is there before `finish`."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        """`raw` is the only connection that writes."""
        self._raw = raw

    def begin(self) -> None:
        self._raw.execute("BEGIN IMMEDIATE").close()

    def put(self, piece: bytes) -> None:
        """Raises `ValueError` for what is no piece, `sqlite3.Error`."""
        table, rows = json.loads(piece)
        put = {"events": _put_events, "tickets": _put_tickets, "answers": _put_answers, "snapshots": _put_snapshots}
        if table == "answers":
            rows = [(n, command, sender, payload.encode()) for n, command, sender, payload in rows]
        if table in put:
            put[table](self._raw, [tuple(row) for row in rows])
        elif table == "cursors":
            self._replace("cursors", rows)
        elif table == "secrets":
            self._replace("secrets", rows)
        else:
            raise ValueError(f"no table {table!r}")

    def finish(self, oldest: Oldest) -> None:
        """Durable when this returns."""
        self._raw.execute("DELETE FROM answers WHERE n < ?", (oldest.answer,)).close()
        self._raw.execute("DELETE FROM snapshots WHERE seq < ?", (oldest.snapshot,)).close()
        self._raw.execute("COMMIT").close()

    def give_up(self) -> None:
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK").close()

    def place(self) -> Place:
        return _place_of(self._raw)

    def _replace(self, table: str, rows: Sequence[Any]) -> None:
        self._raw.execute(f"DELETE FROM {table}").close()  # noqa: S608 - a name of ours
        self._raw.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows).close()  # noqa: S608


def _place_of(raw: sqlite3.Connection) -> Place:
    event = raw.execute("SELECT seq, id FROM events ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
    answer = raw.execute("SELECT n, command FROM answers ORDER BY n DESC LIMIT 1").fetchone() or (0, "")
    return Place(int(event[0]), str(event[1]), int(answer[0]), str(answer[1]))


def _answers(raw: sqlite3.Connection, after: int) -> Iterator[bytes]:
    while True:
        rows: list[Row] = raw.execute("SELECT * FROM answers WHERE n > ? ORDER BY n LIMIT ?", (after, _AT_ONCE)).fetchall()
        if not rows:
            return
        told = [(n, command, sender, bytes(payload).decode()) for n, command, sender, payload in rows]
        yield json.dumps(["answers", told]).encode()
        after = rows[-1][0]


def _piece(table: str, rows: sqlite3.Cursor) -> bytes:
    return json.dumps([table, rows.fetchall()]).encode()
