"""Opening hours as instants: whether something is open by its hours, since when, and until when. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from foleni.messages.setup import Branch, Hours, Service, Weekday
from foleni.times import DAY_US, Instant, of_datetime, to_datetime

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_REACHES = (2, 9, 370)
"""Days before and behind today that are looked through, one after the other, until the edges of the present are found."""

_ALWAYS = Instant(1)
_KEPT = 64

_Span = tuple[Instant, Instant]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the hours say at an instant. `since` is the last change before it, `until` the next one behind it.

    `opens_at` is the next opening behind it. None where there is none within a year.
    """

    is_open: bool
    since: Instant
    until: Instant | None
    opens_at: Instant | None


def hours_of(branch: Branch, service: Service) -> Hours | None:
    """A service's own hours, else the branch's; None where it opens and closes by hand alone."""
    return service.hours or branch.hours


def standing(branch: Branch, hours: Hours, now: Instant) -> Standing:
    """What `hours` say at `now`, by the branch's closures and time zone."""
    found = Standing(False, _ALWAYS, None, None)
    for days in _REACHES:
        found, is_whole = _within(branch, hours, now, days)
        if is_whole:
            break
    return found


class Timetables:
    """Remembers each standing until it ends: it is asked in every batch."""

    def __init__(self) -> None:
        self._branch: Branch | None = None
        self._known: dict[int, tuple[Hours, Standing, Instant]] = {}

    def standing(self, branch: Branch, hours: Hours, now: Instant) -> Standing:
        """As the function `standing`; `branch` and `hours` are never changed in place, so their identity is enough."""
        if branch is not self._branch:
            self._branch = branch
            self._known.clear()
        known = self._known.get(id(hours))
        if known is not None and known[0] is hours and known[1].since <= now < known[2]:
            return known[1]
        if len(self._known) >= _KEPT:
            self._known.clear()
        found = standing(branch, hours, now)
        self._known[id(hours)] = (hours, found, found.until or Instant(now + DAY_US))
        return found


def _within(branch: Branch, hours: Hours, now: Instant, days: int) -> tuple[Standing, bool]:
    """The standing as far as so many days tell it, and whether they tell it wholly."""
    zone = ZoneInfo(branch.time_zone)
    today = to_datetime(now).astimezone(zone).date()
    first, last = today - timedelta(days), today + timedelta(days)
    spans = list(_merged(span for day in _days(first, last) for span in _spans(branch, hours, zone, day)))
    earliest, latest = _instant(first, "00:00", zone, "from"), _instant(last, "24:00", zone, "to")
    opens_at = next((start for start, _ in spans if start > now), None)
    current = next((span for span in spans if span[0] <= now < span[1]), None)
    if current is not None:
        since = current[0] if current[0] > earliest else _ALWAYS
        until = current[1] if current[1] < latest else None
        return Standing(True, since, until, opens_at), since != _ALWAYS and None not in (until, opens_at)
    since = max((end for _, end in spans if end <= now), default=_ALWAYS)
    return Standing(False, since, opens_at, opens_at), since != _ALWAYS and opens_at is not None


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(number)


def _spans(branch: Branch, hours: Hours, zone: ZoneInfo, day: date) -> Iterator[_Span]:
    if any(closure.covers(day) for closure in branch.closures):
        return
    for span in hours.week.get(_WEEKDAYS[day.weekday()], ()):
        start, end = span.split("-")
        yield _instant(day, start, zone, "from"), _instant(day, end, zone, "to")


def _instant(day: date, clock: str, zone: ZoneInfo, side: Literal["from", "to"]) -> Instant:
    """When the clock at the wall shows a time; of two, the first to begin with and the last to end with."""
    hour, minute = clock.split(":")
    if hour == "24":
        day, hour = day + timedelta(1), "0"
    local = datetime.combine(day, time(int(hour), int(minute)), zone)
    first = of_datetime(local)
    return first if side == "from" else Instant(max(first, of_datetime(local.replace(fold=1))))


def _merged(spans: Iterable[_Span]) -> Iterator[_Span]:
    """Spans that touch are one: it does not close for no time at midnight."""
    bounds = sorted(spans)
    if not bounds:
        return
    start, end = bounds[0]
    for next_start, next_end in bounds[1:]:
        if next_start > end:
            yield start, end
            start = next_start
        end = max(end, next_end)
    yield start, end
