"""How often somebody may ask."""

from hypothesis import given
from hypothesis import strategies as st

from foleni.web.limits import Buckets, Limit


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_burst_is_let_through_and_then_told_when_to_come_back() -> None:
    buckets = Buckets(Limit(each_second=10, burst=3), Clock())
    assert [buckets.wait_s("a") for _ in range(4)] == [0, 0, 0, 0.1]


def test_whoever_waits_as_long_as_told_is_let_through() -> None:
    clock = Clock()
    buckets = Buckets(Limit(each_second=10, burst=1), clock)
    buckets.wait_s("a")
    clock.now_s += buckets.wait_s("a")
    assert buckets.wait_s("a") == 0


def test_one_caller_takes_nothing_from_another() -> None:
    buckets = Buckets(Limit(each_second=1, burst=1), Clock())
    assert [buckets.wait_s("a"), buckets.wait_s("b")] == [0, 0]


def test_a_flood_of_names_is_forgotten_again() -> None:
    buckets = Buckets(Limit(each_second=1, burst=1), Clock())
    for n in range(20_000):
        buckets.wait_s(str(n))
    assert len(buckets._left) <= 5000


@given(st.lists(st.floats(0, 5), max_size=200))
def test_over_any_time_no_more_than_the_burst_and_the_rate_come_through(pauses: list[float]) -> None:
    clock, limit = Clock(), Limit(each_second=4, burst=6)
    buckets, through = Buckets(limit, clock), 0
    for pause in pauses:
        clock.now_s += pause
        through += buckets.wait_s("a") == 0
    assert through <= limit.burst + limit.each_second * clock.now_s + 1e-6
