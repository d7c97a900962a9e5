"""The ledger's port, and its twin in memory."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from foleni.times import Instant
from kiosk.ledger.entries import UNFINISHED, Entry, Handing, numbered_here

Change = Callable[[Entry], Entry]


class LedgerError(Exception):
    """The ledger cannot be read or written: its disk is full, gone or broken. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Tickets that wait to be handed in, and those that the branch did not take."""

    waiting: int
    refused: int


class Ledger(Protocol):
    """Every ticket of a kiosk, durable when a method returns. Each raises `LedgerError`. Safe to use from any thread."""

    def add(self, entry: Entry) -> None:
        """A new entry; the same id again changes nothing."""

    def change(self, entry_id: str, change: Change) -> Entry:
        """The entry after `change`. Raises `KeyError` for an unknown id; whatever `change` raises changes nothing."""
        ...

    def give_number(self, entry_id: str, series: str, day: str, now: Instant) -> Entry:
        """Give an asked entry the next number of a series such as `AX`: `AX01`, and up.

        `day` is the business day on which it was asked for. No number comes twice on one day: after a later day was used, its
        numbers are gone on with, and a new day begins at 01 only where nothing waits that the branch server could take for a
        ticket of that day.
        """
        ...

    def trust_day(self, day: str) -> None:
        """The branch server says which day it is: series of a day far ahead of it, out of a wrong clock, go on in this one."""

    def waiting(self, most: int = -1) -> list[Entry]:
        """What must be handed in, oldest first; not more than `most` where that is given."""
        ...

    def unfinished(self) -> list[Entry]:
        """What was in the middle of something when the program ended, oldest first."""
        ...

    def last(self) -> Entry | None:
        """The latest entry that has a number."""
        ...

    def counts(self) -> Counts: ...

    def keep(self, name: str, payload: bytes) -> None:
        """Remember something under a name, in place of what was there."""

    def kept(self, name: str) -> bytes | None: ...

    def prune(self, before: Instant) -> None:
        """Forget the entries that were asked before an instant and are over. What waits to be handed in stays."""

    def check(self) -> None:
        """Whether the ledger can be written to, by writing."""

    def close(self) -> None: ...


def number_of(series: str, count: int) -> str:
    """`AX01` … `AX99`, `AX100` …"""
    return f"{series}{count:02d}"


def is_far_ahead(day: str, of: str) -> bool:
    """Whether a day cannot be the next one of another, whatever two clocks think of midnight."""
    return (date.fromisoformat(day) - date.fromisoformat(of)).days > 1


class MemoryLedger:
    """A ledger that lasts as long as its process. `broken` makes it a broken disk."""

    def __init__(self) -> None:
        self.broken = False
        self._entries: dict[str, Entry] = {}
        self._series: dict[tuple[str, str], int] = {}
        self._kept: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self.check()
            self._entries.setdefault(entry.id, entry)

    def change(self, entry_id: str, change: Change) -> Entry:
        with self._lock:
            self.check()
            self._entries[entry_id] = changed = change(self._entries[entry_id])
            return changed

    def give_number(self, entry_id: str, series: str, day: str, now: Instant) -> Entry:
        with self._lock:
            self.check()
            latest = max((used for used, _ in self._series), default=day)
            counts = self._series
            if day > latest and any(entry.own for entry in self.waiting()):
                counts = counts | {(day, name): last for (used, name), last in counts.items() if used == latest}
            key = (max(day, latest), series)
            count = max((last for (used, name), last in counts.items() if used >= day and name == series), default=0) + 1
            self._entries[entry_id] = entry = numbered_here(self._entries[entry_id], number_of(series, count), now)
            self._series = counts | {key: count}
            return entry

    def trust_day(self, day: str) -> None:
        with self._lock:
            self.check()
            for used, series in [key for key in self._series if is_far_ahead(key[0], day)]:
                last = self._series.pop((used, series))
                self._series[day, series] = max(last, self._series.get((day, series), 0))

    def waiting(self, most: int = -1) -> list[Entry]:
        found = self._those(lambda entry: entry.handing is Handing.WAITING)
        return found if most < 0 else found[:most]

    def unfinished(self) -> list[Entry]:
        return self._those(lambda entry: entry.step in UNFINISHED)

    def last(self) -> Entry | None:
        numbered = self._those(lambda entry: entry.number is not None)
        return numbered[-1] if numbered else None

    def counts(self) -> Counts:
        refused = self._those(lambda entry: entry.handing is Handing.REFUSED)
        return Counts(len(self.waiting()), len(refused))

    def keep(self, name: str, payload: bytes) -> None:
        with self._lock:
            self.check()
            self._kept[name] = payload

    def kept(self, name: str) -> bytes | None:
        with self._lock:
            self.check()
            return self._kept.get(name)

    def prune(self, before: Instant) -> None:
        with self._lock:
            self.check()
            self._entries = {name: entry for name, entry in self._entries.items() if not _is_over(entry, before)}

    def check(self) -> None:
        if self.broken:
            raise LedgerError("the disk is broken")

    def close(self) -> None:
        return

    def _those(self, wanted: Callable[[Entry], bool]) -> list[Entry]:
        with self._lock:
            self.check()
            return [entry for entry in self._entries.values() if wanted(entry)]


def _is_over(entry: Entry, before: Instant) -> bool:
    return entry.asked_at < before and entry.handing is not Handing.WAITING and entry.step not in UNFINISHED
