"""Time as the presenter takes it."""

from dataclasses import dataclass

from foleni.times import Instant


@dataclass(frozen=True, slots=True)
class Moment:
    """`wall` may be set forth and back and is only shown; `steady_s` never goes back and is what everything is timed by."""

    wall: Instant
    steady_s: float
