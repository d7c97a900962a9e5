"""One MQTT 5 connection: paho's client, with packets that any thread may write and one thread reads.

paho keeps the handshake, subscriptions, pings and framing. PUBLISH and PUBACK, the packets that come by the
thousand, are coded by `foleni.link.packets`, read from a buffer and written together where several wait.
"""

import logging
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.exception import MalformedPacket
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from foleni.link.packets import (
    PUBACK,
    PUBLISH,
    REFUSED,
    Incoming,
    PacketError,
    body_in,
    decode_puback,
    decode_publish,
    encode_puback,
    encode_publish,
)
from foleni.settings import MqttUrl

logger = logging.getLogger(__name__)

_READ_BYTES = 1 << 16
_WRITE_BYTES = 1 << 16
_READS_A_TURN = 4
_MAX_UNANSWERED = 65_000
_MOST_TOGETHER = 32
_OURS = {PUBLISH, PUBACK}
_WILL_TOO = 4


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says for a client that goes without a goodbye."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic filter. `no_local` leaves out what this client published itself; `as_published` keeps the retain mark of
    what comes live, and leaves out what was retained before. A link can do without an `optional` one.
    """

    topic: str
    qos: int = 1
    no_local: bool = False
    as_published: bool = False
    optional: bool = False


class Wire(Client):
    """`on_incoming` runs on the reading thread. `end` is why the connection is over, None while it is not; the socket
    stays open until `close`. `wake` is called where the reading thread has something to do.
    """

    def __init__(
        self, sock: socket.socket, client_id: str, wake: Callable[[], None], on_incoming: Callable[[Incoming], None]
    ) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5, reconnect_on_failure=False)
        self.end: str | None = None
        self.session_present: bool | None = None
        self.refused_subscriptions: list[str] | None = None
        self.refused: deque[tuple[str, int]] = deque()
        self._dialled = sock
        self._wake = wake
        self._on_incoming = on_incoming
        self._tls_lock = threading.Lock() if isinstance(sock, ssl.SSLSocket) else None
        self._buffer = b""
        self._at = 0
        self._reads = 0
        self._reader = 0
        self._holders: set[int] = set()
        self._unsent: deque[bytes] = deque()
        self._write_lock = self._tls_lock or threading.Lock()
        self._ids_lock = threading.Lock()
        self._unanswered: dict[int, str] = {}
        self._later: deque[tuple[str, bytes, bool, int | None]] = deque()
        self._most_unanswered = _MAX_UNANSWERED
        self._packet_id = 0
        self._asked: Sequence[Subscription] = ()
        self.suppress_exceptions = True
        self.on_connect = self._connected
        self.on_subscribe = self._subscribed
        self.on_disconnect = self._disconnected

    def greet(self, url: MqttUrl, keepalive_s: int, session_expiry_s: int, will: Will | None) -> None:
        """Send CONNECT in the name that `url` gives. `session_present` is None until the broker has agreed."""
        self.username_pw_set(url.user, url.password)
        if will is not None:
            self.will_set(will.topic, will.payload, will.qos, will.retain)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = session_expiry_s
        self.connect("dialled", 1, keepalive_s, clean_start=False, properties=properties)

    def ask_for(self, subscriptions: Sequence[Subscription]) -> None:
        """Send SUBSCRIBE. `refused_subscriptions` is None until the broker has answered."""
        self._asked = subscriptions
        self.subscribe([(each.topic, _options(each)) for each in subscriptions])

    def send(self, topic: str, payload: bytes, *, qos: int, retain: bool, expiry_s: int | None) -> bool:
        """Write one PUBLISH now; any thread. False where the connection is over, or `qos` is not 0 or 1."""
        if self.end is not None or self._sock is None:
            return False
        if qos == 0:
            self._unsent.append(encode_publish(topic, payload, 0, qos=0, retain=retain, expiry_s=expiry_s))
        else:
            with self._ids_lock:
                if self._later or len(self._unanswered) >= self._most_unanswered:
                    self._later.append((topic, payload, retain, expiry_s))
                    return True
                self._number(topic, payload, retain=retain, expiry_s=expiry_s)
        self._flush()
        return True

    @property
    def in_flight(self) -> int:
        """QoS 1 publishes that the broker has not acknowledged."""
        return len(self._unanswered) + len(self._later)

    @property
    def has_backlog(self) -> bool:
        """Whether bytes that were received wait to be read, unseen by poll."""
        if self._at < len(self._buffer):
            return True
        sock = self._sock
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

    @property
    def open_socket(self) -> socket.socket | None:
        return self._dialled if self._sock is not None else None

    def read(self) -> None:
        """Take what the broker sent; what that makes us write goes out together at the end."""
        self._reads = 0
        self._reader = threading.get_ident()
        try:
            rc = self.loop_read()
            while not rc and self._at < len(self._buffer) and self._reads < _READS_A_TURN:
                rc = self.loop_read()
        finally:
            self._reader = 0
            self._flush()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What this thread sends in here goes out in few pieces rather than one by one."""
        me = threading.get_ident()
        self._holders.add(me)
        try:
            yield
        finally:
            self._holders.discard(me)
            self._flush()

    def say_goodbye(self, *, with_will: bool) -> None:
        """Send DISCONNECT."""
        self.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=_WILL_TOO) if with_will else None)

    def is_emptied(self) -> bool:
        """Drop what came in; whether everything is sent and the broker has hung up. A socket that is closed with
        unread bytes in it takes along what was sent last.
        """
        try:
            while self._receive():
                pass
        except BlockingIOError:
            return False
        except OSError:
            return True
        return not self._unsent

    def close(self) -> None:
        """Close the socket; later sends answer False."""
        self.end = self.end or "closed"
        self.on_disconnect = None
        self._sock_close()
        self._dialled.close()

    def loop_write(self) -> MQTTErrorCode:
        self._flush()
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def want_write(self) -> bool:
        return bool(self._unsent)

    def _create_socket(self) -> Any:
        return self._dialled

    def _sock_close(self) -> None:
        with self._write_lock:
            super()._sock_close()

    def _sock_recv(self, bufsize: int) -> bytes:
        self._fill()
        piece = self._buffer[self._at : self._at + bufsize]
        self._at += len(piece)
        return piece

    def _fill(self) -> None:
        """Read from the socket where the buffer is used up."""
        if self._at >= len(self._buffer):
            self._reads += 1
            self._buffer = self._receive()
            self._at = 0

    def _receive(self) -> bytes:
        if self._tls_lock is None:
            return super()._sock_recv(_READ_BYTES)
        with self._tls_lock:  # OpenSSL takes no reading and writing at the same time
            return super()._sock_recv(_READ_BYTES)

    def _packet_queue(  # the signature is paho's
        self, _command: int, packet: Any, _mid: int, _qos: int, _info: Any = None
    ) -> MQTTErrorCode:
        self._unsent.append(bytes(packet))
        self._flush()
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _packet_read(self) -> MQTTErrorCode:
        """Take what lies whole in the buffer; paho reads the other kinds, and what is cut at the buffer's end."""
        if self._in_packet["command"]:
            return super()._packet_read()
        try:
            self._fill()
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_AGAIN
        except OSError:
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        try:
            taken = self._take_whole()
        except PacketError:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        return MQTTErrorCode.MQTT_ERR_SUCCESS if taken else super()._packet_read()

    def _take_whole(self) -> bool:
        """Take the PUBLISHes and PUBACKs that come next and are whole; False where there is none."""
        buffer, start = self._buffer, self._at
        while self._at < len(buffer) and buffer[self._at] & 0xF0 in _OURS:
            first = buffer[self._at]
            body = body_in(buffer, self._at)
            if body is None:
                break
            self._at = body[1]
            self._take_body(first, buffer[body[0] : body[1]])
        if self._at == start:
            return False
        self._last_bytes_received = time.monotonic()
        return True

    def _packet_handle(self) -> MQTTErrorCode:
        first = self._in_packet["command"]
        if first & 0xF0 not in _OURS:
            return super()._packet_handle()
        try:
            self._take_body(first, bytes(self._in_packet["packet"]))
        except PacketError as error:
            raise MalformedPacket(str(error)) from error
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _take_body(self, first: int, body: bytes) -> None:
        if first & 0xF0 == PUBLISH:
            self._take_publish(first, body)
        else:
            self._take_puback(body)

    def _take_publish(self, first: int, body: bytes) -> None:
        incoming, packet_id = decode_publish(first, body)
        if incoming.qos:
            self._unsent.append(encode_puback(packet_id))
        self._on_incoming(incoming)

    def _take_puback(self, body: bytes) -> None:
        packet_id, reason = decode_puback(body)
        with self._ids_lock:
            topic = self._unanswered.pop(packet_id, None)
            while self._later and len(self._unanswered) < self._most_unanswered:
                later_topic, payload, retain, expiry_s = self._later.popleft()
                self._number(later_topic, payload, retain=retain, expiry_s=expiry_s)
        if reason >= REFUSED and topic is not None:
            self.refused.append((topic, reason))

    def _number(self, topic: str, payload: bytes, *, retain: bool, expiry_s: int | None) -> None:
        packet_id = self._packet_id % 0xFFFF + 1
        while packet_id in self._unanswered:
            packet_id = packet_id % 0xFFFF + 1
        self._packet_id = packet_id
        self._unanswered[packet_id] = topic
        self._unsent.append(encode_publish(topic, payload, packet_id, qos=1, retain=retain, expiry_s=expiry_s))

    def _flush(self) -> None:
        """Write what waits, unless another thread is writing: that one looks again before it leaves."""
        me = threading.get_ident()
        if me == self._reader or (me in self._holders and len(self._unsent) < _MOST_TOGETHER):
            return
        blocked = False
        while self._unsent and not blocked and self.end is None and self._write_lock.acquire(blocking=False):
            try:
                blocked = not self._write_some()
            finally:
                self._write_lock.release()
        if blocked:
            self._wake()

    def _write_some(self) -> bool:
        """False where the socket takes no more."""
        if not self._unsent:
            return True
        packets = [self._unsent.popleft()]
        size = len(packets[0])
        while self._unsent and size < _WRITE_BYTES:
            packets.append(self._unsent.popleft())
            size += len(packets[-1])
        chunk = packets[0] if len(packets) == 1 else b"".join(packets)
        try:
            sent = self._sock_send(chunk)
        except BlockingIOError:
            sent = 0
        except (OSError, AttributeError) as error:
            self.end = self.end or f"cannot write: {error}"
            return False
        self._last_msg_out = time.monotonic()
        if sent < len(chunk):
            self._unsent.appendleft(chunk[sent:])
        return sent == len(chunk)

    def _connected(self, _c: Client, _u: Any, flags: ConnectFlags, reason: ReasonCode, granted: Properties | None) -> None:
        if reason.is_failure:
            self.end = f"refused: {reason}"
            return
        allowed = getattr(granted, "ReceiveMaximum", _MAX_UNANSWERED)
        self._most_unanswered = min(allowed, _MAX_UNANSWERED)
        self.session_present = flags.session_present

    def _subscribed(self, _c: Client, _u: Any, _mid: int, reasons: list[ReasonCode], _p: Properties | None) -> None:
        refused = [(asked, reason) for asked, reason in zip(self._asked, reasons, strict=False) if reason.is_failure]
        for asked, reason in refused:
            if asked.optional:
                logger.info("the broker refused the subscription to %s: %s", asked.topic, reason)
        self.refused_subscriptions = [f"{asked.topic} ({reason})" for asked, reason in refused if not asked.optional]

    def _disconnected(self, _c: Client, _u: Any, flags: DisconnectFlags, reason: ReasonCode, _p: Properties | None) -> None:
        by = "the broker ended it" if flags.is_disconnect_packet_from_server else "lost"
        self.end = self.end or f"{by}: {reason}"


def _options(asked: Subscription) -> SubscribeOptions:
    handling = SubscribeOptions.RETAIN_DO_NOT_SEND if asked.as_published else SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE
    return SubscribeOptions(asked.qos, asked.no_local, asked.as_published, handling)
