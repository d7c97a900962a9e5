"""MQTT 5 connections of many devices in one thread: paho without its network thread, under one selector."""

import contextlib
import random
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

SESSION_EXPIRY_S = 3600
KEEPALIVE_S = 30
_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 10.0
_TICK_S = 0.25

OnMessage = Callable[[mqtt.MQTTMessage], None]


class LinkError(Exception):
    """The broker cannot be reached, or refuses this account."""


@dataclass(frozen=True, slots=True)
class Address:
    """A broker and an account on it; without a username the connection is anonymous."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> "Address":
        """The address in `mqtt://user:password@host:port`; raises `ValueError` for anything else."""
        parts = urlsplit(url)
        if parts.scheme != "mqtt" or not parts.hostname:
            raise ValueError(f"no mqtt://host:port address: {url!r}")
        username = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.hostname, parts.port or 1883, username, password)


class Poller:
    """The loop over all connections; whoever owns it calls `run_once` again and again."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._connections: list[Connection] = []
        self._tick_at = 0.0

    def add(self, connection: "Connection") -> None:
        self._connections.append(connection)

    def watch(self, sock: socket.socket, connection: "Connection") -> None:
        self._selector.register(sock, selectors.EVENT_READ, connection)

    def unwatch(self, sock: Any) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(sock)

    def want_write(self, sock: socket.socket, connection: "Connection", wanted: bool) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.modify(sock, events, connection)

    def run_once(self, timeout_s: float) -> None:
        """Wait at most `timeout_s` for the network, and handle what came."""
        for key, mask in self._selector.select(max(0.0, min(timeout_s, _TICK_S))):
            key.data.handle(mask)
        now = time.monotonic()
        if now >= self._tick_at:
            self._tick_at = now + _TICK_S
            for connection in self._connections:
                connection.tick(now)

    def run_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Whether `condition` came true in time."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            self.run_once(left_s)
        return True

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._selector.close()


class Connection:
    """One device's connection. It reconnects by itself, with capped and jittered backoff.

    `ready` is true from the moment the subscriptions stand. `on_message` runs inside `Poller.run_once` and may publish.
    """

    def __init__(self, poller: Poller, address: Address, client_id: str, topics: Sequence[str], on_message: OnMessage) -> None:
        self.ready = False
        self.fault = ""
        self.denied = 0
        self._poller = poller
        self._address = address
        self._topics = [(topic, SubscribeOptions(qos=1)) for topic in topics]
        self._retry_at: float | None = None
        self._retry_s = _FIRST_RETRY_S
        self._closing = False
        self._writing = False
        self._reading = False
        self._client = self._build(client_id, on_message)
        poller.add(self)

    def connect(self) -> None:
        """Begin to connect; `ready` or `fault` tells how it ended."""
        session = _properties(PacketTypes.CONNECT, SessionExpiryInterval=SESSION_EXPIRY_S)
        host, port = self._address.host, self._address.port
        try:
            self._client.connect(host, port, KEEPALIVE_S, clean_start=mqtt.MQTT_CLEAN_START_FIRST_ONLY, properties=session)
        except OSError as error:
            self._lost(str(error))
        self._flush()

    def publish(self, topic: str, payload: bytes, expiry_s: int | None = None) -> None:
        """Send at QoS 1; `expiry_s` is MQTT's message expiry."""
        properties = _properties(PacketTypes.PUBLISH, MessageExpiryInterval=expiry_s) if expiry_s else None
        self._client.publish(topic, payload, 1, properties=properties)
        self._flush()

    def close(self) -> None:
        """Disconnect and end the session at the broker."""
        self._closing = True
        ending = _properties(PacketTypes.DISCONNECT, SessionExpiryInterval=0)
        if self._client.is_connected():
            self._client.disconnect(properties=ending)
            self._client.loop_write()

    def handle(self, mask: int) -> None:
        """What the selector saw on the socket."""
        if mask & selectors.EVENT_READ:
            self._reading = True
            try:
                self._client.loop_read()
            finally:
                self._reading = False
        self._flush()

    def tick(self, now: float) -> None:
        """Keep the connection alive, or make it again."""
        if self._retry_at is None:
            self._client.loop_misc()
            self._flush()
        elif now >= self._retry_at and not self._closing:
            self._retry_at = None
            try:
                self._client.reconnect()
            except OSError as error:
                self._lost(str(error))

    def _build(self, client_id: str, on_message: OnMessage) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
        client.username_pw_set(self._address.username, self._address.password)
        client.max_inflight_messages_set(10_000)
        client.on_socket_open = lambda _client, _userdata, sock: self._opened(sock)
        client.on_socket_close = lambda _client, _userdata, sock: self._poller.unwatch(sock)
        client.on_connect = lambda _client, _userdata, _flags, code, _properties: self._connected(code)
        client.on_subscribe = lambda _client, _userdata, _mid, codes, _properties: self._subscribed(codes)
        client.on_publish = lambda _client, _userdata, _mid, code, _properties: self._published(code)
        client.on_disconnect = lambda _client, _userdata, _flags, code, _properties: self._lost(str(code))
        client.on_message = lambda _client, _userdata, message: on_message(message)
        return client

    def _opened(self, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._writing = False
        self._poller.watch(sock, self)

    def _connected(self, code: Any) -> None:
        if code.is_failure:
            self.fault = str(code)
        elif self._topics:
            self._client.subscribe(self._topics)
        else:
            self._subscribed(())

    def _subscribed(self, codes: Sequence[Any]) -> None:
        refused = [topic for (topic, _), code in zip(self._topics, codes, strict=False) if code.is_failure]
        self.fault = f"may not subscribe to {', '.join(refused)}" if refused else ""
        self._retry_s = _FIRST_RETRY_S
        self.ready = True

    def _published(self, code: Any) -> None:
        if code.is_failure:
            self.denied += 1

    def _lost(self, reason: str) -> None:
        self.ready = False
        self.fault = self.fault or reason
        self._retry_at = time.monotonic() + self._retry_s * random.uniform(0.7, 1.3)  # noqa: S311
        self._retry_s = min(self._retry_s * 2, _LAST_RETRY_S)

    def _flush(self) -> None:
        """Write what is queued; not inside a callback, where a lost socket would make paho wait for itself."""
        if self._reading:
            return
        if self._client.want_write():
            self._client.loop_write()
        pending = self._client.want_write()
        sock: Any = self._client.socket()
        if pending != self._writing and sock is not None:
            self._writing = pending
            self._poller.want_write(sock, self, pending)


def _properties(packet: int, **values: int) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]  # paho has no annotation here
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
