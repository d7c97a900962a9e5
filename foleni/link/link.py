"""The MQTT 5 link of a part: connects, comes back by itself, and lets any thread publish at once."""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum

from foleni.link.backoff import Backoff
from foleni.link.dial import Waiter, dial
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription, Will, Wire
from foleni.settings import MqttUrl

logger = logging.getLogger(__name__)

_TURN_S = 1.0
_GOODBYE_S = 0.5
_STOP_S = 1.0
_SETTLED_S = 5.0
_MAX_REMEMBERED = 1000


class State(StrEnum):
    """Where a link is. `publish` works while it is UP."""

    STOPPED = "stopped"
    CONNECTING = "connecting"
    SUBSCRIBING = "subscribing"
    UP = "up"
    WAITING = "waiting"


class LinkError(Exception):
    """Why a connection ended, in words for the log."""


def _ignore(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Handlers:
    """What a link calls, on its own thread: hand over and return. One that raises is logged."""

    on_message: Callable[[Incoming], object] = _ignore
    """What the subscriptions bring; never before `on_up`."""
    on_up: Callable[[bool], object] = _ignore
    """Subscribed, and `publish` works; the argument tells whether the broker still had the session."""
    on_down: Callable[[], object] = _ignore
    """No longer up."""
    on_refused: Callable[[str, int], object] = _ignore
    """The broker refused a publish: its topic and MQTT 5's reason code."""
    on_dead: Callable[[str], object] = _ignore
    """The link's thread has ended though nobody stopped it: `Life.fail`."""
    beat: Callable[[], object] = _ignore
    """At least once a second while the thread is well: `Beat.tick`. Only looking up a host name may take longer."""
    on_pause: Callable[[], object] = _ignore
    """All that was read has been handed to `on_message`; more may come at once."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a link behaves. With `will_on_stop` the broker publishes the will after a goodbye too."""

    will: Will | None = None
    will_on_stop: bool = False
    keepalive_s: int = 15
    session_expiry_s: int = 3600
    connect_timeout_s: float = 5.0


class Link:
    """One client's connection to the broker, kept up by one thread of its own.

    The first connect is a reconnect: `start` returns at once. The MQTT session lives at the broker under
    `client_id`; on this side nothing outlives a connection, so nothing goes out late.
    """

    def __init__(
        self,
        url: MqttUrl,
        client_id: str,
        subscriptions: Sequence[Subscription] = (),
        handlers: Handlers | None = None,
        options: Options | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.url = url
        self.client_id = client_id
        self.state = State.STOPPED
        self.fault = ""
        """Why the last try or connection ended; empty while it is up."""
        self._subscriptions = tuple(subscriptions)
        self._handlers = handlers or Handlers()
        self._options = options or Options()
        self._backoff = backoff or Backoff()
        self._up: Wire | None = None
        self._up_since = 0.0
        self._misc_due = 0.0
        self._held: deque[Incoming] = deque()
        self._failing = False
        self._is_moving = False
        self._refused_topics: set[str] = set()
        self._stopping = threading.Event()
        self._waiter = Waiter()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to connect. A link is started once."""
        self._thread = threading.Thread(target=self._run, name=f"link {self.client_id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye and end, within a second. `will_on_stop` has the broker publish the will all the same."""
        self._stopping.set()
        self._waiter.wake()
        if self._thread is None:
            self._waiter.close()
        elif self._thread is not threading.current_thread():
            self._thread.join(_STOP_S)

    def move(self, url: MqttUrl) -> None:
        """Go to another broker: the present connection ends, and `url` is dialled at once. For any thread."""
        self.url = url
        self._is_moving = True
        self._waiter.wake()

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False, expiry_s: int | None = None) -> bool:
        """Write a message to the broker, from any thread; never blocks on the network. `qos` is 0 or 1.

        False where the link is not up: the message is gone. True means written, not arrived: a message in flight
        when the link breaks may be lost.
        """
        if "+" in topic or "#" in topic or not topic:
            raise ValueError(f"cannot publish to {topic!r}")
        wire = self._up
        return wire is not None and wire.send(topic, payload, qos=qos, retain=retain, expiry_s=expiry_s)

    @contextmanager
    def together(self) -> Iterator[None]:
        """For a thread that publishes many messages at once: they go out in few pieces."""
        wire = self._up
        with nullcontext() if wire is None else wire.together():
            yield

    @property
    def is_up(self) -> bool:
        return self._up is not None

    @property
    def in_flight(self) -> int:
        """QoS 1 publishes that the broker has not acknowledged; a bulk publisher paces itself by it."""
        wire = self._up
        return 0 if wire is None else wire.in_flight

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._live_once()
                self._rest()
        except Exception:
            logger.exception("the link of %s died", self.client_id)
            self._handlers.on_dead(f"the link of {self.client_id} died")
        finally:
            self.state = State.STOPPED
            self._waiter.close()

    def _live_once(self) -> None:
        """One connection, from dialling to its end."""
        try:
            self.state = State.CONNECTING
            self._is_moving = False
            with dial(self.url, self._options.connect_timeout_s, self._dialling) as sock:
                self._converse(sock)
        except (LinkError, OSError) as error:
            self._note_failure(str(error))
        except Exception as error:  # noqa: BLE001 - noted, and the link goes on
            self._note_failure(repr(error), error)

    def _converse(self, sock: socket.socket) -> None:
        wire = Wire(sock, self.client_id, self._waiter.wake, self._take)
        if self.url.user is not None:
            wire.username_pw_set(self.url.user, self.url.password)
        try:
            self._introduce(wire)
            self._go_up(wire)
            self._turn_until(wire, self._stopping.is_set)
            self._say_goodbye(wire)
        finally:
            wire.close()
            self._go_down()

    def _introduce(self, wire: Wire) -> None:
        """CONNECT and SUBSCRIBE, answered within the connect timeout."""
        deadline = time.monotonic() + self._options.connect_timeout_s
        wire.greet(self.url, self._options.keepalive_s, self._options.session_expiry_s, self._options.will)
        self._turn_until(wire, lambda: wire.session_present is not None, deadline)
        self.state = State.SUBSCRIBING
        if not self._subscriptions:
            return
        wire.ask_for(self._subscriptions)
        self._turn_until(wire, lambda: wire.refused_subscriptions is not None, deadline)
        if wire.refused_subscriptions:
            raise LinkError(f"subscription refused: {', '.join(wire.refused_subscriptions)}")

    def _turn_until(self, wire: Wire, done: Callable[[], bool], deadline: float | None = None) -> None:
        while not done():
            if deadline is not None and self._stopping.is_set():
                raise LinkError("stopped")
            if deadline is not None and time.monotonic() >= deadline:
                raise LinkError("the broker does not answer")
            self._turn(wire, _TURN_S if deadline is None else min(_TURN_S, deadline - time.monotonic()))

    def _turn(self, wire: Wire, timeout_s: float) -> None:
        """Wait for the socket or the bell, and do what is to be done."""
        self._handlers.beat()
        self._check_move()
        backlog = wire.has_backlog
        readable, writable = self._waiter.wait(
            wire.open_socket, write=wire.want_write(), timeout_s=0.0 if backlog else timeout_s
        )
        if readable or backlog:
            wire.read()
            self._call(self._handlers.on_pause)
        if writable:
            wire.loop_write()
        self._keep_alive(wire)
        while wire.refused:
            self._tell_refused(*wire.refused.popleft())
        if wire.end is not None:
            raise LinkError(wire.end)

    def _keep_alive(self, wire: Wire) -> None:
        """Pings, looked after once a second."""
        now = time.monotonic()
        if now >= self._misc_due:
            self._misc_due = now + _TURN_S
            wire.loop_misc()

    def _go_up(self, wire: Wire) -> None:
        self._up_since = time.monotonic()
        self._up = wire
        self.state = State.UP
        logger.info("%s is connected to %s", self.client_id, self.url)
        self._failing = False
        self.fault = ""
        self._call(self._handlers.on_up, bool(wire.session_present))
        while self._held:
            self._call(self._handlers.on_message, self._held.popleft())
        self._call(self._handlers.on_pause)

    def _go_down(self) -> None:
        if self._up is None:
            return
        self._up = None
        self.state = State.WAITING
        if time.monotonic() - self._up_since >= _SETTLED_S:
            self._backoff.reset()
        self._call(self._handlers.on_down)

    def _say_goodbye(self, wire: Wire) -> None:
        """DISCONNECT, behind everything that was published before it."""
        wire.say_goodbye(with_will=self._options.will_on_stop)
        deadline = time.monotonic() + _GOODBYE_S
        while wire.end is None and not wire.is_emptied() and time.monotonic() < deadline:
            self._waiter.wait(wire.open_socket, write=wire.want_write(), timeout_s=deadline - time.monotonic())
            wire.loop_write()

    def _rest(self) -> None:
        """Wait before the next try, or until the link is stopped."""
        self.state = State.WAITING
        deadline = time.monotonic() + self._backoff.next_s()
        while not self._stopping.is_set() and not self._is_moving and (left_s := deadline - time.monotonic()) > 0:
            self._handlers.beat()
            self._waiter.wait(None, write=False, timeout_s=min(_TURN_S, left_s))

    def _check_move(self) -> None:
        if self._is_moving:
            self._backoff.reset()
            raise LinkError(f"{self.client_id} goes to {self.url}")

    def _dialling(self, sock: socket.socket, write: bool) -> None:
        self._handlers.beat()
        self._check_move()
        if self._stopping.is_set():
            raise LinkError("stopped")
        self._waiter.wait(sock, write=write, timeout_s=_TURN_S)

    def _take(self, incoming: Incoming) -> None:
        if self._up is None:
            self._held.append(incoming)
        else:
            self._call(self._handlers.on_message, incoming)

    def _tell_refused(self, topic: str, reason: int) -> None:
        if topic not in self._refused_topics and len(self._refused_topics) < _MAX_REMEMBERED:
            self._refused_topics.add(topic)
            logger.warning("the broker refused a publish to %s (reason %#x)", topic, reason)
        self._call(self._handlers.on_refused, topic, reason)

    def _note_failure(self, why: str, surprise: Exception | None = None) -> None:
        if self._stopping.is_set():
            return
        self.fault = why
        level = logging.DEBUG if self._failing else logging.WARNING
        logger.log(level, "no link to %s: %s", self.url, why, exc_info=surprise)
        self._failing = True

    def _call(self, handler: Callable[..., object], *arguments: object) -> None:
        try:
            handler(*arguments)
        except Exception:
            logger.exception("a handler of %s failed", self.client_id)
