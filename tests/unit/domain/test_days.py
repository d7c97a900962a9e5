"""The business day of an instant, over time zones and daylight saving."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from branch_server.domain.days import days_between, local_time
from foleni.days import business_day
from foleni.messages.setup import Branch
from foleni.times import DAY_US, MINUTE_US, SECOND_US, Instant, from_wire, of_datetime

ZONES = [
    "UTC", "Africa/Kigali", "Africa/Cairo", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "America/Havana",
    "America/St_Johns", "Europe/London", "Europe/Lisbon", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati",
    "America/Santiago", "Asia/Beirut", "Atlantic/Azores",
]  # fmt: skip

zones = st.sampled_from(ZONES)
starts = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
instants = st.integers(of_datetime(datetime(2000, 1, 1, tzinfo=UTC)), of_datetime(datetime(2040, 1, 1, tzinfo=UTC))).map(
    Instant
)


def _branch(zone: str = "UTC", start: str = "04:00") -> Branch:
    return Branch(id="main", name={"en": "Main"}, time_zone=zone, business_day_starts=start)


def _offset(zone: str, instant: Instant) -> timedelta:
    offset = datetime.fromtimestamp(instant / 1e6, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset


@pytest.mark.parametrize(
    ("zone", "start", "instant", "day"),
    [
        ("UTC", "04:00", "2026-11-20T03:59:59.999999Z", "2026-11-19"),
        ("UTC", "04:00", "2026-11-20T04:00:00Z", "2026-11-20"),
        ("UTC", "00:00", "2026-11-20T00:00:00Z", "2026-11-20"),
        ("UTC", "23:59", "2026-11-20T23:58:59Z", "2026-11-19"),
        ("Africa/Kigali", "04:00", "2026-11-20T01:59:59Z", "2026-11-19"),
        ("Africa/Kigali", "04:00", "2026-11-20T02:00:00Z", "2026-11-20"),
        ("Pacific/Kiritimati", "04:00", "2026-11-19T14:00:00Z", "2026-11-20"),
        ("America/New_York", "04:00", "2026-11-20T08:59:59Z", "2026-11-19"),
        ("Asia/Kathmandu", "04:00", "2026-11-19T22:15:00Z", "2026-11-20"),
        ("UTC", "04:00", "2028-03-01T03:00:00Z", "2028-02-29"),
        ("UTC", "04:00", "2027-01-01T03:00:00Z", "2026-12-31"),
    ],
)
def test_a_day_begins_at_its_start_on_the_wall_of_the_branch(zone: str, start: str, instant: str, day: str) -> None:
    assert business_day(_branch(zone, start), from_wire(instant)) == day


@pytest.mark.parametrize(
    ("zone", "start", "before", "after", "day"),
    [
        ("Europe/London", "04:00", "2026-03-29T02:59:59Z", "2026-03-29T03:00:00Z", "2026-03-29"),  # 04:00 BST
        ("Europe/London", "04:00", "2026-10-25T03:59:59Z", "2026-10-25T04:00:00Z", "2026-10-25"),  # 04:00 GMT
        ("America/New_York", "04:00", "2026-03-08T07:59:59Z", "2026-03-08T08:00:00Z", "2026-03-08"),
        ("America/New_York", "04:00", "2026-11-01T08:59:59Z", "2026-11-01T09:00:00Z", "2026-11-01"),
        # the start lies in the hour that the clock leaves out: the day begins when the clock has passed it
        ("Europe/London", "01:30", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-03-29"),
        ("America/New_York", "02:30", "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-03-08"),
        ("America/Havana", "00:00", "2026-03-08T04:59:59Z", "2026-03-08T05:00:00Z", "2026-03-08"),
        # the start comes twice: the day begins the first time
        ("Europe/London", "01:30", "2026-10-25T00:29:59Z", "2026-10-25T00:30:00Z", "2026-10-25"),
        # a whole day is left out
        ("Pacific/Apia", "00:00", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z", "2011-12-31"),
    ],
)
def test_daylight_saving_moves_the_begin_with_the_clock_at_the_wall(
    zone: str, start: str, before: str, after: str, day: str
) -> None:
    branch = _branch(zone, start)
    assert business_day(branch, from_wire(before)) < day
    assert business_day(branch, from_wire(after)) == day


@given(zone=zones, start=starts, instant=instants, later_us=st.integers(0, 3 * DAY_US))
@example(zone="Europe/London", start="01:30", instant=from_wire("2026-10-25T00:30:00Z"), later_us=30 * MINUTE_US)
def test_a_later_instant_has_no_earlier_day_but_where_the_clock_repeats_the_start(
    zone: str, start: str, instant: Instant, later_us: int
) -> None:
    branch, later = _branch(zone, start), Instant(instant + later_us)
    if business_day(branch, later) < business_day(branch, instant):
        set_back = _offset(zone, instant) - _offset(zone, later)
        assert timedelta(microseconds=later_us) < set_back
        assert days_between(business_day(branch, later), business_day(branch, instant)) == 1


@given(zone=zones, start=starts, instant=instants)
def test_a_day_lasts_about_a_day(zone: str, start: str, instant: Instant) -> None:
    branch = _branch(zone, start)
    ahead = days_between(business_day(branch, instant), business_day(branch, Instant(instant + DAY_US)))
    assert 0 <= ahead <= 2


@given(zone=zones, instant=instants)
def test_from_midnight_the_day_is_the_date(zone: str, instant: Instant) -> None:
    date = datetime.fromtimestamp(instant // SECOND_US, ZoneInfo(zone)).date()
    assert business_day(_branch(zone, "00:00"), instant) == date.isoformat()


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [("2026-11-20", "2026-11-20", 0), ("2026-12-31", "2027-01-01", 1), ("2026-11-20", "2026-11-18", -2)],
)
def test_days_are_counted_whole(earlier: str, later: str, days: int) -> None:
    assert days_between(earlier, later) == days


def test_the_time_of_day_is_that_of_the_branch() -> None:
    now = from_wire("2026-11-20T03:00:00Z")
    assert local_time(_branch("Asia/Kolkata"), from_wire("2026-11-20T08:45:00Z"), now) == "14:15"


def test_a_time_on_another_day_is_told_with_its_day() -> None:
    late = from_wire("2026-11-20T17:00:00Z")
    assert local_time(_branch("Asia/Kolkata"), from_wire("2026-11-20T20:30:00Z"), late) == "02:00 on 2026-11-21"
