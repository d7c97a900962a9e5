"""Copies of the branch's databases, made while their servers write them."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from branch_server.keeping.errors import ArchiveError, Fault, TargetError

_PAGES = 256
"""At once; then others have the disk for a moment."""
_REST_S = 0.002
RESERVE_BYTES = 32 * 1024 * 1024
"""So much of the disk is left to the queue, whatever a backup would like."""

_PASSING = ("sessions", "failures")
"""Of the web side: who is signed in, and who has mistyped a PIN. Neither belongs on another machine."""


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raises `TargetError` where making a backup could fill the disk of the branch itself."""
    found = os.statvfs(folder)
    free, needed = found.f_bavail * found.f_frsize, needed_bytes + RESERVE_BYTES
    if free < needed:
        raise TargetError(
            Fault.SOURCE,
            f"the branch's own disk has {free >> 20} MiB free; making a backup needs {needed >> 20} MiB",
        )


def copy_database(source: Path, place: Path) -> None:
    """A copy of one moment. One read transaction holds that moment over all steps: without it each commit of the server would
    make the copy begin anew. The writer never waits; its log only grows meanwhile.

    Raises `TargetError` where the disk fills up, `ArchiveError` where the source cannot be read.
    """
    os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with closing(_opened(source)) as reading, closing(sqlite3.connect(place)) as writing:
            reading.execute("BEGIN").close()
            reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
            reading.backup(writing, pages=_PAGES, sleep=_REST_S, progress=_room_watcher(place.parent))
            writing.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.Error as error:
        raise ArchiveError(f"{source} cannot be copied: {error}") from error


def forget_passing(copy: Path) -> None:
    """Leaves out of a copy of the web side's database what counts on this machine and today only. Raises `ArchiveError`."""
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            known = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for table in _PASSING:
                if table in known:
                    connection.execute(f"DELETE FROM {table}").close()  # noqa: S608 - a name of our own
            connection.execute("VACUUM").close()
    except sqlite3.Error as error:
        raise ArchiveError(f"{copy.name} is no good: {error}") from error


def _opened(source: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=5, isolation_level=None)


def _room_watcher(folder: Path) -> Callable[[int, int, int], None]:
    def look(_status: int, _left: int, _total: int) -> None:
        check_room(folder, 0)

    return look
