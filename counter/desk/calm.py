"""How many of the presses that come in a person could mean. Pure: time comes in as seconds."""

from collections.abc import Hashable
from enum import StrEnum

BOUNCE_S = 0.3
_MOST_AT_ONCE = 8
_PER_S = 2.0


class Verdict(StrEnum):
    """What a press is taken for."""

    MEANT = "meant"
    BOUNCE = "bounce"
    """It comes less than 0.3 s after the same press: nobody meant another one."""
    TOO_MANY = "too_many"
    """Nobody means so many: after eight at once two a second count."""


class Calm:
    """Judges the presses of one button or unit."""

    def __init__(self) -> None:
        self._last: dict[Hashable, float] = {}
        self._left = float(_MOST_AT_ONCE)
        self._counted_at = float("-inf")

    def judge(self, what: Hashable, now: float) -> Verdict:
        """The verdict on the press `what`. A bounce counts from the last one, so that a flood is one press."""
        last = self._last.get(what)
        self._last[what] = now
        if last is not None and now - last < BOUNCE_S:
            return Verdict.BOUNCE
        self._left = min(_MOST_AT_ONCE, self._left + max(0.0, now - self._counted_at) * _PER_S)
        self._counted_at = now
        if self._left < 1:
            return Verdict.TOO_MANY
        self._left -= 1
        return Verdict.MEANT
