"""What happened in the branch goes up: its log from where the cloud has got to, and what waiting takes now."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from branch_server.adapters.sync.address import TokenFile
from branch_server.adapters.sync.clocks import BranchClock
from branch_server.adapters.sync.errors import CloudAwayError, CloudRefusedError
from branch_server.adapters.sync.standing import Standing
from branch_server.adapters.sync.wire import Wire
from branch_server.adapters.sync.worker import Worker
from branch_server.engine.codec import compact
from branch_server.engine.journal import EngineError
from branch_server.engine.view import View
from foleni.messages.sync import MOST_EVENTS
from foleni.times import to_wire

MOST_BYTES = 1_000_000
"""Of events in one message; a single longer one goes alone."""
WAITS_EVERY_S = 10.0
"""Waits that change while nothing happens are told at most so often."""
_TOGETHER_S = 0.02
"""What happens within this time goes up in one message."""
_LOOKS_S = 1.0
_READ_S = 30.0

Line = Sequence[Any]
"""A row of the log: seq, id, type, at, steady, day, actor, command, and the event's own fields as JSON text."""


class Log(Protocol):
    """The part of a reader of the log that the uploader needs. Its methods raise `EngineError`."""

    def lines(self, after: int, limit: int) -> Sequence[Line]:
        """Up to `limit` rows behind number `after`."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines in the form of the wire, from number `first` on without a gap."""

    first: int
    lines: tuple[bytes, ...] = ()

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


class Uploader(Worker):
    """Sends what the cloud does not have yet. The cloud says how far it has come; nothing is remembered here."""

    def __init__(
        self,
        wire: Wire,
        standing: Standing,
        token: TokenFile,
        open_log: Callable[[], Log],
        view: Callable[[], View],
        clock: BranchClock,
    ) -> None:
        super().__init__("uploader", wire, standing, token)
        self._open_log = open_log
        self._view = view
        self._clock = clock
        self._log: Log | None = None
        self._bell = threading.Event()
        self._acked: int | None = None
        self._is_sure = False
        self._most = MOST_EVENTS
        self._told: tuple[bytes, float] = (b"", 0.0)

    def ring(self) -> None:
        """Something happened. For any thread; it costs next to nothing where it was rung already."""
        if not self._bell.is_set():
            self._bell.set()

    def end(self) -> None:
        super().end()
        self._bell.set()

    def turn(self) -> None:
        if self._acked is None:
            self._exchange(Batch(1), b"[]")
            return
        self._bell.clear()
        view = self._view()
        batch = self._next(self._acked)
        waits = _waits_of(view) if view.seq <= batch.last else b"[]"
        told, told_at = self._told
        has_news = waits not in {b"[]", told} and monotonic() - told_at >= WAITS_EVERY_S
        if batch.lines or has_news:
            self._exchange(batch, waits)
        elif self._bell.wait(_LOOKS_S):
            self._over.wait(_TOGETHER_S)

    def _next(self, acked: int) -> Batch:
        """What the cloud does not have. The first time with the last line that it has: so a log that was turned back, or is
        another branch's, is seen before anything is added to it. Nothing that nobody was answered yet: a second server that
        takes over may not have it.
        """
        answered = self._view().seq
        after = acked if self._is_sure else max(0, acked - 1)
        lines: list[bytes] = []
        size_bytes = 0
        for row in self._read(after):
            if row[0] > answered:
                break
            line = line_of(row)
            size_bytes += len(line)
            if lines and size_bytes > MOST_BYTES:
                break
            lines.append(line)
        return Batch(after + 1, tuple(lines))

    def _read(self, after: int) -> Sequence[Line]:
        try:
            if self._log is None:
                self._log = self._open_log()
            return self._log.lines(after, self._most)
        except EngineError as error:
            if self._log is not None:
                self._log.close()
                self._log = None
            raise CloudAwayError(f"the log cannot be read: {error}") from error

    def _exchange(self, batch: Batch, waits: bytes) -> None:
        try:
            acked = self._send(batch, waits)
        except CloudRefusedError as error:
            if error.status == 413 and len(batch.lines) > 1:
                self._most = len(batch.lines) // 2
                return
            self._begin_anew()
            raise
        self._go_on(batch, acked)
        if waits != b"[]":
            self._told = (waits, monotonic())

    def _send(self, batch: Batch, waits: bytes) -> int:
        """How far the cloud has come."""
        now = to_wire(self._clock.now()).encode()
        events = b",".join(batch.lines)
        body = b'{"first":%d,"now":"%s","waits":%s,"events":[%s]}' % (batch.first, now, waits, events)
        acked = self._wire.post("events", body, _READ_S).get("acked")
        if not isinstance(acked, int) or isinstance(acked, bool) or acked < 0:
            raise CloudAwayError("it does not say how far it has come")
        return acked

    def _go_on(self, batch: Batch, acked: int) -> None:
        """From where the cloud has got to, which may be behind what it once had."""
        if acked > max(self._view().seq, batch.last):
            self._begin_anew()
            raise CloudRefusedError(200, "forked", f"It has events up to {acked}, more than there are here.")
        if batch.lines and acked < batch.last and acked == self._acked:
            raise CloudAwayError(f"it stays at event {acked}")
        took = bool(batch.lines) and acked >= batch.first
        self._is_sure = took or (self._is_sure and acked == self._acked)
        self._acked = acked
        if took:
            self._most = min(MOST_EVENTS, self._most * 2)
        if self._is_sure:
            self._well()
        else:
            self._over.wait(_TOGETHER_S)

    def _begin_anew(self) -> None:
        self._acked, self._is_sure = None, False


def line_of(row: Line) -> bytes:
    """A row of the log in the form of the wire; its own fields letter by letter as they are stored."""
    seq, event_id, kind, at, steady, day, actor, command, data = row
    head = {
        "seq": seq, "id": event_id, "type": kind, "at": to_wire(at), "at_us": at, "steady_us": steady, "day": day,
        "actor": actor, "command": command,
    }  # fmt: skip
    text = data if isinstance(data, bytes) else str(data).encode()
    return b'%s,"data":%s}' % (compact(head)[:-1], text)


def _waits_of(view: View) -> bytes:
    told = [
        {"id": one.id, "waiting": one.waiting, "wait_p50_s": one.wait_p50_s, "wait_p90_s": one.wait_p90_s}
        for one in view.services.services
    ]
    return compact(told)
