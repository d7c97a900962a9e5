"""Counters and services, as a client sees them that knows only the contract: presses, routing, opening and closing."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.e2e.hall import AT_COUNTER, IN_HAND, NOWHERE, TIME, Hall, open_hall
from tests.support.client import COUNTER_COMMANDS, Json

NEEDS_A_TICKET = {"recall", "start", "complete", "skip", "no_show", "park"}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("counters")) as hall:
        yield hall


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_in(state: str, counter: Json) -> bool:
    return bool(counter["state"] == state)


def test_call_next_is_answered_with_the_ticket_in_hand(hall: Hall) -> None:
    service, counter = hall.place()
    ticket = hall.join(service)
    hall.join(service)
    result = hall.at(counter, "call_next")
    assert result.keys() >= AT_COUNTER
    assert (result["counter"], result["waiting"]) == (counter, 1)
    held = result["in_hand"]
    assert held.keys() >= IN_HAND
    assert (held["ticket"], held["number"], held["service"]) == (ticket["ticket"], ticket["number"], service)
    assert (held["status"], held["call"]) == ("called", 1)
    assert re.fullmatch(TIME, held["called_at"])


def test_call_next_with_a_ticket_in_hand_completes_it_first(hall: Hall) -> None:
    service, counter = hall.place()
    first, second = hall.join(service), hall.join(service)
    hall.call(counter)
    held = hall.call(counter)
    assert held is not None
    assert held["number"] == second["number"]
    hall.tv.event("ticket_completed", lambda event: event["ticket"] == first["ticket"])
    assert hall.call(counter) is None
    assert hall.refused({"type": "call_next", "counter": counter}) == "nothing_waiting"


def test_recall_counts_the_calls_and_the_board_shows_it(hall: Hall) -> None:
    service, counter = hall.place()
    number = hall.join(service)["number"]
    hall.call(counter)
    assert hall.at(counter, "recall")["in_hand"]["call"] == 2
    assert hall.at(counter, "recall")["in_hand"]["call"] == 3
    board = hall.tv.state("board", lambda board: any((row["number"], row["call"]) == (number, 3) for row in board["calls"]))
    assert [row["counter"] for row in board["calls"] if row["number"] == number] == [counter]
    assert hall.tv.event("ticket_recalled", lambda event: event["number"] == number)["counter"] == counter


def test_a_ticket_is_started_and_completed_with_an_outcome(hall: Hall) -> None:
    service, counter = hall.place()
    ticket = hall.join(service)
    hall.call(counter)
    assert hall.at(counter, "start")["in_hand"]["status"] == "serving"
    assert hall.refused({"type": "start", "counter": counter}) == "wrong_state"
    assert hall.at(counter, "complete", outcome="solved")["in_hand"] is None
    event = hall.tv.event("ticket_completed", lambda event: event["ticket"] == ticket["ticket"])
    assert (event["counter"], event["outcome"]) == (counter, "solved")


@pytest.mark.parametrize("what", sorted(NEEDS_A_TICKET))
def test_with_an_empty_hand_there_is_nothing_in_hand(hall: Hall, what: str) -> None:
    assert hall.refused({"type": what, "counter": "c1"}) == "nothing_in_hand"


@pytest.mark.parametrize("what", sorted(COUNTER_COMMANDS))
def test_a_press_at_a_counter_that_nobody_has_is_an_unknown_counter(hall: Hall, what: str) -> None:
    assert hall.refused({"type": what, "counter": "nowhere", "ticket": NOWHERE}) == "unknown_counter"


@pytest.mark.parametrize("what", sorted(COUNTER_COMMANDS))
def test_a_press_without_a_counter_is_invalid(hall: Hall, what: str) -> None:
    assert hall.refused({"type": what, "ticket": NOWHERE}) == "invalid"


@pytest.mark.parametrize("what", ["call_ticket", "unpark"])
def test_calling_by_name_asks_for_a_ticket_that_exists(hall: Hall, what: str) -> None:
    _, counter = hall.place()
    assert hall.refused({"type": what, "counter": counter, "ticket": NOWHERE}) == "unknown_ticket"
    assert hall.refused({"type": what, "counter": counter}) == "invalid"
    assert hall.refused({"type": what, "counter": counter, "ticket": "A042"}) == "invalid"


def test_a_ticket_called_by_name_comes_before_all_others(hall: Hall) -> None:
    service, counter = hall.place()
    hall.join(service)
    chosen = hall.join(service)
    assert hall.at(counter, "call_ticket", ticket=chosen["ticket"])["in_hand"]["number"] == chosen["number"]
    assert hall.refused({"type": "call_ticket", "counter": counter, "ticket": chosen["ticket"]}) == "wrong_state"
    assert hall.tv.event("ticket_called", lambda event: event["ticket"] == chosen["ticket"])["why"]


def test_a_closed_counter_or_one_on_a_break_calls_nobody(hall: Hall) -> None:
    service, counter = hall.place()
    ticket = hall.join(service)["ticket"]
    for close, state in (("close_counter", "closed"), ("break_counter", "break")):
        hall.at(counter, close, reason="lunch")
        assert hall.tv.state(f"counters/{counter}", partial(is_in, state))["waiting"] == 1
        assert hall.refused({"type": "call_next", "counter": counter}) == "counter_closed"
        assert hall.refused({"type": "call_ticket", "counter": counter, "ticket": ticket}) == "counter_closed"
    hall.at(counter, "open_counter", staff="ada")
    assert hall.tv.event("counter_opened", lambda event: event["counter"] == counter and event["staff"])["staff"] == "ada"
    assert hall.call(counter) is not None
    assert hall.refused({"type": "close_counter", "counter": counter}) == "wrong_state"
    assert hall.refused({"type": "open_counter", "counter": counter, "staff": "nobody"}) == "invalid"
    for kind in ("counter_closed", "counter_on_break"):
        hall.tv.event(kind, lambda event: event["counter"] == counter)


def test_a_skipped_ticket_goes_back_behind_the_next_places_and_in_the_end_is_a_no_show(hall: Hall) -> None:
    service, counter = hall.place()
    absent, *others = [hall.join(service) for _ in range(4)]
    hall.call(counter)
    assert hall.at(counter, "skip")["in_hand"] is None
    assert hall.tv.event("ticket_skipped", lambda event: event["ticket"] == absent["ticket"])["skips"] == 1
    assert hall.called(counter, 3) == [others[0]["number"], others[1]["number"], absent["number"]]
    hall.at(counter, "skip")
    assert hall.called(counter, 2) == [others[2]["number"], absent["number"]]
    hall.at(counter, "skip")
    assert hall.tv.event("ticket_no_show", lambda event: event["ticket"] == absent["ticket"])["counter"] == counter
    assert hall.refused({"type": "call_next", "counter": counter}) == "nothing_waiting"


def test_staff_say_that_somebody_is_a_no_show(hall: Hall) -> None:
    service, counter = hall.place()
    ticket = hall.join(service)
    hall.call(counter)
    assert hall.at(counter, "no_show")["in_hand"] is None
    hall.tv.event("ticket_no_show", lambda event: event["ticket"] == ticket["ticket"])
    hall.join(service)
    hall.call(counter)
    hall.at(counter, "start")
    assert hall.refused({"type": "no_show", "counter": counter}) == "wrong_state"
    assert hall.refused({"type": "skip", "counter": counter}) == "wrong_state"


def test_a_parked_ticket_is_called_again_by_name_only(hall: Hall) -> None:
    service, counter = hall.place()
    ticket = hall.join(service)
    hall.call(counter)
    assert hall.at(counter, "park", reason="a stamp is missing")["in_hand"] is None
    hall.tv.event("ticket_parked", lambda event: event["ticket"] == ticket["ticket"])
    assert hall.refused({"type": "call_next", "counter": counter}) == "nothing_waiting"
    assert hall.refused({"type": "call_ticket", "counter": counter, "ticket": ticket["ticket"]}) == "wrong_state"
    held = hall.at(counter, "unpark", ticket=ticket["ticket"])["in_hand"]
    assert (held["number"], held["status"]) == (ticket["number"], "called")
    assert hall.refused({"type": "unpark", "counter": counter, "ticket": ticket["ticket"]}) == "wrong_state"


def test_a_transfer_to_another_service_keeps_the_rank_unless_staff_say_otherwise(hall: Hall) -> None:
    first, counter = hall.place()
    second, other = hall.place()
    early, earlier = hall.join(first), hall.join(first)
    waits = hall.join(second)
    for ticket, keep in ((early, True), (earlier, False)):
        hall.at(counter, "call_ticket", ticket=ticket["ticket"])
        result = hall.done({"type": "transfer", "ticket": ticket["ticket"], "to_service": second, "keep_rank": keep})
        assert (result["ticket"], result["service"]) == (ticket["ticket"], second)
    event = hall.tv.event("ticket_transferred", lambda event: event["ticket"] == early["ticket"])
    assert (event["service"], event["number"]) == (second, early["number"])
    assert hall.called(other, 3) == [early["number"], waits["number"], earlier["number"]]


def test_a_transfer_to_a_counter_puts_the_ticket_into_its_empty_open_hand(hall: Hall) -> None:
    service = hall.service()
    giver, taker, closed = hall.counter(service), hall.counter(service), hall.counter(service)
    hall.at(closed, "close_counter")
    ticket = hall.join(service)
    aim: Json = {"type": "transfer", "ticket": ticket["ticket"]}
    assert hall.refused(aim | {"to_counter": taker}) == "wrong_state"
    hall.call(giver)
    for aims in ({}, {"to_counter": taker, "to_service": service}):
        assert hall.refused(aim | aims) == "invalid"
    assert hall.refused(aim | {"to_counter": closed}) == "counter_closed"
    assert hall.refused(aim | {"to_counter": "nowhere"}) == "unknown_counter"
    assert hall.refused(aim | {"to_service": "nowhere"}) == "unknown_service"
    hall.done(aim | {"to_counter": taker})
    held = hall.tv.state(f"counters/{taker}", lambda state: state["in_hand"])["in_hand"]
    assert (held["number"], held["status"]) == (ticket["number"], "called")
    hall.tv.state(f"counters/{giver}", lambda state: state["in_hand"] is None)
    hall.join(service)
    second = hall.call(giver)
    assert second is not None
    assert hall.refused({"type": "transfer", "ticket": second["ticket"], "to_counter": taker}) == "wrong_state"


@pytest.mark.parametrize("what", ["complete", "skip", "no_show"])
def test_a_press_that_saw_another_number_in_hand_is_refused(hall: Hall, what: str) -> None:
    service, counter = hall.place()
    first, second = hall.join(service), hall.join(service)
    hall.called(counter, 2)
    assert hall.refused({"type": what, "counter": counter, "seen": first["number"]}) == "wrong_state"
    state = hall.tv.state(f"counters/{counter}", lambda state: state["in_hand"])
    assert state["in_hand"]["number"] in {first["number"], second["number"]}
    assert hall.at(counter, what, seen=second["number"])["in_hand"] is None
    assert hall.refused({"type": what, "counter": counter, "seen": second["number"]}) == "wrong_state"


def test_the_first_in_rank_of_several_services_is_called_first(hall: Hall) -> None:
    one, two = hall.service(), hall.service()
    counter = hall.counter(one, two)
    numbers = [hall.join(service)["number"] for service in (two, one, two, one)]
    assert hall.called(counter, 4) == numbers


def test_a_strict_counter_serves_its_first_service_first(hall: Hall) -> None:
    one, two = hall.service(), hall.service()
    counter = hall.counter(one, two, routing="strict")
    second, first = hall.join(two)["number"], hall.join(one)["number"]
    late = hall.join(one)["number"]
    assert hall.called(counter, 3) == [first, late, second]


def test_a_weighted_counter_shares_its_calls_and_is_never_idle_while_anyone_waits(hall: Hall) -> None:
    one, two = hall.service(prefix="NA"), hall.service(prefix="NB")
    counter = hall.counter(one, two, routing="weighted", weights={one: 3, two: 1})
    for _ in range(4):
        hall.join(one)
        hall.join(two)
    order = "".join(number[1] for number in hall.called(counter, 8))
    assert order[:4].count("A") == 3
    assert order[:4].count("B") == 1
    assert sorted(order) == list("AAAABBBB")


def test_after_so_many_priority_tickets_in_a_row_a_normal_one_is_called(hall: Hall) -> None:
    service, counter = hall.place(max_priority_run=2)
    normal = hall.join(service)["number"]
    vips = [hall.join(service, priority="vip")["number"] for _ in range(4)]
    assert hall.called(counter, 5) == [vips[0], vips[1], normal, vips[2], vips[3]]


def test_every_call_says_why(hall: Hall) -> None:
    one, two = hall.service(), hall.service()
    counter = hall.counter(one, two)
    hall.join(one)
    hall.join(two, priority="vip")
    held = hall.call(counter)
    assert held is not None
    event = hall.tv.event("ticket_called", lambda event: event["ticket"] == held["ticket"])
    assert event["why"]["rule"] == "fifo"
    assert {head["service"] for head in event["why"]["heads"]} == {one, two}
    assert "credit 60" in event["why"]["reason"]


@pytest.mark.parametrize(("close", "state"), [("pause_service", "paused"), ("close_service", "closed")])
def test_a_service_that_is_not_open_takes_nobody_and_keeps_who_waits(hall: Hall, close: str, state: str) -> None:
    service, counter = hall.place()
    waits = hall.join(service)
    back_at = in_seconds(3600)
    assert hall.done({"type": close, "service": service, "reopens_at": back_at})
    shown = hall.tv.state("services", lambda now: any((s["id"], s["state"]) == (service, state) for s in now["services"]))
    assert next(each["reopens_at"] for each in shown["services"] if each["id"] == service) == back_at
    error = hall.refusal({"type": "join", "service": service, "channel": "kiosk"})
    assert error["code"] == f"service_{state}"
    assert hall.called(counter, 1) == [waits["number"]]
    hall.done({"type": "open_service", "service": service})
    hall.join(service)
    for kind in (f"service_{state}", "service_opened"):
        hall.tv.event(kind, lambda event: event["service"] == service)


def test_a_paused_service_opens_by_itself_when_its_time_has_come(hall: Hall) -> None:
    service = hall.service()
    hall.done({"type": "pause_service", "service": service, "reopens_at": in_seconds(0.5)})
    hall.tv.event("service_opened", lambda event: event["service"] == service)
    assert hall.join(service)


@pytest.mark.parametrize("reopens_at", [None, "2100-01-01T00:00:00.000Z", "9998-12-31T23:59:59.000Z"])
def test_a_paused_service_says_so_however_long_it_stays_paused(hall: Hall, reopens_at: str | None) -> None:
    service = hall.service()
    hall.done({"type": "pause_service", "service": service, "reopens_at": reopens_at})
    assert hall.refused({"type": "join", "service": service, "channel": "kiosk"}) == "service_paused"


@pytest.mark.parametrize("what", ["open_service", "pause_service", "close_service"])
def test_a_service_that_nobody_has_is_unknown(hall: Hall, what: str) -> None:
    assert hall.refused({"type": what, "service": "nowhere"}) == "unknown_service"
    assert hall.refused({"type": what}) == "invalid"
    if what != "open_service":
        assert hall.refused({"type": what, "service": "cash", "reopens_at": "soon"}) == "invalid"


def test_a_service_is_full_when_its_tickets_of_the_day_are_given(hall: Hall) -> None:
    service, counter = hall.place(daily_limit=2)
    hall.join(service)
    hall.join(service)
    assert hall.refused({"type": "join", "service": service, "channel": "kiosk"}) == "service_full"
    hall.called(counter, 2)
    assert hall.refused({"type": "join", "service": service, "channel": "kiosk"}) == "service_full"
