"""What the devices say to a server of a pair: who is online, and whether they can reach the one that serves."""

import logging
import threading
from collections.abc import Callable
from typing import Literal

from pydantic import ValidationError

from branch_server.standby.clock import now_s
from foleni import __version__
from foleni.life import Watch
from foleni.link.link import Handlers, Link, Options
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription, Will
from foleni.messages.state import DeviceStatus, ServerStatus, Witness
from foleni.settings import MqttUrl
from foleni.topics import Kind, Topics

_log = logging.getLogger(__name__)

_BEAT_WITHIN_S = 20.0
_KINDS = frozenset({"kiosk", "display", "counter"})
"""What stands in the hall; a console or an integration is no witness."""
_KEPT = 30

Hears = Callable[[str, float, Witness], object]
"""A device, when it was asked, and what it said."""


class Witnesses:
    """A link of its own to this server's broker. `devices` are those that are online there."""

    def __init__(self, url: MqttUrl, branch: str, watch: Watch, hears: Hears, *, speaks: bool) -> None:
        """`speaks` where nobody else says on the server's topic how this server stands."""
        self.probe = 0
        self._topics = Topics(branch)
        self._hears = hears
        self._speaks = speaks
        self._online: set[str] = set()
        self._asked: dict[int, float] = {}
        self._lock = threading.Lock()
        self._said: bytes = b""
        will = Will(self._topics.server, ServerStatus(online=False, role="standby").to_wire()) if speaks else None
        self._link = Link(
            url,
            f"foleni-{branch}-pair",
            [Subscription(self._topics.status(Topics.ANY))],
            Handlers(self._take, self._up, beat=watch.beat("witnesses", _BEAT_WITHIN_S).tick),
            Options(will=will, session_expiry_s=0, will_on_stop=speaks),
        )

    def start(self) -> None:
        self._link.start()

    def stop(self) -> None:
        self._link.stop()

    @property
    def devices(self) -> tuple[str, ...]:
        """The ids of the devices that are online here."""
        with self._lock:
            return tuple(sorted(self._online))

    def ask(self) -> int:
        """The number of a new question; it is asked with what the server says of itself next."""
        with self._lock:
            self.probe += 1
            self._asked[self.probe] = now_s()
            self._asked.pop(self.probe - _KEPT, None)
            return self.probe

    def say(self, term: int, role: Literal["primary", "standby"], other: str) -> None:
        """How this server stands, for devices: it does not serve."""
        status = ServerStatus(
            online=False, version=__version__, term=term, role=role, other=other or None, probe=self.probe or None
        )
        payload = status.model_dump_json(exclude_none=True).encode()
        if payload != self._said and self._link.publish(self._topics.server, payload, retain=True):
            self._said = payload

    def _up(self, _session_present: bool) -> None:
        with self._lock:
            self._online.clear()
        self._said = b""

    def _take(self, incoming: Incoming) -> None:
        topic = self._topics.parse(incoming.topic)
        if topic is None or topic.kind is not Kind.STATUS:
            return
        try:
            status = DeviceStatus.model_validate_json(incoming.payload) if incoming.payload else DeviceStatus(online=False)
        except ValidationError:
            return
        if status.online and status.kind not in _KINDS:
            return
        with self._lock:
            (self._online.add if status.online else self._online.discard)(topic.name)
            asked_at = self._asked.get(status.witness.probe) if status.witness is not None else None
        if status.online and status.witness is not None and asked_at is not None:
            self._hears(topic.name, asked_at, status.witness)
