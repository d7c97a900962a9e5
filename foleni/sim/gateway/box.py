"""What the gateway has taken, and how it behaves."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

_MOST = 2000


class Company(StrEnum):
    """Whose forms are spoken."""

    AFRICASTALKING = "africastalking"
    TWILIO = "twilio"


class Mode(StrEnum):
    """How a company behaves."""

    WELL = "well"
    HANG = "hang"
    MUTE = "mute"
    """Takes the message, and hangs instead of saying so."""
    ERROR = "error"
    GARBAGE = "garbage"
    SLOW = "slow"
    REFUSE = "refuse"
    """Says that there is no such number."""
    LOSE = "lose"
    """Takes the message, and reports that it could not be delivered."""
    SILENT = "silent"
    """Takes the message, and reports nothing."""
    REPEAT = "repeat"
    """Reports everything three times."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One message. `reported` is what our own caller answered to the report: an HTTP status, or why it could not be reached."""

    n: int
    at: str
    company: Company
    id: str
    channel: str
    sender: str
    recipient: str
    text: str
    reports_to: str | None
    state: str = "taken"
    reported: str = ""


class Box:
    """For any thread; `changed` is called after each change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: deque[Taken] = deque(maxlen=_MOST)
        self._last = 0
        self.changed: Callable[[], object] = lambda: None
        self.modes = dict.fromkeys(Company, Mode.WELL)
        self.orders = 0
        """How often its behaviour was changed: two changes that end where they began are news, too."""
        self.slow_s = 2.0
        self.reports: str | None = None
        """Where Africa's Talking reports to; with Twilio each message says so."""
        self.inbound: dict[Company, str] = {}
        """Where what people write goes, by company."""

    def take(self, **facts: Any) -> Taken:
        with self._lock:
            self._last += 1
            one = Taken(n=self._last, **facts)
            self._taken.append(one)
        self.changed()
        return one

    def note(self, n: int, **facts: str) -> None:
        """Changes what is known of message `n`."""
        with self._lock:
            for place, one in enumerate(self._taken):
                if one.n == n:
                    self._taken[place] = replace(one, **facts)  # type: ignore[arg-type]
        self.changed()

    def newest(self, after: int = 0, most: int = _MOST) -> list[dict[str, Any]]:
        """The messages with a greater number than `after`, the newest first."""
        with self._lock:
            found = [asdict(one) for one in reversed(self._taken) if one.n > after]
        return found[:most]
