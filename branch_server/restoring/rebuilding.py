"""A branch's database written from its events: the same log, folded as it goes, so that what does not fit is found at once."""

import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import insert

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.db.journal import KEPT_SNAPSHOTS, SqlJournal
from branch_server.adapters.db.rows import ticket_row
from branch_server.adapters.db.statements import Put, compiled, replacing
from branch_server.adapters.db.tables import events, snapshots, tickets
from branch_server.domain.apply import apply
from branch_server.domain.events import DayOpened, Recorded, TicketEvent
from branch_server.domain.state import State
from branch_server.domain.tickets import Ticket
from branch_server.engine.codec import compact, dump_state, load_event
from branch_server.engine.journal import DamagedError, Snapshot
from branch_server.engine.recovery import recover
from foleni.messages.sync import SyncEvent
from foleni.times import Instant

_put_events = Put(insert(events))
_put_tickets = Put(replacing(tickets, "id"))
_put_snapshot = compiled(insert(snapshots))


class Rebuilding:
    """Writes the database in `folder`, a new one or one that is there (a backup's) and goes on. Nothing is sure before
    `finish`, so the disk is not waited for in between.
    """

    def __init__(self, folder: Path) -> None:
        """Raises `StorageError` where it cannot be written, `DamagedError` where what is there is no good."""
        with closing(SqlJournal(folder)) as journal:
            state = recover(journal)
        self._folder = folder
        self._raw = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
        self._raw.execute("PRAGMA synchronous=OFF").close()
        self._state = state
        self._snapshots: deque[Snapshot] = deque(maxlen=KEPT_SNAPSHOTS)

    @property
    def state(self) -> State:
        """The branch after the last event that was added."""
        return self._state

    def add(self, page: Sequence[SyncEvent]) -> None:
        """The next events, and the tickets as they are after them. Raises `DamagedError` where one cannot follow."""
        changed: dict[str, Ticket] = {}
        rows = []
        for event in page:
            recorded, data = _recorded_of(event)
            self._fold(recorded)
            if isinstance(recorded.event, TicketEvent):
                changed[recorded.event.ticket] = self._state.tickets[recorded.event.ticket]
            rows.append(
                (event.seq, event.id, event.type, recorded.at, recorded.steady, event.day, event.actor, event.command, data)
            )
        self._raw.execute("BEGIN IMMEDIATE").close()
        _put_events(self._raw, rows)
        _put_tickets(self._raw, [ticket_row(ticket) for ticket in changed.values()])
        self._raw.execute("COMMIT").close()

    def finish(self) -> None:
        """Makes it durable, and reads it again as a start does. Raises `DamagedError` where that gives another branch."""
        rows = [{"seq": one.seq, "day": one.day, "answers_until": 0, "state": one.state} for one in self._snapshots]
        self._raw.execute("PRAGMA synchronous=FULL").close()
        self._raw.execute("BEGIN IMMEDIATE").close()
        self._raw.executemany(_put_snapshot, rows).close()
        self._raw.execute("COMMIT").close()
        self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        self._raw.close()
        with closing(SqlJournal(self._folder)) as journal:
            if recover(journal) != self._state:
                raise DamagedError("the events do not give the same branch twice")

    def close(self) -> None:
        """Lets go of the files, finished or not."""
        self._raw.close()

    def _fold(self, recorded: Recorded) -> None:
        try:
            apply(self._state, recorded)
        except (KeyError, ValueError) as error:
            raise DamagedError(f"event {recorded.seq} ({recorded.event.type}) does not fit what came before it") from error
        if isinstance(recorded.event, DayOpened):
            self._snapshots.append(Snapshot(recorded.seq, self._state.day, dump_state(self._state)))


def _recorded_of(event: SyncEvent) -> tuple[Recorded, str]:
    """The event, and its own fields as text."""
    data = compact(event.data).decode()
    if event.steady_us is None:
        raise DamagedError(f"event {event.seq} was not sent by a branch server")
    try:
        known = load_event(event.type, data)
    except KeyError as error:
        raise DamagedError(f"event {event.seq} is of a newer program: {event.type}") from error
    except ValueError as error:
        raise DamagedError(f"event {event.seq} ({event.type}) cannot be read") from error
    steady = Instant(event.steady_us)
    return Recorded(event.seq, event.id, event.when, steady, event.day, event.actor, event.command, known), data
