"""A reader of the log: it tells the LAN what happened and keeps the retained topics true."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import Protocol

from branch_server.adapters.mqtt.payloads import config_messages, is_public, public_event, state_messages
from branch_server.domain.events import Recorded
from branch_server.engine.engine import Committed, Engine
from branch_server.engine.journal import Journal, StorageError
from branch_server.engine.view import SetupView, View
from foleni.messages.base import Message
from foleni.topics import Topics

_log = logging.getLogger(__name__)

READER = "mqtt"
QUIET_S = 0.1
"""Queue lengths and waits are told at most so often; calls at once."""
_URGENT_S = 0.001
_TOGETHER_S = 0.02
_TURN_S = 0.5
_MOST_MISSED = 10_000
_CHUNK = 200
_MOST_IN_FLIGHT = 500
_IN_ONE_GO = 8
"""So many events are put into words before the writer, if it waits for the interpreter, goes first."""
_AFTER_YOU_S = 0.00005
_UNHURRIED = frozenset({
    "ticket_joined", "ticket_cancelled", "ticket_expired", "ticket_checked_in", "ticket_rated", "priority_changed",
    "note_added",
})  # fmt: skip
"""What changes no more than the length of a queue."""


class Outlet(Protocol):
    """The part of a link that the publisher needs."""

    @property
    def is_up(self) -> bool: ...

    @property
    def in_flight(self) -> int: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool: ...

    def together(self) -> AbstractContextManager[None]: ...


class Publisher:
    """Publishes in a thread of its own. Events go out in their order, again where it is not sure that they
    arrived: readers know them by `seq`. State is published where it changed, and whole after each reconnect."""

    def __init__(self, engine: Engine, journal: Journal, outlet: Outlet, topics: Topics, greeting: Callable[[], bytes]) -> None:
        """`greeting` is what stands on the server's own topic."""
        self._engine = engine
        self._journal = journal
        self._outlet = outlet
        self._topics = topics
        self._greeting = greeting
        self._inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._fresh: deque[Committed] = deque()
        self._asleep = True
        self._told: dict[str, Message] = {}
        self._configs: tuple[SetupView, dict[str, Message]] | None = None
        self._cursor = 0
        self._settled = 0
        self._unsure = True
        self._behind = True
        self._untold: list[Recorded] = []
        self._events_due: float | None = None
        self._state_due: float | None = None
        self._state_told_at = 0.0
        self._beat: Callable[[], object] = lambda: None
        self._failed: Callable[[str], object] = lambda _reason: None
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def watched(self, beat: Callable[[], object], failed: Callable[[str], object]) -> None:
        """Whom to tell that the loop lives, and that it died. Before `start`."""
        self._beat, self._failed = beat, failed

    def start(self) -> None:
        seq = self._engine.view.seq
        self._cursor = self._settled = max(self._journal.cursor(READER), seq - _MOST_MISSED)
        self._engine.subscribe(self._notice)
        self._thread.start()

    def stop(self) -> None:
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _notice(self, committed: Committed) -> None:
        """On the engine's thread. Waking this one for each longer queue would cost the engine more than its own work."""
        self._fresh.append(committed)
        if self._asleep or _is_urgent(committed):
            self._asleep = False
            self._inbox.put(self._take_fresh)

    def came_up(self, told: Callable[[], object] = lambda: None) -> None:
        """The link is up: everything is told anew, because the broker may have lost it; then `told` is called."""
        self._inbox.put(lambda: self._tell_all(told))

    def went_down(self) -> None:
        """The link is down: what the broker has not acknowledged is told again. On the link's thread."""
        self._unsure = True

    def was_overwritten(self, topic: str) -> None:
        """Somebody else published on one of our topics: what is true is told again."""
        self._inbox.put(lambda: self._repeat(topic))

    def was_left(self, topic: str) -> None:
        """The broker keeps something on one of our topics from before: what is no longer ours is cleared."""
        self._inbox.put(lambda: self._clear_unknown(topic))

    def _run(self) -> None:
        try:
            while self._turn():
                self._beat()
        except Exception as error:  # noqa: BLE001 - the top of a loop
            _log.exception("the publisher stopped")
            self._failed(f"the publisher stopped: {error}")

    def _turn(self) -> bool:
        try:
            item = self._inbox.get(timeout=self._patience_s())
        except Empty:
            item = self._work_off
        if item is None:
            return False
        item()
        if _is_due(self._events_due) or _is_due(self._state_due):
            self._asleep = True
            self._take_fresh()
            self._tell_untold()
        if _is_due(self._state_due):
            self._tell_state(self._engine.view)
        self._settle()
        return True

    def _patience_s(self) -> float:
        due = min((due for due in (self._events_due, self._state_due) if due is not None), default=monotonic() + _TURN_S)
        return min(_TURN_S, max(0.0, due - monotonic()))

    def _take_fresh(self) -> None:
        while self._fresh:
            self._take(self._fresh.popleft())

    def _take(self, committed: Committed) -> None:
        """Plans what is to be told: of a call at once, of a longer queue in a moment, together with others."""
        urgent = _is_urgent(committed)
        self._state_due = _sooner(self._state_due, self._state_told_at + (_URGENT_S if urgent else QUIET_S))
        if not self._behind and committed.events:
            self._untold += committed.events
            self._events_due = _sooner(self._events_due, monotonic() + (0.0 if urgent else _TOGETHER_S))

    def _tell_untold(self) -> None:
        self._events_due = None
        events, self._untold = self._untold, []
        fresh = [recorded for recorded in events if recorded.seq > self._cursor]
        if fresh and fresh[0].seq == self._cursor + 1:
            self._tell_events(fresh)
        elif fresh:
            self._behind = True

    def _tell_events(self, events: Sequence[Recorded]) -> None:
        with self._outlet.together():
            for number, recorded in enumerate(events, 1):
                if number % _IN_ONE_GO == 0:
                    sleep(_AFTER_YOU_S)
                topic = self._topics.event(recorded.event.type)
                if is_public(recorded.event) and not self._send(topic, public_event(recorded)):
                    self._behind = True
                    return
                self._cursor = recorded.seq

    def _settle(self) -> None:
        """Moves the lasting cursor up once the broker has acknowledged everything."""
        if self._settled < self._cursor and self._outlet.in_flight == 0 and self._outlet.is_up and not self._unsure:
            self._settled = self._cursor
            self._engine.note_cursor(READER, self._settled)

    def _work_off(self) -> None:
        """Tells what was missed, from the log, as fast as the broker takes it."""
        if not self._behind or not self._outlet.is_up or self._outlet.in_flight > _MOST_IN_FLIGHT:
            return
        try:
            missed = self._journal.read(self._cursor, _CHUNK)
        except StorageError as error:
            _log.debug("the log cannot be read: %s", error)
            return
        self._behind = False
        self._tell_events(missed)
        if len(missed) == _CHUNK and not self._behind:
            self._behind = True
            self._inbox.put(self._work_off)

    def _tell_all(self, told: Callable[[], object]) -> None:
        self._told.clear()
        self._untold.clear()
        self._unsure = False
        self._cursor = self._settled
        self._outlet.publish(self._topics.server, self._greeting(), retain=True)
        self._tell_state(self._engine.view)
        told()
        self._behind = True
        self._work_off()

    def _repeat(self, topic: str) -> None:
        if topic == self._topics.server:
            self._outlet.publish(topic, self._greeting(), retain=True)
        elif self._told.pop(topic, None) is not None:
            self._state_due = monotonic() + QUIET_S
        else:
            self._clear_unknown(topic)

    def _clear_unknown(self, topic: str) -> None:
        if topic != self._topics.server and topic not in self._all_messages(self._engine.view):
            self._send(topic, b"", retain=True)

    def _tell_state(self, view: View) -> None:
        """Publishes what differs from what was told last, and clears the topics of what is gone."""
        self._state_due, self._state_told_at = None, monotonic()
        now = self._all_messages(view)
        for topic, message in now.items():
            if not _says_the_same(self._told.get(topic), message) and self._send(topic, message.to_wire(), retain=True):
                self._told[topic] = message
        for topic in self._told.keys() - now.keys():
            if self._send(topic, b"", retain=True):
                del self._told[topic]

    def _all_messages(self, view: View) -> dict[str, Message]:
        if self._configs is None or self._configs[0] is not view.setup:
            self._configs = (view.setup, config_messages(view.setup, self._topics))
        return state_messages(view, self._topics) | self._configs[1]

    def _send(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        return self._outlet.publish(topic, payload, retain=retain)


def _is_urgent(committed: Committed) -> bool:
    return any(recorded.event.type not in _UNHURRIED for recorded in committed.events)


def _is_due(due: float | None) -> bool:
    return due is not None and monotonic() >= due


def _sooner(due: float | None, other: float) -> float:
    return other if due is None else min(due, other)


def _says_the_same(told: Message | None, message: Message) -> bool:
    """Whether only the number of the event differs."""
    if told is None or told is message:
        return told is message
    return all(getattr(told, name) == getattr(message, name) for name in type(message).model_fields if name != "seq")
