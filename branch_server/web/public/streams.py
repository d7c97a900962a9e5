"""How many streams the public may hold open, and the time that goes with each of them."""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.responses import StreamingResponse

from branch_server.web.errors import WebError
from foleni.web.live import Draw, Hub

_TIME_EVERY_S = 30.0


@dataclass(slots=True)
class Gate:
    """Lets so many streams through at once, in all and for one address. Who finds it closed asks for the picture instead."""

    most: int
    most_of_one: int
    open: Counter[str] = field(default_factory=Counter)

    def check(self, address: str) -> None:
        """Raises `WebError` 503 where there are enough streams."""
        if self.open.total() >= self.most or self.open[address] >= self.most_of_one:
            raise WebError(503, "unavailable", "There are enough live pages open here.", {"Retry-After": "5"})

    async def through(self, hub: Hub, name: str, draw: Draw, address: str) -> AsyncIterator[bytes]:
        """The hub's stream of one picture, with the server's time before it and now and then in it: TVs have no good clock."""
        self.open[address] += 1
        told_s = 0.0
        try:
            async for piece in hub.stream([(name, draw)]):
                yield piece
                if time.monotonic() - told_s >= _TIME_EVERY_S:
                    told_s = time.monotonic()
                    yield b"event: time\ndata: %s\n\n" % json.dumps({"now": now_ms()}).encode()
        finally:
            self.open[address] -= 1
            if not self.open[address]:
                del self.open[address]


def streamed(pieces: AsyncIterator[bytes]) -> StreamingResponse:
    """An event stream as an answer that no proxy holds back."""
    return StreamingResponse(pieces, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def now_ms() -> int:
    """Milliseconds since 1970, as pages count."""
    return time.time_ns() // 1_000_000
