"""The calls that wait to be spoken. Pure: no threads, no clock."""

from collections import deque

from display.picture import Announcement

MOST = 60
"""More calls than this never wait; the oldest that is no longer in hand gives way first."""
LATE_S = 90.0
"""A call that is no longer in hand is still spoken if it waits no longer than this."""


class Line:
    """First come, first spoken. A ticket stands in it once: who is called again meanwhile keeps the place."""

    def __init__(self) -> None:
        self._waiting: deque[Announcement] = deque()
        self._in_hand: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, announcement: Announcement) -> None:
        for place, waiting in enumerate(self._waiting):
            if waiting.ticket == announcement.ticket:
                self._waiting[place] = announcement
                return
        if len(self._waiting) >= MOST:
            self._make_room()
        self._waiting.append(announcement)

    def hands(self, tickets: frozenset[str]) -> None:
        """The tickets that are in hand now."""
        self._in_hand = tickets

    def take(self, now_s: float) -> Announcement | None:
        """The next call to speak; what is over for long is left out."""
        while self._waiting:
            announcement = self._waiting.popleft()
            if announcement.ticket in self._in_hand or now_s - announcement.heard_s <= LATE_S:
                return announcement
        return None

    def _make_room(self) -> None:
        over = next((waiting for waiting in self._waiting if waiting.ticket not in self._in_hand), self._waiting[0])
        self._waiting.remove(over)
