"""Two clocks that are not ours: the cloud's, and the branch's steady one. Either may differ from what this machine shows."""

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic, time_ns

from foleni.times import SECOND_US, Instant

_KEPT = 32
_KEPT_S = 600.0


class CloudClock:
    """What the cloud's clock shows now, from the `now` of its answers and our monotone clock. Safe to use from any thread.

    An answer is never younger than it says, so of many the one that makes the cloud's clock latest is the nearest to it.
    """

    def __init__(self, monotone: Callable[[], float] = monotonic) -> None:
        self._monotone = monotone
        self._lock = threading.Lock()
        self._heard: deque[tuple[float, int]] = deque(maxlen=_KEPT)

    def heard(self, now: Instant) -> None:
        """An answer that says `now` has just come in."""
        at = self._monotone()
        with self._lock:
            self._heard.append((at, now - round(at * SECOND_US)))

    def now(self) -> Instant | None:
        """None before the cloud has said."""
        at = self._monotone()
        with self._lock:
            heard = list(self._heard)
        if not heard:
            return None
        ahead = max([offset for when, offset in heard if at - when <= _KEPT_S] or [heard[-1][1]])
        return Instant(ahead + round(at * SECOND_US))

    def left_s(self, until: Instant) -> float:
        """Seconds until the cloud's clock shows `until`; by the wall clock of this machine before the cloud has said."""
        now = self.now()
        return (until - (now if now is not None else time_ns() // 1000)) / SECOND_US


class BranchClock:
    """The branch's steady time as the engine last told it, and what has passed since. Safe to use from any thread."""

    def __init__(self, now: Instant, monotone: Callable[[], float] = monotonic) -> None:
        self._monotone = monotone
        self._told = (monotone(), int(now))

    def told(self, now: Instant) -> None:
        """Steady time is `now`."""
        self._told = (self._monotone(), int(now))

    def now(self) -> Instant:
        at, then = self._told
        return Instant(then + round((self._monotone() - at) * SECOND_US))
