"""Clocks that differ: what counts is the cloud's for what is void, and the branch's for a place in a queue."""

import pytest

from branch_server.adapters.sync.asked import Understanding, Wanted
from branch_server.adapters.sync.clocks import BranchClock, CloudClock
from foleni.ids import uuid7
from foleni.messages.commands import Join
from foleni.messages.replies import Reply
from foleni.times import MINUTE_US, SECOND_US, Instant, to_wire

NOW = Instant(1_800_000_000 * SECOND_US)


class Ticking:
    """A monotone clock that stands still until it is told."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def ticking() -> Ticking:
    return Ticking()


def test_the_cloud_s_time_goes_on_between_its_answers(ticking: Ticking) -> None:
    clock = CloudClock(ticking)
    assert clock.now() is None
    clock.heard(NOW)
    ticking.s += 7
    assert clock.now() == NOW + 7 * SECOND_US
    assert clock.left_s(Instant(NOW + 10 * SECOND_US)) == pytest.approx(3)


def test_an_answer_that_came_late_does_not_make_the_cloud_s_clock_late(ticking: Ticking) -> None:
    clock = CloudClock(ticking)
    clock.heard(NOW)
    ticking.s += 20
    clock.heard(Instant(NOW + 5 * SECOND_US))
    assert clock.now() == NOW + 20 * SECOND_US


def test_a_cloud_s_clock_that_was_set_back_is_believed_in_the_end(ticking: Ticking) -> None:
    clock = CloudClock(ticking)
    clock.heard(NOW)
    ticking.s += 601
    clock.heard(NOW)
    assert clock.now() == NOW


@pytest.mark.parametrize("skew_min", [-10, 10])
def test_a_time_of_the_cloud_s_clock_is_told_in_the_branch_s(ticking: Ticking, skew_min: int) -> None:
    cloud, branch = CloudClock(ticking), BranchClock(Instant(NOW + skew_min * MINUTE_US), ticking)
    cloud.heard(NOW)
    understood = _read(Understanding(cloud, branch), joined_at=to_wire(NOW - MINUTE_US), number="AR01")
    assert isinstance(understood.command, Join)
    assert understood.command.joined_at == NOW + (skew_min - 1) * MINUTE_US


def test_clocks_that_agree_leave_a_time_as_it_is(ticking: Ticking) -> None:
    cloud, branch = CloudClock(ticking), BranchClock(Instant(NOW + SECOND_US), ticking)
    cloud.heard(NOW)
    understood = _read(Understanding(cloud, branch), joined_at=to_wire(NOW))
    assert isinstance(understood.command, Join)
    assert understood.command.joined_at == NOW


def test_what_has_no_end_is_never_late(ticking: Ticking) -> None:
    understanding = Understanding(CloudClock(ticking), BranchClock(NOW, ticking))
    assert _read(understanding).deadline is None
    assert not _read(understanding).is_late
    assert _read(understanding, expires_at=to_wire(NOW - 30 * 365 * 24 * 60 * MINUTE_US)).is_late


def test_a_refusal_quotes_no_phone_number(ticking: Ticking) -> None:
    raw = {"id": uuid7(), "type": "join", "service": "cash", "channel": "app", "phone": "0788000001"}
    refused = Understanding(CloudClock(ticking), BranchClock(NOW, ticking)).read(raw)
    assert isinstance(refused, Reply)
    assert refused.error is not None
    assert "0788" not in refused.error.message


def _read(understanding: Understanding, **fields: str) -> Wanted:
    understood = understanding.read({"id": uuid7(), "type": "join", "service": "cash", "channel": "app", **fields})
    assert isinstance(understood, Wanted)
    return understood
