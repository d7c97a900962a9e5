"""When a session ends by itself."""

import pytest

from branch_server.web.people.current import ends_at
from branch_server.web.people.person import Role
from branch_server.web.store.sessions import Session
from foleni.times import HOUR_US

BEGUN = 1_800_000_000_000_000


@pytest.mark.parametrize(
    ("role", "idle_h", "ends_after_h"),
    [
        ("staff", 0, 8),
        ("manager", 0, 8),
        ("admin", 0, 1),
        ("staff", 10, 18),
        ("admin", 10, 11),
        ("staff", 20, 24),
        ("admin", 23, 24),
    ],
)
def test_it_ends_hours_after_the_last_request_and_after_a_day_at_the_latest(role: str, idle_h: int, ends_after_h: int) -> None:
    session = Session("s", "d", "eve", "10.0.0.5", BEGUN, BEGUN + idle_h * HOUR_US, needs_pin=False)
    assert ends_at(session, Role(role)) == BEGUN + ends_after_h * HOUR_US
