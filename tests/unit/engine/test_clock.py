"""Steady time beside a wall clock that people and networks set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch_server.domain.asking import Sender
from branch_server.domain.events import TicketCalled, TicketJoined
from branch_server.engine.batching import LEAP_ALERT
from branch_server.engine.clock import SteadyClock
from foleni.messages import commands as c
from foleni.times import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Instant, from_wire
from tests.unit.engine.bench import KIOSK, MORNING, Bench, Watch, close_day, join

DAY_S = 86_400.0


def _resumed(watch: Watch, last: int = 0, *, leaped: bool = False) -> SteadyClock:
    clock = watch.clock()
    clock.resume(Instant(last), leaped=leaped)
    return clock


def test_steady_time_is_the_walls_where_nobody_touches_it() -> None:
    watch = Watch()
    clock = _resumed(watch)
    for _ in range(5):
        watch.passes(3600)
        reading = clock.read()
        assert reading.steady == reading.wall == watch.wall


@pytest.mark.parametrize("back_s", [0.001, 60, 3600, 12 * 3600, DAY_S, 30 * DAY_S])
def test_a_wall_clock_that_is_set_back_does_not_take_steady_time_with_it(back_s: float) -> None:
    watch = Watch()
    clock = _resumed(watch)
    before = clock.read().steady
    watch.set_by(-back_s)
    reading = clock.read()
    assert before < reading.steady <= before + 2
    assert (reading.wall, reading.leap_us) == (watch.wall, 0)


def test_after_a_step_back_steady_time_goes_slower_until_both_meet() -> None:
    watch = Watch()
    clock = _resumed(watch)
    watch.set_by(-3600)
    ahead = []
    for _ in range(9 * 60):
        watch.passes(60)
        reading = clock.read()
        ahead.append(reading.steady - reading.wall)
    assert ahead == sorted(ahead, reverse=True)
    assert ahead[0] == HOUR_US - 60 * SECOND_US // 8
    assert abs(ahead[-1]) <= 1


def test_steady_time_follows_a_step_forward_of_up_to_a_day_at_once() -> None:
    for step_s in (0.001, 60, 3600, DAY_S):
        watch = Watch()
        clock = _resumed(watch)
        watch.set_by(step_s)
        assert clock.read().steady == watch.wall


def test_a_leap_of_more_than_a_day_is_not_believed_until_it_is_accepted() -> None:
    watch = Watch()
    clock = _resumed(watch)
    start = clock.read().steady
    watch.set_by(DAY_S + 1)
    watch.passes(10)
    reading = clock.read()
    assert reading.steady == start + 10 * SECOND_US
    assert reading.leap_us == pytest.approx(DAY_US + SECOND_US, abs=5)
    assert clock.accept().steady >= watch.wall
    assert clock.read().leap_us == 0


def test_a_leap_that_is_taken_back_is_forgotten() -> None:
    watch = Watch()
    clock = _resumed(watch)
    watch.set_by(5 * DAY_S)
    assert clock.read().leap_us
    watch.set_by(-5 * DAY_S)
    reading = clock.read()
    assert (reading.leap_us, abs(reading.steady - watch.wall) < 10) == (0, True)


def test_a_box_that_was_off_for_days_goes_on_with_the_wall_clock() -> None:
    watch = Watch()
    clock = _resumed(watch, MORNING - 9 * DAY_US)
    assert clock.read().leap_us == 0
    assert clock.read().steady >= MORNING


def test_a_box_that_starts_in_1970_goes_on_from_its_log_and_follows_the_clock_when_it_is_set() -> None:
    watch = Watch(wall=0)
    clock = _resumed(watch, MORNING)
    watch.passes(60)
    assert clock.read().steady == MORNING + MINUTE_US
    watch.wall = MORNING + 2 * HOUR_US
    reading = clock.read()
    assert (reading.steady, reading.leap_us) == (MORNING + 2 * HOUR_US, 0)


def test_a_pending_leap_outlasts_a_restart() -> None:
    watch = Watch(wall=MORNING + 5 * DAY_US)
    clock = _resumed(watch, MORNING, leaped=True)
    reading = clock.read()
    assert reading.steady <= MORNING + 5
    assert reading.leap_us == pytest.approx(5 * DAY_US, abs=5)


moves = st.lists(st.tuples(st.floats(0, 2 * DAY_S), st.one_of(st.just(0.0), st.floats(-3 * DAY_S, 3 * DAY_S))), max_size=30)


@given(moves=moves, accepts=st.sets(st.integers(0, 30)), restarts=st.sets(st.integers(0, 30)))
def test_steady_time_always_goes_forward(moves: list[tuple[float, float]], accepts: set[int], restarts: set[int]) -> None:
    watch = Watch(wall=MORNING + 1000 * DAY_US)
    clock = _resumed(watch)
    last = clock.read().steady
    for index, (passed_s, set_by_s) in enumerate(moves):
        watch.passes(passed_s)
        watch.set_by(set_by_s)
        if index in restarts:
            clock = _resumed(watch, last)
            last = Instant(last - 1)
        if index in accepts:
            clock.accept()
        reading = clock.read()
        assert reading.steady > last
        assert reading.leap_us == 0 or reading.leap_us > DAY_US
        last = reading.steady


@given(moves=moves)
def test_steady_time_runs_on_while_the_wall_clock_stands_or_strays(moves: list[tuple[float, float]]) -> None:
    watch = Watch(wall=MORNING + 1000 * DAY_US)
    clock = _resumed(watch)
    for passed_s, set_by_s in moves:
        before = clock.read().steady
        watch.passes(passed_s)
        watch.set_by(set_by_s)
        assert clock.read().steady - before >= int(passed_s * SECOND_US) * 7 // 8 - 2


def _day(bench: Bench) -> str:
    return bench.engine.view.day


@pytest.mark.parametrize("step_s", [-90 * DAY_S, -DAY_S, -3600, -1, 1, 3600])
def test_a_clock_that_is_set_repeats_no_number_and_makes_no_wait_negative(step_s: float) -> None:
    bench = Bench()
    first = bench.ask(join(1))["result"]
    bench.watch.passes(5)
    bench.watch.set_by(step_s)
    second = bench.ask(join(2))["result"]
    assert [first["number"], second["number"]] == ["A001", "A002"]
    bench.ask(c.CallNext(id=close_day(5).id, counter="c1"))
    (call,) = [recorded.event for recorded in bench.log() if isinstance(recorded.event, TicketCalled)]
    assert call.ticket == first["ticket"]
    assert call.why.heads[0].wait_s >= 4
    assert _day(bench) == "2026-11-20"


def test_daylight_saving_is_no_step() -> None:
    bench = Bench(watch=Watch(wall=from_wire("2026-10-25T00:50:00Z")))
    for _ in range(10):
        bench.watch.passes(600)
        bench.turn()
    assert LEAP_ALERT not in bench.types()
    assert abs(bench.now() - bench.watch.wall) < 100


def _leaped(days: float = 3) -> Bench:
    bench = Bench()
    bench.ask(join(1))
    bench.watch.set_by(days * DAY_S)
    bench.turn()
    return bench


def test_a_leap_raises_an_alert_once_and_keeps_the_day() -> None:
    bench = _leaped()
    for _ in range(3):
        bench.watch.passes(60)
        bench.turn()
    assert bench.types().count("alert_raised") == 1
    assert _day(bench) == "2026-11-20"
    assert bench.ask(join(2))["result"]["number"] == "A002"


@pytest.mark.parametrize("sender", [Sender("desk"), Sender("house", trusted=True)])
def test_an_administrator_who_closes_the_day_accepts_the_leap(sender: Sender) -> None:
    bench = _leaped()
    assert bench.ask(close_day(), sender)["ok"]
    bench.turn()
    assert _day(bench) == "2026-11-23"
    assert bench.types()[-2:] == ["day_opened", "alert_cleared"]
    assert bench.ask(join(2))["result"]["number"] == "A001"


def test_who_may_not_close_the_day_does_not_accept_a_leap() -> None:
    bench = _leaped()
    assert bench.ask(close_day(), KIOSK)["error"]["code"] == "not_allowed"
    bench.turn()
    assert (_day(bench), bench.types().count("alert_cleared")) == ("2026-11-20", 0)


def test_an_acceptance_that_storage_did_not_keep_is_no_acceptance() -> None:
    bench = _leaped()
    bench.journal.fault = "refuse"
    assert bench.ask(close_day())["error"]["code"] == "unavailable"
    bench.is_back()
    bench.turn()
    assert (_day(bench), bench.types().count("alert_cleared")) == ("2026-11-20", 0)


def test_a_leap_that_is_set_right_clears_the_alert_and_costs_nothing() -> None:
    bench = _leaped()
    bench.watch.set_by(-3 * DAY_S)
    bench.turn()
    assert bench.types()[-1] == "alert_cleared"
    assert bench.ask(join(2))["result"]["ahead"] == 1


def test_a_leap_stays_pending_through_a_restart() -> None:
    bench = _leaped()
    bench.watch.passes(120)
    bench.restart()
    assert _day(bench) == "2026-11-20"
    assert bench.types().count("alert_raised") == 1
    assert bench.ask(close_day())["ok"]
    assert _day(bench) == "2026-11-23"


def test_a_box_without_a_battery_keeps_its_day_until_the_network_tells_the_time() -> None:
    bench = Bench()
    bench.ask(join(1))
    bench.watch.wall, bench.watch.elapsed = 20 * SECOND_US, 0
    bench.restart()
    assert _day(bench) == "2026-11-20"
    assert bench.ask(join(2))["result"]["number"] == "A002"
    bench.watch.wall = MORNING + HOUR_US
    bench.turn()
    assert (_day(bench), bench.types().count("alert_raised")) == ("2026-11-20", 0)
    assert abs(bench.now() - bench.watch.wall) < 100


def test_a_new_box_without_a_battery_asks_before_it_leaves_1970() -> None:
    bench = Bench(watch=Watch(wall=30 * SECOND_US, elapsed=30 * SECOND_US))
    assert _day(bench) == "1969-12-31"
    bench.watch.wall = MORNING
    bench.turn()
    assert bench.types()[-1] == "alert_raised"
    assert bench.ask(close_day())["ok"]
    assert _day(bench) == "2026-11-20"


@given(
    moves=st.lists(
        st.tuples(st.floats(0, DAY_S), st.sampled_from([0, 0, 60, -60, -3600, 3600, -4 * DAY_S, 4 * DAY_S])), max_size=12
    )
)
def test_however_the_clock_strays_no_number_comes_twice_and_no_day_goes_back(moves: list[tuple[float, float]]) -> None:
    bench = Bench()
    for number, (passed_s, set_by_s) in enumerate(moves):
        bench.watch.passes(passed_s)
        bench.watch.set_by(set_by_s)
        told = bench.ask(join(number))["result"]
        assert told["wait_p90_s"] >= told["wait_p50_s"] >= 0
    days = [recorded.day for recorded in bench.log()]
    assert days == sorted(days)
    joined = [recorded.event for recorded in bench.log() if isinstance(recorded.event, TicketJoined)]
    numbers = [(event.day, event.number) for event in joined]
    assert len(set(numbers)) == len(numbers)
