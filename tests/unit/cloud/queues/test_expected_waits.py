"""What somebody with so many people ahead is told of the wait."""

from hypothesis import given
from hypothesis import strategies as st

from cloud.queues.status import CONNECTED_US, is_live
from cloud.queues.surroundings import Around, Surroundings
from foleni.times import Instant


def with_service(told: Around, open_counters: int = 1) -> Surroundings:
    return Surroundings(services={"cash": told}, staffed={"cash": open_counters})


def test_the_branch_s_own_figures_are_scaled_to_the_place() -> None:
    around = with_service(Around(service_time_s=100, wait_p50_s=600, wait_p90_s=900, told_waiting=5))
    assert around.wait("cash", 5) == (600, 900), "for the one who joins now"
    assert around.wait("cash", 2) == (300, 450)
    assert around.wait("cash", 0) == (100, 150)


def test_behind_those_that_the_branch_counted_each_takes_a_service_time() -> None:
    around = with_service(Around(service_time_s=100, wait_p50_s=600, wait_p90_s=900, told_waiting=5), open_counters=2)
    assert around.wait("cash", 7) == (700, 1050)


def test_without_figures_of_the_branch_the_work_ahead_is_shared_by_the_open_counters() -> None:
    told = Around(service_time_s=120, wait_p50_s=None, wait_p90_s=None, told_waiting=0)
    assert with_service(told, 3).wait("cash", 6) == (240, 360)
    assert with_service(told, 0).wait("cash", 1) == (120, 180)


def test_of_a_service_that_is_gone_nothing_is_said() -> None:
    assert Surroundings().wait("cash", 3) is None
    assert Surroundings(labels={"c1": "1"}).label_of("c2") == "c2"


@given(
    st.integers(0, 3600), st.integers(0, 3600), st.integers(0, 60), st.integers(1, 900), st.integers(0, 9), st.integers(0, 80)
)
def test_who_stands_further_back_is_never_told_a_shorter_wait(
    p50_s: int, more_s: int, told: int, each_s: int, counters: int, ahead: int
) -> None:
    around = with_service(Around(each_s, p50_s, p50_s + more_s, told), counters)
    here, behind = around.wait("cash", ahead), around.wait("cash", ahead + 1)
    assert here is not None
    assert behind is not None
    assert here[0] <= behind[0]
    assert here[0] <= here[1]


def test_a_branch_is_taken_for_connected_a_little_longer_than_a_poll_lasts() -> None:
    now = Instant(10**15)
    assert is_live(now - CONNECTED_US, now)
    assert not is_live(now - CONNECTED_US - 1, now)
    assert not is_live(None, now)
