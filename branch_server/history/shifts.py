"""On which days a branch was open, and from when to when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from foleni.messages.setup import Branch, Weekday
from foleni.times import Instant, of_datetime, to_datetime

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_USUAL = dict.fromkeys(_WEEKDAYS[:5], ("08:00-17:00",)) | {"sat": ("09:00-13:00",)}
_BUSY = {"mon": 1.15, "tue": 0.95, "wed": 0.9, "thu": 1.0, "fri": 1.15, "sat": 0.85}


@dataclass(frozen=True, slots=True)
class Shift:
    """One day's work; `busy` is how many come, against a usual day."""

    opens: Instant
    closes: Instant
    busy: float

    @property
    def hours(self) -> float:
        return (self.closes - self.opens) / 3_600_000_000


def shifts(branch: Branch, days: int, until: Instant) -> Iterator[Shift]:
    """The days before that of `until`, and that one if it had begun; the earliest first."""
    zone = ZoneInfo(branch.time_zone)
    today = to_datetime(until).astimezone(zone).date()
    for ago in range(days, -1, -1):
        shift = _shift(branch, today - timedelta(ago), zone, is_today=ago == 0)
        if shift is not None and shift.opens < until:
            yield shift


def _shift(branch: Branch, day: date, zone: ZoneInfo, *, is_today: bool) -> Shift | None:
    """Without hours it has the usual ones; and who looks at it today, be it Sunday, finds it open."""
    weekday = _WEEKDAYS[day.weekday()]
    usual = _USUAL | {weekday: _USUAL["mon"]} if is_today else _USUAL
    spans = (branch.hours.week if branch.hours is not None else usual).get(weekday, ())
    if not spans or any(closure.covers(day) for closure in branch.closures):
        return None
    opens, closes = spans[0].split("-")[0], spans[-1].split("-")[1]
    return Shift(_instant(day, opens, zone), _instant(day, closes, zone), _BUSY.get(weekday, 0.8))


def _instant(day: date, clock: str, zone: ZoneInfo) -> Instant:
    hour, minute = clock.split(":")
    return of_datetime(datetime.combine(day, time(), zone) + timedelta(hours=int(hour), minutes=int(minute)))
