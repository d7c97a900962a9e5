"""Server-sent events: after each change every open page gets the newest picture, each picture drawn once for all of them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

_log = logging.getLogger(__name__)

HEARTBEAT_S = 10.0
_SETTLE_S = 0.01
"""What changes together is drawn together."""
MOST_STREAMS = 400

Draw = Callable[[], bytes]


class TooManyError(Exception):
    """There are as many streams open as this machine should carry."""


@dataclass(slots=True)
class Channel:
    """A picture (JSON in UTF-8, one line) that streams follow by its `name`."""

    name: str
    draw: Draw
    version: int = 0
    picture: bytes = b""
    listeners: int = 0

    def redraw(self) -> bool:
        """Whether the picture has become another one."""
        drawn = self.draw()
        if drawn == self.picture and self.version:
            return False
        self.picture, self.version = drawn, self.version + 1
        return True


@dataclass(eq=False, slots=True)
class _Stream:
    owner: str | None
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False


class Hub:
    """All open streams of the web side. On the event loop's thread only."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._streams: set[_Stream] = set()
        self._redrawing: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    def changed(self) -> None:
        """Something may look otherwise now: soon everything that is followed is drawn anew."""
        if self._redrawing is None and not self._closed:
            self._redrawing = asyncio.get_running_loop().call_later(_SETTLE_S, self._redraw)

    def end(self, owner: str | None = None) -> None:
        """Ends the streams of an owner (a session's id), or all of them for good."""
        self._closed = self._closed or owner is None
        for stream in self._streams:
            if owner is None or stream.owner == owner:
                stream.over = True
                stream.bell.set()

    async def stream(self, pictures: Iterable[tuple[str, Draw]], owner: str | None = None) -> AsyncIterator[bytes]:
        """The bytes of an event stream: event `name` with the picture as `data`, at once and after each change; a slow
        reader gets the newest and never a backlog. Names are shared: the same name must mean the same picture.
        Raises `TooManyError`.
        """
        if len(self._streams) >= MOST_STREAMS:
            raise TooManyError(f"{MOST_STREAMS} streams are open")
        channels: list[Channel] = []
        stream = _Stream(owner)
        self._streams.add(stream)
        try:
            channels.extend(self._follow(name, draw) for name, draw in pictures)
            told = dict.fromkeys((channel.name for channel in channels), 0)
            yield b"retry: 1000\n\n"
            while not stream.over and not self._closed:
                stream.bell.clear()
                for channel in channels:
                    if channel.version != told[channel.name]:
                        told[channel.name] = channel.version
                        yield _event(channel)
                try:
                    await asyncio.wait_for(stream.bell.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield b"event: beat\ndata: {}\n\n"
            if stream.over:
                yield b"event: over\ndata: {}\n\n"
        finally:
            self._streams.discard(stream)
            for channel in channels:
                self._unfollow(channel)

    def _follow(self, name: str, draw: Draw) -> Channel:
        channel = self._channels.get(name)
        if channel is None:
            channel = self._channels[name] = Channel(name, draw)
        if channel.listeners == 0:
            channel.redraw()
        channel.listeners += 1
        return channel

    def _unfollow(self, channel: Channel) -> None:
        channel.listeners -= 1
        if channel.listeners == 0:
            self._channels.pop(channel.name, None)

    def _redraw(self) -> None:
        self._redrawing = None
        news = False
        for channel in list(self._channels.values()):
            try:
                news = channel.redraw() or news
            except Exception:  # noqa: BLE001 - one picture must not stop the others
                _log.exception("the picture %s cannot be drawn", channel.name)
        if news:
            for stream in self._streams:
                stream.bell.set()


def _event(channel: Channel) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (channel.name.split(":")[0].encode(), channel.version, channel.picture)
