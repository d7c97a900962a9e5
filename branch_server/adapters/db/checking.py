"""Is the database sound? Asked at every start, before anything is written upon it."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import DatabaseError, connect

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.engine.journal import DamagedError

WHOLE_BELOW_BYTES = 48 * 1024 * 1024
"""A database up to this size is read whole before each start, in about a fifth of a second; a larger one behind it."""


def check_at_start(folder: Path) -> bool:
    """Refuses a damaged database with `DamagedError`. False where it is too large to be read whole before the start."""
    path = folder / FILE_NAME
    if not path.exists():
        return True
    if path.stat().st_size > WHOLE_BELOW_BYTES:
        return False
    check_whole(folder)
    return True


def check_whole(folder: Path, progress: Callable[[], bool] = lambda: False) -> None:
    """Reads every page. Raises `DamagedError` with SQLite's own words; `progress` may end it early by returning True."""
    path = folder / FILE_NAME
    try:
        with closing(connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as connection:
            connection.set_progress_handler(lambda: int(progress()), 100_000)
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
    except DatabaseError as error:
        if progress():
            return
        raise damaged(path, str(error)) from error
    if found != ["ok"]:
        raise damaged(path, "; ".join(found))


def damaged(path: Path, words: str) -> DamagedError:
    """What an operator is told."""
    return DamagedError(
        f"the database {path} is damaged ({words}). Nothing was changed. Keep a copy of the file, "
        "put the last backup in its place, and start again."
    )
