"""The clock of the box is set back, set forward, or leaps: what each party sees, in replies, topics and events."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import time_ns
from zoneinfo import ZoneInfo

import pytest

from foleni.times import DAY_US, HOUR_US, MINUTE_US, SECOND_US, from_wire, of_datetime
from tests.support.chaos import ChaosBranch, Party, join, setup_text
from tests.support.chaos_ledger import Ledger
from tests.support.client import Json
from tests.support.waiting import until

_BERLIN = "Europe/Berlin"
_NEW_YORK = "America/New_York"
_AN_ORDINARY_NOON = "2026-06-17T12:00:00"
_CHANGES = [
    (_BERLIN, "2026-03-29", "02:30"), (_BERLIN, "2026-10-25", "02:30"), (_BERLIN, "2026-10-25", "04:00"),
    (_NEW_YORK, "2026-03-08", "04:00"), (_NEW_YORK, "2026-03-08", "02:30"), (_NEW_YORK, "2026-11-01", "02:30"),
]  # fmt: skip


class Clock:
    """The clock of the box: `set_by` turns its hands, `pass_` lets time go by."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._wall_us = self._elapsed_us = 0
        self._write()

    def start_at(self, local: str, zone: str) -> None:
        aim = of_datetime(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)))
        self._wall_us = aim - time_ns() // 1000
        self._write()

    def set_by(self, us: int) -> None:
        self._wall_us += us
        self._write()

    def pass_(self, us: int) -> None:
        self._wall_us += us
        self._elapsed_us += us
        self._write()

    def _write(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{self._wall_us} {self._elapsed_us}")
        fresh.replace(self.file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    clock = Clock(tmp_path / "clock")
    clock.start_at(_AN_ORDINARY_NOON, _BERLIN)
    return clock


@pytest.fixture
def branch(tmp_path: Path, clock: Clock) -> Iterator[ChaosBranch]:
    """A branch in Berlin by that clock, started at noon."""
    with ChaosBranch(tmp_path, setup=setup_text(_BERLIN), clock=clock.file) as branch:
        yield branch


@pytest.mark.variants(2)
@pytest.mark.parametrize("back_us", [3 * MINUTE_US, 9 * HOUR_US, 3 * DAY_US], ids=["3min", "9h", "3d"])
def test_a_clock_set_back_keeps_the_day_its_numbers_and_the_order(branch: ChaosBranch, clock: Clock, back_us: int) -> None:
    with branch.party("desk-1") as desk:
        before = [_join(desk) for _ in range(2)]
        clock.set_by(-back_us)
        after = [_join(desk) for _ in range(2)]
        branch.kill()
        branch.start()
        after.append(_join(desk))
        _check_order(before + after)
        assert [result["position"] for result in before + after] == [1, 2, 3, 4, 5]
        assert desk.state("services")["day"] == "2026-06-17"
        assert not _alerts(desk)
        _check_log(branch, ["2026-06-17"])


@pytest.mark.parametrize("forward_us", [3 * MINUTE_US, 5 * HOUR_US], ids=["3min", "5h"])
def test_a_clock_set_forward_within_the_day_is_followed(branch: ChaosBranch, clock: Clock, forward_us: int) -> None:
    with branch.party("desk-1") as desk:
        before = _join(desk)
        clock.set_by(forward_us)
        after = _join(desk)
        _check_order([before, after])
        assert from_wire(after["joined_at"]) - from_wire(before["joined_at"]) >= forward_us
        assert not _alerts(desk)
        _check_log(branch, ["2026-06-17"])


def test_a_clock_set_over_the_roll_over_and_back_again_opens_one_new_day_and_gives_no_number_twice(
    branch: ChaosBranch, clock: Clock
) -> None:
    with branch.party("desk-1") as desk:
        waiting = [_join(desk) for _ in range(2)]
        clock.set_by(17 * HOUR_US)
        desk.state("services", lambda told: told["day"] == "2026-06-18")
        until(lambda: [event["ticket"] for event in _told(desk, "ticket_expired")] == [each["ticket"] for each in waiting])
        until(lambda: [event["closed"] for event in _told(desk, "day_closed")] == ["2026-06-17"])
        assert _join(desk)["number"] == "A001"
        clock.set_by(-17 * HOUR_US)
        assert _join(desk)["number"] == "A002"
        clock.set_by(17 * HOUR_US)
        assert _join(desk)["number"] == "A003"
        assert desk.state("services")["day"] == "2026-06-18"
        assert not _alerts(desk)
        _check_log(branch, ["2026-06-17", "2026-06-18"])


def test_a_leap_of_days_is_not_followed_until_the_clock_is_set_right(branch: ChaosBranch, clock: Clock) -> None:
    with branch.party("desk-1") as desk:
        before = _join(desk)
        clock.set_by(3 * DAY_US)
        until(lambda: _alerts(desk) == ["alert_raised"])
        during = _join(desk)
        assert from_wire(during["joined_at"]) - from_wire(before["joined_at"]) < DAY_US
        assert desk.state("services")["day"] == "2026-06-17"
        clock.set_by(-3 * DAY_US)
        until(lambda: _alerts(desk) == ["alert_raised", "alert_cleared"])
        _check_order([before, during, _join(desk)])
        _check_log(branch, ["2026-06-17"])


def test_a_leap_of_days_outlives_a_kill_and_is_accepted_by_closing_the_day(branch: ChaosBranch, clock: Clock) -> None:
    with branch.party("desk-1") as desk:
        _join(desk)
        clock.set_by(3 * DAY_US)
        until(lambda: _alerts(desk) == ["alert_raised"])
        branch.kill()
        branch.start()
        assert _join(desk)["number"] == "A002"
        assert desk.state("services")["day"] == "2026-06-17"
        reply = desk.insist({**join(), "type": "close_day"})
        assert reply is not None
        assert reply["ok"], reply
        desk.state("services", lambda told: told["day"] == "2026-06-20")
        until(lambda: _alerts(desk) == ["alert_raised", "alert_cleared"])
        assert _join(desk)["number"] == "A001"
        _check_log(branch, ["2026-06-17", "2026-06-20"])


def test_a_box_that_was_off_for_days_opens_the_day_that_it_is(branch: ChaosBranch, clock: Clock) -> None:
    with branch.party("desk-1") as desk:
        _join(desk)
        branch.kill()
        clock.set_by(3 * DAY_US)
        branch.start()
        desk.state("services", lambda told: told["day"] == "2026-06-20")
        assert _join(desk)["number"] == "A001"
        assert not _alerts(desk)
        _check_log(branch, ["2026-06-17", "2026-06-20"])


@pytest.mark.variants(2)
@pytest.mark.parametrize(("zone", "day", "starts"), _CHANGES)
def test_the_day_begins_once_on_a_day_of_the_change_of_time(
    tmp_path: Path, clock: Clock, zone: str, day: str, starts: str
) -> None:
    """02:30 does not exist on the day in spring, and comes twice in autumn."""
    eve = (datetime.fromisoformat(day) - timedelta(days=1)).date().isoformat()
    clock.start_at(f"{day}T00:30:00", zone)
    begins = of_datetime(datetime.fromisoformat(f"{day}T{starts}:00").replace(tzinfo=ZoneInfo(zone)))
    midnight = of_datetime(datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=ZoneInfo(zone)))
    if (starts, day[5:7]) == ("02:30", "03"):
        begins = of_datetime(datetime.fromisoformat(f"{day}T03:00:00").replace(tzinfo=ZoneInfo(zone)))
    to_eve_of_day = begins - midnight - 31 * MINUTE_US
    with ChaosBranch(tmp_path, setup=setup_text(zone, starts), clock=clock.file) as branch, branch.party("desk-1") as desk:
        assert _join(desk)["number"] == "A001"
        clock.pass_(to_eve_of_day)
        assert _join(desk)["number"] == "A002"
        assert desk.state("services")["day"] == eve
        clock.pass_(MINUTE_US + SECOND_US)
        desk.state("services", lambda told: told["day"] == day)
        assert _join(desk)["number"] == "A001"
        clock.pass_(HOUR_US)
        assert _join(desk)["number"] == "A002"
        _check_log(branch, [eve, day])


def _join(party: Party) -> Json:
    reply = party.insist(join())
    assert reply is not None
    assert reply["ok"], reply
    result: Json = reply["result"]
    return result


def _told(party: Party, kind: str) -> list[Json]:
    return [event for event in party.events() if event["type"] == kind]


def _alerts(party: Party) -> list[str]:
    return [kind for _, kind in party.told() if kind.startswith("alert_")]


def _check_order(results: list[Json]) -> None:
    """Numbers follow one another, and nobody joined before the one ahead."""
    assert [result["number"] for result in results] == [f"A{number:03d}" for number in range(1, len(results) + 1)]
    times = [result["joined_at"] for result in results]
    assert times == sorted(times)


def _check_log(branch: ChaosBranch, days: list[str]) -> None:
    assert Ledger(branch.data).check().days() == days
