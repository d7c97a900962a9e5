"""Clock times and dates in words, always with the digits 0 to 9."""

from datetime import datetime
from zoneinfo import ZoneInfo

from foleni.times import to_datetime
from foleni.words.catalogue import msgid, words

_MONTHS = (
    *(msgid("Jan"), msgid("Feb"), msgid("Mar"), msgid("Apr"), msgid("May"), msgid("Jun")),
    *(msgid("Jul"), msgid("Aug"), msgid("Sep"), msgid("Oct"), msgid("Nov"), msgid("Dec")),
)


def time_of_day(moment: int | datetime, zone: str | ZoneInfo, language: str) -> str:  # noqa: ARG001 - all write it alike today
    """`10:42`: the time that clocks in `zone` show, of an instant or an aware `datetime`."""
    return f"{_local(moment, zone):%H:%M}"


def day_and_time(moment: int | datetime, zone: str | ZoneInfo, language: str) -> str:
    """`20 Nov 2026 · 10:42`."""
    there = _local(moment, zone)
    month = words("foleni", language)(_MONTHS[there.month - 1])
    return f"{there.day} {month} {there.year} · {there:%H:%M}"


def _local(moment: int | datetime, zone: str | ZoneInfo) -> datetime:
    place = ZoneInfo(zone) if isinstance(zone, str) else zone
    return (moment if isinstance(moment, datetime) else to_datetime(moment)).astimezone(place)
