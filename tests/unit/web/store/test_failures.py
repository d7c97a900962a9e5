"""Waits after wrong PINs: they grow, end, outlive a restart, and fill nothing."""

from pathlib import Path

import pytest

from branch_server.web.store.failures import FORGOTTEN_AFTER_US, MOST_ROWS, wait_us
from branch_server.web.store.store import Store
from foleni.times import SECOND_US

NOW = 1_800_000_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_the_first_wrong_tries_are_free_and_then_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [wait_us("staff:eve", count) // SECOND_US for count in range(1, 16)] == [
        0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900
    ]  # fmt: skip
    assert wait_us("staff:eve", 10**9) == 900 * SECOND_US


def test_an_address_that_many_share_has_more_tries() -> None:
    assert wait_us("address:10.0.0.5", 9) == 0
    assert wait_us("address:10.0.0.5", 10) == 2 * SECOND_US


def test_who_waits_is_told_until_when_and_a_right_pin_ends_it(store: Store) -> None:
    keys = ("staff:eve", "address:10.0.0.5")
    assert [store.failures.note(keys, NOW) for _ in range(3)] == [False, False, True]
    assert store.failures.until(keys, NOW) == NOW + 2 * SECOND_US
    assert store.failures.until(keys, NOW + 2 * SECOND_US) == 0
    assert store.failures.waiting(NOW) == {"staff:eve": NOW + 2 * SECOND_US}
    store.failures.clear(keys)
    assert store.failures.until(keys, NOW) == 0
    assert store.failures.note(keys, NOW) is False


def test_a_restart_forgets_nothing(store: Store, tmp_path: Path) -> None:
    for _ in range(6):
        store.failures.note(["staff:eve"], NOW)
    store.close()
    assert Store(tmp_path).failures.until(["staff:eve"], NOW) == NOW + 16 * SECOND_US


def test_a_day_without_a_wrong_pin_begins_anew(store: Store) -> None:
    for _ in range(6):
        store.failures.note(["staff:eve"], NOW)
    later = NOW + FORGOTTEN_AFTER_US
    assert store.failures.note(["staff:eve"], later) is False
    store.failures.forget(later + FORGOTTEN_AFTER_US + 1)
    assert store.failures.waiting(0) == {}


def test_invented_names_fill_nothing_and_free_nobody(store: Store) -> None:
    for _ in range(4):
        store.failures.note(["staff:eve"], NOW)
    with store.engine.begin() as connection:
        rows = [{"key": f"staff:x{n}", "last_at": NOW + n} for n in range(MOST_ROWS)]
        connection.exec_driver_sql("INSERT INTO failures VALUES (:key, 1, :last_at, 0)", rows)
    store.failures.note(["staff:one-more"], NOW + MOST_ROWS, keep=["staff:eve"])
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM failures").scalar() == MOST_ROWS
    assert store.failures.until(["staff:eve"], NOW) == NOW + 4 * SECOND_US
