"""Sliding windows: how often something may be done."""

from cloud.limits import Windows


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_so_many_in_any_window_and_no_more() -> None:
    clock = Clock()
    windows = Windows(clock)
    taken = []
    for at in (0.0, 5.0, 9.0, 9.9, 10.1, 14.9, 15.1):
        clock.at = at
        taken.append(windows.take("phone", 3, 10.0))
    assert taken == [True, True, True, False, True, False, True]


def test_each_key_has_its_own() -> None:
    windows = Windows(Clock())
    assert [windows.take(key, 1, 10.0) for key in ("a", "b", "a")] == [True, True, False]


def test_a_flood_of_keys_takes_no_more_room() -> None:
    windows = Windows(Clock(), most_keys=10)
    assert all(windows.take(f"key {n}", 1, 10.0) for n in range(1000))
    assert len(windows._taken) == 10
