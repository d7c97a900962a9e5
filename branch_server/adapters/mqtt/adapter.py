"""Joins the engine to the LAN: one link, commands in, replies, state and events out."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from branch_server.adapters.mqtt.commands import Commands
from branch_server.adapters.mqtt.publisher import Publisher
from branch_server.domain.asking import HOUSE
from branch_server.engine.codec import compact
from branch_server.engine.engine import Engine
from branch_server.engine.journal import Journal
from foleni import __version__
from foleni.ids import uuid7
from foleni.life import Watch
from foleni.link.link import Handlers, Link, Options
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription, Will
from foleni.logs import Seldom
from foleni.settings import MqttUrl
from foleni.times import to_wire
from foleni.topics import Kind, Topics

_log = logging.getLogger(__name__)

_BEAT_WITHIN_S = 20.0
_LOOK_S = 0.005
_OWN = {Kind.SERVER, Kind.SERVICES, Kind.BOARD, Kind.COUNTER, Kind.CONFIG}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the process gives its parts: the watch, how to say that one has failed, and whether the end has begun."""

    watch: Watch
    fail: Callable[[str], object]
    is_over: Callable[[], bool]


class MqttAdapter:
    """Started when the broker has taken the subscriptions and what is retained was told; stops with the will."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        branch: str,
        url: MqttUrl,
        around: Surroundings,
        also: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        """`also` is what the server's topic says besides, where there are two servers."""
        self._topics = Topics(branch)
        self._also = also
        self._around = around
        self._is_up = threading.Event()
        self._seldom = Seldom(_log)
        self._boot = uuid7()
        self._since = to_wire(engine.now())
        self._link = Link(
            url,
            f"foleni-{branch}-server",
            self._subscriptions(),
            Handlers(
                on_message=self._take,
                on_pause=self._pause,
                on_up=self._came_up,
                on_down=self._went_down,
                on_dead=around.fail,
                beat=around.watch.beat("mqtt link", _BEAT_WITHIN_S).tick,
            ),
            Options(will=Will(self._topics.server, compact({"online": False, "boot": self._boot})), will_on_stop=True),
        )
        self._commands = Commands(engine, self._reply)
        engine.hand_out_within(self._link.together)
        self._publisher = Publisher(engine, journal, self._link, self._topics, self._greeting)
        self._publisher.watched(around.watch.beat("publisher", _BEAT_WITHIN_S).tick, around.fail)

    def start(self) -> None:
        self._publisher.start()
        self._link.start()
        while not self._is_up.wait(0.05) and not self._around.is_over():
            pass
        while self._commands.is_catching_up and not self._around.is_over():
            time.sleep(_LOOK_S)

    def stop(self) -> None:
        self._publisher.stop()
        self._link.stop()

    def tell_server(self) -> None:
        """What `also` gives has changed. For any thread."""
        self._publisher.was_overwritten(self._topics.server)

    def _subscriptions(self) -> list[Subscription]:
        topics = self._topics
        own = (topics.server, topics.services, topics.board, topics.counter(Topics.ANY), topics.config(Topics.ANY))
        return [
            Subscription(topics.commands(Topics.ANY), as_published=True),
            *(Subscription(topic, qos=0, no_local=True) for topic in own),
        ]

    def _came_up(self, session_present: bool) -> None:
        if session_present:
            mark = uuid7().encode()
            self._commands.resumed(mark)
            self._link.publish(self._topics.commands(HOUSE), mark)
        self._publisher.came_up(self._is_up.set)

    def _went_down(self) -> None:
        self._publisher.went_down()

    def _take(self, incoming: Incoming) -> None:
        topic = self._topics.parse(incoming.topic)
        if topic is None:
            return
        if topic.kind is Kind.COMMANDS:
            self._commands.take(topic.name, incoming)
        elif topic.kind in _OWN and incoming.retain:
            self._publisher.was_left(incoming.topic)
        elif topic.kind in _OWN:
            self._seldom.warning(incoming.topic, "somebody else published on %s; it is set right", incoming.topic)
            self._publisher.was_overwritten(incoming.topic)

    def _pause(self) -> None:
        self._commands.work_off()

    def _reply(self, device: str, payload: bytes) -> None:
        """One that cannot be sent now is asked for again by its device, with the same id."""
        self._link.publish(self._topics.replies(device), payload)

    def _greeting(self) -> bytes:
        greeting = {"online": True, "boot": self._boot, "version": __version__, "since": self._since}
        return compact(greeting | dict(self._also()))
