"""Which calls are new: they blink and are spoken; and which were made while nobody here could hear them."""

from collections.abc import Iterable
from contextlib import suppress
from math import inf

from display.moment import Moment
from display.picture import Announcement
from foleni.messages.state import Call
from foleni.times import SECOND_US, from_wire

BLINK_S = 6.0
"""How long a new call blinks."""
BLINK_STEP_S = 0.5
"""How long it is on, and then off: one flash a second, well below what can harm anybody."""
FRESH_S = 60.0
"""After a silence only calls no older than this are spoken."""

KEPT_S = 90.0
"""So long after it is gone a call is known: staff may take back for a minute what ended it, and it was called before."""

Key = tuple[str, str, int, str]


class Calls:
    """Remembers which calls were seen, and since when."""

    def __init__(self) -> None:
        self._since_s: dict[Key, float] = {}
        self._gone_s: dict[Key, float] = {}

    def take(self, calls: Iterable[Call], now: Moment, silence_s: float) -> list[Announcement]:
        """The new ones among all `calls` in hand, oldest first. Before, nothing was heard for `silence_s`: at first inf."""
        before, self._since_s = self._since_s, {}
        fresh = []
        for call in calls:
            key = key_of(call)
            seen_s = before.pop(key, -inf if key in self._gone_s else None)
            if seen_s is None and _is_worth_saying(call, now, silence_s):
                fresh.append(call)
                seen_s = now.steady_s
            self._since_s[key] = -inf if seen_s is None else seen_s
        still_known = {key: gone_s for key, gone_s in self._gone_s.items() if now.steady_s - gone_s < KEPT_S}
        self._gone_s = still_known | dict.fromkeys(before, now.steady_s)
        fresh.sort(key=lambda call: call.called_at)
        return [Announcement(call.ticket, call.number, call.counter_label, call.call, now.steady_s) for call in fresh]

    def is_lit(self, call: Call, now: Moment, *, afterwards: bool) -> bool:
        """Whether a call is lit: on and off while it is new, beginning with on; `afterwards` tells how it stays."""
        age_s = now.steady_s - self._since_s.get(key_of(call), -inf)
        return int(age_s / BLINK_STEP_S) % 2 == 0 if age_s < BLINK_S else afterwards


def key_of(call: Call) -> Key:
    """What makes a call another one: a recall counts up, a transfer changes the counter, a skipped ticket is called later."""
    return (call.ticket, call.counter, call.call, call.called_at)


def _is_worth_saying(call: Call, now: Moment, silence_s: float) -> bool:
    if silence_s <= FRESH_S:
        return True
    with suppress(ValueError):
        return abs(now.wall - from_wire(call.called_at)) <= FRESH_S * SECOND_US
    return False
