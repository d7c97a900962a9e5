"""The web side's place on the LAN: it asks in the name of signed-in people, and hears how the devices are."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from pydantic import ValidationError

from branch_server.domain.asking import WEB
from foleni import __version__
from foleni.life import Watch
from foleni.link.asker import Answer, Asker, NoAnswer
from foleni.link.link import Handlers, Link, Options
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription, Will
from foleni.messages.commands import Command
from foleni.messages.orders import EXPIRY_S, Order, Outcome
from foleni.messages.replies import Code, Reply, refusal
from foleni.messages.state import DeviceStatus, ServerStatus
from foleni.settings import MqttUrl
from foleni.times import Instant, to_wire
from foleni.topics import Kind, Topics

_log = logging.getLogger(__name__)

ASK_S = 5.0
_BEAT_WITHIN_S = 20.0
_LIVE_S = 4.0
_NOT_THERE = "The queue does not answer now. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class Heard:
    """What a device said of itself, and when we heard it (wall clock, microseconds)."""

    status: DeviceStatus
    at: Instant
    from_before: bool = False
    """Whether it was said before we listened, nobody knows when."""


@dataclass(slots=True)
class LanEars:
    """What the LAN side calls, on its link's thread: hand over and return."""

    on_bell: Callable[[], object]
    """Something was written to the log, or may have been."""
    on_new_life: Callable[[], object]
    """The branch server has begun another life."""
    on_devices: Callable[[], object] = field(default=lambda: None)
    """A device's status, or the server's, has changed."""


class Lan:
    """Asks commands and follows statuses. `devices` and `server` are replaced whole, so any thread may read them."""

    def __init__(self, url: MqttUrl, branch: str, ears: LanEars, watch: Watch, fail: Callable[[str], object]) -> None:
        self.topics = topics = Topics(branch)
        self.devices: dict[str, Heard] = {}
        self.server = ServerStatus(online=False)
        self._ears = ears
        self._asked: dict[str, Future[Answer]] = {}
        self._ordered: dict[str, tuple[str, Future[Outcome]]] = {}
        self._lock = threading.Lock()
        self._live = threading.Event()
        since = to_wire(Instant(time.time_ns() // 1000))
        self._status = DeviceStatus(online=True, kind="console", version=__version__, since=since)
        heard = (topics.replies(WEB), topics.server, topics.status(Topics.ANY), topics.event(Topics.ANY), topics.services)
        will = Will(topics.status(WEB), DeviceStatus(online=False, kind="console").to_wire())
        handlers = Handlers(self._take, self._up, self._down, on_dead=fail, beat=watch.beat("mqtt link", _BEAT_WITHIN_S).tick)
        self._link = Link(
            url,
            f"foleni-{branch}-web",
            [*(Subscription(topic) for topic in heard), Subscription(topics.outcomes(Topics.ANY), optional=True)],
            handlers,
            Options(will=will, will_on_stop=True),
        )
        self._asker = Asker(self._link, topics, WEB, on_dead=fail, beat=watch.beat("asker", _BEAT_WITHIN_S).tick)

    def start(self) -> None:
        """Returns when the branch server is heard, or after a while without it: then pages say that it is away."""
        self._asker.start()
        self._link.start()
        self._live.wait(_LIVE_S)

    def stop(self) -> None:
        self._asker.stop()
        self._link.stop()

    @property
    def is_live(self) -> bool:
        """Whether a command would reach the engine now."""
        return self._link.is_up and self.server.online

    async def ask(self, command: Command) -> Reply:
        """The engine's answer; `unavailable` where none comes in time. The same command asked twice at once is asked once."""
        return _as_reply(command, await asyncio.shield(asyncio.wrap_future(self._future_of(command))))

    def order(self, device: str, order: Order) -> Future[Outcome] | None:
        """Tell a device to do something: what comes of it, or None where it could not be told. Who gives up waiting calls
        `forget`.
        """
        future: Future[Outcome] = Future()
        self._ordered[order.id] = device, future
        payload = order.model_dump_json(by_alias=True, exclude_none=True).encode()
        if self._link.publish(self.topics.orders(device), payload, expiry_s=EXPIRY_S):
            return future
        self.forget(order.id)
        return None

    def forget(self, order: str) -> None:
        """Nobody waits for the outcome any more."""
        self._ordered.pop(order, None)

    def _future_of(self, command: Command) -> Future[Answer]:
        with self._lock:
            known = self._asked.get(command.id)
            if known is not None:
                return known
            future = self._asked[command.id] = Future()
        future.add_done_callback(lambda _done: self._asked.pop(command.id, None))
        self._asker.ask(command, future.set_result, ASK_S)
        return future

    def _up(self, _session_present: bool) -> None:
        self._link.publish(self.topics.status(WEB), self._status.model_dump_json(exclude_none=True).encode(), retain=True)
        self._asker.repeat()
        self._ears.on_bell()

    def _down(self) -> None:
        self.server = ServerStatus(online=False, boot=self.server.boot)
        self._ears.on_devices()

    def _take(self, incoming: Incoming) -> None:
        if self._asker.take(incoming):
            self._ears.on_bell()
            return
        topic = self.topics.parse(incoming.topic)
        if topic is None:
            return
        try:
            if topic.kind is Kind.SERVER:
                self._hear_server(ServerStatus.model_validate_json(incoming.payload))
            elif topic.kind is Kind.STATUS:
                self._hear_device(topic.name, incoming)
            elif topic.kind is Kind.OUTCOMES:
                self._hear_outcome(topic.name, Outcome.model_validate_json(incoming.payload))
            else:
                self._ears.on_bell()
        except ValidationError as error:
            _log.warning("%s cannot be read: %s", incoming.topic, error.errors(include_input=False, include_url=False)[:1])

    def _hear_server(self, status: ServerStatus) -> None:
        known, self.server = self.server, status
        if status.online:
            self._live.set()
        if status.boot is not None and known.boot is not None and status.boot != known.boot:
            self._ears.on_new_life()
        self._ears.on_bell()
        self._ears.on_devices()

    def _hear_outcome(self, device: str, outcome: Outcome) -> None:
        """Only the device that was told can say what came of it."""
        asked, future = self._ordered.get(outcome.order, (None, None))
        if asked == device and future is not None:
            self._ordered.pop(outcome.order, None)
            future.set_result(outcome)

    def _hear_device(self, device: str, incoming: Incoming) -> None:
        if not incoming.payload:
            self.devices = {name: heard for name, heard in self.devices.items() if name != device}
        else:
            status = DeviceStatus.model_validate_json(incoming.payload)
            heard = Heard(status, Instant(time.time_ns() // 1000), incoming.retain)
            self.devices = {**self.devices, device: heard}
        self._ears.on_devices()


def _as_reply(command: Command, answer: Answer) -> Reply:
    return refusal(command.id, Code.UNAVAILABLE, _NOT_THERE) if isinstance(answer, NoAnswer) else answer
