"""Days and times of day, as people in the branch say them."""

from datetime import date
from zoneinfo import ZoneInfo

from foleni.messages.setup import Branch
from foleni.times import Instant, to_datetime


def days_between(earlier: str, later: str) -> int:
    """Whole days from one business day to another; negative where `later` is before."""
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days


def local_time(branch: Branch, instant: Instant) -> str:
    """`14:00`, as the clock at the wall of the branch shows it."""
    return f"{to_datetime(instant).astimezone(ZoneInfo(branch.time_zone)):%H:%M}"
