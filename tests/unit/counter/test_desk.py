"""A counter as its units see it: what is asked, and what is shown of the answer."""

from collections.abc import Callable
from typing import Any

import pytest

from counter.desk.desk import IDENTIFY_S, PASSING_S, Desk
from counter.line.picture import Lamp, Note, Picture, Sound
from counter.presses import Action
from foleni.link.asker import Answer, NoAnswer
from foleni.messages.commands import Command, CounterCommand
from foleni.messages.replies import Code, Reply, refusal
from foleni.messages.state import CounterStatus, InHand
from foleni.station.station import Reach


class Bench:
    """A desk with one unit and one branch server, both played by the test, in a time of its own."""

    def __init__(self, *, open_on_first_press: bool = True) -> None:
        self.asked: list[tuple[Command, Callable[[Answer], object]]] = []
        self.shown: list[Picture] = []
        self.timers: list[Callable[[], object]] = []
        self.desk = Desk("pad-1", self, self, open_on_first_press=open_on_first_press)
        self.desk.add_face("unit", self.shown.append)

    def ready(self, number: str | None = None, waiting: int = 0, state: str = "open") -> "Bench":
        self.desk.hear_counter("c1")
        self.desk.hear_reach(Reach.LIVE)
        self.status(number, waiting, state)
        return self

    def status(self, number: str | None, waiting: int = 0, state: str = "open", counter: str = "c1", seq: int = 1) -> None:
        hand = number and InHand(ticket="t", number=number, service="s", status="called", called_at="", call=1)
        told: dict[str, Any] = {"seq": seq, "state": state, "label": "1", "in_hand": hand or None, "waiting": waiting}
        self.desk.hear_status(counter, CounterStatus(**told))

    def ask(self, command: Command, done: Callable[[Answer], object], timeout_s: float | None = None) -> None:
        self.asked.append((command, done))

    def do(self, job: Callable[[], object]) -> None:
        job()

    def later(self, wait_s: float, job: Callable[[], object]) -> None:
        assert wait_s in {PASSING_S, IDENTIFY_S}
        self.timers.append(job)

    def answer(self, answer: Reply | NoAnswer | Code | None = None) -> None:
        command, done = self.asked[-1]
        if answer is None:
            answer = Reply(command=command.id, ok=True, seq=1)
        elif isinstance(answer, Code):
            answer = refusal(command.id, answer, "no")
        done(answer)

    def time_goes_by(self) -> None:
        timers, self.timers = self.timers, []
        for timer in timers:
            timer()

    @property
    def command(self) -> CounterCommand:
        command = self.asked[-1][0]
        assert isinstance(command, CounterCommand)
        return command

    @property
    def picture(self) -> Picture:
        return self.shown[-1]


def test_a_press_asks_for_the_next_number_at_the_counter_of_its_device() -> None:
    bench = Bench().ready("A001")
    bench.desk.press(Action.NEXT, "unit", "A001")
    assert (bench.command.type, bench.command.counter, bench.command.seen) == ("call_next", "c1", "A001")
    bench.status("A002", 3)
    bench.answer()
    assert bench.picture == Picture("A002", 3, Lamp.LIT, blink=True, sound=Sound.SHORT, note=Note.OK)
    bench.time_goes_by()
    assert bench.picture == Picture("A002", 3, Lamp.LIT)


@pytest.mark.parametrize("action", Action)
def test_every_action_is_asked_for(action: Action) -> None:
    bench = Bench().ready("A001")
    bench.desk.press(action, "unit", "A001")
    bench.answer()
    assert bench.command.to_wire()
    assert bench.picture.note is Note.OK


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (Code.NOTHING_WAITING, Note.EMPTY),
        (Code.NOTHING_IN_HAND, Note.NO_HAND),
        (Code.WRONG_STATE, Note.CHANGED),
        (Code.NOT_ALLOWED, Note.DENIED),
        (Code.UNAVAILABLE, Note.RETRY),
        (Code.INVALID, Note.REFUSED),
        (NoAnswer.VOID, Note.VOID),
    ],
)
def test_a_refusal_is_shown_for_a_moment_and_heard(answer: Code | NoAnswer, note: Note) -> None:
    bench = Bench().ready()
    bench.desk.press(Action.NEXT, "unit", "")
    bench.answer(answer)
    assert (bench.picture.note, bench.picture.sound) == (note, Sound.DOUBLE)
    bench.time_goes_by()
    assert (bench.picture.note, bench.picture.sound) == (Note.NONE, Sound.NONE)


def test_what_comes_while_a_press_is_being_done_is_void_and_says_so() -> None:
    bench = Bench().ready()
    bench.desk.press(Action.NEXT, "unit", "")
    bench.desk.press(Action.NEXT, "unit", "")
    assert len(bench.asked) == 1
    assert bench.picture.note is Note.BUSY
    bench.answer()
    bench.desk.press(Action.NEXT, "unit", "")
    assert len(bench.asked) == 2


def test_the_first_press_opens_a_closed_counter_and_calls() -> None:
    bench = Bench().ready(state="closed")
    bench.desk.press(Action.NEXT, "unit", "")
    bench.answer(Code.COUNTER_CLOSED)
    assert bench.command.type == "open_counter"
    bench.answer()
    assert bench.command.type == "call_next"
    bench.answer(Code.COUNTER_CLOSED)
    assert len(bench.asked) == 3
    assert bench.picture.note is Note.CLOSED


def test_a_first_press_that_cannot_open_the_counter_says_why() -> None:
    bench = Bench().ready(state="closed")
    bench.desk.press(Action.NEXT, "unit", "")
    bench.answer(Code.COUNTER_CLOSED)
    bench.answer(NoAnswer.VOID)
    assert bench.picture.note is Note.VOID
    bench.desk.press(Action.NEXT, "unit", "")
    assert len(bench.asked) == 3


def test_a_counter_that_may_not_be_opened_by_a_press_stays_closed() -> None:
    bench = Bench(open_on_first_press=False).ready(state="closed")
    bench.desk.press(Action.NEXT, "unit", "")
    bench.answer(Code.COUNTER_CLOSED)
    assert len(bench.asked) == 1
    assert bench.picture.note is Note.CLOSED


def test_a_press_on_a_number_that_is_no_longer_in_hand_is_not_asked() -> None:
    bench = Bench().ready("A002")
    for action in (Action.NEXT, Action.NO_SHOW, Action.COMPLETE):
        bench.desk.press(action, "unit", "A001")
        assert bench.picture.note is Note.CHANGED
    bench.desk.press(Action.NO_SHOW, "unit", "")
    assert bench.asked == []
    bench.desk.press(Action.NEXT, "unit", None)
    assert len(bench.asked) == 1


def test_a_press_right_behind_a_reply_is_measured_by_the_reply_though_the_topic_is_late() -> None:
    bench = Bench().ready("A001")
    bench.desk.press(Action.NEXT, "unit", "A001")
    hand = {"ticket": "t", "number": "A002", "service": "s", "status": "called", "called_at": "", "call": 1}
    result = {"counter": "c1", "in_hand": hand, "waiting": 3}
    bench.answer(Reply(command=bench.command.id, ok=True, seq=2, result=result))
    assert (bench.picture.number, bench.picture.waiting, bench.picture.note) == ("A002", 3, Note.OK)
    bench.desk.press(Action.NEXT, "unit", "A001")
    assert len(bench.asked) == 1
    assert bench.picture.note is Note.CHANGED
    bench.desk.press(Action.NEXT, "unit", "A002")
    bench.answer(Reply(command=bench.command.id, ok=True, seq=1, result=result | {"in_hand": None}))
    assert bench.picture.number == "A002"


def test_what_a_late_topic_tells_of_the_time_before_a_reply_is_passed_over() -> None:
    bench = Bench().ready("A001")
    bench.desk.press(Action.NEXT, "unit", "A001")
    held = {"ticket": "t", "number": "A002", "service": "s", "status": "called", "called_at": "", "call": 1}
    bench.answer(Reply(command=bench.command.id, ok=True, seq=5, result={"counter": "c1", "in_hand": held, "waiting": 0}))
    bench.status("A001", seq=3)
    assert bench.picture.number == "A002"
    bench.status("A003", seq=6)
    assert bench.picture.number == "A003"


def test_a_server_that_was_away_counts_anew() -> None:
    bench = Bench().ready("A001")
    bench.desk.press(Action.COMPLETE, "unit", "A001")
    bench.answer(Reply(command=bench.command.id, ok=True, seq=5, result={"counter": "c1", "in_hand": None, "waiting": 0}))
    bench.desk.hear_reach(Reach.NO_SERVER)
    bench.desk.hear_reach(Reach.LIVE)
    bench.status("A001", seq=2)
    assert bench.picture.number == "A001"


def test_without_the_branch_server_nothing_is_shown_as_true_and_presses_are_void() -> None:
    bench = Bench().ready("A001", 4)
    for reach in (Reach.NO_SERVER, Reach.NO_LINK):
        bench.desk.hear_reach(reach)
        assert bench.picture == Picture(note=Note.GONE)
        bench.desk.press(Action.NEXT, "unit", "")
        assert bench.picture == Picture(note=Note.VOID, sound=Sound.DOUBLE)
        bench.time_goes_by()
        assert bench.picture == Picture(note=Note.GONE)
    assert bench.asked == []
    bench.desk.hear_reach(Reach.LIVE)
    assert bench.picture.number == "A001"


def test_before_the_device_knows_its_counter_presses_are_void() -> None:
    bench = Bench()
    bench.desk.hear_reach(Reach.LIVE)
    bench.desk.press(Action.NEXT, "unit", "")
    assert bench.asked == []
    assert bench.picture.note is Note.VOID


def test_the_lamp_tells_whether_somebody_waits() -> None:
    bench = Bench().ready()
    bench.status(None, 2)
    bench.status("A001", 2)
    bench.status(None, 2, "break")
    assert [picture.lamp for picture in bench.shown[-4:]] == [Lamp.DARK, Lamp.BLINKING, Lamp.LIT, Lamp.LIT]
    assert bench.picture.note is Note.BREAK


def test_a_device_that_gets_another_counter_shows_that_one() -> None:
    bench = Bench().ready("A001")
    bench.status("B001", counter="c2")
    assert bench.picture.number == "A001"
    bench.desk.hear_counter("c2")
    assert bench.picture.number == "B001"


def test_only_the_unit_that_was_pressed_tells_what_came_of_it_but_a_mere_button_has_all_units_tell() -> None:
    bench = Bench().ready()
    other: list[Picture] = []
    bench.desk.add_face("other", other.append)
    bench.desk.press(Action.NEXT, "unit", "")
    bench.answer(Code.NOTHING_WAITING)
    assert (bench.picture.note, other[-1].note) == (Note.EMPTY, Note.NONE)
    bench.time_goes_by()
    bench.desk.press(Action.NEXT)
    bench.answer(Code.NOTHING_WAITING)
    assert (bench.picture.note, other[-1].note) == (Note.EMPTY, Note.EMPTY)


def test_a_unit_that_is_looked_for_says_so_also_while_the_server_is_gone() -> None:
    bench = Bench()
    assert bench.desk.identify() == 1
    assert (bench.shown[-1].note, bench.shown[-1].lamp) == (Note.ID, Lamp.BLINKING)
    bench.time_goes_by()
    assert bench.shown[-1].note is Note.GONE


def test_a_press_ends_the_sign_of_a_unit_and_counts() -> None:
    bench = Bench().ready("A001", 3)
    bench.desk.identify()
    bench.desk.press(Action.NEXT, "unit", "A001")
    assert len(bench.asked) == 1
    bench.answer()
    assert bench.shown[-1].note is Note.OK


def test_a_device_without_units_has_nothing_to_show() -> None:
    bench = Bench()
    assert Desk("pad-2", bench, bench).identify() == 0
