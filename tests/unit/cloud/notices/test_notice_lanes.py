"""What hangs or breaks at one provider stands in the way of nobody else."""

import queue
from collections.abc import Iterator

import pytest

from cloud.notices.lanes import Breaker, Done, Job, Lane, Outcome
from cloud.notices.occasions import Channel
from cloud.notices.providers.provider import DeclinedError, GoneError, Letter, RefusedError, SendingError, TroubleError
from tests.support.notices import Company
from tests.support.waiting import until


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Scene:
    def __init__(self) -> None:
        self.company, self.clock = Company(), Clock()
        self.done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self.lane = Lane(self.company, self.done.put, self.clock)
        self._n = 0

    def give(self) -> None:
        self._n += 1
        self.lane.give(Job(Letter(f"m{self._n}", "joined", Channel.SMS, "+1", "en", "", "x", None, 60), 1, 1, None))

    def sent(self) -> Done:
        self.give()
        return self.done.get(timeout=30)

    def fail(self, fault: Exception, times: int = 3) -> None:
        self.company.fault = fault
        for _ in range(times):
            self.sent()
        self.company.fault = None


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    scene.company.gate.set()
    until(lambda: scene.lane.in_flight == 0)


def test_a_message_that_is_taken_has_the_providers_id(scene: Scene) -> None:
    done = scene.sent()
    assert (done.outcome, done.provider_id, done.provider) == (Outcome.SENT, "id-m1", "company")
    assert scene.lane.is_well()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (TroubleError("x"), Outcome.FAULT),
        (DeclinedError("x"), Outcome.FAULT),
        (RefusedError("x"), Outcome.REFUSED),
        (GoneError("x"), Outcome.GONE),
        (RuntimeError("a bug"), Outcome.FAULT),
    ],
)
def test_what_a_fault_means(scene: Scene, fault: SendingError, outcome: Outcome) -> None:
    scene.company.fault = fault
    assert scene.sent().outcome is outcome


def test_what_a_provider_says_can_always_be_kept(scene: Scene) -> None:
    scene.company.fault = DeclinedError("a\0b\n" + "x" * 5000)
    assert str(scene.sent().fault).startswith("abxx")
    assert len(str(scene.sent().fault)) <= 300


def test_after_three_faults_one_message_may_try_when_the_time_is_over(scene: Scene) -> None:
    scene.fail(TroubleError("down"))
    assert (scene.lane.free(), scene.lane.is_well()) == (0, False)
    scene.clock.now_s += 5
    assert (scene.lane.free(), scene.lane.is_well()) == (1, False)
    scene.company.gate.clear()
    scene.give()
    assert scene.lane.free() == 0
    scene.company.gate.set()
    assert scene.done.get(timeout=30).outcome is Outcome.SENT
    assert (scene.lane.free(), scene.lane.is_well()) == (2, True)


def test_what_is_wrong_with_messages_does_not_close_the_lane(scene: Scene) -> None:
    scene.fail(DeclinedError("not this one"), 5)
    scene.fail(RefusedError("no such number"), 5)
    assert scene.lane.is_well()


def test_a_lane_takes_no_more_than_it_may(scene: Scene) -> None:
    scene.company.gate.clear()
    scene.give()
    scene.give()
    assert scene.lane.free() == 0
    assert scene.lane.is_well(), "busy is not broken"


def test_a_lane_that_hangs_is_not_well_and_later_gives_up_on_what_hangs(scene: Scene) -> None:
    scene.company.gate.clear()
    scene.give()
    scene.give()
    scene.clock.now_s += 2
    assert not scene.lane.is_well()
    scene.clock.now_s += 20
    assert scene.lane.free() == 2


def test_a_broken_provider_is_tried_more_and_more_rarely() -> None:
    breaker, now_s, pauses = Breaker(), 0.0, []
    for _ in range(3):
        breaker.failed(now_s)
    for _ in range(6):
        began_s = now_s
        while not breaker.allows(now_s):
            now_s += 1
        pauses.append(now_s - began_s)
        breaker.failed(now_s)
        breaker.failed(now_s)  # another that was on its way
    assert pauses == [5, 10, 20, 40, 60, 60]
    breaker.worked()
    assert breaker.allows(now_s)
    assert not breaker.is_trying
