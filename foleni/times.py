"""Instants: whole microseconds since 1970 in UTC inside, RFC 3339 with milliseconds on the wire."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, NewType

from pydantic import BeforeValidator, PlainSerializer

Instant = NewType("Instant", int)

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST = 0
_LATEST = 253_370_764_800_000_000  # the end of year 9998: in any time zone a date that can be written


def to_wire(instant: int) -> str:
    """`2026-11-20T09:41:07.123Z` for an instant; cut, not rounded, to the millisecond."""
    seconds, rest = divmod(instant, SECOND_US)
    return f"{_whole_seconds(seconds)}.{rest // 1000:03d}Z"


@lru_cache(maxsize=1024)
def _whole_seconds(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def from_wire(text: str) -> Instant:
    """The instant of an RFC 3339 time; raises `ValueError` where there is no offset or the year is out of reach."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, such as Z")
    instant = (moment - _EPOCH) // _MICROSECOND
    if not _EARLIEST <= instant <= _LATEST:
        raise ValueError("a time must lie between 1970 and 9998")
    return Instant(instant)


def of_datetime(moment: datetime) -> Instant:
    """The instant of an aware `datetime`."""
    return Instant((moment - _EPOCH) // _MICROSECOND)


def to_datetime(instant: int) -> datetime:
    """The aware UTC `datetime` of an instant."""
    return _EPOCH + timedelta(microseconds=instant)


def _parse(value: Any) -> Any:
    return from_wire(value) if isinstance(value, str) else value


WireTime = Annotated[Instant, BeforeValidator(_parse), PlainSerializer(to_wire, return_type=str, when_used="json")]
"""A message field: an `Instant` in Python, RFC 3339 text in JSON."""
