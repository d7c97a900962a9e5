"""The simulator's plan: repeatable by seed, and true to the rates that it was asked for."""

from itertools import pairwise

import pytest

from foleni.sim.plan import BANK_DAY, HOUR_S, Customer, Detour, Habits, make_plan, read_profile

SERVICES = ("cash", "enquiries", "loans")


def plan_of(seed: int = 7, **habits: object) -> tuple[Customer, ...]:
    return make_plan(seed, SERVICES, Habits(**habits))  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_customers() -> None:
    assert plan_of(3, tickets=500) == plan_of(3, tickets=500)
    assert plan_of(3, hours=4, counters=5) == plan_of(3, hours=4, counters=5)


def test_another_seed_gives_other_customers() -> None:
    assert plan_of(3, tickets=50) != plan_of(4, tickets=50)


def test_exactly_so_many_customers_come_in_order_and_within_the_hours() -> None:
    plan = plan_of(tickets=1000, hours=2.5)
    assert len(plan) == 1000
    assert all(earlier.arrives_s <= later.arrives_s for earlier, later in pairwise(plan))
    assert plan[0].arrives_s >= 0
    assert plan[-1].arrives_s <= 2.5 * HOUR_S


def test_arrivals_by_hour_follow_the_profile() -> None:
    plan = plan_of(tickets=20_000)
    for hour, weight in enumerate(BANK_DAY):
        came = sum(hour * HOUR_S <= customer.arrives_s < (hour + 1) * HOUR_S for customer in plan)
        assert came == pytest.approx(20_000 * weight / sum(BANK_DAY), rel=0.1)


def test_nobody_comes_in_an_hour_of_weight_zero() -> None:
    plan = plan_of(tickets=2000, profile=(1.0, 0.0, 2.0))
    assert not any(HOUR_S < customer.arrives_s < 2 * HOUR_S for customer in plan)


def test_a_part_of_an_hour_brings_its_part_of_the_customers() -> None:
    plan = plan_of(tickets=10_000, profile=(1.0,), hours=1.5)
    late = sum(customer.arrives_s > HOUR_S for customer in plan)
    assert late == pytest.approx(10_000 / 3, rel=0.1)


def test_without_a_number_as_many_come_as_the_counters_can_serve() -> None:
    plan = plan_of(hours=10, counters=8, service_time_s=120)
    assert len(plan) == pytest.approx(10 * 8 * 30 * 0.85, rel=0.1)


def test_shares_and_service_times_are_those_asked_for() -> None:
    plan = plan_of(tickets=20_000, service_time_s=200, priority_share=0.2, no_show_share=0.1, park_share=0.05)
    assert sum(customer.priority == "priority" for customer in plan) / 20_000 == pytest.approx(0.2, rel=0.1)
    assert sum(customer.no_show for customer in plan) / 20_000 == pytest.approx(0.1, rel=0.1)
    assert sum(customer.detour is Detour.PARK for customer in plan) / 20_000 == pytest.approx(0.05, rel=0.2)
    assert sum(customer.service_s for customer in plan) / 20_000 == pytest.approx(200, rel=0.05)


def test_a_transfer_goes_to_another_service() -> None:
    assert all(customer.transfer_to != customer.service for customer in plan_of(tickets=500))
    assert {customer.service for customer in plan_of(tickets=500)} == set(SERVICES)


def test_a_single_service_has_only_itself() -> None:
    assert {customer.service for customer in make_plan(1, ["cash"], Habits(tickets=20))} == {"cash"}


def test_a_profile_is_one_number_an_hour_with_remarks() -> None:
    assert read_profile("# morning\n1\n2.5  # peak\n\n0\n") == (1.0, 2.5, 0.0)


@pytest.mark.parametrize("text", ["", "0\n0\n", "-1\n2\n", "ten\n", "inf\n", "nan\n"])
def test_a_profile_that_brings_nobody_or_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"profile|float"):
        read_profile(text)
