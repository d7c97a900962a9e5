"""How often something may be done: exact sliding windows, shared by all processes through Redis where there are several."""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from cloud.site import Site
from foleni.ids import uuid7

_log = logging.getLogger(__name__)

_NOTE = "limits"
_PREFIX = "foleni:limit:"
_MOST_KEYS = 20_000
_TAKE = """
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""


async def allowed(site: Site, key: str, limit: int, window_s: float) -> bool:
    """Whether `key` may do it once more: at most `limit` times in any `window_s`. One that is refused does not count."""
    counting = site.notes.get(_NOTE)
    if not isinstance(counting, _Counting):
        counting = site.notes[_NOTE] = _Counting(site)
    return await counting.take(key, limit, window_s)


class Windows:
    """The windows of one process. The least recently seen keys are forgotten."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic, most_keys: int = _MOST_KEYS) -> None:
        self._clock_s = clock_s
        self._most = most_keys
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str, limit: int, window_s: float) -> bool:
        now = self._clock_s()
        taken = self._taken.setdefault(key, deque())
        self._taken.move_to_end(key)
        while taken and taken[0] <= now - window_s:
            taken.popleft()
        if len(self._taken) > self._most:
            self._taken.popitem(last=False)
        if len(taken) >= limit:
            return False
        taken.append(now)
        return True


class _Counting:
    """Counts in Redis, and in this process while Redis is away: so no outage opens the door."""

    def __init__(self, site: Site) -> None:
        self._windows = Windows()
        self._redis = None
        if site.settings.redis is not None:
            self._redis = Redis.from_url(site.settings.redis, socket_timeout=1, socket_connect_timeout=1)
            site.closing.append(self._close)
        self._closing: asyncio.Task[None] | None = None

    async def take(self, key: str, limit: int, window_s: float) -> bool:
        if self._redis is not None:
            try:
                script = self._redis.register_script(_TAKE)
                return bool(await script(keys=[_PREFIX + key], args=[limit, int(window_s * 1000), uuid7()]))
            except (RedisError, OSError) as error:
                _log.warning("Redis is away, each process counts for itself: %s", error)
        return self._windows.take(key, limit, window_s)

    def _close(self) -> None:
        self._closing = asyncio.get_running_loop().create_task(self._leave())

    async def _leave(self) -> None:
        with suppress(RedisError, OSError):
            if self._redis is not None:
                await self._redis.aclose()
