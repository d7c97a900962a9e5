"""The roll-over: what expires, what stays, and what begins again; and a day that is closed by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch_server.domain.events import BranchSaved, DayClosed, DayOpened, TicketExpired
from branch_server.domain.handlers.days import roll_over
from branch_server.domain.state import State
from branch_server.domain.tickets import Status
from foleni.messages import commands as c
from foleni.messages.setup import ServiceState
from foleni.times import DAY_US, HOUR_US, Instant
from tests.unit.domain.world import BRANCH, KIOSK, MORNING, World


def _mixed() -> World:
    """A001 waits, A002 is parked, A003 is called, A004 is served."""
    world = World()
    _, parked, called, served = world.joins(4)
    world.call(parked)
    world.do(c.Park, counter="c1")
    world.call(called, "c1")
    world.call(served, "c2")
    world.do(c.Start, counter="c2")
    return world


def test_what_waits_or_is_parked_expires_and_what_is_in_a_hand_stays_with_its_day() -> None:
    world = _mixed()
    before = len(world.log)
    world.later(days=1)
    events = [recorded.event for recorded in world.log[before:]]
    assert [type(event) for event in events] == [TicketExpired, TicketExpired, DayClosed, DayOpened]
    kept = sorted((ticket.number, ticket.status, ticket.day) for ticket in world.state.tickets.values())
    assert kept == [("A003", Status.CALLED, "2026-11-20"), ("A004", Status.SERVING, "2026-11-20")]
    assert world.join().number == "A001"


def test_the_last_events_of_a_day_belong_to_it_and_the_first_to_the_next() -> None:
    world = _mixed()
    before = len(world.log)
    world.later(days=1)
    assert [recorded.day for recorded in world.log[before:]] == ["2026-11-20"] * 3 + ["2026-11-21"]


def test_what_was_in_a_hand_is_finished_the_next_day() -> None:
    world = _mixed()
    world.later(days=1)
    world.do(c.Complete, counter="c2")
    world.do(c.Skip, counter="c1")
    assert world.waiting() == ["A003"]
    world.later(days=1)
    assert world.state.tickets == {}


def test_a_roll_over_over_several_days_opens_the_last_only() -> None:
    world = World()
    world.later(days=5)
    opened = [recorded.event.opened for recorded in world.log if isinstance(recorded.event, DayOpened)]
    assert opened == ["2026-11-20", "2026-11-25"]


def test_the_state_of_services_and_counters_and_the_notice_outlast_the_day() -> None:
    world = World()
    world.do(c.CloseService, service="cash")
    world.do(c.Announce, text="Welcome")
    world.do(c.BreakCounter, counter="c1")
    world.later(days=1)
    assert world.state.queues["cash"].state is ServiceState.CLOSED
    assert (world.state.notice, world.state.desks["c1"].state) == ({"en": "Welcome"}, "break")


def test_there_is_no_day_before_there_is_a_branch() -> None:
    assert roll_over(State(), MORNING) == []


@pytest.mark.parametrize("back_us", [1, HOUR_US, DAY_US, 400 * DAY_US])
def test_a_time_that_goes_back_keeps_the_day_and_its_numbers(back_us: int) -> None:
    world = World()
    world.joins(2)
    world.now = Instant(world.now - back_us)
    world.keep_time()
    assert world.state.day == "2026-11-20"
    assert world.join().number == "A003"


def test_a_branch_that_moves_to_the_west_keeps_its_day() -> None:
    world = World()
    world.join()
    world.do(c.SaveBranch, branch=BRANCH.model_copy(update={"time_zone": "Pacific/Honolulu"}))
    world.later(1)
    assert (world.state.day, world.waiting()) == ("2026-11-20", ["A001"])


def test_paper_that_is_handed_in_today_stays_in_a_day_that_the_branch_has_not_left() -> None:
    world = World()
    world.do(c.SaveBranch, branch=BRANCH.model_copy(update={"time_zone": "Pacific/Honolulu"}))
    world.later(hours=1)
    ticket = world.join(sender=KIOSK, number="AX01", joined_at=Instant(world.now - 60_000_000))
    assert ticket.status is Status.WAITING


@given(jumps=st.lists(st.integers(-3 * DAY_US, 3 * DAY_US), max_size=12))
def test_the_day_never_goes_backwards_and_no_number_is_given_twice_in_it(jumps: list[int]) -> None:
    world = World()
    days = [world.state.day]
    for jump in jumps:
        world.now = Instant(world.now + jump)
        world.keep_time()
        world.join()
        days.append(world.state.day)
    assert days == sorted(days)
    given_numbers = [(ticket.day, ticket.number) for ticket in world.joined()]
    assert len(set(given_numbers)) == len(given_numbers)


def test_a_day_closed_by_hand_expires_who_waits_and_goes_on() -> None:
    world = _mixed()
    events = world.do(c.CloseDay)
    assert [type(event) for event in events] == [TicketExpired, TicketExpired, DayClosed]
    assert (world.state.day, world.waiting()) == ("2026-11-20", [])
    assert world.join().number == "A005"
    assert sorted(str(ticket.status) for ticket in world.state.in_hands()) == ["called", "serving"]


def test_a_day_closed_by_hand_after_its_end_opens_the_next() -> None:
    world = _mixed()
    world.now = Instant(world.now + DAY_US)
    assert isinstance(world.do(c.CloseDay)[-1], DayOpened)
    assert world.join().number == "A001"


def test_who_joins_while_the_branch_has_no_day_yet_is_not_lost_when_it_begins() -> None:
    world = World()
    world.state, world.log = State(), []
    world.do(c.SaveBranch, branch=BRANCH)
    world.do(c.SaveService, service={"id": "cash", "prefix": "A", "name": "Cash"})
    world.join()
    world.keep_time()
    assert [type(recorded.event) for recorded in world.log[:2]] == [BranchSaved, DayOpened]
    assert world.state.counts()[Status.WAITING] + sum(isinstance(r.event, TicketExpired) for r in world.log) == 1
