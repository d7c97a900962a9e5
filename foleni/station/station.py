"""A device's place on the LAN: its link, its retained status, and the newest of each state topic that it follows."""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from foleni import __version__
from foleni.link.asker import Asker
from foleni.link.link import Handlers, Link, Options
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription, Will
from foleni.messages.base import Message
from foleni.messages.orders import KnownOrder, Outcome
from foleni.messages.state import DeviceConfig, DeviceStatus, PrinterStatus, ServerStatus
from foleni.settings import MqttUrl
from foleni.station.orders import Answer, Orders, unknown
from foleni.station.pair import TwoServers
from foleni.times import Instant, to_wire
from foleni.topics import Topics

logger = logging.getLogger(__name__)

_MICRO = 1000
_SEQ = re.compile(rb'"seq":([0-9]{1,15})')


class Reach(StrEnum):
    """How far a device's voice carries."""

    LIVE = "live"
    NO_SERVER = "no_server"
    """The broker is there, but the branch server said goodbye, or died."""
    NO_LINK = "no_link"


def _ignore(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Ears:
    """What a station calls, on its link's thread: hand over and return."""

    on_news: Callable[[str, Message], object] = _ignore
    """A followed topic and what is true there now; never an older value than before."""
    on_config: Callable[[DeviceConfig], object] = _ignore
    on_reach: Callable[[Reach], object] = _ignore
    """The reach has changed; a station starts without link."""
    on_dead: Callable[[str], object] = _ignore
    """A thread has ended though nobody stopped it: `Life.fail`."""
    beat_link: Callable[[], object] = _ignore
    beat_asker: Callable[[], object] = _ignore
    on_order: Callable[[KnownOrder, Answer], object] = unknown
    """What the branch tells the device to do; each order comes once, and its `Answer` is called from any thread."""


class Station:
    """One device: `asker` asks in its name. Safe to use from any thread.

    `followed` gives the payload's form of each state topic to follow; a topic may end in `+`. A part of a program
    (`start`, `stop`): start it once.
    """

    def __init__(
        self,
        url: MqttUrl,
        topics: Topics,
        device: str,
        kind: str,
        followed: Mapping[str, type[Message]],
        ears: Ears | None = None,
        memory: Path | None = None,
    ) -> None:
        """`memory` is a file in which the device remembers which of two servers it has heard last."""
        self.device = device
        self.reach = Reach.NO_LINK
        self._topics = topics
        self._followed = followed
        self._ears = ears or Ears()
        since = to_wire(Instant(time.time_ns() // _MICRO))
        self._report = DeviceStatus(online=True, kind=kind, version=__version__, since=since)
        self._status = topics.status(device)
        self._config = topics.config(device)
        self._ordered, self._came = topics.orders(device), topics.outcomes(device)
        self._orders = Orders(self._say_outcome, self._ears.on_order)
        self._seqs: dict[str, int] = {}
        self._boot: str | None = None
        self._servers = TwoServers(url, memory, topics.branch)
        self._saying = threading.Lock()
        heard = [topics.replies(device), self._config, topics.server, *followed]
        subscriptions = [*(Subscription(topic) for topic in heard), Subscription(self._ordered, optional=True)]
        handlers = Handlers(self._take, self._up, self._down, on_dead=self._ears.on_dead, beat=self._beat)
        will = Will(self._status, DeviceStatus(online=False, kind=kind).to_wire())
        self.link = Link(self._servers.url, device, subscriptions, handlers, Options(will=will, will_on_stop=True))
        self.asker = Asker(self.link, topics, device, on_dead=self._ears.on_dead, beat=self._ears.beat_asker)

    def start(self) -> None:
        self.asker.start()
        self.link.start()

    def stop(self) -> None:
        self.asker.stop()
        self.link.stop()

    def go_to(self, url: MqttUrl) -> None:
        """The branch's server is at another address: that is dialled from now on."""
        self._servers.moved(url)

    def tell_printer(self, state: PrinterStatus) -> None:
        """The printer's state changed; it is part of the device's status."""
        self._say_also(printer=state)

    def tell_sound(self, *, is_heard: bool) -> None:
        """Whether the display can be heard; it is part of the device's status."""
        self._say_also(sound="ok" if is_heard else "none")

    def _say_also(self, **changed: object) -> None:
        with self._saying:
            self._report = self._report.model_copy(update=changed)
            self.link.publish(self._status, self._report.model_dump_json(exclude_none=True).encode(), retain=True)

    def _say_outcome(self, outcome: Outcome) -> None:
        self.link.publish(self._came, outcome.to_wire())

    def _beat(self) -> None:
        self._ears.beat_link()
        url = self._servers.url
        if (url.host, url.port) != (self.link.url.host, self.link.url.port):
            self.link.move(url)

    def _up(self, _session_present: bool) -> None:
        self._servers.connected()
        self._say_also()
        self.asker.repeat()

    def _down(self) -> None:
        self._servers.lost()
        self._reach(Reach.NO_LINK)

    def _reach(self, reach: Reach) -> None:
        if reach is not self.reach:
            self.reach = reach
            self._ears.on_reach(reach)

    def _take(self, incoming: Incoming) -> None:
        if self._servers.is_refused and incoming.topic != self._topics.server:
            return
        if self.asker.take(incoming):
            self._note_seq(incoming.payload)
            return
        try:
            if incoming.topic == self._topics.server:
                self._hear_server(ServerStatus.model_validate_json(incoming.payload))
            elif incoming.topic == self._config:
                self._ears.on_config(DeviceConfig.model_validate_json(incoming.payload))
            elif incoming.topic == self._ordered:
                self._hear_order(incoming)
            else:
                self._hear_news(incoming)
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False)
            logger.warning("%s cannot be read: %s", incoming.topic, faults[0]["msg"] if faults else error)

    def _note_seq(self, reply: bytes) -> None:
        """Whoever takes over must not give the number that this reply may hold."""
        found = _SEQ.search(reply)
        if found is not None:
            self._servers.heard_of(int(found[1]))

    def _hear_server(self, status: ServerStatus) -> None:
        serves = self._servers.hears(status)
        if status.probe is not None:
            self._say_also(witness=self._servers.witness(status.probe))
        if status.boot is not None and status.boot != self._boot:
            self._boot = status.boot
            self._seqs.clear()  # another life of the server, perhaps out of a backup: its numbers start where they start
        self._reach(Reach.LIVE if serves else Reach.NO_SERVER)

    def _hear_order(self, incoming: Incoming) -> None:
        """One that is kept would be heard again after each start: a device that was told to restart would do so for ever."""
        if incoming.retain:
            logger.warning("a retained order on %s was ignored: a device is told once", incoming.topic)
        else:
            self._orders.take(incoming.payload)

    def _hear_news(self, incoming: Incoming) -> None:
        form = self._form(incoming.topic)
        if form is None:
            return
        message = form.model_validate_json(incoming.payload)
        seq = getattr(message, "seq", None)
        if seq is not None:
            if seq < self._seqs.get(incoming.topic, 0):
                return
            self._seqs[incoming.topic] = seq
            self._servers.heard_of(seq)
        self._ears.on_news(incoming.topic, message)

    def _form(self, topic: str) -> type[Message] | None:
        exact = self._followed.get(topic)
        return exact or self._followed.get(f"{topic.rpartition('/')[0]}/+")
