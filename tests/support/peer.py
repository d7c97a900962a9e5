"""A link as tests use it: it remembers what it hears."""

from collections.abc import Callable
from typing import Self

from foleni.link.backoff import Backoff
from foleni.link.link import Handlers, Link, Options, State
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription
from foleni.settings import MqttUrl
from tests.support.waiting import until

QUICK = Options(connect_timeout_s=0.3)


class Peer:
    """A link that keeps what happens to it."""

    def __init__(
        self,
        url: MqttUrl,
        name: str,
        *topics: str,
        options: Options | None = None,
        on_message: Callable[[Incoming], object] | None = None,
        no_local: bool = False,
    ) -> None:
        self.messages: list[Incoming] = []
        self.ups: list[bool] = []
        self.downs = 0
        self.refused: list[tuple[str, int]] = []
        self.beats = 0
        self.dead: list[str] = []
        handlers = Handlers(
            on_message or self.messages.append, self.ups.append, self._down, self._refused, self.dead.append, self._beat
        )
        subscriptions = [Subscription(topic, 1, no_local) for topic in topics]
        self.link = Link(url, name, subscriptions, handlers, options, Backoff(0.05, 0.1))

    def _down(self) -> None:
        self.downs += 1

    def _refused(self, topic: str, reason: int) -> None:
        self.refused.append((topic, reason))

    def _beat(self) -> None:
        self.beats += 1

    def __enter__(self) -> Self:
        self.link.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.link.stop()
        until(lambda: self.link.state is State.STOPPED)
        assert self.dead == []

    def up(self) -> Self:
        until(lambda: self.ups)
        return self


def payloads(peer: Peer) -> list[bytes]:
    return [incoming.payload for incoming in peer.messages]
