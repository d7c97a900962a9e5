"""The business day of an instant."""

from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from foleni.messages.setup import Branch
from foleni.times import MINUTE_US, Instant, to_datetime


def business_day(branch: Branch, instant: Instant) -> str:
    """The ISO date of an instant in the branch's time zone after the start of the business day is taken off.

    The start is taken off the local wall clock, so that the day starts at 04:00 on the clock at the wall also on the days
    when daylight saving begins or ends.
    """
    return _day_of_minute(branch.time_zone, branch.starts_min, instant // MINUTE_US)


@lru_cache(maxsize=64)
def _day_of_minute(zone: str, starts_min: int, minute: int) -> str:
    """Days and offsets begin with whole minutes, so all instants of a minute have the same day."""
    local = to_datetime(minute * MINUTE_US).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (local - timedelta(minutes=starts_min)).date().isoformat()
