"""Can the database be used, and is it sound? Asked at every start, before anything is written upon it."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection, DatabaseError, OperationalError, connect

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.engine.journal import DamagedError, StorageError

WHOLE_BELOW_BYTES = 48 * 1024 * 1024
"""A database up to this size is read whole before each start, in about a fifth of a second; a larger one behind it."""

ACCOUNTS_NAME = "devices"
"""The folder of the devices' accounts, which are written only after the branch was made durable."""

_LOG_NAME = f"{FILE_NAME}-wal"
_INDEX_NAME = f"{FILE_NAME}-shm"


def check_at_start(folder: Path) -> bool:
    """Refuses what cannot be written with `StorageError`, and what is lost or damaged with `DamagedError`.

    False where the database is too large to be read whole before the start. Changes nothing in the database.
    """
    try:
        if not folder.is_dir():
            return True
        size_bytes = _checked_size(folder)
    except OSError as error:
        raise StorageError(f"{folder} cannot be read: {error.strerror}") from error
    if size_bytes > WHOLE_BELOW_BYTES:
        return False
    if size_bytes:
        check_whole(folder)
    return True


def check_whole(folder: Path, progress: Callable[[], bool] = lambda: False) -> None:
    """Reads every page. `progress` may end it early by returning True.

    Raises `DamagedError` with SQLite's own words, `StorageError` where the file cannot be read at all.
    """
    path = folder / FILE_NAME
    try:
        with closing(_read_only(path)) as connection:
            connection.set_progress_handler(lambda: int(progress()), 100_000)
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
    except DatabaseError as error:
        if progress():
            return
        if isinstance(error, OperationalError):
            raise StorageError(f"the database {path} cannot be read: {error}") from error
        raise damaged(path, str(error)) from error
    if found != ["ok"]:
        raise damaged(path, "; ".join(found))


def damaged(path: Path, words: str) -> DamagedError:
    """What an operator is told, on one line. A log left beside a backup would be played into it, so it must go too."""
    return DamagedError(
        f"the database {path} is damaged ({' '.join(words.split())}). Nothing was changed. Keep a copy of {FILE_NAME}, "
        f"{_LOG_NAME} and {_INDEX_NAME}, put the last backup in the place of all three, and start again."
    )


@contextmanager
def guarding(folder: Path) -> Iterator[None]:
    """For the opening and reading of the log, up to where it is trusted: close the journal within, if it is not.

    Every `DamagedError` from within names the database and says what to do. Until the end nobody's last `close` folds
    the write-ahead log into the database, so that what is refused stays as it is.
    """
    path = folder / FILE_NAME
    try:
        with _onlooker(folder):
            yield
    except DamagedError as error:
        if str(path) in str(error):
            raise
        raise damaged(path, str(error)) from error


@contextmanager
def _onlooker(folder: Path) -> Iterator[None]:
    """SQLite folds the log into the database when its last connection closes; one that cannot write never does."""
    with ExitStack() as stack:
        with suppress(DatabaseError, OSError):
            if _size(folder / _LOG_NAME):
                connection = stack.enter_context(closing(_read_only(folder / FILE_NAME)))
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        yield


def _read_only(path: Path) -> Connection:
    return connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2)


def _checked_size(folder: Path) -> int:
    """Bytes of the database, 0 where there is none yet."""
    path = folder / FILE_NAME
    _refuse_unwritable(folder, os.W_OK | os.X_OK)
    size_bytes = _size(path)
    if not size_bytes and _belongs_to_a_branch(folder):
        raise DamagedError(
            f"the database {path} is {'empty' if path.exists() else 'missing'} although {folder} belongs to a branch. "
            "Nothing was changed. Put the last backup in its place, and start again."
        )
    # SQLite makes the log before its index, and removes it after.
    if (folder / _INDEX_NAME).exists() and not (folder / _LOG_NAME).exists():
        raise DamagedError(
            f"the database {path} has lost its log {_LOG_NAME}, so recent tickets are missing. Nothing was changed. "
            f"Bring the log back; or put the last backup in the database's place and delete {_INDEX_NAME}. Then start again."
        )
    _refuse_unwritable(path, os.R_OK | os.W_OK)
    return size_bytes


def _belongs_to_a_branch(folder: Path) -> bool:
    accounts = folder / ACCOUNTS_NAME
    return _size(folder / _LOG_NAME) > 0 or (accounts.is_dir() and any(accounts.iterdir()))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _refuse_unwritable(path: Path, rights: int) -> None:
    if path.exists() and not os.access(path, rights):
        is_read_only = os.statvfs(path).f_flag & os.ST_RDONLY
        raise StorageError(f"{path} cannot be written: {'read-only file system' if is_read_only else 'permission denied'}")
