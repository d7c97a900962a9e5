"""How this house opens its SQLite file: durable, one writer, readers that cannot write."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool, StaticPool

FILE_NAME = "branch.db"

_WRITER = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA cache_size=-8000",
    "PRAGMA temp_store=MEMORY",
)
_READER = ("PRAGMA query_only=ON", "PRAGMA cache_size=-2000")


def writer_of(folder: Path) -> Engine:
    """The one connection that writes. Transactions are explicit, DDL included, so that a migration is all or nothing."""
    _make_private(folder / FILE_NAME)
    engine = create_engine(_url(folder), poolclass=StaticPool, connect_args={"check_same_thread": False, "timeout": 2})
    _on_connect(engine, _WRITER)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def readers_of(folder: Path) -> Engine:
    """Connections that see what is committed and can change nothing; for any thread."""
    engine = create_engine(_url(folder), poolclass=NullPool, connect_args={"check_same_thread": False, "timeout": 2})
    _on_connect(engine, _READER)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _make_private(path: Path) -> None:
    """A new database is for our user alone, and so are the files that SQLite puts beside it: they take on its mode."""
    with suppress(OSError):  # it is there already; or SQLite will say what is wrong
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _url(folder: Path) -> URL:
    return URL.create("sqlite", database=str(folder / FILE_NAME))


def _on_connect(engine: Engine, pragmas: tuple[str, ...]) -> None:
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma).close()

    event.listen(engine, "connect", prepare)
