"""How long a customer will wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch_server.domain.state import Queue
from branch_server.domain.waits import KEPT_TIMES, Drain, Wait, mean_service_s
from foleni.ids import TicketId
from foleni.messages import commands as c
from foleni.messages.setup import Counter
from foleni.times import Instant
from tests.unit.domain.world import CASH, World


def _wait(world: World, service: str = "cash") -> Wait:
    """Of a normal ticket that would join now."""
    return Drain().estimate(world.state, world.state.queues[service], world.now, TicketId("~"), world.now)


def test_where_a_counter_is_free_nobody_waits() -> None:
    world = World()
    assert _wait(world) == Wait(0, 0)
    world.call(world.join())
    assert _wait(world) == Wait(0, 0)


def test_where_all_counters_are_busy_the_wait_is_what_they_still_need() -> None:
    world = World(counters=(Counter(id="c1", label="1", services=("cash",)),))
    world.call(world.join())
    assert _wait(world).p50_s == CASH.service_time_s
    world.later(100)
    assert _wait(world).p50_s == CASH.service_time_s - 100


def test_who_is_served_for_very_long_still_needs_a_moment() -> None:
    world = World(counters=(Counter(id="c1", label="1", services=("cash",)),))
    world.call(world.join())
    world.later(hours=3)
    assert _wait(world).p50_s == CASH.service_time_s // 4


def test_without_a_staffed_counter_the_wait_is_that_of_one() -> None:
    world = World(counters=(Counter(id="c1", label="1", services=("cash",)),))
    world.do(c.CloseCounter, counter="c1")
    world.joins(3)
    assert _wait(world).p50_s == 3 * CASH.service_time_s


def test_the_wait_grows_with_each_ticket_ahead_and_shrinks_with_each_counter() -> None:
    alone, both = World(counters=(Counter(id="c1", label="1", services=("cash",)),)), World()
    grown = []
    for world in (alone, both):
        waits = []
        for _ in range(10):
            waits.append(_wait(world))
            world.join()
        assert [wait.p50_s for wait in waits] == sorted(wait.p50_s for wait in waits)
        assert [wait.p90_s for wait in waits] == sorted(wait.p90_s for wait in waits)
        grown.append(waits[-1].p50_s)
    assert grown[0] > grown[1] > 0


def test_a_credited_ticket_waits_for_those_ahead_of_it_only() -> None:
    world = World(counters=(Counter(id="c1", label="1", services=("cash",)),))
    world.joins(5, every_s=1)
    command = world.command(c.Join, service="cash", channel="kiosk", priority="vip")
    assert world.answer(command)["wait_p50_s"] == 0


def test_another_service_at_the_same_counter_counts_in_its_share() -> None:
    shared = World(counters=(Counter(id="c1", label="1", services=("cash", "enquiries")),))
    shared.joins(4, "enquiries", every_s=0)
    apart = World(
        counters=(Counter(id="c1", label="1", services=("cash",)), Counter(id="c2", label="2", services=("enquiries",)))
    )
    apart.joins(4, "enquiries", every_s=0)
    assert _wait(apart).p50_s == 0 < _wait(shared).p50_s


@pytest.mark.parametrize(
    ("served_s", "mean_s"), [([], 300), ([300], 300), ([0] * 5, 150), ([600] * 5, 450), ([60] * 20, 108), ([900], 400)]
)
def test_the_mean_is_shrunk_to_the_configured_time_as_if_that_were_seen_five_times(served_s: list[int], mean_s: float) -> None:
    assert mean_service_s(Queue(CASH, served_s=served_s)) == mean_s


@given(served_s=st.lists(st.integers(0, 86_400), max_size=KEPT_TIMES))
def test_the_mean_lies_between_the_configured_time_and_the_seen_ones(served_s: list[int]) -> None:
    mean_s = mean_service_s(Queue(CASH, served_s=served_s))
    assert min([*served_s, CASH.service_time_s]) <= mean_s <= max([*served_s, CASH.service_time_s])


def test_only_the_last_times_are_remembered() -> None:
    world = World()
    for seconds in range(KEPT_TIMES + 5):
        world.call(world.join())
        world.later(seconds)
        world.do(c.Complete, counter="c1")
    assert world.state.queues["cash"].served_s == list(range(5, KEPT_TIMES + 5))


@given(
    joins=st.lists(
        st.tuples(st.sampled_from(["cash", "enquiries"]), st.sampled_from(["normal", "priority", "vip"])), max_size=12
    ),
    calls=st.integers(0, 6),
    later_s=st.integers(0, 20_000),
)
def test_no_wait_is_negative_and_nine_of_ten_wait_at_least_as_long_as_half(
    joins: list[tuple[str, str]], calls: int, later_s: int
) -> None:
    world = World()
    for service, priority in joins:
        world.join(service, priority=priority)
        world.later(7)
    for number in range(min(calls, len(joins))):
        world.call_next(f"c{number % 2 + 1}")
    world.later(later_s)
    for queue in world.state.queues.values():
        for rank, ticket in [*queue.waiting, (Instant(0), TicketId("")), (Instant(2**60), TicketId("~"))]:
            wait = Drain().estimate(world.state, queue, rank, ticket, world.now)
            assert 0 <= wait.p50_s <= wait.p90_s
