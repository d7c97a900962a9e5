"""Open pages get the newest picture, drawn once for all of them; a slow reader never gets a backlog."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from foleni.web import live
from foleni.web.live import Hub, TooManyError


class Scene:
    """A picture that can be changed, and counts how often it was drawn."""

    def __init__(self) -> None:
        self.value = 0
        self.drawn = 0

    def draw(self) -> bytes:
        self.drawn += 1
        return b'{"value":%d}' % self.value


async def next_picture(stream: AsyncIterator[bytes]) -> bytes:
    while True:
        piece = await asyncio.wait_for(anext(stream), 5)
        if b'data: {"value"' in piece or b"event: over" in piece:
            return piece


def played(play: Callable[[Hub, Scene], Awaitable[None]]) -> None:
    asyncio.run(_run(play))


async def _run(play: Callable[[Hub, Scene], Awaitable[None]]) -> None:
    await play(Hub(), Scene())


def test_a_stream_begins_with_the_picture_and_goes_on_with_each_new_one() -> None:
    async def play(hub: Hub, scene: Scene) -> None:
        stream = hub.stream([("board", scene.draw)])
        assert b'"value":0' in await next_picture(stream)
        scene.value = 1
        hub.changed()
        assert b'event: board\nid: 2\ndata: {"value":1}\n\n' in await next_picture(stream)
        await stream.aclose()  # type: ignore[attr-defined]

    played(play)


def test_a_picture_is_drawn_once_however_many_look_at_it() -> None:
    async def play(hub: Hub, scene: Scene) -> None:
        streams = [hub.stream([("board", scene.draw)]) for _ in range(50)]
        for stream in streams:
            await next_picture(stream)
        drawn = scene.drawn
        scene.value = 7
        hub.changed()
        hub.changed()
        assert all([b'"value":7' in await next_picture(stream) for stream in streams])
        assert scene.drawn == drawn + 1

    played(play)


def test_who_reads_slowly_gets_the_newest_and_no_backlog() -> None:
    async def play(hub: Hub, scene: Scene) -> None:
        slow, quick = hub.stream([("board", scene.draw)]), hub.stream([("board", scene.draw)])
        await next_picture(slow)
        await next_picture(quick)
        for value in range(1, 6):
            scene.value = value
            hub.changed()
            await next_picture(quick)
        assert b'"value":5' in await next_picture(slow)

    played(play)


def test_what_looks_the_same_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(hub: Hub, scene: Scene) -> None:
        monkeypatch.setattr(live, "HEARTBEAT_S", 0.05)
        stream = hub.stream([("board", scene.draw)])
        await next_picture(stream)
        hub.changed()
        assert await asyncio.wait_for(anext(stream), 5) == b"event: beat\ndata: {}\n\n"

    played(play)


def test_signing_out_ends_the_streams_of_that_session_only() -> None:
    async def play(hub: Hub, scene: Scene) -> None:
        mine, other = hub.stream([("board", scene.draw)], owner="mine"), hub.stream([("board", scene.draw)], owner="other")
        await next_picture(mine)
        await next_picture(other)
        hub.end("mine")
        assert b"event: over" in await next_picture(mine)
        scene.value = 1
        hub.changed()
        assert b'"value":1' in await next_picture(other)

    played(play)


def test_a_stream_that_is_left_is_forgotten_and_its_picture_no_longer_drawn() -> None:
    async def play(hub: Hub, scene: Scene) -> None:
        stream = hub.stream([("board", scene.draw)])
        await next_picture(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        drawn = scene.drawn
        hub.changed()
        await asyncio.sleep(0.05)
        assert (hub.open_streams, scene.drawn) == (0, drawn)

    played(play)


def test_more_streams_than_the_machine_should_carry_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(hub: Hub, scene: Scene) -> None:
        monkeypatch.setattr(live, "MOST_STREAMS", 2)
        streams = [hub.stream([("board", scene.draw)]) for _ in range(3)]
        await next_picture(streams[0])
        await next_picture(streams[1])
        with pytest.raises(TooManyError):
            await next_picture(streams[2])

    played(play)


def test_a_picture_that_cannot_be_drawn_does_not_stop_the_others() -> None:
    async def play(hub: Hub, scene: Scene) -> None:
        broken = Scene()
        stream = hub.stream([("bad", broken.draw), ("board", scene.draw)])
        await next_picture(stream)
        await next_picture(stream)
        broken.draw = None  # type: ignore[method-assign,assignment]
        hub._channels["bad"].draw = lambda: 1 // 0  # type: ignore[assignment,return-value]
        scene.value = 3
        hub.changed()
        assert b'"value":3' in await next_picture(stream)

    played(play)
