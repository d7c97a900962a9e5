"""Which of the presses count, and what they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counter.buttons.clicks import Clicks
from counter.desk.calm import Calm, Verdict
from counter.firmware.foleni_unit import Key
from counter.firmware.segments import TM1637, segments
from counter.presses import COMMANDS, KEYS, ONE_BUTTON, Action, Gesture


def test_every_action_has_its_command() -> None:
    assert set(COMMANDS) == set(Action)
    assert {action for gestures in KEYS.values() for action in gestures.values()} == set(Action)


def test_one_button_runs_a_counter() -> None:
    assert ONE_BUTTON == {Gesture.SINGLE: Action.NEXT, Gesture.DOUBLE: Action.RECALL, Gesture.LONG: Action.NO_SHOW}


def test_a_flood_is_one_press() -> None:
    calm = Calm()
    verdicts = [calm.judge("next", 100 + number / 100) for number in range(3000)]
    assert verdicts == [Verdict.MEANT] + [Verdict.BOUNCE] * 2999


def test_presses_that_a_person_could_mean_all_count() -> None:
    calm = Calm()
    assert {calm.judge("next", 0.6 * number) for number in range(100)} == {Verdict.MEANT}
    assert calm.judge("next", 200) is calm.judge("recall", 200.1) is Verdict.MEANT


@given(st.lists(st.floats(0.3, 0.9), min_size=1, max_size=200))
def test_nobody_means_more_than_eight_at_once_and_two_a_second(gaps: list[float]) -> None:
    calm, now, admitted = Calm(), 0.0, 0
    for gap in gaps:
        admitted += calm.judge("next", now) is Verdict.MEANT
        now += gap
    assert admitted <= 8 + 2 * now


@pytest.mark.parametrize(
    ("turns", "doubles", "meant"),
    [
        ([(0, True), (0.1, False)], False, [Gesture.SINGLE]),
        ([(0, True), (0.1, False)], True, [Gesture.SINGLE]),
        ([(0, True), (0.1, False), (0.3, True), (0.4, False)], True, [Gesture.DOUBLE]),
        ([(0, True), (0.1, False), (1.0, True), (1.1, False)], True, [Gesture.SINGLE, Gesture.SINGLE]),
        ([(0, True), (1.0, False)], True, [Gesture.LONG]),
        ([(0, True), (0.2, True), (1.0, False)], True, [Gesture.LONG]),
        ([(0, True), (60, False)], True, []),
        ([(0, False), (5, False)], True, []),
    ],
)
def test_down_and_up_become_gestures(turns: list[tuple[float, bool]], doubles: bool, meant: list[Gesture]) -> None:
    clicks, found = Clicks(doubles=doubles), []
    for at, down in turns:
        found += [clicks.due(at), clicks.turn(at, down=down)]
    found.append(clicks.due(turns[-1][0] + 1))
    assert [gesture for gesture in found if gesture is not None] == meant


def _gestures(levels: list[tuple[int, bool]], until_ms: int) -> list[str]:
    """What a key makes of a list of (from when, down or up)."""
    key, found, down = Key(), [], False
    for now in range(0, until_ms, 2):
        down = next((level for at, level in reversed(levels) if at <= now), False)
        gesture = key.turn(down, now)
        if gesture:
            found.append(gesture)
    return found


def test_a_key_of_the_reference_unit_tells_once_twice_and_long_apart() -> None:
    assert _gestures([(100, True), (200, False)], 2000) == ["K"]
    assert _gestures([(100, True), (200, False), (350, True), (450, False)], 2000) == ["D"]
    assert _gestures([(100, True), (1500, False)], 4000) == ["L"]
    assert _gestures([(100, True), (200, False), (1000, True), (1100, False)], 3000) == ["K", "K"]


def test_a_key_of_the_reference_unit_does_not_bounce() -> None:
    bouncing = [(100 + step, step % 4 < 2) for step in range(0, 16, 2)]
    assert _gestures([*bouncing, (116, True), (300, False), (302, True), (304, False)], 2000) == ["K"]


def test_seven_segments_show_numbers_from_their_end_and_words_from_their_beginning() -> None:
    assert segments("A042", 4) == b"\x77\x3f\x66\x5b"
    assert segments("QA042", 4) == segments("A042", 4)
    assert segments("7", 4) == b"\x00\x00\x00\x07"
    assert segments("CLOSED", 4) == segments("CLOS", 4)
    assert segments("*é", 4) == bytes(4)


def test_the_display_is_told_each_bit_in_the_order_of_its_cells() -> None:
    wires = {"clock": 1, "data": 1}
    bits: list[int] = []

    def clock(high: int) -> None:
        if high and not wires["clock"]:
            bits.append(wires["data"])
        wires["clock"] = high

    def data(high: int) -> None:
        wires["data"] = high

    display = TM1637(clock, data, lambda: None, (2, 1, 0, 3))  # type: ignore[no-untyped-call]
    display.show("A042")
    sent = len(bits)
    display.show("A042")
    assert len(bits) == sent
    address = next(at for at in range(len(bits)) if _byte(bits[at:]) == 0xC0)
    assert [_byte(bits[address + 9 * place :]) for place in range(1, 5)] == [0x66, 0x3F, 0x77, 0x5B]


def _byte(bits: list[int]) -> int:
    return sum(bit << place for place, bit in enumerate(bits[:8]))
