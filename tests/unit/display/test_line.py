"""The line of calls that wait to be spoken."""

from hypothesis import given
from hypothesis import strategies as st

from display.picture import Announcement
from display.voice.line import LATE_S, MOST, Line


def waiting(ticket: str, heard_s: float = 0.0, call: int = 1) -> Announcement:
    return Announcement(ticket, ticket.upper(), "1", call, heard_s)


def drained(line: Line, now_s: float = 0.0) -> list[Announcement]:
    return list(iter(lambda: line.take(now_s), None))


def test_the_first_is_spoken_first() -> None:
    line = Line()
    calls = [waiting(name) for name in "abc"]
    for call in calls:
        line.put(call)
    assert drained(line) == calls


def test_who_is_called_again_while_waiting_is_spoken_once_as_called_last() -> None:
    line = Line()
    for call in (waiting("a"), waiting("b"), waiting("a", 5.0, call=2)):
        line.put(call)
    assert drained(line) == [waiting("a", 5.0, call=2), waiting("b")]


def test_a_call_that_is_over_is_left_out_only_when_it_is_very_late() -> None:
    line = Line()
    for name in "abc":
        line.put(waiting(name))
    line.hands(frozenset({"b"}))
    assert [call.ticket for call in drained(line, LATE_S - 1)] == ["a", "b", "c"]
    for name in "abc":
        line.put(waiting(name))
    assert [call.ticket for call in drained(line, LATE_S + 1)] == ["b"]


@given(st.lists(st.integers(0, 200), max_size=300), st.sets(st.integers(0, 200), max_size=20))
def test_it_never_grows_without_end_and_keeps_who_is_in_hand(tickets: list[int], in_hand: set[int]) -> None:
    line = Line()
    line.hands(frozenset(str(ticket) for ticket in in_hand))
    for ticket in tickets:
        line.put(waiting(str(ticket)))
        assert len(line) <= MOST
    left = {call.ticket for call in drained(line, LATE_S + 1)}
    assert left == {str(ticket) for ticket in in_hand.intersection(tickets)}
