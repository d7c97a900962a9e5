"""An engine under test, driven by hand: a clock that the test turns, and a journal that fails when it is told to."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from branch_server.domain.asking import Sender
from branch_server.domain.events import Recorded
from branch_server.domain.waits import Drain
from branch_server.engine.batching import Asked, Parts
from branch_server.engine.clock import SteadyClock
from branch_server.engine.engine import Committed, Engine
from branch_server.engine.journal import Answer, Batch, Journal, MemoryJournal, Snapshot, StorageError
from foleni.messages import commands as c
from foleni.messages.setup import Branch, Counter, Device, DeviceKind, Service
from foleni.times import SECOND_US, Instant, from_wire

HOUSE = Sender("house", trusted=True)
KIOSK = Sender("kiosk-1")
MORNING = from_wire("2026-11-20T09:00:00Z")
ALL = 1_000_000

SETUP: tuple[c.Command, ...] = (
    c.SaveBranch(id=str(UUID(int=1)), branch=Branch(id="main", name={"en": "Main"}, remote_issuer="R")),
    c.SaveService(id=str(UUID(int=2)), service=Service(id="cash", prefix="A", name={"en": "Cash"})),
    c.SaveCounter(id=str(UUID(int=3)), counter=Counter(id="c1", label="1", services=("cash",))),
    c.SaveDevice(id=str(UUID(int=4)), device=Device(id="kiosk-1", kind=DeviceKind.KIOSK, issuer="X")),
    c.SaveDevice(id=str(UUID(int=5)), device=Device(id="desk", kind=DeviceKind.CONSOLE)),
    c.OpenCounter(id=str(UUID(int=6)), counter="c1"),
)


class Crash(BaseException):
    """The process ends here."""


class Watch:
    """A wall clock and the time since power-on, both turned by the test. Microseconds."""

    def __init__(self, wall: int = MORNING, elapsed: int = 5 * SECOND_US) -> None:
        self.wall = wall
        self.elapsed = elapsed

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.elapsed)

    def passes(self, seconds: float) -> None:
        """Time passes as it should."""
        self.wall += int(seconds * SECOND_US)
        self.elapsed += int(seconds * SECOND_US)

    def set_by(self, seconds: float) -> None:
        """Somebody sets the clock."""
        self.wall += int(seconds * SECOND_US)


class FaultyJournal:
    """A journal before another one. `fault` is what the next `append` does: refuse, keep and crash, or keep and complain."""

    def __init__(self, inner: Journal) -> None:
        self.inner = inner
        self.fault: str | None = None
        self.before_append: Callable[[Batch], None] = lambda _batch: None
        self.appends = 0

    def append(self, batch: Batch) -> None:
        fault, self.fault = self.fault, None
        self.before_append(batch)
        if fault == "refuse":
            raise StorageError("the disk is full")
        if fault == "crash before":
            raise Crash
        self.inner.append(batch)
        self.appends += 1
        if fault == "crash after":
            raise Crash
        if fault == "complain":
            raise StorageError("the disk took it and then complained")

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]:
        return self.inner.load()

    def answers(self, commands: Collection[str]) -> dict[str, Answer]:
        return self.inner.answers(commands)

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        return self.inner.read(after, limit)

    def cursor(self, reader: str) -> int:
        return self.inner.cursor(reader)

    def tidy(self) -> None:
        self.inner.tidy()

    def close(self) -> None:
        self.inner.close()


class Bench:
    """An engine without its thread: each `turn` is one batch."""

    def __init__(self, inner: Journal | None = None, watch: Watch | None = None) -> None:
        self.journal = FaultyJournal(inner or MemoryJournal())
        self.watch = watch or Watch()
        self.heard: list[Committed] = []
        self.engine = self._started()
        if self.engine.view.setup.branch is None:
            assert self.engine.set_up(SETUP) == []
        self.turn()

    def restart(self) -> None:
        """The process is gone, and another one opens the same journal."""
        self.journal.fault = None
        self.engine = self._started()
        self.turn()

    def _started(self) -> Engine:
        engine = Engine(self.journal, Parts(self.watch.clock(), lambda ticket: f"/t/{ticket}", Drain()))
        engine.subscribe(self.heard.append)
        engine.load()
        return engine

    def turn(self, *asked: tuple[c.Command, Sender]) -> list[Answer]:
        """One batch; the answers in the order in which they went out."""
        answers: list[Answer] = []
        self.engine._turn([Asked(command, sender, answers.append) for command, sender in asked])
        return answers

    def ask(self, command: c.Command, sender: Sender = HOUSE) -> dict[str, Any]:
        """The reply to one command."""
        (answer,) = self.turn((command, sender))
        return reply_of(answer)

    def is_back(self) -> None:
        """Storage is asked again at once."""
        self.engine._retry_due = 0.0

    def log(self) -> Sequence[Recorded]:
        return self.journal.read(0, ALL)

    def types(self) -> list[str]:
        return [recorded.event.type for recorded in self.log()]

    def now(self) -> Instant:
        return self.engine.now()


def reply_of(answer: Answer) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads(answer.payload)
    return reply


def join(which: int, /, **fields: Any) -> c.Join:
    return c.Join(**{"id": str(UUID(int=1000 + which)), "service": "cash", "channel": "kiosk"} | fields)


def close_day(number: int = 1) -> c.CloseDay:
    return c.CloseDay(id=str(UUID(int=9000 + number)))
