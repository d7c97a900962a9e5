"""Who may speak when: a press acts once, whatever the line does."""

import random

from hypothesis import given
from hypothesis import strategies as st

from counter.line.frames import Decoder, Frame, Kind, encode
from counter.line.picture import Note, Picture
from counter.line.turns import Press, Turns
from counter.presses import Gesture
from tests.unit.counter.wires import Wire


def test_units_are_found_and_lost_and_found_again() -> None:
    wire = Wire((1, 7))
    wire.run(0.5)
    assert wire.turns.present == [1, 7]
    wire.plugged = False
    wire.run(3)
    assert wire.turns.present == []
    assert wire.units[7].text(wire.now_ms) == "LINE"
    wire.plugged = True
    wire.run(1.5)
    assert wire.turns.present == [1, 7]


def test_a_press_is_told_once_with_its_gesture_and_the_number_that_the_person_saw() -> None:
    wire = Wire()
    wire.turns.show(2, Picture("A042", 5))
    wire.run(1)
    wire.press(2, "D", "NEXT")
    wire.turns.show(2, Picture("A043", 4))
    wire.run(1)
    assert wire.presses == [Press(2, "NEXT", Gesture.DOUBLE, "A042")]
    assert wire.units[2].text(wire.now_ms) == "A043"


def test_two_units_that_are_pressed_in_the_same_instant_are_both_heard() -> None:
    wire = Wire((1, 2, 3))
    wire.run(1)
    assert wire.press(1)
    assert wire.press(3)
    wire.run(0.3)
    assert sorted(press.unit for press in wire.presses) == [1, 3]


def test_a_picture_reaches_its_unit_in_the_next_turn() -> None:
    wire = Wire()
    wire.run(1)
    wire.turns.show(1, Picture("B007", 12, note=Note.OK, blink=True))
    wire.run(0.1)
    unit = wire.units[1]
    assert (unit.text(wire.now_ms), unit.waiting, unit.blink) == ("B007", 12, True)
    assert wire.units[2].text(wire.now_ms) == "----"


def test_units_that_are_not_there_hardly_delay_the_others() -> None:
    wire = Wire(tuple(range(1, 17)))
    for absent in range(3, 17):
        del wire.units[absent]
    wire.run(5)
    assert wire.turns.present == [1, 2]
    waits = []
    for _ in range(100):
        wire.press(1)
        begun, heard = wire.now, len(wire.presses)
        while len(wire.presses) == heard:
            wire.turn()
        waits.append(wire.now - begun)
        wire.run(0.13)
    assert max(waits) < 0.16
    assert sorted(waits)[80] < 0.06


def test_a_unit_that_was_switched_off_and_on_shows_the_picture_again_and_its_first_press_counts() -> None:
    wire = Wire()
    wire.turns.show(1, Picture("A001"))
    wire.run(1)
    wire.press(1)
    wire.run(1)
    wire.restart_unit(1)
    wire.run(0.3)
    assert wire.units[1].text(wire.now_ms) == "A001"
    assert wire.press(1)
    wire.run(1)
    assert len(wire.presses) == 2


def test_a_press_that_was_under_way_when_the_agent_restarted_is_void_and_the_person_sees_it() -> None:
    wire = Wire()
    wire.run(1)
    assert wire.press(1)
    wire.restart_agent()
    wire.turns.show(1, Picture("A001"))
    wire.run(0.2)
    assert wire.presses == []
    assert wire.units[1].text(wire.now_ms) == "VOID"
    wire.run(2.5)
    assert wire.units[1].text(wire.now_ms) == "A001"
    assert wire.press(1)
    wire.run(0.2)
    assert len(wire.presses) == 1


def test_a_press_on_a_dead_line_is_void_at_once() -> None:
    wire = Wire()
    wire.run(1)
    wire.plugged = False
    wire.run(2.5)
    assert not wire.press(1)
    wire.plugged = True
    wire.run(3)
    assert wire.presses == []


def test_a_press_that_nobody_takes_for_two_seconds_is_void() -> None:
    wire = Wire()
    wire.run(1)
    assert wire.press(1)
    wire.plugged = False
    wire.run(2.1)
    assert wire.units[1].text(wire.now_ms) == "VOID"
    wire.plugged = True
    wire.run(3)
    assert wire.presses == []


def test_what_lay_on_the_line_while_the_agent_stood_still_is_no_press() -> None:
    turns = Turns([1])
    turns.ask(0.0)
    turns.hear(encode(Frame(1, 0, Kind.HELLO)), 0.01)
    assert turns.ask(0.01) is not None
    assert turns.hear(encode(Frame(1, 1, Kind.ONCE, ("NEXT", "0"))), 5.0) == []
    asked = Decoder().feed(turns.ask(6.0) or b"")
    assert [frame.kind for frame in asked] == [Kind.RESET]


def test_who_speaks_without_being_asked_is_not_heard() -> None:
    turns = Turns([1, 2])
    assert turns.hear(encode(Frame(1, 5, Kind.ONCE, ("NEXT",))), 0.0) == []
    turns.ask(0.0)
    turns.hear(encode(Frame(1, 0, Kind.HELLO)), 0.01)
    turns.ask(0.02)
    assert turns.hear(encode(Frame(2, 1, Kind.ONCE, ("NEXT",))) * 50, 0.03) == []


def test_the_agent_is_not_confused_by_its_own_echo() -> None:
    turns = Turns([1])
    echo = turns.ask(0.0) or b""
    assert turns.hear(echo + encode(Frame(1, 0, Kind.HELLO)), 0.01) == []
    assert turns.present == [1]


def test_a_unit_that_tells_numbers_without_end_is_one_press_a_number() -> None:
    turns = Turns([1])
    turns.ask(0.0)
    turns.hear(encode(Frame(1, 0, Kind.HELLO)), 0.01)
    heard = []
    for turn in range(600):
        now = 0.1 + turn * 0.01
        turns.ask(now)
        heard += turns.hear(encode(Frame(1, 200, Kind.ONCE, ("NEXT", "0"))), now)
    assert len(heard) == 1


@given(st.integers(0, 2**32), st.floats(0, 0.6))
def test_over_a_bad_line_a_press_is_heard_once_or_void_and_never_another(seed: int, loss: float) -> None:
    chance = random.Random(seed)
    wire = Wire((1, 2), loss, chance)
    wire.run(3)
    pressed = []
    for number in range(12):
        unit = chance.choice((1, 2))
        if wire.press(unit, "K", f"KEY{number}"):
            pressed.append((unit, f"KEY{number}"))
        wire.run(chance.uniform(0, 3))
        if chance.random() < 0.1:
            wire.restart_agent()
        if chance.random() < 0.1:
            wire.restart_unit(chance.choice((1, 2)))
    heard = [(press.unit, press.key) for press in wire.presses]
    assert len(set(heard)) == len(heard)
    assert set(heard) <= set(pressed)


@given(st.integers(0, 2**32), st.floats(0, 0.1))
def test_a_line_that_is_only_somewhat_bad_loses_no_press(seed: int, loss: float) -> None:
    wire = Wire((1, 2), loss, random.Random(seed))
    wire.run(6)
    for number in range(8):
        wire.press(1 + number % 2, "K", f"KEY{number}")
        wire.run(2)
    assert [press.key for press in wire.presses] == [f"KEY{number}" for number in range(8)]
