"""Opening hours: what they say at an instant, and services that open and close by themselves."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch_server.domain.events import ServiceClosed, ServiceOpened
from branch_server.domain.timetable import Timetables, standing
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Branch, Closure, Hours, Service, ServiceState
from foleni.times import DAY_US, HOUR_US, MINUTE_US, Instant, from_wire, to_wire
from tests.unit.domain import chances as ch
from tests.unit.domain.world import BRANCH, CASH, ENQUIRIES, KIOSK, World

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Hours(week=dict.fromkeys(WEEKDAYS, ("08:00-12:30", "13:30-17:00")))
LATE = Hours(week={"fri": ("10:00-20:00",)})
ALWAYS = Hours(week=dict.fromkeys((*WEEKDAYS, "sat", "sun"), ("00:00-24:00",)))
NEVER = Hours()
SHUT = Closure(day=date(2026, 11, 23), until=date(2026, 11, 24))


def _branch(hours: Hours | None = OFFICE, **changes: Any) -> Branch:
    return BRANCH.model_copy(update={"hours": hours} | changes)


def _at(clock: str, day: str = "2026-11-20") -> Instant:
    """A Friday, unless told otherwise."""
    return from_wire(f"{day}T{clock}:00Z")


def _world(clock: str = "09:00", branch: Branch | None = None, services: tuple[Service, ...] = (CASH, ENQUIRIES)) -> World:
    return World(branch or _branch(), services, now=_at(clock))


def _states(world: World) -> list[str]:
    return [str(queue.state) for queue in world.state.queues.values()]


def _until(world: World, clock: str, day: str = "2026-11-20") -> None:
    world.later((_at(clock, day) - world.now) / 1e6)


@pytest.mark.parametrize(
    ("clock", "is_open", "since", "until", "opens"),
    [
        ("07:59", False, "2026-11-19T17:00", "2026-11-20T08:00", "2026-11-20T08:00"),
        ("08:00", True, "2026-11-20T08:00", "2026-11-20T12:30", "2026-11-20T13:30"),
        ("12:30", False, "2026-11-20T12:30", "2026-11-20T13:30", "2026-11-20T13:30"),
        ("16:59", True, "2026-11-20T13:30", "2026-11-20T17:00", "2026-11-25T08:00"),
        ("17:00", False, "2026-11-20T17:00", "2026-11-25T08:00", "2026-11-25T08:00"),
    ],
)
def test_a_day_at_the_office_before_a_weekend_and_a_closure(
    clock: str, is_open: bool, since: str, until: str, opens: str
) -> None:
    told = standing(_branch(closures=(SHUT,)), OFFICE, _at(clock))
    edges = [to_wire(edge)[:16] for edge in (told.since, told.until, told.opens_at) if edge is not None]
    assert (told.is_open, edges) == (is_open, [since, until, opens])


@pytest.mark.parametrize(
    ("zone", "day", "spans", "now", "since", "until"),
    [
        ("Africa/Kigali", "2026-11-20", ["08:00-17:00"], "06:00", "06:00", "15:00"),
        ("America/New_York", "2026-03-08", ["01:30-02:30"], "06:45", "06:30", "07:30"),
        ("America/New_York", "2026-11-01", ["01:30-02:30"], "06:00", "05:30", "07:30"),
        ("America/New_York", "2026-11-01", ["01:15-01:45"], "06:44", "05:15", "06:45"),
        ("Europe/London", "2026-03-29", ["00:00-03:00"], "00:30", "00:00", "02:00"),
    ],
)
def test_the_hours_are_those_of_the_clock_at_the_wall(
    zone: str, day: str, spans: list[str], now: str, since: str, until: str
) -> None:
    hours = Hours.model_validate({"week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), spans)})
    told = standing(_branch(hours, time_zone=zone), hours, _at(now, day))
    assert told.is_open
    assert (told.since, told.until) == (_at(since, day), _at(until, day))


def test_what_is_open_over_midnight_does_not_close_there() -> None:
    night = Hours(week={"fri": ("20:00-24:00",), "sat": ("00:00-04:00",)})
    told = standing(_branch(night), night, _at("23:59"))
    assert (told.since, told.until) == (_at("20:00"), _at("04:00", "2026-11-21"))


@pytest.mark.parametrize(("hours", "is_open"), [(ALWAYS, True), (NEVER, False)])
def test_what_is_always_open_or_never_has_no_edges(hours: Hours, is_open: bool) -> None:
    told = standing(_branch(hours), hours, _at("09:00"))
    assert (told.is_open, told.until, told.opens_at) == (is_open, None, None)
    world = _world(branch=_branch(hours))
    assert _states(world) == ["open" if is_open else "closed"] * 2


@given(ch.hours.filter(lambda hours: hours is not None), ch.closures, ch.zones, st.integers(0, 20 * 24 * 60))
def test_a_standing_holds_from_its_first_instant_to_its_last(
    hours: Hours, closures: list[Closure], zone: str, minutes: int
) -> None:
    branch = _branch(hours, closures=tuple(closures), time_zone=zone)
    now = Instant(_at("00:00") + minutes * MINUTE_US)
    told = standing(branch, hours, now)
    assert told.since <= now < (told.until or now + 1)
    if told.since > 1:
        assert standing(branch, hours, told.since) == told
        assert standing(branch, hours, Instant(told.since - 1)).is_open is not told.is_open
    if told.until is not None:
        assert standing(branch, hours, Instant(told.until - 1)) == told
        assert standing(branch, hours, told.until).is_open is not told.is_open
    if told.opens_at is not None:
        assert standing(branch, hours, told.opens_at).since == told.opens_at


@given(ch.hours.filter(lambda hours: hours is not None), st.lists(st.integers(0, 3 * DAY_US), max_size=20))
def test_what_is_remembered_is_what_would_be_worked_out(hours: Hours, steps: list[int]) -> None:
    branch, tables, now = _branch(hours), Timetables(), _at("00:00")
    for step in steps:
        now = Instant(now + step)
        assert tables.standing(branch, hours, now) == standing(branch, hours, now)


def test_services_open_and_close_by_themselves() -> None:
    world = _world("07:00")
    assert _states(world) == ["closed", "closed"]
    seen = len(world.log)
    for clock in ("08:00", "12:30", "13:30", "17:00"):
        _until(world, clock)
    kinds = [type(recorded.event) for recorded in world.log[seen:]]
    assert kinds == [ServiceOpened] * 2 + [ServiceClosed] * 2 + [ServiceOpened] * 2 + [ServiceClosed] * 2
    assert world.state.queues["cash"].reopens_at == _at("08:00", "2026-11-23")
    assert world.state.queues["cash"].reason is None


def test_a_branch_that_is_set_up_at_night_starts_closed_and_says_when_it_opens() -> None:
    world = _world("22:00")
    refused = world.refusal(c.Join, KIOSK, service="cash", channel="kiosk")
    assert refused.code is Code.SERVICE_CLOSED
    assert refused.message == "Cash is closed. It opens again at 08:00 on 2026-11-23."


def test_a_service_goes_by_its_own_hours_where_it_has_any() -> None:
    world = _world("09:00", services=(CASH, ENQUIRIES.model_copy(update={"hours": LATE})))
    assert _states(world) == ["open", "closed"]
    _until(world, "18:00")
    assert _states(world) == ["closed", "open"]


def test_without_hours_nothing_opens_or_closes() -> None:
    world = _world(branch=_branch(None))
    before = len(world.log)
    world.later(hours=10)
    assert _states(world) == ["open", "open"]
    assert len(world.log) == before


def test_what_a_person_did_stays_until_the_hours_change_again() -> None:
    world = _world("09:00")
    world.do(c.CloseService, service="cash", reason="no cash")
    world.do(c.PauseService, service="enquiries")
    _until(world, "12:00")
    assert _states(world) == ["closed", "paused"]
    assert world.state.queues["cash"].reason == "no cash"
    _until(world, "13:30")
    assert _states(world) == ["open", "open"]


def test_a_service_that_is_opened_after_hours_closes_with_the_next_end() -> None:
    world = _world("18:00")
    world.do(c.OpenService, service="cash")
    _until(world, "23:00")
    assert _states(world) == ["open", "closed"]
    _until(world, "17:00", "2026-11-23")
    assert _states(world) == ["closed", "closed"]


def test_a_pause_that_ends_after_closing_time_ends_with_the_next_opening() -> None:
    world = _world("16:00")
    world.do(c.PauseService, service="cash", reopens_at=_at("19:00"))
    _until(world, "20:00")
    assert _states(world) == ["closed", "closed"]


def test_an_opening_that_is_both_due_and_by_the_hours_is_one_event() -> None:
    world = _world("07:00")
    seen = len(world.log)
    _until(world, "08:00")
    opened = [recorded.event for recorded in world.log[seen:]]
    assert opened == [ServiceOpened(CASH.id), ServiceOpened(ENQUIRIES.id)]  # type: ignore[arg-type]


def test_after_days_without_power_only_the_present_counts() -> None:
    world = _world("12:00")
    seen = len(world.log)
    _until(world, "20:00", "2026-11-24")
    told = [type(recorded.event) for recorded in world.log[seen:]]
    assert told.count(ServiceClosed) == 2
    assert ServiceOpened not in told


def test_changed_hours_count_at_once() -> None:
    world = _world("18:30")
    world.do(c.SaveBranch, branch=_branch(LATE))
    assert _states(world) == ["open", "open"]
    world.do(c.SaveService, service=CASH.model_copy(update={"hours": OFFICE}))
    assert _states(world) == ["closed", "open"]


def test_hours_that_open_another_time_tell_the_new_one() -> None:
    world = _world("18:30")
    world.do(c.SaveBranch, branch=_branch(closures=(SHUT,)))
    assert world.state.queues["cash"].reopens_at == _at("08:00", "2026-11-25")


def test_a_closure_of_another_day_changes_nothing_that_a_person_did() -> None:
    world = _world("09:00")
    world.do(c.CloseService, service="cash", reason="no cash")
    world.do(c.SaveBranch, branch=_branch(closures=(SHUT,)))
    assert _states(world) == ["closed", "open"]
    assert world.state.queues["cash"].reason == "no cash"


def test_a_closure_of_today_closes_now() -> None:
    world = _world("09:00")
    world.do(c.SaveBranch, branch=_branch(closures=(Closure(day=date(2026, 11, 20)),)))
    assert _states(world) == ["closed", "closed"]


def test_a_new_service_that_is_told_to_be_paused_stays_so_until_the_hours_change() -> None:
    paused = CASH.model_copy(update={"state": ServiceState.PAUSED})
    world = _world("09:00", services=(paused, ENQUIRIES))
    _until(world, "12:00")
    assert _states(world) == ["paused", "open"]
    _until(world, "13:30")
    assert _states(world) == ["open", "open"]


def test_those_who_wait_keep_their_place_when_it_closes() -> None:
    world = _world("16:59")
    tickets = [world.join(), world.join()]
    _until(world, "17:30")
    assert world.waiting() == [ticket.number for ticket in tickets]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"week": {"mon": ["17:00-08:00"]}}, "ends before it begins"),
        ({"week": {"mon": ["08:00-12:00", "11:00-13:00"]}}, "overlap"),
        ({"week": {"mon": ["8-12"]}}, "match pattern"),
        ({"week": {"mon": ["08:00-24:30"]}}, "match pattern"),
        ({"week": {"monday": ["08:00-12:00"]}}, "Input should be 'mon'"),
        ({"days": {}}, "Extra inputs"),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_words(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Hours.model_validate(fields)


@pytest.mark.parametrize("fields", [{"day": 20}, {"day": "20261225"}, {"day": "2026-12-25", "until": "2026-12-24"}, {}])
def test_closures_that_make_no_sense_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"day|Field required"):
        Closure.model_validate(fields)


def test_the_present_is_found_through_a_long_closure() -> None:
    long = Closure(day=date(2026, 11, 1), until=date(2027, 6, 30))
    told = standing(_branch(closures=(long,)), OFFICE, _at("09:00"))
    assert (told.is_open, told.since) == (False, _at("17:00", "2026-10-30"))
    assert told.opens_at == _at("08:00", "2027-07-01")
    assert told.opens_at - told.since > 200 * DAY_US + HOUR_US
