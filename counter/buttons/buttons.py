"""The MQTT buttons of the settings: what arrives for them, and the presses in it that a person meant just now."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from paho.mqtt.client import topic_matches_sub

from counter.buttons.clicks import Clicks
from counter.buttons.forms import WORDS, Form, GarbageError, Word, read
from counter.desk.calm import Calm, Verdict
from counter.presses import Action, Gesture
from foleni.link.link import Handlers, Link, Options
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription
from foleni.logs import Seldom
from foleni.settings import MqttUrl

logger = logging.getLogger(__name__)

LATE_S = 2.0
"""What lay unread for so long, because this process or its machine stood still, is void."""
_LEVELS = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Binding:
    """One rule of the settings: whose presses mean what. `input` picks one button of a device that has several."""

    topic: str
    form: Form
    device: str
    actions: Mapping[Gesture, Action]
    words: Mapping[str, Gesture] = field(default_factory=dict)
    input: int | None = None

    def gesture(self, word: Word) -> Gesture | None:
        """What the maker's word says; None for what is no press, or one of another button."""
        if self.input is not None and word.input is not None and word.input != self.input:
            return None
        return (self.words or WORDS[self.form]).get(word.text)


class Desks(Protocol):
    """Where the presses go, on the loop's thread."""

    def __call__(self, device: str, action: Action) -> object: ...


class Looping(Protocol):
    """What buttons need of the loop."""

    def do(self, job: Callable[[], object]) -> None: ...

    def offer(self, job: Callable[[], object]) -> None: ...

    def later(self, wait_s: float, job: Callable[[], object]) -> None: ...


class Buttons:
    """A part of the program: a link of its own, whose session ends with each connection, so that nothing comes late."""

    def __init__(
        self, url: MqttUrl, name: str, bindings: Sequence[Binding], press: Desks, loop: Looping, handlers: Handlers
    ) -> None:
        self._loop = loop
        self._readers = [_Reader(binding, press, loop) for binding in bindings]
        self._beat = handlers.beat
        self._beaten_at = time.monotonic()
        self._seldom = Seldom(logger)
        subscriptions = [Subscription(topic, qos=0) for topic in dict.fromkeys(binding.topic for binding in bindings)]
        hearing = Handlers(self._take, on_down=self._forget, on_dead=handlers.on_dead, beat=self._go_round)
        self.link = Link(url, f"{name}-buttons", subscriptions, hearing, Options(session_expiry_s=0))

    def start(self) -> None:
        self.link.start()

    def stop(self) -> None:
        self.link.stop()

    def _go_round(self) -> None:
        self._beaten_at = time.monotonic()
        self._beat()

    def _take(self, incoming: Incoming) -> None:
        now = time.monotonic()
        if now - self._beaten_at > LATE_S:
            self._seldom.warning("late", "presses that waited for %.0f s are void", now - self._beaten_at)
            return
        self._loop.offer(partial(self._read, incoming, now))

    def _forget(self) -> None:
        for reader in self._readers:
            self._loop.do(reader.forget)

    def _read(self, incoming: Incoming, arrived_at: float) -> None:
        if time.monotonic() - arrived_at > LATE_S:
            self._seldom.warning("late", "presses that waited too long are void")
            return
        for reader in self._readers:
            if topic_matches_sub(reader.binding.topic, incoming.topic):
                try:
                    reader.take(incoming, arrived_at)
                except GarbageError as error:
                    self._seldom.warning(reader.binding.topic, "%s cannot be read: %s", incoming.topic, str(error)[:200])


class _Reader:
    """One binding at work. What it knows of each topic is bounded by how many topics its filter may bring."""

    _MOST_TOPICS = 1000

    def __init__(self, binding: Binding, press: Desks, loop: Looping) -> None:
        self.binding = binding
        self._press = press
        self._loop = loop
        self._calms: dict[str, Calm] = {}
        self._counts: dict[str, int] = {}
        self._clicks: dict[str, Clicks] = {}

    def forget(self) -> None:
        """The link went down: what comes next may tell of presses that nobody heard."""
        self._counts.clear()
        self._clicks.clear()

    def take(self, incoming: Incoming, now: float) -> None:
        """A retained message is no press; it tells at most where a device's count stands."""
        topic = incoming.topic
        if topic not in self._calms and len(self._calms) >= self._MOST_TOPICS:
            raise GarbageError("too many buttons under one rule")
        calm = self._calms.setdefault(topic, Calm())
        for word in read(self.binding.form, incoming.payload):
            if self._is_repeated(topic, word) or incoming.retain:
                continue
            gesture = self._level(topic, word, now) or self.binding.gesture(word)
            if gesture is not None:
                self._act(calm, gesture, now)

    def _act(self, calm: Calm, gesture: Gesture, now: float) -> None:
        action = self.binding.actions.get(gesture)
        if action is not None and calm.judge(gesture, now) is Verdict.MEANT:
            self._press(self.binding.device, action)

    def _is_repeated(self, topic: str, word: Word) -> bool:
        """Shelly Gen1 tells its last press again every half minute: only a count that has changed is a press, and the
        first that is heard only tells where the count stands.
        """
        if word.count is None:
            return False
        known = self._counts.get(topic)
        self._counts[topic] = word.count
        return known is None or known == word.count

    def _level(self, topic: str, word: Word, now: float) -> Gesture | None:
        if self.binding.form is not Form.ESPHOME or word.text not in _LEVELS or word.text in self.binding.words:
            return None
        clicks = self._clicks.setdefault(topic, Clicks(doubles=Gesture.DOUBLE in self.binding.actions))
        gesture = clicks.turn(now, down=_LEVELS[word.text])
        if clicks.wait_until is not None:
            self._loop.later(clicks.wait_until - now, partial(self._settle, topic, clicks))
        return gesture

    def _settle(self, topic: str, clicks: Clicks) -> None:
        now = time.monotonic()
        gesture = clicks.due(now)
        if gesture is not None:
            self._act(self._calms[topic], gesture, now)
