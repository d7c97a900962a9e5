"""Work that is due later is done in time, once or again and again."""

from foleni.screens.timers import Timers


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_work_is_due_every_so_many_seconds() -> None:
    clock, done = Clock(), list[str]()
    timers = Timers(clock)
    timers.add(1.0, lambda: done.append("second"))
    for clock.now in (100.5, 101.0, 101.5, 102.1, 103.0):
        for work in timers.take_due():
            work()
    assert done == ["second"] * 3


def test_work_that_is_due_once_is_done_once() -> None:
    clock = Clock()
    timers = Timers(clock)
    timers.add(1.0, lambda: None, once=True)
    clock.now += 5
    assert len(timers.take_due()) == 1
    clock.now += 5
    assert timers.take_due() == []


def test_a_timer_that_slept_does_not_catch_up() -> None:
    clock = Clock()
    timers = Timers(clock)
    timers.add(1.0, lambda: None)
    clock.now += 3600
    assert len(timers.take_due()) == 1
    clock.now += 0.9
    assert timers.take_due() == []
    clock.now += 0.1
    assert len(timers.take_due()) == 1


def test_the_next_timer_decides_how_long_one_may_sleep() -> None:
    clock = Clock()
    timers = Timers(clock)
    assert timers.due_in_s() == float("inf")
    first = timers.add(0.5, lambda: None)
    timers.add(2.0, lambda: None)
    assert timers.due_in_s() == 0.5
    timers.remove(first)
    timers.remove(first)
    assert timers.due_in_s() == 2.0


def test_of_several_the_earliest_comes_first() -> None:
    clock, done = Clock(), list[str]()
    timers = Timers(clock)
    timers.add(2.0, lambda: done.append("late"))
    timers.add(1.0, lambda: done.append("early"))
    clock.now += 3
    for work in timers.take_due():
        work()
    assert done == ["early", "late"]
