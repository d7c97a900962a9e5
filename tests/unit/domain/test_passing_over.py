"""A call that leaves some who wait where they are, because staff say so; and the rule that stays."""

import pytest

from branch_server.domain.events import TicketCalled
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Counter, Routing
from foleni.times import MINUTE_US
from tests.unit.domain.world import CASH, ENQUIRIES, UNKNOWN, World


def _call(world: World, *passed: str) -> TicketCalled:
    """The call that passes these over."""
    events = world.do(c.CallNext, counter="c1", pass_over=passed)
    return next(event for event in events if isinstance(event, TicketCalled))


def test_who_is_passed_over_waits_where_it_stood_and_is_next_again() -> None:
    world = World()
    first, second = world.joins(2)
    assert _call(world, first.id).ticket == second.id
    assert world.ticket(first) == first
    assert world.call_next().ticket == first.id


def test_the_call_says_who_was_passed_over_and_among_whom_it_chose() -> None:
    world = World()
    cash, _, enquiry = world.join(), world.join(), world.join("enquiries")
    world.later(120)
    why = _call(world, cash.id, enquiry.id, UNKNOWN).why
    assert why.rule == "fifo"
    assert why.reason == "longest effective wait of Cash and Enquiries; 2 min; passed over by hand: A001, B001"
    assert [head.number for head in why.heads] == ["A002"]
    assert why.passed_over == (cash.id, enquiry.id)


def test_a_call_that_passes_over_nobody_who_waits_is_as_any_other() -> None:
    world = World()
    world.joins(2)
    why = _call(world, UNKNOWN).why
    assert why.passed_over == ()
    assert "passed over" not in why.reason


@pytest.mark.parametrize("routing", list(Routing))
def test_every_rule_goes_on_with_who_is_left(routing: Routing) -> None:
    counter = Counter(id="c1", label="1", services=("cash", "enquiries"), routing=routing)
    world = World(counters=(counter,))
    cash, enquiry = world.join(), world.join("enquiries")
    called = _call(world, cash.id)
    assert (called.ticket, called.why.rule) == (enquiry.id, routing)


def test_a_run_of_priority_tickets_ends_with_the_first_normal_one_who_is_not_passed_over() -> None:
    services = (CASH.model_copy(update={"max_priority_run": 1}), ENQUIRIES)
    world = World(services=services)
    normal = world.joins(2)
    world.joins(3, priority="vip")
    assert world.call_next().why.rule == "fifo"
    called = _call(world, normal[0].id)
    assert (called.ticket, called.why.rule) == (normal[1].id, "max_priority_run")


def test_where_only_they_wait_nothing_is_done() -> None:
    """Not even what is in hand is completed."""
    world = World()
    held, waiting = world.call(world.join()), world.join()
    refused = world.refusal(c.CallNext, counter="c1", pass_over=(waiting.id,))
    assert (refused.code, refused.message) == (Code.NOTHING_WAITING, "Everybody who waits for counter 1 is passed over.")
    assert world.ticket(held) == held


def test_with_nobody_waiting_the_last_one_is_completed_as_ever() -> None:
    world = World()
    held = world.call(world.join())
    world.do(c.CallNext, counter="c1", pass_over=(UNKNOWN,))
    assert world.ticket(held).status == "completed"


def test_the_credit_of_who_is_passed_over_is_no_promise_against_staff() -> None:
    world = World()
    vip, normal = world.join(priority="vip"), world.join()
    assert vip.rank_at is not None
    assert normal.rank_at == vip.rank_at + 60 * MINUTE_US
    assert _call(world, vip.id).ticket == normal.id


def test_no_more_than_twenty_are_passed_over() -> None:
    world = World()
    with pytest.raises(ValueError, match="at most 20"):
        world.command(c.CallNext, counter="c1", pass_over=tuple(world.new_id() for _ in range(21)))
