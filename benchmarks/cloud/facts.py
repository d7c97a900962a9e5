"""Events as a branch sends them up: tickets of one service that join, and are served one after the other."""

import time
from collections.abc import Iterator
from typing import Any

from foleni.ids import Uuid7
from foleni.messages.sync import MOST_EVENTS
from foleni.times import to_wire

Event = dict[str, Any]


class Log:
    """The log of a made-up branch; `day` is today in UTC. Every ticket joins, is called, started and completed."""

    def __init__(self) -> None:
        self._new_id = Uuid7()
        self._seq = 0
        self._now_us = time.time_ns() // 1000
        self._day = to_wire(self._now_us)[:10]

    def joins(self, count: int) -> list[Event]:
        """Tickets that wait, and stay."""
        return [self._joined(self._new_id(), f"A{number:03d}") for number in range(1, count + 1)]

    def served(self, count: int) -> Iterator[Event]:
        """So many tickets from beginning to end: four events each."""
        for number in range(1, count + 1):
            ticket, called = self._new_id(), f"A{number:03d}"
            yield self._joined(ticket, called)
            at = {"ticket": ticket, "number": called, "service": "cash", "counter": "c1"}
            why = {"rule": "fifo", "reason": "longest effective wait of Cash; 12 min", "heads": [], "passed_over": []}
            yield self._event("ticket_called", {**at, "counter_label": "1", "call": 1, "why": why, "shares": {}})
            yield self._event("ticket_started", at)
            yield self._event("ticket_completed", {**at, "outcome": None})

    def _joined(self, ticket: str, number: str) -> Event:
        command = self._new_id()
        return self._event(
            "ticket_joined",
            {"ticket": ticket, "number": number, "service": "cash", "channel": "kiosk", "priority": "normal", "credit_min": 0,
             "day": self._day, "joined_at": self._now_us, "rank_at": self._now_us, "device": "kiosk-1", "command": command,
             "checked_in": True, "offline": False, "language": None, "phone": None, "name": None, "appointment": None},
            command,
        )  # fmt: skip

    def _event(self, kind: str, data: dict[str, Any], command: str | None = None) -> Event:
        self._seq += 1
        self._now_us += 1000
        return {
            "seq": self._seq, "id": self._new_id(), "type": kind, "at": to_wire(self._now_us), "at_us": self._now_us,
            "steady_us": self._now_us, "day": self._day, "actor": "kiosk-1", "command": command, "data": data,
        }  # fmt: skip


def batches(events: list[Event], size: int = MOST_EVENTS) -> Iterator[dict[str, Any]]:
    """The same events in messages of this size; as large as they may be, where none is given."""
    for begins in range(0, len(events), size):
        part = events[begins : begins + size]
        yield {"first": part[0]["seq"], "events": part}
