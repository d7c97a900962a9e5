"""Live pictures for the pages of staff: after each change of a branch, the newest one."""

from collections.abc import AsyncIterator, Awaitable, Callable

from cloud.bus.bus import Bell
from cloud.site import Site

HEARTBEAT_S = 10.0
MOST_STREAMS = 500


class Streams:
    """All open streams of this process. On the loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._bells: set[Bell] = set()
        self._is_over = False
        site.closing.append(self._end)

    @property
    def is_full(self) -> bool:
        return len(self._bells) >= MOST_STREAMS

    async def stream(self, topic: str, draw: Callable[[], Awaitable[bytes | None]]) -> AsyncIterator[bytes]:
        """Event `queue` with what `draw` gives (one line of JSON), at once, after each change, and at each heartbeat;
        event `over`, and the end, where it gives None: the reader may not see it any more.
        """
        with self._site.bus.listening(topic) as bell:
            self._bells.add(bell)
            try:
                yield b"retry: 1000\n\n"
                told = b""
                while not self._is_over:
                    drawn = await draw()
                    if drawn is None:
                        yield b"event: over\ndata: {}\n\n"
                        return
                    yield b"event: queue\ndata: " + drawn + b"\n\n" if drawn != told else b"event: beat\ndata: {}\n\n"
                    told = drawn
                    await bell.heard(HEARTBEAT_S)
            finally:
                self._bells.discard(bell)

    def _end(self) -> None:
        self._is_over = True
        for bell in self._bells:
            bell.ring(b"")
