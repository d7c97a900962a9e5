"""The one writer of a branch: it takes what is asked, lets the rules decide, makes it durable, and only then answers.

Whoever holds the pen is the writer. Mostly that is the engine's own thread; a thread that has just handed commands in
takes the pen itself where it lies free, because waking another thread costs a fifth of a join.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic

from branch_server.domain.asking import HOUSE, Sender
from branch_server.domain.events import Recorded
from branch_server.domain.state import State
from branch_server.engine.batching import LEAP_ALERT, Asked, Done, Parts, Work, unavailable
from branch_server.engine.journal import Answer, Batch, DamagedError, EngineError, Journal, StorageError
from branch_server.engine.recovery import recover
from branch_server.engine.view import View, changes_setup, view_of
from foleni.messages.commands import Command
from foleni.messages.replies import Reply
from foleni.times import Instant

_log = logging.getLogger(__name__)

MOST_AT_ONCE = 256
TICK_S = 0.25
RETRY_S = 1.0
_CURSOR_EVERY_S = 1.0
_VIEW_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Committed:
    """What readers of the log are told after a commit, by the writer: they must only hand over."""

    events: tuple[Recorded, ...]
    view: View


class Engine:
    """Owns the state of a branch; everybody else asks, and reads views."""

    def __init__(
        self,
        journal: Journal,
        parts: Parts,
        *,
        beat: Callable[[], None] = lambda: None,
        failed: Callable[[str], None] = lambda _reason: None,
    ) -> None:
        self._journal = journal
        self._parts = parts
        self._beat = beat
        self._failed = failed
        self._asked: deque[Asked] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._pen = threading.Lock()
        self._listeners: list[Callable[[Committed], None]] = []
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._state: State | None = None
        self._view: View | None = None
        self._cursors: dict[str, int] = {}
        self._cursors_due = 0.0
        self._retry_due = 0.0
        self._view_due = 0.0
        self._handing_out: Callable[[], AbstractContextManager[None]] = nullcontext
        self._written = self._untidy = False
        self._stopping = False

    @property
    def view(self) -> View:
        """The branch after the last commit. Raises `EngineError` before `load`.

        Answers go out a moment before the view follows: who must see an own change waits for the `seq` of the reply.
        """
        if self._view is None:
            raise EngineError("the engine has not read its log yet")
        return self._view

    def load(self) -> None:
        """Folds the log into the state. Raises `StorageError` or `DamagedError`."""
        self._begin_with(recover(self._journal))

    def now(self) -> Instant:
        """Steady time."""
        return self._parts.clock.read().steady

    def set_up(self, commands: Sequence[Command], secrets: Mapping[str, str] | None = None) -> list[str]:
        """Does all of these commands as the house itself, and keeps the secrets, or does nothing: the refusals, empty where it
        is done. Before `start`.
        """
        faults: list[str] = []

        def note(answer: Answer) -> None:
            error = Reply.model_validate_json(answer.payload).error
            if error is not None:
                faults.append(error.message)

        state = recover(self._journal)
        self._parts.clock.resume(state.steady, leaped=LEAP_ALERT in state.alerts)
        work = Work(state, self._parts, {})
        for command in commands:
            work.take(Asked(command, Sender(HOUSE, trusted=True), note))
        for done, answer in work.answered:
            done(answer)
        if not faults:
            work.keep_time()
            work.batch.secrets = dict(secrets or {})
            self._journal.append(work.batch)
            self._begin_with(work.state)
        return faults

    def _begin_with(self, state: State) -> None:
        self._parts.clock.resume(state.steady, leaped=LEAP_ALERT in state.alerts)
        self._state, self._view = state, view_of(state, self._parts.waits, self.now())

    def subscribe(self, listener: Callable[[Committed], None]) -> None:
        """Calls `listener` after each commit that has events, in their order, and every few seconds."""
        self._listeners.append(listener)

    def hand_out_within(self, context: Callable[[], AbstractContextManager[None]]) -> None:
        """The answers of a batch are given within `context`, so that they can travel together. Only before `start`."""
        self._handing_out = context

    def start(self) -> None:
        if self._view is None:
            self.load()
        self._thread.start()

    def stop(self) -> None:
        """Finishes what is asked so far, takes no more, and returns when the thread has ended (at most 1.5 s)."""
        self._stopping = True
        self._bell.put(None)
        if self._thread.is_alive():
            self._thread.join(1.5)

    def submit(self, command: Command, sender: Sender, done: Done, *, deadline: float | None = None) -> None:
        """Asks. `done` is called once, on the writer's thread, when the answer is durable.

        A command that was not begun by `deadline` (of `time.monotonic`) is void, and answered `unavailable`.
        """
        self.hand_in(command, sender, done, deadline=deadline)
        self._bell.put(None)

    def hand_in(self, command: Command, sender: Sender, done: Done, *, deadline: float | None = None) -> None:
        """As `submit`, by a thread that calls `work_off` when it has handed in all that it has."""
        self._asked.append(Asked(command, sender, done, deadline))

    def work_off(self) -> None:
        """Does what was handed in, on this thread; where the pen is in use, or storage is broken, the engine's own
        thread does it.
        """
        if not self._asked:
            return
        if self._state is None or not self._thread.is_alive() or not self._pen.acquire(blocking=False):
            self._bell.put(None)
            return
        try:
            self._turn(self._taken())
        except Exception as error:  # noqa: BLE001 - as at the top of the engine's own loop
            self._die(error)
        finally:
            self._pen.release()
        if self._asked:
            self._bell.put(None)

    def ask(self, command: Command, sender: Sender) -> Future[Reply]:
        """Asks, and gives the reply as a future."""
        future: Future[Reply] = Future()
        self.submit(command, sender, lambda answer: future.set_result(Reply.model_validate_json(answer.payload)))
        return future

    def note_cursor(self, reader: str, seq: int) -> None:
        """Remembers how far a reader has come. It is written with a later commit, so it may lag by a second or so."""
        self._cursors[reader] = seq

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._beat()
                self._wait_for_bell()
                with self._pen:
                    asked = self._taken()
                    self._turn(asked)
                    self._tidy(is_idle=not asked)
            self._finish_up()
        except Exception as error:  # noqa: BLE001 - the top of a loop
            self._die(error)

    def _wait_for_bell(self) -> None:
        """Until somebody rings, at most a tick; many rings are one."""
        with suppress(Empty):
            self._bell.get(timeout=0.0 if self._asked else TICK_S)
            while True:
                self._bell.get_nowait()

    def _finish_up(self) -> None:
        """What was asked before the end, and the last cursors."""
        self._cursors_due = 0.0
        with self._pen:
            while self._asked:
                self._turn(self._taken())
            self._turn([])

    def _die(self, error: Exception) -> None:
        self._stopping = True
        _log.error("the engine stopped", exc_info=error)
        self._failed(f"the engine stopped: {error}")

    def _taken(self) -> list[Asked]:
        """All commands that wait, up to a bound. Only with the pen in hand: so they keep their order."""
        asked = self._asked
        return [asked.popleft() for _ in range(min(len(asked), MOST_AT_ONCE))]

    def _turn(self, asked: list[Asked]) -> None:
        try:
            work = self._decided(asked)
            if not work.batch.is_empty():
                self._journal.append(work.batch)
        except Exception as error:
            if not isinstance(error, StorageError):
                _log.exception("a batch of %d commands failed", len(asked))
            self._give_up(asked, error)
            if isinstance(error, DamagedError):
                raise
        else:
            self._finish(work)

    def _decided(self, asked: list[Asked]) -> Work:
        if self._state is None:
            self._state = self._recovered()
        known = self._journal.answers({one.command.key for one in asked}) if asked else {}
        work = Work(self._state, self._parts, known)
        work.keep_time()
        for one in asked:
            work.take(one)
        work.batch.cursors = self._due_cursors()
        return work

    def _recovered(self) -> State:
        """The state read anew, once storage takes writes again; asked at most once in `RETRY_S`."""
        if monotonic() < self._retry_due:
            raise StorageError("storage is not back yet")
        self._retry_due = monotonic() + RETRY_S
        self._journal.append(Batch(cursors={"probe": 0}))
        state = recover(self._journal)
        _log.warning("storage is back; the log was read again up to event %d", state.seq)
        return state

    def _finish(self, work: Work) -> None:
        """It is durable: now it may be seen."""
        self._written = self._written or not work.batch.is_empty()
        if work.accepts_leap:
            self._parts.clock.accept(work.now)
        with self._handing_out():
            for done, answer in work.answered:
                _guarded(partial(done, answer))
        if work.batch.events or monotonic() >= self._view_due:
            self._show(work)

    def _show(self, work: Work) -> None:
        """A new view, for what happened or because waits shrink as time goes by."""
        self._view_due = monotonic() + _VIEW_EVERY_S
        events = tuple(work.batch.events)
        kept = None if any(changes_setup(recorded.event) for recorded in events) else self.view.setup
        self._view = view_of(work.state, self._parts.waits, work.now, kept)
        committed = Committed(events, self._view)
        for listener in self._listeners:
            _guarded(partial(listener, committed))

    def _give_up(self, asked: list[Asked], error: Exception) -> None:
        """Nothing was done. Memory may be ahead of the log, so it is dropped, and read again later."""
        if self._state is not None:
            _log.error("storage failed; nothing was done and commands are refused until it is back: %s", error)
        self._state = None
        kept = self._kept_answers(asked)
        for one in asked:
            answer = kept.get(one.command.key)
            if answer is None or answer.sender != one.sender.name:
                answer = unavailable(one, "Storage failed; nothing was done. Please try again.")
            _guarded(partial(one.done, answer))

    def _kept_answers(self, asked: list[Asked]) -> dict[str, Answer]:
        """What can still be read: a command that was answered before gets that answer also while nothing can be written."""
        try:
            return self._journal.answers({one.command.key for one in asked})
        except StorageError:
            return {}

    def _tidy(self, *, is_idle: bool) -> None:
        """Once after each busy time: when nothing was written for a tick."""
        written, self._written = self._written, False
        self._untidy = self._untidy or written
        if self._untidy and is_idle and not written:
            self._untidy = False
            try:
                self._journal.tidy()
            except StorageError as error:
                _log.warning("storage could not be tidied: %s", error)

    def _due_cursors(self) -> dict[str, int]:
        if not self._cursors or monotonic() < self._cursors_due:
            return {}
        self._cursors_due = monotonic() + _CURSOR_EVERY_S
        cursors, self._cursors = self._cursors, {}
        return cursors


def _guarded(told: Callable[[], object]) -> None:
    try:
        told()
    except Exception:  # noqa: BLE001 - a reader's fault must not stop the writer
        _log.exception("what was done could not be handed over")
