"""What the engine needs of storage, and the twin of it that lives in memory."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from branch_server.domain.events import Recorded
from branch_server.domain.tickets import Ticket


class EngineError(Exception):
    """The root of what can go wrong around the engine."""


class StorageError(EngineError):
    """Storage failed; nothing of the batch was kept."""


class DamagedError(EngineError):
    """What is stored cannot be trusted. Nothing may be written upon it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command was answered: `payload` is the reply as it went out. Kept so that the same id gets it again."""

    command: str
    sender: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after event `seq`, as JSON."""

    seq: int
    day: str
    state: str


@dataclass(slots=True)
class Batch:
    """What becomes durable together, or not at all. `tickets` are those that changed, as they are after the batch; `secrets`
    are hashes and passwords by name, which no event may hold."""

    events: list[Recorded] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)
    cursors: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def is_empty(self) -> bool:
        return not (self.events or self.answers or self.cursors or self.secrets)


class Journal(Protocol):
    """The append-only log of a branch. Every method may raise `StorageError`.

    `append` and `answers` belong to the engine's thread; `read` and `cursor` may be called from any.
    """

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]:
        """The last snapshot and every event after it, in order. Raises `DamagedError` where the log has a gap."""
        ...

    def answers(self, commands: Collection[str]) -> dict[str, Answer]:
        """The kept answers to those of these commands that have one."""
        ...

    def append(self, batch: Batch) -> None:
        """Makes a batch durable. Returns after it is on the disk."""
        ...

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Up to `limit` events behind number `after`."""
        ...

    def cursor(self, reader: str) -> int:
        """The last event that a reader of the log has dealt with; 0 before the first."""
        ...

    def tidy(self) -> None:
        """Housekeeping, called when nobody waits."""
        ...

    def close(self) -> None: ...


class MemoryJournal:
    """A journal without a disk: for tests, and for trying things."""

    def __init__(self) -> None:
        self._events: list[Recorded] = []
        self._answers: dict[str, Answer] = {}
        self._snapshots: list[Snapshot] = []
        self._cursors: dict[str, int] = {}
        self.tickets: dict[str, Ticket] = {}
        self.secrets: dict[str, str] = {}

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]:
        snapshot = self._snapshots[-1] if self._snapshots else None
        return snapshot, self._events[snapshot.seq if snapshot else 0 :]

    def answers(self, commands: Collection[str]) -> dict[str, Answer]:
        return {command: self._answers[command] for command in commands if command in self._answers}

    def append(self, batch: Batch) -> None:
        self._events += batch.events
        self._answers |= {answer.command: answer for answer in batch.answers}
        self._snapshots += batch.snapshots
        self._cursors |= batch.cursors
        self.tickets |= batch.tickets
        self.secrets |= batch.secrets

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        return self._events[after : after + limit]

    def cursor(self, reader: str) -> int:
        return self._cursors.get(reader, 0)

    def tidy(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""
