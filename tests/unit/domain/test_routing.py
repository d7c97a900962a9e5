"""Whom a counter calls next, and the reason that is recorded with every call."""

from collections import Counter as Tally

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch_server.domain.events import TicketCalled
from foleni.messages import commands as c
from foleni.messages.setup import Counter, Routing, Service
from foleni.times import MINUTE_US
from tests.unit.domain.world import CASH, ENQUIRIES, MORNING, World

LOANS = Service(id="loans", prefix="L", name={"fr": "Crédits"})
ALL = ("cash", "enquiries", "loans")


def _world(routing: Routing, weights: dict[str, int] | None = None, **service: object) -> World:
    services = [kind.model_copy(update=service) for kind in (CASH, ENQUIRIES, LOANS)]
    counter = Counter(id="c1", label="1", services=ALL, routing=routing, weights=weights or {})
    return World(services=services, counters=(counter,))


def test_fifo_takes_the_smallest_rank_of_all_its_services() -> None:
    world = _world(Routing.FIFO)
    world.joins(2, "loans")
    world.joins(1, "enquiries", priority="priority")
    world.joins(1, "cash")
    assert [world.call_next().number for _ in range(4)] == ["B001", "L001", "L002", "A001"]


def test_strict_takes_the_first_service_of_its_list_with_anyone_waiting() -> None:
    world = _world(Routing.STRICT)
    world.joins(1, "loans", priority="vip")
    world.joins(2, "enquiries")
    world.joins(1, "cash")
    assert [world.call_next().number for _ in range(4)] == ["A001", "B001", "B002", "L001"]


def test_weighted_shares_are_smooth_over_the_round() -> None:
    world = _world(Routing.WEIGHTED, {"cash": 5, "enquiries": 1, "loans": 1})
    for service in ALL:
        world.joins(14, service)
    called = [world.call_next().service for _ in range(14)]
    assert called[:7] == called[7:] == ["cash", "cash", "enquiries", "cash", "loans", "cash", "cash"]


def test_weighted_without_weights_takes_turns() -> None:
    world = _world(Routing.WEIGHTED)
    for service in ALL:
        world.joins(2, service)
    assert [world.call_next().service for _ in range(6)] == [*ALL, *ALL]


@given(
    weights=st.fixed_dictionaries({service: st.integers(1, 9) for service in ALL}),
    waiting=st.fixed_dictionaries({service: st.integers(0, 12) for service in ALL}),
)
def test_weighted_is_never_idle_and_always_the_same(weights: dict[str, int], waiting: dict[str, int]) -> None:
    orders = []
    for _ in range(2):
        world = _world(Routing.WEIGHTED, weights)
        for service, how_many in waiting.items():
            world.joins(how_many, service, every_s=1)
        orders.append([world.call_next().number for _ in range(sum(waiting.values()))])
    assert orders[0] == orders[1]
    assert len(set(orders[0])) == sum(waiting.values())


@given(weights=st.fixed_dictionaries({service: st.integers(1, 9) for service in ALL}))
def test_weighted_gives_each_service_its_share_of_a_full_round(weights: dict[str, int]) -> None:
    world = _world(Routing.WEIGHTED, weights)
    for service in ALL:
        world.joins(weights[service] + 1, service, every_s=1)
    assert Tally(world.call_next().service for _ in range(sum(weights.values()))) == Tally(weights)


def test_a_changed_counter_begins_its_shares_anew() -> None:
    world = _world(Routing.WEIGHTED, {"cash": 2, "enquiries": 1, "loans": 1})
    for service in ALL:
        world.joins(4, service)
    world.call_next()
    world.do(c.SaveCounter, counter=world.state.desks["c1"].counter.model_copy(update={"weights": {}}))
    assert [world.call_next().service for _ in range(3)] == list(ALL)


@pytest.mark.parametrize("run", [1, 2, 3])
def test_after_a_run_of_credited_tickets_the_first_normal_one_is_called(run: int) -> None:
    world = _world(Routing.FIFO, max_priority_run=run)
    normal = world.join()
    world.joins(6, priority="vip", every_s=1)
    called = [world.call_next() for _ in range(run + 1)]
    assert [event.why.rule for event in called] == ["fifo"] * run + ["max_priority_run"]
    assert called[-1].ticket == normal.id


def test_a_run_without_anybody_normal_goes_on() -> None:
    world = _world(Routing.FIFO, max_priority_run=1)
    world.joins(3, priority="vip")
    assert {world.call_next().why.rule for _ in range(3)} == {"fifo"}


def test_the_run_counts_at_each_counter_for_itself() -> None:
    counters = [Counter(id=f"c{n}", label=str(n), services=("cash",)) for n in (1, 2)]
    world = World(services=(CASH.model_copy(update={"max_priority_run": 2}), ENQUIRIES), counters=counters)
    world.join()
    world.joins(4, priority="vip", every_s=1)
    assert [world.call_next(counter).why.rule for counter in ("c1", "c2", "c1", "c2")] == ["fifo"] * 4
    assert world.call_next("c2").why.rule == "max_priority_run"


def test_only_the_service_that_sets_a_run_gets_relief() -> None:
    services = (CASH, ENQUIRIES.model_copy(update={"max_priority_run": 1}))
    world = World(services=services)
    world.join("cash")
    world.join("enquiries")
    world.joins(3, "cash", priority="vip", every_s=1)
    world.call_next()
    assert world.call_next().service == "enquiries"
    assert world.call_next().why.rule == "fifo"


def test_a_normal_call_ends_the_run() -> None:
    world = _world(Routing.FIFO, max_priority_run=2)
    world.joins(3, priority="vip", every_s=1)
    world.later(hours=2)
    world.join()
    world.joins(3, priority="vip", every_s=1)
    assert [world.call_next().why.rule for _ in range(3)] == ["fifo", "fifo", "max_priority_run"]
    assert [world.call_next().why.rule for _ in range(3)] == ["fifo", "fifo", "fifo"]


@pytest.mark.parametrize("flood", [10, 30])
def test_a_normal_tickets_wait_is_bounded_under_a_flood_of_priority(flood: int) -> None:
    world = _world(Routing.FIFO, max_priority_run=2)
    normals = world.joins(4, every_s=1)
    world.joins(flood, priority="vip", every_s=1)
    called = [world.call_next().ticket for _ in range(12)]
    assert [called.index(ticket.id) for ticket in normals] == [2, 5, 8, 11]


def test_a_call_by_fifo_says_the_longest_effective_wait() -> None:
    world = World()
    world.join("cash", priority="priority")
    world.later(minutes=12)
    world.join("enquiries")
    why = world.call_next().why
    assert (why.rule, why.reason) == ("fifo", "longest effective wait of Cash and Enquiries; 12 min, credit 30")
    assert [(head.number, head.service, head.wait_s, head.credit_min) for head in why.heads] == [
        ("A001", "cash", 720, 30), ("B001", "enquiries", 0, 0),
    ]  # fmt: skip
    assert [head.rank_at for head in why.heads] == [MORNING - 30 * MINUTE_US, MORNING + 12 * MINUTE_US]


def test_a_call_by_strict_says_which_service_comes_first() -> None:
    world = _world(Routing.STRICT)
    world.join("loans")
    why = world.call_next().why
    assert (why.rule, why.reason) == ("strict", "Crédits is the first service of counter 1 with anyone waiting")


def test_a_call_by_weight_says_whose_turn_it_is() -> None:
    world = _world(Routing.WEIGHTED, {"cash": 3, "enquiries": 1, "loans": 2})
    world.join("cash")
    world.join("enquiries")
    why = world.call_next().why
    assert (why.rule, why.reason) == ("weighted", "the turn of Cash, which has 3 of 4 shares")


def test_a_call_after_a_run_says_so_and_shows_whom_it_passed() -> None:
    world = _world(Routing.FIFO, max_priority_run=1)
    normal = world.join()
    world.joins(2, priority="vip")
    world.call_next()
    why = world.call_next().why
    assert why.reason == "1 priority tickets in a row at counter 1; the first normal one now"
    assert [head.number for head in why.heads] == ["A003", normal.number]


def _last_call(world: World) -> TicketCalled:
    return next(recorded.event for recorded in reversed(world.log) if isinstance(recorded.event, TicketCalled))


def test_a_call_by_hand_says_so() -> None:
    world = World()
    *_, last = world.joins(3)
    world.call(last)
    why = _last_call(world).why
    assert (why.rule, why.reason) == ("call_ticket", "picked by hand")
    assert [head.ticket for head in why.heads] == [last.id]


def test_a_call_of_a_parked_ticket_says_so() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Park, counter="c1")
    world.do(c.Unpark, counter="c2", ticket=ticket.id)
    why = _last_call(world).why
    assert (why.rule, why.reason) == ("unpark", "parked; called again by name")


def test_a_call_by_handing_over_says_which_counter_gave() -> None:
    world = World()
    ticket = world.call(world.join())
    world.do(c.Transfer, ticket=ticket.id, to_counter="c2")
    why = _last_call(world).why
    assert (why.rule, why.reason) == ("transfer", "handed over by counter 1")


def test_neither_unparking_nor_handing_over_counts_in_a_run() -> None:
    world = World(services=(CASH.model_copy(update={"max_priority_run": 1}), ENQUIRIES))
    vip = world.call(world.join(priority="vip"), "c2")
    world.do(c.Transfer, ticket=vip.id, to_counter="c1")
    world.do(c.Park, counter="c1")
    world.do(c.Unpark, counter="c1", ticket=vip.id)
    assert world.state.desks["c1"].credited_run == 0
