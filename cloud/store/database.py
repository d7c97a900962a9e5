"""The database as the cloud's programs use it: one function, one transaction, on a thread of its own."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from cloud.store.tables import HEAD
from foleni.migrating import NewerFormError, bring_to

_log = logging.getLogger(__name__)

T = TypeVar("T")
THREADS = 8
_SCRIPTS = Path(__file__).parent / "migrations"
_TRIES = 4
_PAUSE_S = 0.02
_ONE_AT_A_TIME = 0x666F6C65
"""Of several processes that start at once, one migrates."""
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")


class DatabaseError(Exception):
    """The database cannot be used; the message is for whoever started the program."""


class Database:
    """PostgreSQL (`postgresql://…`), or SQLite (`sqlite:///file`) for a demo and a single process. Errors do not tell the
    values of a statement: they go to the log, and may be phone numbers and codes.
    """

    def __init__(self, address: str, threads: int = THREADS) -> None:
        """Raises `DatabaseError` for an address that is none."""
        self._url = _driven(address)
        self.is_postgres = self._url.get_backend_name() == "postgresql"
        self._engine = self._postgres(threads) if self.is_postgres else self._sqlite()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="database")
        self._writing: AbstractContextManager[Any] = nullcontext() if self.is_postgres else threading.Lock()

    def open(self) -> None:
        """Connects, and brings the tables to the form that this program knows. Raises `DatabaseError`."""
        try:
            with self._engine.begin() as connection:
                if self.is_postgres:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
                bring_to(connection, HEAD, _SCRIPTS)
        except (DBAPIError, NewerFormError) as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            raise DatabaseError(f"the database {self._url.render_as_string()} cannot be used: {reason}") from error

    async def run(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` in one transaction, which is durable then. After a deadlock, or where the database was just
        restarted, it is done again from the start: so it must touch nothing but the connection.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, self.run_here, work)

    def run_here(self, work: Callable[[Connection], T]) -> T:
        """As `run`, on this thread."""
        for turn in range(_TRIES):
            try:
                with self._writing, self._engine.begin() as connection:
                    return work(connection)
            except OperationalError as error:
                if turn == _TRIES - 1:
                    raise
                _log.info("a transaction is tried again: %s", error.orig)
                time.sleep(_PAUSE_S * 2**turn)
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._engine.dispose()

    def _postgres(self, threads: int) -> Engine:
        return create_engine(self._url, pool_size=threads, max_overflow=4, pool_pre_ping=False, pool_timeout=10,
                             hide_parameters=True, connect_args={"connect_timeout": 5})  # fmt: skip

    def _sqlite(self) -> Engine:
        given = {"timeout": 5, "check_same_thread": False}
        engine = create_engine(self._url, poolclass=NullPool, hide_parameters=True, connect_args=given)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine


def upserting(connection: Connection, table: Table) -> Any:
    """An insert that can say what to do with a row that is there already (`on_conflict_do_update`, `…_do_nothing`)."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def _driven(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise DatabaseError(f"--database {address}: is no database URL") from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database:
        return url
    raise DatabaseError("--database: give postgresql://user:password@host/name, or sqlite:///file")


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()
