"""Who tries links that lead nowhere is answered more and more slowly, and then no longer."""

import asyncio
import math

from branch_server.web.errors import WebError
from foleni.web.limits import Buckets, Limit

_FREE = Limit(0.2, 10)
"""A mistyped link costs nothing; nobody mistypes ten in a row."""
_LAST = Limit(1.0, 60)
_SLOW_S = 1.5
_MOST_HELD = 40


class Strangers:
    """Counts unknown tokens by address."""

    def __init__(self) -> None:
        self._free, self._last = Buckets(_FREE), Buckets(_LAST)
        self._held = 0

    async def slow_down(self, address: str) -> None:
        """Returns late where there were many. Raises `WebError` 429 where there were far too many."""
        wait_s = self._last.wait_s(address)
        if wait_s > 0 or self._held >= _MOST_HELD:
            headers = {"Retry-After": str(max(1, math.ceil(wait_s)))}
            raise WebError(429, "too_many", "These are too many requests. Please wait a moment.", headers)
        if self._free.wait_s(address) > 0:
            self._held += 1
            try:
                await asyncio.sleep(_SLOW_S)
            finally:
                self._held -= 1
