"""Who stands where: credits, appointments, and what a skip costs."""

import pytest

from branch_server.domain.events import TicketSkipped
from branch_server.domain.ranks import rank_after_skip, rank_at, rank_with
from branch_server.domain.state import Queue
from branch_server.domain.tickets import Ticket
from foleni.ids import ServiceId, TicketId
from foleni.messages import commands as c
from foleni.times import DAY_US, HOUR_US, MINUTE_US, Instant
from tests.unit.domain.world import BRANCH, CASH, MORNING, World, at


@pytest.mark.parametrize(("priority", "credit_min"), [("normal", 0), ("priority", 30), ("appointment", 30), ("vip", 60)])
def test_a_rank_is_the_arrival_less_the_credit(priority: str, credit_min: int) -> None:
    assert World().join(priority=priority).rank_at == MORNING - credit_min * MINUTE_US


def test_a_class_of_the_organization_has_its_own_credit() -> None:
    world = World()
    world.do(c.SavePriority, priority={"id": "donor", "name": {"en": "Donor"}, "credit_min": 5})
    assert world.join(priority="donor").rank_at == MORNING - 5 * MINUTE_US


def test_a_credit_changed_later_does_not_move_who_waits() -> None:
    world = World()
    ticket = world.join(priority="vip")
    world.do(c.SavePriority, priority={"id": "vip", "name": {"en": "VIP"}, "credit_min": 5})
    assert world.ticket(ticket).rank_at == MORNING - HOUR_US


def test_a_credit_lets_a_ticket_pass_those_who_joined_at_most_so_long_before() -> None:
    world = World()
    early = world.join()
    world.later(minutes=1)
    later = world.join()
    world.later(minutes=30)
    elderly = world.join(priority="priority")
    assert world.waiting() == [early.number, later.number, elderly.number]
    world.later(minutes=-1)
    assert world.waiting()[0] == early.number


def test_a_tie_goes_by_ticket_id() -> None:
    world = World()
    first, second = world.join(), world.join()
    world.later(minutes=30)
    third = world.join(priority="priority")
    assert world.waiting() == [first.number, second.number, third.number]


@pytest.mark.parametrize(
    ("arrived", "slot", "rank"),
    [
        ("09:00", "10:00", "09:50"),  # early: ten minutes before the slot
        ("10:00", "10:00", "09:50"),
        ("10:15", "10:00", "09:50"),
        ("10:20", "10:00", "09:50"),
        ("10:25", "10:00", "09:55"),  # late: the arrival less the credit
        ("12:00", "10:00", "11:30"),
    ],
)
def test_an_appointment_ranks_by_the_later_of_arrival_and_slot(arrived: str, slot: str, rank: str) -> None:
    assert rank_at(at(arrived), 30, at(slot)) == at(rank)


def test_an_appointment_that_is_made_from_afar_waits_outside_the_queue_until_it_checks_in() -> None:
    world = World()
    ticket = world.join(channel="app", appointment=at("12:00"))
    assert (ticket.rank_at, ticket.priority, world.waiting()) == (None, "appointment", [])
    world.later(hours=3)
    world.do(c.CheckIn, ticket=ticket.id)
    assert world.ticket(ticket).rank_at == at("11:50")
    assert world.waiting() == [ticket.number]


def test_an_appointment_that_comes_to_the_kiosk_is_checked_in_at_once() -> None:
    assert World().join(appointment=at("09:05")).rank_at == at("08:55")


def test_a_second_check_in_of_an_appointment_changes_nothing() -> None:
    world = World()
    ticket = world.join(channel="app", appointment=at("09:00"))
    world.do(c.CheckIn, ticket=ticket.id)
    rank = world.ticket(ticket).rank_at
    world.later(hours=1)
    assert world.do(c.CheckIn, ticket=ticket.id) == []
    assert world.ticket(ticket).rank_at == rank


def test_a_vip_with_an_appointment_keeps_the_vip_credit() -> None:
    assert World().join(appointment=at("08:00"), priority="vip").rank_at == at("08:00")


@pytest.mark.parametrize(
    ("before", "after", "moved_min"), [("normal", "vip", -60), ("vip", "normal", 60), ("priority", "vip", -30)]
)
def test_another_priority_moves_a_ticket_by_the_difference_of_the_credits(before: str, after: str, moved_min: int) -> None:
    world = World()
    ticket = world.join(priority=before)
    assert ticket.rank_at is not None
    world.do(c.SetPriority, ticket=ticket.id, priority=after)
    assert world.ticket(ticket).rank_at == ticket.rank_at + moved_min * MINUTE_US


def test_another_priority_keeps_what_a_skip_has_cost() -> None:
    world = World()
    ticket, *_ = world.joins(3)
    world.call(ticket)
    world.do(c.Skip, counter="c1")
    cost = world.ticket(ticket).rank_at
    assert cost is not None
    world.do(c.SetPriority, ticket=ticket.id, priority="vip")
    assert world.ticket(ticket).rank_at == cost - HOUR_US


@pytest.mark.parametrize("priority", ["normal", "vip"])
def test_an_appointment_that_came_early_keeps_its_slot_whatever_its_credit(priority: str) -> None:
    world = World()
    ticket = world.join(appointment=at("12:00"))
    assert ticket.rank_at == at("11:50")
    world.do(c.SetPriority, ticket=ticket.id, priority=priority)
    assert world.ticket(ticket).rank_at == at("11:50")


def test_a_priority_given_and_taken_back_leaves_an_appointment_where_it_was() -> None:
    world = World()
    ticket = world.join(appointment=at("12:00"))
    for priority in ("vip", "appointment"):
        world.do(c.SetPriority, ticket=ticket.id, priority=priority)
    assert world.ticket(ticket).rank_at == ticket.rank_at


def test_an_appointment_that_is_not_here_yet_gets_its_rank_only_when_it_checks_in() -> None:
    world = World()
    ticket = world.join(channel="app", appointment=at("09:00"))
    world.do(c.SetPriority, ticket=ticket.id, priority="vip")
    assert rank_with(world.ticket(ticket), 0) is None
    world.later(hours=2)
    world.do(c.CheckIn, ticket=ticket.id)
    assert world.ticket(ticket).rank_at == at("10:00")


@pytest.mark.parametrize("step", ["transfer", "skip"])
def test_an_appointment_called_before_it_checked_in_never_ranks_before_its_slot(step: str) -> None:
    world = World()
    ticket = world.join(channel="app", appointment=at("15:00"))
    world.later(hours=1)
    world.call(ticket)
    if step == "transfer":
        world.do(c.Transfer, ticket=ticket.id, to_service="enquiries")
    else:
        world.do(c.Skip, counter="c1")
    rank = world.ticket(ticket).rank_at
    assert rank is None or rank >= at("14:50")


def _ticket(name: str, rank: int | None) -> Ticket:
    return Ticket(
        id=TicketId(name), number="A001", service=ServiceId("cash"), channel="kiosk", priority="normal", credit_min=0,
        day="2026-11-20", joined_at=Instant(100), rank_at=None if rank is None else Instant(rank),
    )  # fmt: skip


def _queue(*places: tuple[int, str]) -> Queue:
    return Queue(CASH, waiting=[(Instant(rank), TicketId(name)) for rank, name in places])


@pytest.mark.parametrize(
    ("others", "name", "places", "index"),
    [
        ([], "t", 3, 0),
        ([(200, "a"), (300, "b")], "t", 1, 1),
        ([(200, "a"), (300, "b")], "t", 2, 2),
        ([(200, "a"), (300, "b")], "t", 3, 2),
        ([(200, "a"), (300, "b"), (400, "c"), (500, "d")], "t", 3, 3),
        ([(200, "a"), (200, "b"), (200, "c")], "t", 3, 3),
        ([(200, "a"), (200, "b"), (200, "z")], "t", 2, 2),
        ([(200, "m"), (201, "n")], "a", 1, 1),
        ([(50, "a"), (60, "b")], "t", 2, 2),
    ],
)
def test_a_skip_goes_right_behind_the_next_places(others: list[tuple[int, str]], name: str, places: int, index: int) -> None:
    queue = _queue(*others)
    skipped = _ticket(name, 100)
    assert queue.ahead_of(rank_after_skip(queue, skipped, places), skipped.id) == index


def test_a_skip_in_a_row_of_equal_ranks_goes_behind_them_all_where_its_id_is_smaller() -> None:
    queue = _queue((200, "m"), (200, "n"), (300, "o"))
    rank = rank_after_skip(queue, _ticket("a", 100), 1)
    assert queue.ahead_of(rank, TicketId("a")) == 2


def test_a_skip_never_moves_a_ticket_forward() -> None:
    assert rank_after_skip(_queue((200, "a")), _ticket("t", 900), 1) == 900


@pytest.mark.parametrize("skip_places", [1, 2, 3, 100])
def test_the_branch_says_how_many_places_a_skip_costs(skip_places: int) -> None:
    world = World(branch=BRANCH.model_copy(update={"skip_places": skip_places}))
    first, *others = world.joins(5)
    world.call_next()
    (skipped,) = world.do(c.Skip, counter="c1")
    assert isinstance(skipped, TicketSkipped)
    assert world.waiting().index(first.number) == min(skip_places, len(others))


def test_nobody_starves_a_normal_ticket_goes_before_whoever_joins_a_credit_later() -> None:
    world = World()
    normal = world.join()
    world.later(minutes=60, seconds=1)
    world.join(priority="vip")
    assert world.call_next().ticket == normal.id


def test_ranks_are_not_sorted_anew_as_time_passes() -> None:
    world = World(branch=BRANCH.model_copy(update={"business_day_starts": "00:00"}))
    world.join(priority="vip")
    world.joins(3)
    before = list(world.state.queues["cash"].waiting)
    world.now = Instant(world.now + DAY_US // 3)
    world.keep_time()
    assert world.state.queues["cash"].waiting == before
