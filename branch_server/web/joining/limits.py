"""How often a code may be made, and how often a wrong one may be typed. Pure: time is an argument.

A stranger between a box and the branch shows the box a code of his own choosing of moments, and can ask the branch for one code
after another until two agree by chance. So it is codes that are rationed, whoever asks: by these numbers he has fewer than one
chance in 30,000 for each ten minutes in which he keeps everybody else from joining, and the console shows it.
"""

from dataclasses import dataclass

CODES_AT_ONCE = 24.0
CODE_EVERY_S = 60.0
MOST_WRONG = 5
CLOSED_S = 300.0
_FORGOTTEN_S = 600.0


@dataclass(slots=True)
class Allowance:
    """A bucket of codes that fills slowly."""

    left: float = CODES_AT_ONCE
    at: float | None = None

    def wait_s(self, now: float) -> float:
        """Takes a code: 0, or in how many seconds there is one."""
        since = 0.0 if self.at is None else max(0.0, now - self.at)
        self.left, self.at = min(CODES_AT_ONCE, self.left + since / CODE_EVERY_S), now
        if self.left < 1:
            return (1 - self.left) * CODE_EVERY_S
        self.left -= 1
        return 0.0

    def give_back(self) -> None:
        """A code was good: somebody stood before the box and typed it, so nobody was trying codes out."""
        self.left = min(CODES_AT_ONCE, self.left + 1)


@dataclass(slots=True)
class WrongCodes:
    """Counts wrong codes; old ones are forgotten, and a right one clears them."""

    count_now: int = 0
    last_at: float = 0.0
    closed_until: float = 0.0

    def count(self, now: float) -> int:
        """One more; how many are left before joining is closed, which it is when there are none."""
        if now - self.last_at > _FORGOTTEN_S:
            self.count_now = 0
        self.count_now, self.last_at = self.count_now + 1, now
        if self.count_now < MOST_WRONG:
            return MOST_WRONG - self.count_now
        self.count_now, self.closed_until = 0, now + CLOSED_S
        return 0

    def forget(self) -> None:
        """A right one was typed."""
        self.count_now = 0

    def closed_s(self, now: float) -> float:
        return max(0.0, self.closed_until - now)
