"""Handing a ticket on: to the queue of a service, or into the hand of another counter."""

from typing import Any

import pytest

from branch_server.domain.tickets import Status
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Counter
from foleni.times import HOUR_US, MINUTE_US
from tests.unit.domain.world import COUNTERS, MORNING, UNKNOWN, World


@pytest.mark.parametrize("started", [False, True])
def test_a_transfer_keeps_the_rank(started: bool) -> None:
    world = World()
    ticket = world.call(world.join(priority="priority"))
    if started:
        world.do(c.Start, counter="c1")
    world.later(minutes=50)
    world.join("enquiries")
    world.do(c.Transfer, ticket=ticket.id, to_service="enquiries")
    moved = world.ticket(ticket)
    assert (moved.status, moved.service, moved.rank_at) == (Status.WAITING, "enquiries", MORNING - 30 * MINUTE_US)
    assert world.waiting("enquiries") == [ticket.number, "B001"]
    assert (moved.counter, moved.called_at, moved.started_at, moved.calls) == (None, None, None, 0)
    assert world.state.desks["c1"].in_hand is None


def test_a_transfer_that_gives_up_the_rank_joins_anew_with_its_credit() -> None:
    world = World()
    ticket = world.call(world.join(priority="priority"))
    world.later(hours=2)
    world.do(c.Transfer, ticket=ticket.id, to_service="enquiries", keep_rank=False)
    assert world.ticket(ticket).rank_at == MORNING + 2 * HOUR_US - 30 * MINUTE_US


def test_a_ticket_keeps_its_number_in_another_queue() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Transfer, ticket=ticket.id, to_service="enquiries")
    assert world.ticket(ticket).number == "A001"
    assert world.join("enquiries").number == "B001"


def test_a_ticket_may_go_back_to_its_own_queue() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Transfer, ticket=ticket.id, to_service="cash")
    assert world.waiting() == [ticket.number]


def test_a_ticket_goes_from_hand_to_hand() -> None:
    world = World()
    ticket = world.call(world.join())
    world.later(60)
    world.do(c.Transfer, ticket=ticket.id, to_counter="c2")
    moved = world.ticket(ticket)
    assert (moved.status, moved.counter, moved.called_at, moved.calls) == (Status.CALLED, "c2", world.now, 1)
    assert (world.state.desks["c1"].in_hand, world.state.desks["c2"].in_hand) == (None, ticket.id)


def test_a_hand_that_is_full_takes_nothing() -> None:
    world = World()
    first, second = world.call(world.join(), "c1"), world.call(world.join(), "c2")
    refused = world.refusal(c.Transfer, ticket=first.id, to_counter="c2")
    assert (refused.code, refused.ticket) == (Code.WRONG_STATE, second.id)
    assert world.code(c.Transfer, ticket=first.id, to_counter="c1") is Code.WRONG_STATE


@pytest.mark.parametrize("doing", [c.CloseCounter, c.BreakCounter])
def test_a_counter_that_is_not_open_takes_nothing(doing: type[c.Command]) -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(doing, counter="c2")
    assert world.code(c.Transfer, ticket=ticket.id, to_counter="c2") is Code.COUNTER_CLOSED


def test_a_closed_service_takes_no_transfer() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.CloseService, service="enquiries")
    assert world.code(c.Transfer, ticket=ticket.id, to_service="enquiries") is Code.SERVICE_CLOSED
    assert world.ticket(ticket).status is Status.CALLED


def test_only_what_is_in_a_hand_is_transferred() -> None:
    world = World()
    waiting, parked = world.joins(2)
    world.call(parked)
    world.do(c.Park, counter="c1")
    for ticket in (waiting, parked):
        assert world.code(c.Transfer, ticket=ticket.id, to_service="enquiries") is Code.WRONG_STATE


@pytest.mark.parametrize(
    ("aim", "code"),
    [
        ({"to_service": "nowhere"}, Code.UNKNOWN_SERVICE),
        ({"to_counter": "c9"}, Code.UNKNOWN_COUNTER),
        ({"ticket": UNKNOWN, "to_service": "cash"}, Code.UNKNOWN_TICKET),
    ],
)
def test_a_transfer_to_nowhere_or_of_nothing_is_refused(aim: dict[str, str], code: Code) -> None:
    world = World()
    ticket = world.call(world.join())
    fields: dict[str, Any] = {"ticket": ticket.id} | aim
    assert world.code(c.Transfer, **fields) is code


def test_a_transferred_ticket_is_not_issued_again() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Transfer, ticket=ticket.id, to_service="enquiries")
    assert [world.state.queues[service].issued for service in ("cash", "enquiries")] == [1, 0]


def test_a_ticket_goes_into_the_hand_of_a_person_wherever_that_one_sits() -> None:
    world = World()
    world.do(c.OpenCounter, counter="c2", staff="ada")
    ticket = world.call(world.join())
    world.do(c.Transfer, ticket=ticket.id, to_staff="ada")
    given = world.ticket(ticket)
    assert (given.status, given.counter, given.staff) == (Status.CALLED, "c2", "ada")


def test_a_person_at_two_counters_takes_it_where_the_hand_is_empty() -> None:
    third = Counter(id="c3", label="3", services=("cash",))
    world = World(counters=(*COUNTERS, third))
    for counter in ("c2", "c3"):
        world.do(c.OpenCounter, counter=counter, staff="ada")
    world.call(world.join(), "c2")
    ticket = world.call(world.join())
    world.do(c.Transfer, ticket=ticket.id, to_staff="ada")
    assert world.ticket(ticket).counter == "c3"


def test_a_person_who_is_not_there_gets_nothing() -> None:
    world = World()
    ticket = world.call(world.join())
    refused = world.refusal(c.Transfer, ticket=ticket.id, to_staff="ada")
    assert (refused.code, refused.message) == (Code.WRONG_STATE, "Ada is at no open counter.")
    assert world.code(c.Transfer, ticket=ticket.id, to_staff="bob") is Code.INVALID
    world.do(c.OpenCounter, counter="c2", staff="ada")
    world.do(c.BreakCounter, counter="c2")
    assert world.code(c.Transfer, ticket=ticket.id, to_staff="ada") is Code.WRONG_STATE


@pytest.mark.parametrize("aims", [{}, {"to_service": "cash", "to_staff": "ada"}, {"to_counter": "c1", "to_staff": "ada"}])
def test_a_transfer_has_one_aim(aims: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="give one of"):
        c.Transfer(id=UNKNOWN, ticket=UNKNOWN, **aims)
