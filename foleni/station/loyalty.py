"""Which server of a pair a device is at, and what it says as a witness. Pure: time is an argument, in steady seconds.

A device serves the highest term that it has heard of, and never one below it. Where the server that served is gone it looks
for the other, waits there, and looks back from time to time; when it has told the other that the first is gone, it stays long
enough for that word to count.
"""

from foleni.messages.state import ServerStatus, Witness

LEAVE_S = 4.0
"""So long without a server that serves, or without a broker, before the other is looked for."""
STAY_S = 20.0
"""So long at the broker of the other, before the first is tried again."""
BOUND_S = 10.0
"""So long is a witness's word kept."""


class Loyalty:
    """`home` is the address whose server served last; `at` is the one that is dialled or connected to."""

    def __init__(self, home: str, now: float, *, other: str = "", term: int = 0) -> None:
        self.home = self.at = home
        self.other = other
        self.term = term
        self.seq = 0
        """The last event that was heard of."""
        self._since = now
        self._away_since: float | None = None
        self._bound_until = now
        self._serves = self._is_connected = False

    def connected(self) -> None:
        """The broker at `at` is reached."""
        self._is_connected = True

    def lost(self, now: float) -> None:
        """The broker at `at` is not reached any more."""
        self._is_connected = False
        self._stops_serving(now)

    def hears(self, status: ServerStatus, now: float) -> bool:
        """What the server at `at` says of itself: whether it is one to be served by."""
        if status.term >= self.term and status.other and status.other != self.at and not self.other:
            self.other = status.other
        if status.term < self.term or not status.online or status.role != "primary":
            self._stops_serving(now)
            return False
        self.term = status.term
        if self.at != self.home:
            self.home, self.other = self.at, self.home
        if status.other and status.other != self.home:
            self.other = status.other
        self._serves, self._away_since = True, None
        return True

    def witness(self, probe: int, now: float) -> Witness:
        """The answer to a question of the server at `at`."""
        away_s = None if self._away_since is None else now - self._away_since
        if away_s is not None and self.at != self.home:
            self._bound_until = now + BOUND_S
        return Witness(probe=probe, term=self.term, seq=self.seq, away_s=away_s)

    def target(self, now: float) -> str:
        """Where the device belongs now. Where that was not `at` before, it leaves there first, and then goes."""
        if self._serves or not self.other or now < self._bound_until:
            return self.at
        if now - self._since >= (STAY_S if self._is_connected and self.at != self.home else LEAVE_S):
            if self._away_since is None:
                self._away_since = now
            self._since, self._is_connected = now, False
            self.at = self.other if self.at == self.home else self.home
        return self.at

    def _stops_serving(self, now: float) -> None:
        if self._serves:
            self._since = self._away_since = now
        self._serves = False
