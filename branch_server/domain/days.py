"""Days and times of day, as people in the branch say them."""

from datetime import date
from zoneinfo import ZoneInfo

from foleni.messages.setup import Branch
from foleni.times import Instant, to_datetime


def days_between(earlier: str, later: str) -> int:
    """Whole days from one business day to another; negative where `later` is before."""
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days


def local_time(branch: Branch, instant: Instant, now: Instant) -> str:
    """`14:00`, as the clock at the wall of the branch shows it; with its day where that is not the day of `now`."""
    zone = ZoneInfo(branch.time_zone)
    then, today = (to_datetime(when).astimezone(zone) for when in (instant, now))
    return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%H:%M on %Y-%m-%d}"
