"""Which numbers a restored branch leaves out: those that the lost server may have given behind what is restored."""

import sqlite3
from contextlib import closing
from pathlib import Path

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.journal import SqlJournal
from branch_server.domain.state import State
from branch_server.domain.waits import Drain
from branch_server.engine.batching import Parts
from branch_server.engine.clock import SteadyClock
from branch_server.engine.engine import Engine
from branch_server.engine.journal import StorageError
from branch_server.engine.recovery import recover
from foleni.ids import uuid7
from foleni.messages.commands import BeginTerm

_DAYS = 28
_BEYOND = 1000
"""More terms than the servers of a pair begin between a backup and its return."""
_STEP = 100
_BUSIEST = """
    SELECT count(*) AS n FROM tickets
    WHERE NOT offline AND day IN (SELECT DISTINCT day FROM tickets ORDER BY day DESC LIMIT ?)
    GROUP BY day, rtrim(number, '0123456789') ORDER BY n DESC LIMIT 1
"""


def begin_anew(folder: Path, skipped: int | None) -> State:
    """Opens the business day of now where it is a later one, and begins a new term in which every service goes on behind
    `skipped` numbers; by default a hundred more than it can have given, by its busiest day of four weeks.

    Raises `EngineError`.
    """
    with closing(SqlJournal(folder)) as journal:
        engine = Engine(journal, Parts(SteadyClock(), lambda _ticket: "", Drain()))
        engine.load()
        faults = engine.set_up([])
        term, left_out = recover(journal).term + _BEYOND, likely(folder) if skipped is None else skipped
        faults += engine.set_up([BeginTerm(id=uuid7(), term=term, by="restore", skipped=left_out)])
        if faults:
            raise StorageError("; ".join(faults))
        return recover(journal)


def likely(folder: Path) -> int:
    """The next full hundred behind a service's busiest day."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        row = connection.execute(_BUSIEST, (_DAYS,)).fetchone()
    return (int(row[0] if row else 0) // _STEP + 1) * _STEP
