"""The branch's own time: the wall clock's, but it never goes back, and it does not follow a leap of more than a day.

A mini-PC without a clock battery starts anywhere and is set by NTP later; people set clocks by hand. Ranks, waits and the
business day go by steady time, so no such step can reorder a queue, make a wait negative or give a number again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from foleni.times import DAY_US, Instant

LEAP_US = DAY_US
"""A forward step longer than this is not believed until an administrator accepts it."""

_SLEW = 8
"""While ahead of the wall clock, steady time loses one part in so many, until they meet."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`wall` is what the clock on the wall shows; `steady` is what the rules go by. `leap_us` is what is not believed yet."""

    wall: Instant
    steady: Instant
    leap_us: int = 0


def _elapsed_us() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


def _wall_us() -> int:
    return time.time_ns() // 1000


class SteadyClock:
    """Reads both times. Each reading's steady time is greater than the one before."""

    def __init__(self, wall_us: Callable[[], int] = _wall_us, elapsed_us: Callable[[], int] = _elapsed_us) -> None:
        self._wall_us = wall_us
        self._elapsed_us = elapsed_us
        self._elapsed = elapsed_us()
        self._steady = 0

    def resume(self, last: Instant, *, leaped: bool = False) -> None:
        """Goes on from the log's last steady time. A box may have been off for days, so that is no leap, unless the log says
        that an earlier one is still to be accepted (`leaped`)."""
        self._elapsed = self._elapsed_us()
        wall = self._wall_us()
        self._steady = last if leaped and last else max(last, wall)

    def read(self) -> Reading:
        elapsed = self._elapsed_us()
        passed = max(0, elapsed - self._elapsed)
        self._elapsed = elapsed
        wall = self._wall_us()
        behind = wall - (self._steady + passed)
        if behind > LEAP_US or behind < -LEAP_US:
            self._advance(passed)
            return Reading(Instant(wall), Instant(self._steady), max(0, behind))
        if behind >= 0:
            self._advance(passed + behind)
        else:
            self._advance(passed - passed // _SLEW)
        return Reading(Instant(wall), Instant(self._steady))

    def accept(self, at_least: Instant = Instant(0)) -> Reading:
        """Believes the wall clock, however far it has leaped forward, and goes on behind `at_least`."""
        self.read()
        self._steady = max(self._steady, at_least, self._wall_us())
        return self.read()

    def _advance(self, by_us: int) -> None:
        self._steady += max(1, by_us)
