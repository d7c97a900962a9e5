"""What status bytes mean, whatever bytes come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foleni.sim.paper.roll import Inside
from kiosk.printer.status import (
    Paper,
    Query,
    State,
    is_in_turn,
    is_real_time,
    only_answer,
    paper_of,
    state_of,
    without_flow_control,
)

ANSWERS = st.dictionaries(st.sampled_from(Query), st.integers(0, 255))


def _told(inside: Inside) -> State:
    return state_of({query: inside.real_time(query) or 0 for query in Query})


@pytest.mark.parametrize(
    ("inside", "state"),
    [
        (Inside(), State.OK),
        (Inside(is_low=True), State.PAPER_LOW),
        (Inside(paper_dots=0), State.PAPER_OUT),
        (Inside(is_cover_open=True), State.COVER_OPEN),
        (Inside(is_cover_open=True, paper_dots=0), State.COVER_OPEN),
        (Inside(is_cutter_stuck=True), State.ERROR),
        (Inside(is_cutter_stuck=True, paper_dots=0), State.PAPER_OUT),
    ],
)
def test_a_machine_s_answers_tell_its_state(inside: Inside, state: State) -> None:
    assert _told(inside) is state


def test_a_machine_that_is_offline_and_does_not_say_why_is_offline() -> None:
    assert state_of({Query.PRINTER: 0x1A, Query.OFFLINE_CAUSE: 0x12}) is State.OFFLINE


def test_no_answer_is_offline() -> None:
    assert state_of({}) is State.OFFLINE


@given(ANSWERS)
def test_any_bytes_give_a_state_and_senseless_ones_never_one_that_can_print(answers: dict[Query, int]) -> None:
    state = state_of(answers)
    assert isinstance(state, State)
    if any(byte & 0x93 != 0x12 for byte in answers.values()):
        assert state is State.ERROR


@given(st.integers(0, 255))
def test_an_answer_at_once_is_never_taken_for_one_in_turn(byte: int) -> None:
    assert not (is_real_time(byte) and is_in_turn(byte))


@pytest.mark.parametrize(
    ("inside", "paper"),
    [
        (Inside(), Paper(low=False, out=False)),
        (Inside(is_low=True), Paper(low=True, out=False)),
        (Inside(paper_dots=0), Paper(low=True, out=True)),
    ],
)
def test_the_answer_in_turn_tells_of_the_paper(inside: Inside, paper: Paper) -> None:
    assert paper_of(inside.paper()) == paper


@given(st.integers(0, 255))
def test_paper_is_told_only_by_bytes_that_are_an_answer(byte: int) -> None:
    assert (paper_of(byte) is None) is not is_in_turn(byte)


@given(st.binary(max_size=64))
def test_flow_control_is_no_answer(data: bytes) -> None:
    left = without_flow_control(data)
    assert not set(left) & {0x11, 0x13}
    assert len(left) == len(data) - data.count(b"\x11") - data.count(b"\x13")


@given(st.binary(max_size=4))
def test_only_one_byte_alone_is_an_answer(data: bytes) -> None:
    assert only_answer(data) == (data[0] if len(data) == 1 else None)


def test_only_states_with_paper_under_the_head_can_print() -> None:
    assert {state for state in State if state.can_print} == {State.OK, State.PAPER_LOW}
