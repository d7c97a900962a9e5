"""From a button that only says when it is down and when it is up to single, double and long. Pure: time in seconds."""

from counter.presses import Gesture

LONG_S = 0.8
DOUBLE_S = 0.4
_STUCK_S = 10.0


class Clicks:
    """One button. With `doubles` a single press is known only when no second one came in 0.4 s: ask `due` then."""

    def __init__(self, *, doubles: bool) -> None:
        self.wait_until: float | None = None
        self._doubles = doubles
        self._down_at: float | None = None

    def turn(self, now: float, *, down: bool) -> Gesture | None:
        """The button went down or up; what that makes."""
        if down:
            self._down_at = now if self._down_at is None else self._down_at
            return None
        if self._down_at is None:
            return None
        held_s, self._down_at = now - self._down_at, None
        if held_s >= LONG_S:
            self.wait_until = None
            return Gesture.LONG if held_s < _STUCK_S else None
        if not self._doubles:
            return Gesture.SINGLE
        if self.wait_until is not None and now <= self.wait_until + held_s:
            self.wait_until = None
            return Gesture.DOUBLE
        self.wait_until = now + DOUBLE_S
        return None

    def due(self, now: float) -> Gesture | None:
        """The single press that was waited for, once it is sure."""
        if self.wait_until is None or now < self.wait_until or self._down_at is not None:
            return None
        self.wait_until = None
        return Gesture.SINGLE
