"""Where a report's days come from: the branch's own database, and a file of packed days beside it.

A business day that is over never changes, so it is counted once and kept in `reports.db`. That file is a shortcut and nothing
else: it may be deleted at any time.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from branch_server.web.reports.desks import TYPES, DayStory, Happened, fold
from branch_server.web.reports.packs import Day, Hours, Packed, Row, day_of, pack, unpack
from branch_server.web.reports.query import Period

FILE_NAME = "reports.db"
_BRANCH = "branch.db"
_FORM = 1
"""Changes with what a packed day means."""

_COUNTED = "SELECT day, count(*) FROM tickets WHERE day BETWEEN ? AND ? GROUP BY day"
_TICKETS = (
    "SELECT id, service, channel, status, counter, staff, joined_at, called_at, started_at, ended_at, stars "
    "FROM tickets WHERE day = ? ORDER BY number"
)
_HAPPENED = (
    "SELECT type, steady, json_extract(data, '$.counter'), json_extract(data, '$.ticket'), json_extract(data, '$.staff') "
    "FROM events WHERE seq BETWEEN ? AND ? AND type IN (SELECT value FROM json_each(?)) "
    "AND (type <> 'ticket_joined' OR json_extract(data, '$.checked_in') = 0) ORDER BY seq"
)
_NEXT_DAY = "SELECT day FROM events WHERE seq = ?"
_ENDS = "SELECT (SELECT min(seq) FROM events), (SELECT max(seq) + 1 FROM events)"
_TYPES = json.dumps(TYPES)
_PUT = "INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_MAKE = (
    "CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, zone TEXT NOT NULL, tickets INTEGER NOT NULL, names TEXT NOT NULL, "
    "cells BLOB NOT NULL, waits BLOB NOT NULL, times BLOB NOT NULL, desks TEXT NOT NULL)"
)


class Past:
    """The days of the branch in `folder`. For one thread, and closed after use."""

    def __init__(self, folder: Path, zone: str) -> None:
        """Raises `sqlite3.Error` where there is no branch."""
        self._zone = zone
        self._hour_of = Hours(zone)
        address = f"{(folder / _BRANCH).resolve().as_uri()}?mode=ro"
        self._branch = sqlite3.connect(address, uri=True, timeout=5, isolation_level=None)
        self._branch.execute("PRAGMA query_only=ON").close()
        self._packs = _opened(folder / FILE_NAME)

    def days(self, period: Period, today: str, now: int) -> Iterator[Day]:
        """Every day of a period that had tickets, oldest first; `today` as it is at `now`."""
        counted = dict(self._branch.execute(_COUNTED, (period.first, period.last)).fetchall())
        known = self._known(period, counted)
        if today and period.first <= today <= period.last:
            counted.setdefault(today, 0)
        for day in sorted(counted):
            yield unpack(known[day]) if day in known and day < today else self._counted(day, today, now)

    def days_between(self, first: str, last: str) -> list[str]:
        """The days that had tickets, oldest first."""
        return [day for day, _ in self._branch.execute(_COUNTED, (first, last))]

    def select(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Rows of the branch's database."""
        return self._branch.execute(statement, tuple(values)).fetchall()

    def story(self, day: str, until: int | None) -> DayStory:
        """How a day went at the counters; see `desks.fold`."""
        first, last = self._first_from(day), self._first_from(_behind(day)) - 1

        def later() -> Iterator[Happened]:
            (following,) = self._branch.execute(_NEXT_DAY, (last + 1,)).fetchone() or (day,)
            return self._happened(last + 1, self._first_from(_behind(following)) - 1)

        return fold(self._happened(first, last), until, later)

    def _happened(self, first: int, last: int) -> Iterator[Happened]:
        return (Happened(*row) for row in self._branch.execute(_HAPPENED, (first, last, _TYPES)))

    def pack_all(self, today: str, within_s: float) -> tuple[int, int]:
        """Packs what is not packed yet, as far as it comes in that time: how many days it packed, and how many are left."""
        everything = Period("0001-01-01", "9999-12-31")
        counted = dict(self._branch.execute(_COUNTED, (everything.first, everything.last)).fetchall())
        known = self._known(everything, counted, blobs=False)
        fresh = [day for day in sorted(counted, reverse=True) if day < today and day not in known]
        until, packed = time.monotonic() + within_s, 0
        for place, day in enumerate(fresh):
            if time.monotonic() > until:
                return packed, len(fresh) - place
            packed += self._counted(day, today, 0).is_settled
        return packed, 0

    def close(self) -> None:
        self._branch.close()
        self._packs.close()

    def _known(self, period: Period, counted: dict[str, int], *, blobs: bool = True) -> dict[str, Packed]:
        """The packed days that still say how many tickets there were."""
        columns = "day, tickets, names, cells, waits, times, desks" if blobs else "day, tickets, '', x'', x'', x'', ''"
        rows = self._packs.execute(
            f"SELECT {columns} FROM days WHERE zone = ? AND day BETWEEN ? AND ?",  # noqa: S608 - two fixed lists
            (self._zone, period.first, period.last),
        )
        return {row[0]: Packed(*row) for row in rows if counted.get(row[0]) == row[1]}

    def _counted(self, day: str, today: str, now: int) -> Day:
        rows = (Row(*row) for row in self._branch.execute(_TICKETS, (day,)))
        made = day_of(day, rows, self.story(day, now if day >= today else None), self._hour_of)
        if made.is_settled and day < today:
            packed = pack(made)
            with suppress(sqlite3.Error):  # a full disk costs time, not the report
                self._packs.execute(_PUT, (day, self._zone, *packed[1:]))
        return made

    def _first_from(self, day: str) -> int:
        """The number of the first event of `day` or later: days never go back in the log."""
        low, high = self._branch.execute(_ENDS).fetchone()
        if low is None:
            return 0
        while low < high:
            middle = (low + high) // 2
            (found,) = self._branch.execute("SELECT day FROM events WHERE seq >= ? LIMIT 1", (middle,)).fetchone()
            low, high = (middle + 1, high) if found < day else (low, middle)
        return int(low)


def _behind(day: str) -> str:
    """What comes after a day, and before the next one."""
    return f"{day}~"


def _opened(path: Path) -> sqlite3.Connection:
    """The file of packed days; one that is damaged, or of another form, is begun anew."""
    for _ in range(2):
        connection = sqlite3.connect(path, timeout=5, isolation_level=None)
        try:
            (form,) = connection.execute("PRAGMA user_version").fetchone()
            if form != _FORM:
                connection.execute("DROP TABLE IF EXISTS days")
            connection.execute("PRAGMA journal_mode=WAL").close()
            connection.execute("PRAGMA synchronous=NORMAL").close()
            connection.execute(_MAKE)
            connection.execute(f"PRAGMA user_version={_FORM}").close()
            path.chmod(0o600)
        except sqlite3.DatabaseError:
            connection.close()
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                path.with_name(name).unlink(missing_ok=True)
        else:
            return connection
    memory = sqlite3.connect(":memory:", isolation_level=None)
    memory.execute(_MAKE)
    return memory


def past(folder: Path, zone: str) -> "closing[Past]":
    """`Past` for a `with` statement."""
    return closing(Past(folder, zone))
