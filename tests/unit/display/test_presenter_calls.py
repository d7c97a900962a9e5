"""What the display does with calls: it shows each, blinks and speaks the new ones, and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.calls import BLINK_S, BLINK_STEP_S
from display.picture import Light
from foleni.station.station import Reach
from tests.unit.display.branch import Screen, call, services


@pytest.mark.parametrize("count", [0, 1, 4, 12, 20])
def test_every_call_has_a_row_and_only_the_newest_is_lit(count: int) -> None:
    screen = Screen()
    screen.hears(*(call(at) for at in range(count)))
    picture = screen.waits(60)
    assert [row.number for row in picture.rows] == [f"A{at:03d}" for at in range(count)]
    assert [row.is_newest for row in picture.rows] == [at == 0 for at in range(count)]
    assert [row.lit for row in picture.rows] == [at == 0 for at in range(count)]
    assert (picture.empty is None) == (count > 0)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 3)), max_size=25, unique_by=lambda pair: pair[0]))
def test_no_call_is_ever_hidden(pairs: list[tuple[int, int]]) -> None:
    screen = Screen()
    calls = [call(at, times) for at, times in pairs]
    screen.hears(*calls)
    shown = [(row.number, row.counter) for row in screen.picture.rows]
    assert shown == [(each.number, each.counter_label) for each in calls]


def test_an_empty_board_says_what_will_be_there_and_what_to_do() -> None:
    empty = Screen().picture.empty
    assert empty is not None
    assert empty.headline == "Your number appears here"
    assert empty.text == "Take a ticket and have a seat."


def test_a_new_call_blinks_a_few_seconds_in_few_steps_and_stays_amber() -> None:
    screen = Screen()
    screen.hears(call(1), call(2))
    steps = round(BLINK_S / BLINK_STEP_S)
    lit = [screen.picture.rows[0].lit, *(screen.waits(BLINK_STEP_S).rows[0].lit for _ in range(steps - 1))]
    assert lit == [True, False] * (steps // 2)
    assert steps <= 20
    assert screen.waits(BLINK_STEP_S).rows[0].lit
    assert all(screen.waits(0.3).rows[0].lit for _ in range(50))


def test_a_recall_is_spoken_again_and_blinks_in_its_place() -> None:
    screen = Screen()
    screen.hears(call(1), call(2))
    screen.waits(60)
    spoken = screen.hears(call(1), call(2, times=2))
    assert [(each.number, each.call) for each in spoken] == [("A002", 2)]
    assert [row.lit for row in screen.picture.rows] == [True, True]
    assert [row.lit for row in screen.waits(BLINK_STEP_S).rows] == [True, False]
    assert [row.lit for row in screen.waits(BLINK_S).rows] == [True, False]


def test_calls_that_come_at_once_are_spoken_oldest_first() -> None:
    spoken = Screen().hears(call(3, ago_s=1), call(2, ago_s=2), call(1, ago_s=3))
    assert [each.number for each in spoken] == ["A001", "A002", "A003"]


def test_a_call_is_spoken_once_however_often_it_is_told() -> None:
    screen = Screen()
    assert len(screen.hears(call(1))) == 1
    assert screen.hears(call(1)) == []
    assert screen.hears(call(2), call(1))[0].number == "A002"


def test_a_call_that_staff_take_back_into_the_hand_is_not_spoken_again() -> None:
    screen = Screen()
    screen.hears(call(1))
    screen.hears(call(2))
    screen.waits(59)
    assert screen.hears(call(1)) == []
    assert [each.number for each in screen.hears(call(1, ago_s=0))] == ["A001"]


def test_another_counter_is_another_call() -> None:
    screen = Screen()
    screen.hears(call(1, counter="c1"))
    assert [each.counter for each in screen.hears(call(1, counter="c7"))] == ["7"]


def test_old_calls_are_shown_but_not_spoken_when_the_display_starts() -> None:
    screen = Screen(told=False)
    spoken = screen.comes_live(call(2, ago_s=10), call(1, ago_s=600))
    assert [each.number for each in spoken] == ["A002"]
    assert len(screen.picture.rows) == 2


@pytest.mark.parametrize(("silence_s", "spoken"), [(20, ["A001"]), (600, [])])
def test_after_a_silence_only_what_is_not_late_is_spoken(silence_s: float, spoken: list[str]) -> None:
    screen = Screen()
    screen.loses()
    screen.waits(silence_s)
    assert [each.number for each in screen.comes_live(call(1))] == spoken


def test_a_call_made_just_before_the_link_came_back_is_spoken_after_a_long_silence() -> None:
    screen = Screen()
    screen.loses()
    screen.waits(600)
    assert [each.number for each in screen.comes_live(call(1, ago_s=-595))] == ["A001"]


def test_a_wrong_clock_mutes_no_call_while_the_display_is_live() -> None:
    screen = Screen()
    screen.sets_wall_clock(86_400 * 400)
    assert len(screen.hears(call(1, ago_s=0))) == 1


def test_a_clock_that_is_set_while_a_call_blinks_leaves_the_blinking_alone() -> None:
    screen = Screen()
    screen.hears(call(1), call(2))
    screen.sets_wall_clock(-7200)
    assert not screen.waits(BLINK_STEP_S).rows[0].lit
    assert [row.lit for row in screen.waits(BLINK_S).rows] == [True, False]


def test_a_call_in_hand_is_not_among_those_before() -> None:
    screen = Screen()
    screen.hears(call(1), recent=(call(1), call(2)))
    assert [row.number for row in screen.picture.recent] == ["A002"]


_STEPS = st.sampled_from([*(("reach", reach) for reach in Reach), *((what, None) for what in ("board", "services", "wait"))])


@given(st.lists(_STEPS, max_size=30))
def test_it_never_says_live_when_it_is_not(steps: list[tuple[str, Reach | None]]) -> None:
    screen = Screen(told=False)
    reach, board_heard, services_heard = Reach.NO_LINK, False, False
    for what, to in steps:
        if to is not None:
            reach = to
            screen.loses(to)
            if to is not Reach.LIVE:
                board_heard = services_heard = False
        elif what == "board":
            board_heard = True
            screen.hears(call(1))
        elif what == "services":
            services_heard = True
            screen.presenter.hear_services(services())
        else:
            screen.waits(7)
        is_true = reach is Reach.LIVE and board_heard and services_heard
        picture = screen.picture
        assert (picture.header.light is Light.LIVE) == is_true
        assert (picture.header.state == "Now serving") == is_true
        assert is_true or picture.is_dimmed or not picture.rows
