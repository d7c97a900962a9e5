"""The business day of an instant, as the branch's configuration describes it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from foleni.messages.setup import Branch
from foleni.times import Instant, to_datetime


def business_day_of(branch: Branch, instant: Instant) -> str:
    """The ISO date in the branch's time zone once the start of the business day is taken off the clock at the wall."""
    wall = to_datetime(instant).astimezone(ZoneInfo(branch.time_zone)).replace(tzinfo=None)
    return (wall - timedelta(minutes=branch.starts_min)).date().isoformat()
