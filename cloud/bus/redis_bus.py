"""The bus where there are several processes: Redis carries the bells from one to the others."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from cloud.bus.bus import Bell, LocalBus

_log = logging.getLogger(__name__)

_PREFIX = b"foleni:"
_AGAIN_S = 1.0
_MOST_UNSENT = 10_000


class RedisBus:
    """What happens in this process is heard in it also while Redis is away."""

    def __init__(self, address: str) -> None:
        self._redis = Redis.from_url(address, socket_timeout=5, socket_connect_timeout=2, health_check_interval=10)
        self._local = LocalBus()
        self._unsent: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_MOST_UNSENT)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_listening = False

    @property
    def is_well(self) -> bool:
        return self._is_listening

    async def open(self) -> None:
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(RedisError, OSError):
            await self._redis.aclose()

    def ring(self, topic: str, payload: bytes = b"") -> None:
        self._local.ring(topic, payload)
        try:
            self._unsent.put_nowait((topic, payload))
        except asyncio.QueueFull:
            _log.warning("Redis takes no bells; other processes look later")

    @contextmanager
    def listening(self, topic: str) -> Iterator[Bell]:
        with self._local.listening(topic) as bell:
            yield bell

    async def _send(self) -> None:
        while True:
            topic, payload = await self._unsent.get()
            try:
                await self._redis.publish(_PREFIX + topic.encode(), payload)
            except (RedisError, OSError) as error:
                _log.warning("Redis is away, other processes do not hear us: %s", error)
                await asyncio.sleep(_AGAIN_S)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (RedisError, OSError) as error:
                self._is_listening = False
                _log.warning("Redis is away, we do not hear other processes: %s", error)
            await asyncio.sleep(_AGAIN_S)

    async def _hear(self) -> None:
        """Passes on what other processes ring. Our own bells come back, too; who waits looks twice, and finds nothing."""
        async with self._redis.pubsub(ignore_subscribe_messages=True) as ear:
            await ear.psubscribe(_PREFIX + b"*")
            self._is_listening = True
            self._local.ring_all()
            while True:
                message = await ear.get_message(timeout=5.0)
                if message is not None:
                    self._local.ring(message["channel"].removeprefix(_PREFIX).decode(), message["data"])
