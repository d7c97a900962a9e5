"""What happens when, in simulated time: at a pace, or as fast as the answers come."""

import heapq
import time
from collections.abc import Callable
from itertools import count

LOOKAHEAD_S = 60.0
"""At full speed an act may run before answers to acts up to so much earlier; so much the simulated waits may be off."""

Act = Callable[[float], None]


class Agenda:
    """Acts by simulated second since the start. `pace` is simulated seconds in a real one, None for full speed."""

    def __init__(self, pace: float | None) -> None:
        self._pace = pace
        self._acts: list[tuple[float, int, Act]] = []
        self._order = count()
        self._started = time.monotonic()
        self._reached_s = 0.0

    def __len__(self) -> int:
        return len(self._acts)

    def at(self, at_s: float, act: Act) -> None:
        """Plan an act; it is called with its simulated time."""
        heapq.heappush(self._acts, (at_s, next(self._order), act))

    def now_s(self) -> float:
        """The simulated time now; at full speed, the latest that was reached."""
        return (time.monotonic() - self._started) * self._pace if self._pace is not None else self._reached_s

    def answered_s(self, asked_s: float) -> float:
        """The simulated time of an answer that came just now to something asked at `asked_s`."""
        return asked_s if self._pace is None else max(asked_s, self.now_s())

    def run_due(self, earliest_open_s: float | None, room: int) -> None:
        """Do what is due, at most `room` acts. `earliest_open_s` is the oldest time that still waits for an answer."""
        while room > 0 and self._acts and self._is_due(self._acts[0][0], earliest_open_s):
            at_s, _, act = heapq.heappop(self._acts)
            self._reached_s = max(self._reached_s, at_s)
            act(at_s)
            room -= 1
            if self._pace is None and earliest_open_s is None:
                return

    def wait_s(self) -> float:
        """Real seconds until the next act may be due, at a pace; at full speed only an answer is waited for."""
        if self._pace is None or not self._acts:
            return 0.05
        return max(0.0, (self._acts[0][0] - self.now_s()) / self._pace)

    def _is_due(self, at_s: float, earliest_open_s: float | None) -> bool:
        if self._pace is not None:
            return at_s <= self.now_s()
        return earliest_open_s is None or at_s <= earliest_open_s + LOOKAHEAD_S
