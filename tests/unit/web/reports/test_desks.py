"""How long a counter was open, had somebody, and was idle."""

from branch_server.web.reports.desks import DeskTime, Happened, Parked, fold


def test_idle_is_what_is_open_and_not_busy() -> None:
    story = fold(
        [
            Happened("counter_opened", 0, "c1", None, "eve"),
            Happened("ticket_called", 60, "c1", "t1", None),
            Happened("ticket_completed", 100, "c1", "t1", None),
            Happened("counter_on_break", 160, "c1", None, None),
            Happened("counter_opened", 200, "c1", None, "eve"),
            Happened("counter_closed", 220, "c1", None, None),
        ],
        None,
    )
    assert story.times == {("c1", "eve"): DeskTime(open_us=180, busy_us=40, break_us=40)}


def test_a_counter_that_is_open_now_counts_until_now() -> None:
    events = [Happened("counter_opened", 0, "c1", None, "eve"), Happened("ticket_called", 10, "c1", "t1", None)]
    assert fold(events, 50).times == {("c1", "eve"): DeskTime(open_us=50, busy_us=40)}


def test_a_counter_left_open_over_night_was_not_idle_in_the_dark() -> None:
    events = [Happened("ticket_called", 500, "c1", "t1", None), Happened("ticket_completed", 560, "c1", "t1", None)]
    assert fold(events, None).times == {("c1", ""): DeskTime(open_us=60, busy_us=60)}


def test_each_person_at_a_counter_has_a_time_of_their_own() -> None:
    events = [
        Happened("counter_opened", 0, "c1", None, "eve"),
        Happened("counter_closed", 30, "c1", None, None),
        Happened("counter_opened", 50, "c1", None, "ben"),
        Happened("counter_closed", 60, "c1", None, None),
    ]
    assert fold(events, None).times == {("c1", "eve"): DeskTime(open_us=30), ("c1", "ben"): DeskTime(open_us=10)}


def test_a_park_keeps_the_first_call_and_the_time_in_hand() -> None:
    events = [
        Happened("ticket_called", 10, "c1", "t1", None),
        Happened("ticket_parked", 15, "c1", "t1", None),
        Happened("ticket_called", 100, "c2", "t1", None),
        Happened("ticket_parked", 107, "c2", "t1", None),
    ]
    assert fold(events, None).parked == {"t1": Parked(10, 12)}


def test_only_who_was_not_there_when_joining_arrives() -> None:
    events = [
        Happened("ticket_joined", 1, None, "t1", None),
        Happened("ticket_checked_in", 9, None, "t1", None),
        Happened("ticket_checked_in", 9, None, "t2", None),
    ]
    assert fold(events, None).arrived == {"t1": 9}


def test_a_ticket_in_hand_at_the_roll_over_may_be_parked_on_the_next_day() -> None:
    today = [Happened("counter_opened", 0, "c1", None, "eve"), Happened("ticket_called", 10, "c1", "t1", None)]
    tomorrow = [Happened("ticket_parked", 90, "c1", "t1", None), Happened("ticket_called", 95, "c1", "t2", None)]
    story = fold(today, None, lambda: tomorrow)
    assert story.parked == {"t1": Parked(10, 80)}
    assert story.times == {("c1", "eve"): DeskTime(open_us=10)}


def test_what_is_taken_back_is_in_hand_again() -> None:
    events = [
        Happened("counter_opened", 0, "c1", None, "eve"),
        Happened("ticket_called", 0, "c1", "t1", None),
        Happened("ticket_completed", 10, "c1", "t1", None),
        Happened("ticket_called", 10, "c1", "t2", None),
        Happened("ticket_returned", 20, "c1", "t2", None),
        Happened("ticket_restored", 20, "c1", "t1", None),
        Happened("ticket_completed", 50, "c1", "t1", None),
    ]
    assert fold(events, None).times == {("c1", "eve"): DeskTime(open_us=50, busy_us=50)}
