"""A business day as reports need it: its tickets in cells, every wait and every service time kept to the second."""

import json
import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from branch_server.web.reports.desks import DayStory, DeskTime
from foleni.times import SECOND_US

ISSUED, COMPLETED, NO_SHOW, CANCELLED, EXPIRED, ACTIVE, RATINGS, STARS = range(8)
"""The places of `Cell.counts`."""
COUNTS = 8
_PLACES = {"completed": COMPLETED, "no_show": NO_SHOW, "cancelled": CANCELLED, "expired": EXPIRED}
_FIELD_BITS = 32
_CELL = struct.Struct("=5I32s2I")

Packed4 = bytes
"""Whole numbers of four bytes each."""
Key = tuple[str, str, str, str, int]
"""Service, counter, person, channel (empty where there is none), and the hour of the day at which the ticket was taken."""


class Cell:
    """Tickets that were alike. `counts` has a field of 32 bits for each of the places above, so that adding two cells is one
    addition; `waits` and `times` are pieces of packed seconds: until the call, and of the service.
    """

    __slots__ = ("counts", "times", "waits")

    def __init__(self, counts: int = 0, waits: Sequence[Packed4] = (), times: Sequence[Packed4] = ()) -> None:
        self.counts = counts
        self.waits = list(waits)
        self.times = list(times)

    def add(self, other: "Cell") -> None:
        self.counts += other.counts
        self.waits += other.waits
        self.times += other.times

    def count(self, place: int) -> int:
        """One of the counts."""
        return self.counts >> (place * _FIELD_BITS) & 0xFFFFFFFF


def seconds_of(pieces: Iterable[Packed4]) -> "array[int]":
    """The seconds in pieces of a cell, in no order."""
    values = array("I")
    values.frombytes(b"".join(pieces))
    return values


class Row(NamedTuple):
    """A ticket as its table has it. Times are microseconds."""

    id: str
    service: str
    channel: str
    status: str
    counter: str | None
    staff: str | None
    joined_at: int
    called_at: int | None
    started_at: int | None
    ended_at: int | None
    stars: int | None


@dataclass(slots=True)
class Day:
    """`is_settled` is whether nothing about it can change any more, as far as its tickets tell."""

    day: str
    cells: dict[Key, Cell]
    desks: dict[tuple[str, str], DeskTime]
    tickets: int
    is_settled: bool = True


class Packed(NamedTuple):
    """A day as it is stored."""

    day: str
    tickets: int
    names: str
    cells: bytes
    waits: bytes
    times: bytes
    desks: str


class Hours:
    """The hour of the day in a time zone; asked a million times, so remembered by the quarter."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._known: dict[int, int] = {}

    def __call__(self, at: int) -> int:
        quarter = at // (900 * SECOND_US)
        hour = self._known.get(quarter)
        if hour is None:
            hour = self._known[quarter] = datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._zone).hour
        return hour


def day_of(day: str, rows: Iterable[Row], story: DayStory, hour_of: Hours) -> Day:
    """Counts a day's tickets."""
    counting: dict[Key, _Counting] = {}
    tickets = active = 0
    for row in rows:
        tickets += 1
        key = (row.service, row.counter or "", row.staff or "", row.channel, hour_of(row.joined_at))
        counted = counting.get(key)
        if counted is None:
            counted = counting[key] = _Counting()
        active += counted.take(row, story)
    cells = {key: counted.cell() for key, counted in counting.items()}
    return Day(day, cells, story.times, tickets, is_settled=not active)


def times_of(row: Row, story: DayStory) -> tuple[int | None, int | None]:
    """Seconds that a ticket waited, and was served; None where it was not. A wait ends with the last call; where the ticket
    was parked, with the call before that.
    """
    if row.called_at is None:
        return None, None
    parked = story.parked.get(row.id)
    called_at = parked.called_at if parked is not None else row.called_at
    waited_s = max(0, called_at - story.arrived.get(row.id, row.joined_at)) // SECOND_US
    if row.status != "completed" or row.ended_at is None:
        return waited_s, None
    before = parked.in_hand_us if parked is not None else 0
    return waited_s, max(0, before + row.ended_at - (row.started_at or row.called_at)) // SECOND_US


class _Counting:
    """A cell while its tickets are counted."""

    def __init__(self) -> None:
        self._counts = [0] * COUNTS
        self._waits, self._times = array("I"), array("I")

    def take(self, row: Row, story: DayStory) -> bool:
        """Whether the ticket is still in the house."""
        place = _PLACES.get(row.status, ACTIVE)
        self._counts[ISSUED] += 1
        self._counts[place] += 1
        if row.stars is not None:
            self._counts[RATINGS] += 1
            self._counts[STARS] += row.stars
        waited_s, served_s = times_of(row, story)
        if waited_s is not None:
            self._waits.append(waited_s)
        if served_s is not None:
            self._times.append(served_s)
        return place == ACTIVE

    def cell(self) -> Cell:
        counts = sum(count << (place * _FIELD_BITS) for place, count in enumerate(self._counts))
        return Cell(counts, [self._waits.tobytes()], [self._times.tobytes()])


def pack(day: Day) -> Packed:
    """The day as it is stored."""
    names: dict[str, int] = {}
    cells, waits, times = bytearray(), bytearray(), bytearray()
    for (*texts, hour), cell in day.cells.items():
        places = [names.setdefault(text, len(names)) for text in texts]
        mine = [b"".join(cell.waits), b"".join(cell.times)]
        counts = cell.counts.to_bytes(COUNTS * _FIELD_BITS // 8, "little")
        cells += _CELL.pack(*places, hour, counts, *map(len, mine))
        waits += mine[0]
        times += mine[1]
    desks = [[*key, time.open_us, time.busy_us, time.break_us] for key, time in day.desks.items()]
    return Packed(day.day, day.tickets, json.dumps(list(names)), bytes(cells), bytes(waits), bytes(times), json.dumps(desks))


def unpack(packed: Packed) -> Day:
    """The day that `pack` packed. Raises `ValueError` where it is damaged."""
    desks = {(counter, staff): DeskTime(*times) for counter, staff, *times in json.loads(packed.desks)}
    try:
        return Day(packed.day, dict(_cells(packed)), desks, packed.tickets)
    except (struct.error, IndexError) as error:
        raise ValueError(f"the packed day {packed.day} is damaged") from error


def _cells(packed: Packed) -> Iterator[tuple[Key, Cell]]:
    names = json.loads(packed.names)
    waits, times = packed.waits, packed.times
    wait_at = time_at = 0
    for service, counter, staff, channel, hour, counts, wait_size, time_size in _CELL.iter_unpack(packed.cells):
        wait_end, time_end = wait_at + wait_size, time_at + time_size
        cell = Cell(int.from_bytes(counts, "little"), (waits[wait_at:wait_end],), (times[time_at:time_end],))
        wait_at, time_at = wait_end, time_end
        yield (names[service], names[counter], names[staff], names[channel], hour), cell
