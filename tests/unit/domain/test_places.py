"""Opening and closing counters and services, and the notice on the board."""

import pytest

from branch_server.domain.state import CounterState
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import ServiceState
from foleni.times import HOUR_US, Instant
from tests.unit.domain.world import MORNING, World

LATER = Instant(MORNING + HOUR_US)


@pytest.mark.parametrize(
    ("kind", "state"),
    [(c.OpenCounter, CounterState.OPEN), (c.CloseCounter, CounterState.CLOSED), (c.BreakCounter, CounterState.BREAK)],
)
def test_a_counter_becomes_what_is_asked_and_asked_again_nothing_happens(kind: type[c.Command], state: CounterState) -> None:
    world = World()
    world.do(kind, counter="c1")
    assert world.state.desks["c1"].state is state
    assert world.do(kind, counter="c1") == []


def test_a_counter_with_a_ticket_in_hand_is_not_closed_but_may_take_a_break() -> None:
    world = World()
    ticket = world.call(world.join())
    refused = world.refusal(c.CloseCounter, counter="c1")
    assert (refused.code, refused.ticket) == (Code.WRONG_STATE, ticket.id)
    world.do(c.BreakCounter, counter="c1")
    assert world.state.desks["c1"].in_hand == ticket.id


def test_who_signs_in_stays_through_a_break_and_leaves_with_the_counter_closed() -> None:
    world = World()
    world.do(c.OpenCounter, counter="c1", staff="ada")
    world.do(c.BreakCounter, counter="c1")
    world.do(c.OpenCounter, counter="c1")
    assert world.state.desks["c1"].staff == "ada"
    world.do(c.CloseCounter, counter="c1")
    assert world.state.desks["c1"].staff is None


def test_only_known_staff_sign_in() -> None:
    assert World().code(c.OpenCounter, counter="c1", staff="nobody") is Code.INVALID


@pytest.mark.parametrize("kind", [c.OpenService, c.PauseService, c.CloseService])
def test_an_unknown_service_is_refused(kind: type[c.Command]) -> None:
    assert World().code(kind, service="nowhere") is Code.UNKNOWN_SERVICE


@pytest.mark.parametrize(("kind", "state"), [(c.PauseService, ServiceState.PAUSED), (c.CloseService, ServiceState.CLOSED)])
def test_a_service_becomes_what_is_asked_and_asked_again_nothing_happens(kind: type[c.Command], state: ServiceState) -> None:
    world = World()
    told = world.answer(world.command(kind, service="cash", reopens_at=LATER, reason="audit"))
    assert told == {"service": "cash", "state": state.value, "reopens_at": "2026-11-20T10:00:00.000Z"}
    assert world.do(kind, service="cash", reopens_at=LATER, reason="audit") == []
    assert len(world.do(kind, service="cash", reopens_at=LATER, reason="flood")) == 1
    world.do(c.OpenService, service="cash")
    queue = world.state.queues["cash"]
    assert (queue.state, queue.reopens_at, queue.reason) == (ServiceState.OPEN, None, None)
    assert world.do(c.OpenService, service="cash") == []


@pytest.mark.parametrize("kind", [c.PauseService, c.CloseService])
def test_a_service_opens_again_by_itself_at_its_time(kind: type[c.Command]) -> None:
    world = World()
    world.do(kind, service="cash", reopens_at=LATER)
    world.later(3599)
    assert world.code(c.Join, service="cash", channel="kiosk") in {Code.SERVICE_PAUSED, Code.SERVICE_CLOSED}
    world.later(1)
    assert world.join().number == "A001"


def test_without_a_time_a_service_stays_shut() -> None:
    world = World()
    world.do(c.CloseService, service="cash")
    world.later(days=3)
    assert world.state.queues["cash"].state is ServiceState.CLOSED


def test_a_notice_stands_until_another_takes_its_place() -> None:
    world = World()
    world.do(c.Announce, text="Fire drill at noon")
    assert world.state.notice == {"en": "Fire drill at noon"}
    assert world.do(c.Announce, text="Fire drill at noon") == []
    world.do(c.Announce, text={})
    assert world.state.notice == {}


def test_a_counter_is_answered_with_its_hand_and_who_waits() -> None:
    world = World()
    world.joins(3)
    told = world.answer(world.command(c.CallNext, counter="c1"))
    assert (told["counter"], told["in_hand"]["number"], told["in_hand"]["call"], told["waiting"]) == ("c1", "A001", 1, 2)
    assert world.answer(world.command(c.Complete, counter="c1"))["in_hand"] is None
