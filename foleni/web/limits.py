"""How often somebody may ask: buckets of tokens."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST_CALLERS = 5000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests each second, and so many at once after a rest."""

    each_second: float
    burst: float


class Buckets:
    """A bucket of tokens for each key. The least recently seen keys are forgotten: by then their buckets are full again."""

    def __init__(self, limit: Limit, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock_s = clock_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Takes a token: 0, or after how many seconds there is one."""
        now = self._clock_s()
        left, at = self._left.pop(key, (self._limit.burst, now))
        left = min(self._limit.burst, left + (now - at) * self._limit.each_second)
        lacking = max(0.0, 1.0 - left)
        self._left[key] = (left if lacking else left - 1.0, now)
        if len(self._left) > _MOST_CALLERS:
            self._left.popitem(last=False)
        return lacking / self._limit.each_second
