"""The branch's state as the log tells it: exact, read-only, and never in the engine's way."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from branch_server.domain.apply import apply
from branch_server.domain.asking import HOUSE, Moment, Sender
from branch_server.domain.events import DayOpened, Recorded, TicketEvent
from branch_server.domain.state import State
from branch_server.domain.waits import Drain, WaitModel
from branch_server.engine.journal import DamagedError, EngineError, Snapshot
from branch_server.engine.recovery import recover
from foleni.times import Instant

_log = logging.getLogger(__name__)

_CHUNK = 500
_LEAP_ALERT = "clock_leap"
_MICRO = 1000

Listener = Callable[[Sequence[Recorded]], None]


class Log(Protocol):
    """What the follower needs of the journal: to read it."""

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]: ...

    def read(self, after: int, limit: int) -> Sequence[Recorded]: ...


class Follower:
    """Folds what the engine has written into a state of its own. Everything happens on the event loop's thread:
    `state` is never seen half way.
    """

    def __init__(self, log: Log, link_of: Callable[[str], str]) -> None:
        """`link_of` makes a ticket's public link from its id."""
        self.state = State()
        self.waits: WaitModel = Drain()
        self._log = log
        self._link_of = link_of
        self._stories: dict[str, list[Recorded]] = {}
        self._listeners: list[Listener] = []
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._seen_at = time.monotonic()

    def load(self) -> None:
        """Reads the log from its last snapshot. Raises `EngineError`."""
        self._stories = {}
        self.state = recover(_Remembering(self._log, self._remember))
        self._seen_at = time.monotonic()

    def subscribe(self, listener: Listener) -> None:
        """Calls `listener` with the new events, on the loop's thread, after each catch-up that brought some."""
        self._listeners.append(listener)

    def story_of(self, ticket: str) -> list[Recorded]:
        """What happened to a ticket since the business day began, oldest first; its calls say why."""
        return list(self._stories.get(ticket, ()))

    def now(self) -> Instant:
        """Steady time: the wall clock, which never goes behind the log; after a leap that nobody accepted, the log's own."""
        if _LEAP_ALERT in self.state.alerts:
            return Instant(self.state.steady + round((time.monotonic() - self._seen_at) * 1e6))
        return Instant(max(time.time_ns() // _MICRO, self.state.steady))

    def moment(self) -> Moment:
        """The surroundings in which the rules can be asked what they would do now."""
        return Moment(self.now(), Sender(HOUSE), lambda: "", self._link_of, self.waits)

    def catch_up(self) -> None:
        """Reads what is new. Where the log has become another one (a backup was put back), it is read anew."""
        fresh: list[Recorded] = []
        try:
            while more := self._log.read(self.state.seq, _CHUNK):
                for recorded in more:
                    self._fold(recorded)
                fresh += more
        except (DamagedError, KeyError, ValueError) as error:
            _log.warning("the log does not go on from event %d (%s); it is read anew", self.state.seq, error)
            self.load()
        except EngineError as error:
            _log.warning("the log cannot be read now: %s", error)
        if fresh:
            self._seen_at = time.monotonic()
            self._tell(fresh)

    def read_anew(self) -> None:
        """The server has begun another life: its log may be another one."""
        behind = self.state.seq
        try:
            self.load()
        except EngineError as error:
            _log.warning("the log cannot be read anew: %s", error)
            return
        if self.state.seq != behind:
            self._tell([])

    async def reached(self, seq: int, within_s: float = 1.0) -> bool:
        """Whether the state is at event `seq` or beyond, waiting for it where it is not."""
        self.catch_up()
        if self.state.seq >= seq:
            return True
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seq, arrived))
        try:
            await asyncio.wait_for(arrived, within_s)
        except TimeoutError:
            return False
        return True

    def _fold(self, recorded: Recorded) -> None:
        if recorded.seq != self.state.seq + 1:
            raise ValueError(f"event {recorded.seq} follows event {self.state.seq}")
        apply(self.state, recorded)
        self._remember(recorded)

    def _remember(self, recorded: Recorded) -> None:
        if isinstance(recorded.event, DayOpened):
            self._stories = {ticket: story for ticket, story in self._stories.items() if ticket in self.state.tickets}
        elif isinstance(recorded.event, TicketEvent):
            self._stories.setdefault(recorded.event.ticket, []).append(recorded)

    def _tell(self, fresh: Sequence[Recorded]) -> None:
        here = self.state.seq
        for seq, arrived in self._waiting:
            if seq <= here and not arrived.done():
                arrived.set_result(None)
        self._waiting = [(seq, arrived) for seq, arrived in self._waiting if not arrived.done()]
        for listener in self._listeners:
            try:
                listener(fresh)
            except Exception:  # noqa: BLE001 - one reader must not stop the others
                _log.exception("a reader of the log failed")


class _Remembering:
    """A log whose events are noted while they are read."""

    def __init__(self, log: Log, note: Callable[[Recorded], None]) -> None:
        self._log = log
        self._note = note

    def load(self) -> tuple[Snapshot | None, Iterable[Recorded]]:
        snapshot, events = self._log.load()
        return snapshot, self._noted(events)

    def _noted(self, events: Iterable[Recorded]) -> Iterator[Recorded]:
        for recorded in events:
            self._note(recorded)
            yield recorded
