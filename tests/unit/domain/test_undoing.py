"""Taking back the last complete, skip or no-show of a counter, for a minute."""

from typing import Any

import pytest

from branch_server.domain.events import TicketRestored, TicketReturned
from branch_server.domain.tickets import Status, Ticket
from branch_server.engine.codec import dump_state, load_state
from foleni.ids import CounterId
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Counter, Routing
from tests.unit.domain.world import BRANCH, CASH, ENQUIRIES, UNKNOWN, World

PHONE = "+250788000001"
C1 = CounterId("c1")
WEIGHTS = {"cash": 3, "enquiries": 1}


def _called(world: World, **fields: Any) -> Ticket:
    return world.call(world.join(**fields))


def _served(world: World) -> Ticket:
    """A ticket that was called twice and is being served for a while."""
    ticket = _called(world)
    world.do(c.Recall, counter="c1")
    world.later(30)
    world.do(c.Start, counter="c1")
    world.later(60)
    return world.ticket(ticket)


def test_what_was_completed_is_served_again_as_if_nothing_had_happened() -> None:
    world = World()
    served = _served(world)
    world.do(c.Complete, counter="c1", outcome="paid")
    world.later(59)
    events = world.do(c.Undo, counter="c1")
    assert events == [TicketRestored(served.id, served.number, served.service, C1, "completed")]
    assert world.ticket(served) == served
    assert world.state.desks["c1"].in_hand == served.id
    assert world.state.queues["cash"].served_s == []
    assert world.state.recent == []


def test_what_was_called_in_its_place_waits_where_it_stood() -> None:
    world = World()
    served = _served(world)
    second, third = world.joins(2)
    world.do(c.CallNext, counter="c1")
    events = world.do(c.Undo, counter="c1", seen=second.number, ticket=served.id)
    assert events[0] == TicketReturned(second.id, second.number, second.service, C1, second.rank_at)
    assert world.waiting() == [second.number, third.number]
    assert (world.ticket(served), world.ticket(second)) == (served, second)


@pytest.mark.parametrize("kind", [c.Skip, c.NoShow])
def test_who_came_after_all_is_called_again(kind: type[c.Command]) -> None:
    world = World()
    called = _called(world)
    world.joins(5)
    world.do(kind, counter="c1")
    world.do(c.Undo, counter="c1")
    assert world.ticket(called) == called
    assert len(world.waiting()) == 5


def test_a_no_show_that_time_alone_made_can_be_taken_back_and_gets_its_time_again() -> None:
    world = World(branch=BRANCH.model_copy(update={"no_show_after_s": 60}))
    called = _called(world)
    world.later(61)
    assert world.ticket(called).status is Status.NO_SHOW
    world.do(c.Undo, counter="c1")
    world.later(59)
    assert world.ticket(called) == called
    world.later(2)
    assert world.ticket(called).status is Status.NO_SHOW


def test_after_a_minute_it_is_too_late() -> None:
    world = World()
    _called(world)
    world.do(c.Complete, counter="c1")
    world.later(60.001)
    assert world.code(c.Undo, counter="c1") is Code.WRONG_STATE


def test_it_is_taken_back_once_and_at_its_own_counter_only() -> None:
    world = World()
    _called(world)
    world.do(c.Complete, counter="c1")
    assert world.code(c.Undo, counter="c2") is Code.WRONG_STATE
    world.do(c.Undo, counter="c1")
    assert world.code(c.Undo, counter="c1") is Code.WRONG_STATE


def test_only_the_last_act_is_taken_back() -> None:
    world = World()
    first, second = _called(world), world.join()
    world.do(c.CallNext, counter="c1")
    world.do(c.Complete, counter="c1")
    assert world.refusal(c.Undo, counter="c1", ticket=first.id).ticket == second.id
    world.do(c.Undo, counter="c1")
    assert world.ticket(first).status is Status.COMPLETED
    assert world.ticket(second).status is Status.CALLED


def test_who_is_being_served_is_not_sent_away() -> None:
    world = World()
    first, second = _called(world), world.join()
    world.do(c.CallNext, counter="c1")
    world.do(c.Start, counter="c1")
    refused = world.refusal(c.Undo, counter="c1")
    assert (refused.code, refused.ticket) == (Code.WRONG_STATE, second.id)
    assert refused.message == f"{second.number} is in hand at counter 1. Park it, then {first.number} can come back."
    world.do(c.Park, counter="c1")
    world.do(c.Undo, counter="c1")
    assert world.state.desks["c1"].in_hand == first.id


def test_who_was_parked_or_handed_over_does_not_land_in_the_queue() -> None:
    world = World()
    parked = _called(world)
    world.do(c.Park, counter="c1")
    _called(world)
    world.do(c.Complete, counter="c1")
    world.do(c.Unpark, counter="c1", ticket=parked.id)
    assert world.refusal(c.Undo, counter="c1").ticket == parked.id
    assert world.ticket(parked).status is Status.CALLED


def test_a_ticket_that_somebody_else_has_called_meanwhile_stays_there() -> None:
    world = World()
    skipped = _called(world)
    world.do(c.Skip, counter="c1")
    world.call(skipped, "c2")
    assert world.refusal(c.Undo, counter="c1").ticket == skipped.id
    world.do(c.Skip, counter="c2")
    assert world.code(c.Undo, counter="c1") is Code.WRONG_STATE


def test_a_ticket_that_has_another_number_or_class_by_now_stays_as_it_is() -> None:
    world = World()
    skipped = _called(world)
    world.do(c.Skip, counter="c1")
    world.do(c.SetPriority, ticket=skipped.id, priority="vip")
    assert world.code(c.Undo, counter="c1") is Code.WRONG_STATE


def test_a_note_and_a_rating_do_not_stand_in_the_way_and_stay() -> None:
    world = World()
    ticket = _called(world)
    world.do(c.Complete, counter="c1")
    world.do(c.AddNote, ticket=ticket.id, text="forgot her card")
    world.do(c.Rate, ticket=ticket.id, stars=4)
    world.do(c.Undo, counter="c1")
    again = world.ticket(ticket)
    assert (again.status, again.notes, again.stars) == (Status.CALLED, ("forgot her card",), 4)


def test_the_phone_has_its_ticket_again() -> None:
    world = World()
    ticket = _called(world, phone=PHONE)
    world.do(c.Complete, counter="c1")
    world.do(c.Undo, counter="c1")
    assert world.refusal(c.Join, service="cash", channel="kiosk", phone=PHONE).ticket == ticket.id


def test_who_has_a_new_ticket_by_now_keeps_that() -> None:
    world = World()
    _called(world, phone=PHONE)
    world.do(c.Complete, counter="c1")
    new = world.join(phone=PHONE)
    refused = world.refusal(c.Undo, counter="c1")
    assert (refused.code, refused.ticket) == (Code.ALREADY_QUEUED, new.id)


@pytest.mark.parametrize(("kind", "back"), [(c.BreakCounter, True), (c.CloseCounter, False)])
def test_it_takes_an_open_counter_and_one_that_was_closed_has_nothing_to_take_back(kind: type[c.Command], back: bool) -> None:
    world = World()
    ticket = _called(world)
    world.do(c.Complete, counter="c1")
    world.do(kind, counter="c1")
    assert world.code(c.Undo, counter="c1") is Code.COUNTER_CLOSED
    world.do(c.OpenCounter, counter="c1")
    if back:
        world.do(c.Undo, counter="c1")
        assert world.state.desks["c1"].in_hand == ticket.id
    else:
        assert world.code(c.Undo, counter="c1") is Code.WRONG_STATE


def test_a_press_of_somebody_who_saw_another_number_is_refused() -> None:
    world = World()
    _called(world)
    world.joins(2)
    world.do(c.CallNext, counter="c1")
    assert world.code(c.Undo, counter="c1", seen="A009") is Code.WRONG_STATE
    assert world.code(c.Undo, counter="c1", ticket=UNKNOWN) is Code.WRONG_STATE
    assert world.code(c.Undo, counter="c9") is Code.UNKNOWN_COUNTER


def test_yesterday_is_not_taken_back() -> None:
    world = World()
    _called(world)
    world.later(hours=18, minutes=59, seconds=50)
    world.do(c.Complete, counter="c1")
    world.later(20)
    assert world.state.day == "2026-11-21"
    assert world.code(c.Undo, counter="c1") is Code.WRONG_STATE


def test_the_counters_rule_goes_on_from_where_it_stood() -> None:
    """A call that is taken back counts neither for the shares nor for the run of priority tickets."""
    weighted = Counter(id="c1", label="1", services=("cash", "enquiries"), routing=Routing.WEIGHTED, weights=WEIGHTS)
    world = World(counters=(weighted,))
    for service in (CASH, ENQUIRIES):
        world.joins(4, service.id, priority="vip")
    world.call_next()
    desk = world.state.desks["c1"]
    before = (desk.credited_run, desk.shares)
    world.call_next()
    assert (desk.credited_run, desk.shares) != before
    world.do(c.Undo, counter="c1")
    assert (desk.credited_run, desk.shares) == before


def test_it_survives_a_restart_from_a_snapshot() -> None:
    world = World()
    served = _served(world)
    world.do(c.Complete, counter="c1")
    world.state = load_state(dump_state(world.state))
    world.do(c.Undo, counter="c1")
    assert world.ticket(served) == served
