"""Anybody's own client of a branch: paho-mqtt, and what the contract's page says. Nothing of ours."""

import json
import socket
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage, MQTTMessageInfo, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.support.waiting import PATIENCE_S, until

Json = dict[str, Any]

COUNTER_COMMANDS = frozenset({
    "call_next", "recall", "start", "complete", "skip", "no_show", "park", "open_counter", "close_counter", "break_counter",
    "call_ticket", "unpark", "undo",
})  # fmt: skip
PRESS_EXPIRY_S = 5
STATE = ("server", "services", "board", "counters/+", "events/+", "devices/+/status")
_MOST_IN_FLIGHT = 500
_OWN = ("replies", "config")


@dataclass(frozen=True, slots=True)
class Message:
    """One arrival. `topic` is what follows the root; `retained` marks a value from before the subscription."""

    topic: str
    payload: bytes
    retained: bool

    @property
    def json(self) -> Json:
        value: Json = json.loads(self.payload)
        return value


class Client:
    """A device with MQTT 5 and an own client id; with `session_s` the broker keeps its session so long."""

    def __init__(
        self,
        port: int,
        branch: str,
        device: str,
        password: str | None = None,
        *,
        client_id: str | None = None,
        session_s: int = 0,
        subscriptions: Sequence[str] | None = None,
        comes_back: bool = True,
    ) -> None:
        """`subscriptions` are topics below the root; by default the device's own ones and all state and events.
        `comes_back` after a lost connection, by itself."""
        self.device = device
        self.root = f"foleni/{branch}/"
        self.messages: list[Message] = []
        self.session_was_present = False
        own = [f"devices/{device}/{leaf}" for leaf in _OWN]
        self._filters = [*own, *STATE] if subscriptions is None else list(subscriptions)
        self._port = port
        self._session_s = session_s
        self._lock = threading.Lock()
        self._replies: dict[str, list[Json]] = {}
        self._is_ready = threading.Event()
        self._refusals: list[str] = []
        self._outcomes: dict[int, ReasonCode] = {}
        self._client_id = client_id or f"{device}-{uuid.uuid4()}"
        self._password = password
        self._comes_back = comes_back
        self._will: tuple[str, bytes, bool] | None = None
        self._paho = self._new_paho()

    def __enter__(self) -> Self:
        return self.connect()

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    def will(self, topic: str, payload: bytes, *, retain: bool = True) -> Self:
        """What the broker says for it when it is gone. Before `connect`."""
        self._will = (self.root + topic, payload, retain)
        return self

    def connect(self) -> Self:
        """Returns when the subscriptions are taken. Raises `ConnectionError` where the broker refuses."""
        self._is_ready.clear()
        self._refusals.clear()
        self._paho = self._new_paho()
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._session_s
        self._paho.connect("127.0.0.1", self._port, clean_start=self._session_s == 0, properties=properties)
        self._paho.loop_start()
        until(lambda: self._is_ready.is_set() or self._refusals)
        if self._refusals:
            self.disconnect()
            raise ConnectionError(self._refusals[0])
        return self

    def disconnect(self) -> None:
        """A goodbye; what was published before has reached the broker."""
        self._paho.disconnect()
        self._paho.loop_stop()

    def drop(self) -> None:
        """The connection breaks without a goodbye."""
        self._paho.loop_stop()
        open_socket = self._paho.socket()
        assert open_socket is not None
        open_socket.close()

    def publish(
        self, topic: str, payload: bytes | str, *, retain: bool = False, expiry_s: int | None = None, qos: int = 1
    ) -> MQTTMessageInfo:
        """Publish below the root."""
        properties = _properties(PacketTypes.PUBLISH)
        if expiry_s is not None:
            properties.MessageExpiryInterval = expiry_s
        return self._paho.publish(self.root + topic, payload, qos=qos, retain=retain, properties=properties)

    def publish_checked(self, topic: str, payload: bytes | str, *, retain: bool = False) -> ReasonCode:
        """Publish, and what the broker thinks of it."""
        number = self.publish(topic, payload, retain=retain).mid
        until(lambda: number in self._outcomes)
        return self._outcomes[number]

    def send(self, command: Json, *, expiry_s: int | None = None, device: str | None = None, retain: bool = False) -> str:
        """Ask without waiting: the command's id, made where it has none. Presses get their 5 s."""
        command = {"id": str(uuid.uuid4())} | command
        if expiry_s is None and command.get("type") in COUNTER_COMMANDS:
            expiry_s = PRESS_EXPIRY_S
        topic = f"devices/{device or self.device}/commands"
        self.publish(topic, json.dumps(command), expiry_s=expiry_s, retain=retain)
        return str(command["id"])

    def ask(self, command: Json, timeout: float = PATIENCE_S) -> Json:
        """The reply to a command; the next one, where the same id was asked before."""
        command = {"id": str(uuid.uuid4())} | command
        had = len(self.replies(str(command["id"])))
        return self.reply(self.send(command), timeout, after=had)

    def reply(self, command: str, timeout: float = PATIENCE_S, after: int = 0) -> Json:
        """The reply to a command that was sent, after as many others to the same id."""
        until(lambda: len(self.replies(command)) > after, timeout)
        return self.replies(command)[after]

    def replies(self, command: str) -> list[Json]:
        with self._lock:
            return list(self._replies.get(command, ()))

    def seen(self, topic: str) -> list[Message]:
        """All that has come on a topic so far."""
        with self._lock:
            return [message for message in self.messages if message.topic == topic]

    def state(self, topic: str, holds: Callable[[Json], object] = bool, timeout: float = PATIENCE_S) -> Json:
        """What a topic says as soon as `holds` is true of the latest value."""
        found: list[Json] = []

        def look() -> bool:
            value = _object_in(seen[-1].payload) if (seen := self.seen(topic)) else None
            if value is not None and holds(value):
                found.append(value)
            return bool(found)

        until(look, timeout)
        return found[0]

    def event(self, kind: str, holds: Callable[[Json], object] = bool, timeout: float = PATIENCE_S) -> Json:
        """The first public event of a type of which `holds` is true."""
        found: list[Json] = []

        def look() -> bool:
            told = (_object_in(message.payload) for message in self.seen(f"events/{kind}"))
            found.extend(event for event in told if event is not None and holds(event))
            return bool(found)

        until(look, timeout)
        return found[0]

    def _new_paho(self) -> Paho:
        paho = Paho(
            CallbackAPIVersion.VERSION2, self._client_id, protocol=MQTTv5, reconnect_on_failure=self._comes_back
        )  # fmt: skip
        paho.max_inflight_messages_set(_MOST_IN_FLIGHT)
        if self._password is not None:
            paho.username_pw_set(self.device, self._password)
        if self._will is not None:
            topic, payload, retain = self._will
            paho.will_set(topic, payload, qos=1, retain=retain)
        paho.on_socket_open = _without_delay
        paho.on_connect = self._connected
        paho.on_disconnect = self._disconnected
        paho.on_subscribe = self._subscribed
        paho.on_message = self._arrived
        paho.on_publish = self._published
        return paho

    def _connected(self, _client: Paho, _data: object, flags: Any, reason: ReasonCode, _properties: object) -> None:
        self.session_was_present = flags.session_present
        if reason.is_failure:
            self._refusals.append(str(reason))
        elif self._filters:
            self._paho.subscribe([(self.root + each, SubscribeOptions(qos=1)) for each in self._filters])
        else:
            self._is_ready.set()

    def _disconnected(self, _client: Paho, _data: object, _flags: object, reason: ReasonCode, _properties: object) -> None:
        if not self._comes_back and not self._is_ready.is_set():
            self._refusals.append(str(reason))

    def _subscribed(self, *_: object) -> None:
        self._is_ready.set()

    def _published(self, _client: Paho, _data: object, number: int, reason: ReasonCode, _properties: object) -> None:
        self._outcomes[number] = reason

    def _arrived(self, _client: Paho, _data: object, message: MQTTMessage) -> None:
        heard = Message(message.topic.removeprefix(self.root), bytes(message.payload), message.retain)
        reply = _object_in(heard.payload) if heard.topic == f"devices/{self.device}/replies" else None
        with self._lock:
            self.messages.append(heard)
            if reply is not None:
                self._replies.setdefault(str(reply.get("command")), []).append(reply)


def _object_in(payload: bytes) -> Json | None:
    """The JSON object in a payload; None for anything else, which must not end paho's thread."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _without_delay(_client: Paho, _data: object, opened: Any) -> None:
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]
