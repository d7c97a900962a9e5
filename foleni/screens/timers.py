"""Work that is due later, or again and again."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(eq=False, slots=True)
class Timer:
    every_s: float
    work: Work
    once: bool
    due: float


class Timers:
    """All timers of a stage. Safe to use from any thread. One that could not keep up does not catch up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._timers: list[Timer] = []
        self._lock = threading.Lock()

    def add(self, every_s: float, work: Work, *, once: bool = False) -> Timer:
        """A timer that is due `every_s` from now."""
        timer = Timer(every_s, work, once, self._clock() + every_s)
        with self._lock:
            self._timers.append(timer)
        return timer

    def remove(self, timer: Timer) -> None:
        """Forget a timer; it may be forgotten already."""
        with self._lock:
            if timer in self._timers:
                self._timers.remove(timer)

    def due_in_s(self) -> float:
        """Seconds until the next is due; infinite where there is none."""
        with self._lock:
            return min((timer.due for timer in self._timers), default=float("inf")) - self._clock()

    def take_due(self) -> list[Work]:
        """The work that is due now, the earliest first."""
        now = self._clock()
        with self._lock:
            due = sorted((timer for timer in self._timers if timer.due <= now), key=lambda timer: timer.due)
            for timer in due:
                if timer.once:
                    self._timers.remove(timer)
                timer.due += timer.every_s
                if timer.due <= now:
                    timer.due = now + timer.every_s
        return [timer.work for timer in due]
