"""The business day of an instant."""

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from foleni.messages.setup import Branch
from foleni.times import MINUTE_US, Instant, to_datetime


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def business_day(branch: Branch, instant: Instant) -> str:
    """The ISO date of an instant in the branch's time zone after the start of the business day is taken off.

    The start is taken off the local wall clock, so that the day starts at 04:00 on the clock at the wall also on the days
    when daylight saving begins or ends.
    """
    return _day_of_minute(branch.time_zone, branch.starts_min, instant // MINUTE_US)


@lru_cache(maxsize=64)
def _day_of_minute(zone: str, starts_min: int, minute: int) -> str:
    """Days and offsets begin with whole minutes, so all instants of a minute have the same day."""
    local = to_datetime(minute * MINUTE_US).astimezone(_zone(zone)).replace(tzinfo=None)
    return (local - timedelta(minutes=starts_min)).date().isoformat()


def days_between(earlier: str, later: str) -> int:
    """Whole days from one business day to another; negative where `later` is before."""
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days


def local_time(branch: Branch, instant: Instant) -> str:
    """`14:00`, as the clock at the wall of the branch shows it."""
    return f"{to_datetime(instant).astimezone(_zone(branch.time_zone)):%H:%M}"
