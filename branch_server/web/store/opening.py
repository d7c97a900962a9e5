"""Opens `web.db`. What is damaged is put aside, loudly, and a new one is begun: the queue needs nothing of it."""

import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from branch_server.web.store.tables import HEAD
from foleni.migrating import NewerFormError, bring_to

_log = logging.getLogger(__name__)

FILE_NAME = "web.db"
_SCRIPTS = Path(__file__).parent / "migrations"
_BESIDE = ("", "-wal", "-shm")
_CHECKED_BELOW_BYTES = 48 * 1024 * 1024
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-2000")


class StoreError(Exception):
    """What the web side keeps cannot be opened."""


class _DamagedError(Exception):
    """SQLite cannot make sense of the file."""


def opened(folder: Path) -> Engine:
    """The database in `folder`, in the form that this program knows. Raises `StoreError` where it cannot be used at all."""
    path = folder / FILE_NAME
    try:
        _prepare(path)
    except _DamagedError as fault:
        aside = _put_aside(path)
        _log.critical(
            "%s is damaged (%s) and was put aside as %s. A new one is begun: the queue goes on, everybody signs in again with "
            "the PIN of the setup, and tokens, webhooks and shifts have to be made anew or brought back from a backup.",
            path, fault, aside.name,
        )  # fmt: skip
        try:
            _prepare(path)
        except _DamagedError as error:
            raise StoreError(f"{path}: {error}") from error
    engine = create_engine(_url(path), connect_args={"timeout": 5})
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _prepare(path: Path) -> None:
    """Reads the file and migrates it; whoever opens it after finds it well."""
    engine = create_engine(_url(path), poolclass=NullPool, connect_args={"timeout": 5})
    event.listen(engine, "connect", _set_explicit)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        _make_private(path)
        with engine.begin() as connection:
            if path.stat().st_size <= _CHECKED_BELOW_BYTES:
                found = connection.scalars(text("PRAGMA quick_check(3)")).all()
                if found != ["ok"]:
                    raise _DamagedError("; ".join(found))
            bring_to(connection, HEAD, _SCRIPTS)
    except OperationalError as error:
        raise StoreError(f"{path} cannot be used: {error.orig}") from error
    except DatabaseError as error:
        raise _DamagedError(str(error.orig)) from error
    except (NewerFormError, OSError) as error:
        raise StoreError(f"{path} cannot be used: {error}") from error
    finally:
        engine.dispose()


def _put_aside(path: Path) -> Path:
    """Moves the file and what SQLite has beside it; nothing is deleted."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    for suffix in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    return aside


def _make_private(path: Path) -> None:
    """PINs' hashes are for our user alone."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _set_pragmas(connection: Any, _record: Any) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _set_explicit(connection: Any, record: Any) -> None:
    """Transactions are explicit, DDL included, so that a migration is all or nothing."""
    connection.isolation_level = None
    _set_pragmas(connection, record)
