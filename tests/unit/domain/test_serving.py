"""A ticket's life at the counters: call, start, complete, recall, skip, no-show, park."""

import pytest

from branch_server.domain.events import TicketCalled, TicketCompleted, TicketNoShow
from branch_server.domain.tickets import Status
from foleni.messages import commands as c
from foleni.messages.replies import Code
from tests.unit.domain.world import BRANCH, UNKNOWN, World

HAND = (c.Recall, c.Start, c.Complete, c.Skip, c.NoShow, c.Park)


def test_one_button_runs_a_counter() -> None:
    world = World()
    first, second = world.joins(2)
    assert [type(event) for event in world.do(c.CallNext, counter="c1")] == [TicketCalled]
    assert [type(event) for event in world.do(c.CallNext, counter="c1")] == [TicketCompleted, TicketCalled]
    assert [type(event) for event in world.do(c.CallNext, counter="c1")] == [TicketCompleted]
    assert world.code(c.CallNext, counter="c1") is Code.NOTHING_WAITING
    assert {world.ticket(ticket).status for ticket in (first, second)} == {Status.COMPLETED}


def test_a_called_ticket_is_in_the_hand_of_the_counter_and_its_clerk() -> None:
    world = World()
    world.do(c.OpenCounter, counter="c1", staff="ada")
    ticket = world.call(world.join())
    assert (ticket.status, ticket.counter, ticket.staff, ticket.calls) == (Status.CALLED, "c1", "ada", 1)
    assert world.state.desks["c1"].in_hand == ticket.id


def test_start_and_complete_keep_the_outcome_and_the_times() -> None:
    world = World()
    ticket = world.call(world.join())
    called_at = world.now
    world.later(20)
    world.do(c.Start, counter="c1")
    world.later(100)
    world.do(c.Complete, counter="c1", outcome="paid")
    done = world.ticket(ticket)
    assert (done.status, done.outcome) == (Status.COMPLETED, "paid")
    assert [done.called_at, done.started_at, done.ended_at] == [called_at, called_at + 20_000_000, world.now]
    assert world.state.queues["cash"].served_s == [120]


def test_a_called_ticket_may_be_completed_without_a_start() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Complete, counter="c1")
    assert world.ticket(ticket).status is Status.COMPLETED


def test_recall_counts_and_changes_nothing_else() -> None:
    world = World()
    ticket = world.call(world.join())
    world.later(30)
    world.do(c.Recall, counter="c1")
    again = world.ticket(ticket)
    assert again.calls == 2
    assert (again.status, again.called_at, again.rank_at) == (ticket.status, ticket.called_at, ticket.rank_at)


def test_a_skip_goes_back_and_after_the_last_one_it_is_a_no_show() -> None:
    world = World()
    ticket = world.call(world.join())
    for skips in (1, 2):
        world.do(c.Skip, counter="c1")
        assert (world.ticket(ticket).status, world.ticket(ticket).skips) == (Status.WAITING, skips)
        world.call(ticket)
    (gone,) = world.do(c.Skip, counter="c1")
    assert isinstance(gone, TicketNoShow)
    assert gone.reason == "max_skips"
    assert world.ticket(ticket).status is Status.NO_SHOW


def test_where_no_skips_are_allowed_the_first_is_a_no_show() -> None:
    world = World(branch=BRANCH.model_copy(update={"max_skips": 0}))
    ticket = world.call(world.join())
    world.do(c.Skip, counter="c1")
    assert world.ticket(ticket).status is Status.NO_SHOW


def test_a_no_show_by_staff_says_so() -> None:
    world = World()
    world.call(world.join())
    (gone,) = world.do(c.NoShow, counter="c1")
    assert isinstance(gone, TicketNoShow)
    assert gone.reason == "staff"


@pytest.mark.parametrize("kind", [c.Start, c.Skip, c.NoShow])
def test_a_ticket_that_is_served_can_not_be_started_skipped_or_missed(kind: type[c.Command]) -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Start, counter="c1")
    refused = world.refusal(kind, counter="c1")
    assert (refused.code, refused.ticket) == (Code.WRONG_STATE, ticket.id)


@pytest.mark.parametrize("kind", HAND)
def test_an_empty_hand_can_do_nothing(kind: type[c.Command]) -> None:
    assert World().code(kind, counter="c1") is Code.NOTHING_IN_HAND


@pytest.mark.parametrize("kind", [*HAND, c.CallNext, c.OpenCounter, c.CloseCounter, c.BreakCounter])
def test_an_unknown_counter_is_refused(kind: type[c.Command]) -> None:
    assert World().code(kind, counter="c9") is Code.UNKNOWN_COUNTER


@pytest.mark.parametrize("kind", [c.CallTicket, c.Unpark])
def test_a_call_by_name_needs_a_counter_and_a_ticket_of_today(kind: type[c.Command]) -> None:
    world = World()
    ticket = world.join()
    assert world.code(kind, counter="c9", ticket=ticket.id) is Code.UNKNOWN_COUNTER
    assert world.code(kind, counter="c1", ticket=UNKNOWN) is Code.UNKNOWN_TICKET


def test_only_a_waiting_ticket_is_called_and_only_a_parked_one_is_unparked() -> None:
    world = World()
    waiting, held = world.join(), world.call(world.join(), "c2")
    assert world.code(c.Unpark, counter="c1", ticket=waiting.id) is Code.WRONG_STATE
    assert world.code(c.CallTicket, counter="c1", ticket=held.id) is Code.WRONG_STATE


@pytest.mark.parametrize("doing", [c.CloseCounter, c.BreakCounter])
def test_nobody_is_called_to_a_counter_that_is_not_open(doing: type[c.Command]) -> None:
    world = World()
    ticket = world.join()
    world.do(doing, counter="c1")
    assert world.code(c.CallNext, counter="c1") is Code.COUNTER_CLOSED
    assert world.code(c.CallTicket, counter="c1", ticket=ticket.id) is Code.COUNTER_CLOSED
    assert world.code(c.Unpark, counter="c1", ticket=ticket.id) is Code.COUNTER_CLOSED


def test_what_is_in_hand_can_be_finished_on_a_break() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.BreakCounter, counter="c1")
    world.do(c.Complete, counter="c1")
    assert world.ticket(ticket).status is Status.COMPLETED


def test_a_call_by_name_completes_what_is_in_hand_first() -> None:
    world = World()
    first, _, third = world.joins(3)
    world.call(first)
    world.call(third)
    assert world.ticket(first).status is Status.COMPLETED
    assert world.state.desks["c1"].in_hand == third.id


@pytest.mark.parametrize("kind", [c.Complete, c.Skip, c.NoShow])
def test_a_press_acts_on_what_the_person_saw(kind: type[c.Command]) -> None:
    world = World()
    ticket = world.call(world.join())
    assert world.code(kind, counter="c1", seen="A999") is Code.WRONG_STATE
    assert world.ticket(ticket).status is Status.CALLED
    assert world.do(kind, counter="c1", seen=ticket.number)


@pytest.mark.parametrize("kind", [c.Complete, c.Skip, c.NoShow])
def test_what_was_seen_and_is_in_no_hand_any_more_is_a_wrong_state(kind: type[c.Command]) -> None:
    assert World().code(kind, counter="c1", seen="A001") is Code.WRONG_STATE


@pytest.mark.parametrize("started", [False, True])
def test_a_parked_ticket_waits_aside_and_is_called_again_by_name(started: bool) -> None:
    world = World()
    ticket = world.call(world.join())
    if started:
        world.do(c.Start, counter="c1")
    world.do(c.Park, counter="c1", reason="payment")
    assert world.ticket(ticket).status is Status.PARKED
    assert (world.state.desks["c1"].in_hand, world.waiting()) == (None, [])
    assert world.code(c.CallNext, counter="c1") is Code.NOTHING_WAITING
    world.do(c.Unpark, counter="c2", ticket=ticket.id)
    again = world.ticket(ticket)
    assert (again.status, again.counter, again.started_at) == (Status.CALLED, "c2", None)


def test_what_a_counter_has_called_goes_to_the_recent_calls_when_it_leaves_the_hand() -> None:
    world = World()
    first, second = world.joins(2)
    world.call(first)
    world.do(c.Recall, counter="c1")
    world.call(second)
    assert [(past.number, past.counter_label, past.call) for past in world.state.recent] == [(first.number, "1", 2)]


def test_nobody_stands_among_the_recent_calls_while_called_again() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Skip, counter="c1")
    world.call(ticket, "c2")
    assert world.state.recent == []


@pytest.mark.parametrize("limit_s", [1, 300])
def test_a_call_that_nobody_answers_is_a_no_show_after_the_time_that_the_branch_sets(limit_s: int) -> None:
    world = World(branch=BRANCH.model_copy(update={"no_show_after_s": limit_s}))
    ticket = world.call(world.join())
    world.later(limit_s - 0.000001)
    assert world.ticket(ticket).status is Status.CALLED
    world.later(0.000001)
    assert world.ticket(ticket).status is Status.NO_SHOW
    assert world.state.desks["c1"].in_hand is None


def test_who_is_being_served_is_never_a_no_show_by_time() -> None:
    world = World(branch=BRANCH.model_copy(update={"no_show_after_s": 60}))
    ticket = world.call(world.join())
    world.do(c.Start, counter="c1")
    world.later(hours=1)
    assert world.ticket(ticket).status is Status.SERVING


def test_without_a_limit_a_call_waits_for_staff() -> None:
    world = World()
    ticket = world.call(world.join())
    world.later(hours=5)
    assert world.ticket(ticket).status is Status.CALLED


def test_a_parked_ticket_keeps_why_and_since_when_until_it_is_called_again() -> None:
    world = World()
    ticket = world.call(world.join())
    world.later(30)
    world.do(c.Park, counter="c1", reason="waits for a copy")
    parked = world.ticket(ticket)
    assert (parked.status, parked.reason, parked.parked_at) == (Status.PARKED, "waits for a copy", world.now)
    world.do(c.Unpark, counter="c1", ticket=ticket.id)
    again = world.ticket(ticket)
    assert (again.status, again.reason, again.parked_at) == (Status.CALLED, None, None)


def test_a_parked_ticket_that_expires_is_no_longer_parked() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Park, counter="c1", reason="waits for a copy")
    world.do(c.CloseDay)
    expired = world.ticket(ticket)
    assert (expired.status, expired.reason, expired.parked_at) == (Status.EXPIRED, None, None)


@pytest.mark.parametrize("kind", [c.Complete, c.Skip, c.NoShow, c.Park])
def test_a_press_that_saw_another_number_does_nothing(kind: type[c.Command]) -> None:
    world = World()
    ticket = world.call(world.join())
    assert world.code(kind, counter="c1", seen="A009") is Code.WRONG_STATE
    assert world.ticket(ticket) == ticket
