"""How long to wait before the next try."""

import random
from collections.abc import Callable

_MAX_DOUBLINGS = 30


class Backoff:
    """Capped exponential waits with full jitter: `floor_s` plus anything up to `base_s`, doubled at each try, up to
    `cap_s` (Brooker, "Exponential Backoff And Jitter"). `chance` gives numbers in [0, 1).
    """

    def __init__(
        self,
        base_s: float = 0.25,
        cap_s: float = 5.0,
        *,
        floor_s: float = 0.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._base_s = base_s
        self._cap_s = cap_s
        self._floor_s = floor_s
        self._chance = chance
        self._tries = 0

    def next_s(self) -> float:
        """Seconds to wait before the next try."""
        span_s = min(self._cap_s, self._base_s * 2.0 ** min(self._tries, _MAX_DOUBLINGS))
        self._tries += 1
        return self._floor_s + self._chance() * span_s

    def reset(self) -> None:
        """The last try went well."""
        self._tries = 0
