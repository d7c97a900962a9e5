"""Taking back, passing over and handing to a person, as a client sees them that knows only the contract."""

from collections.abc import Iterator

import pytest

from tests.e2e.hall import AT_COUNTER, NOWHERE, Hall, open_hall
from tests.support.client import Json


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("undo")) as hall:
        yield hall


def _event(hall: Hall, kind: str, ticket: Json) -> Json:
    return hall.tv.event(kind, lambda event: event["ticket"] == ticket["ticket"])


def test_a_completed_ticket_comes_back_and_the_one_called_since_waits_again(hall: Hall) -> None:
    service, counter = hall.place()
    first, second = hall.join(service), hall.join(service)
    hall.call(counter)
    before = hall.at(counter, "start")["in_hand"]
    hall.call(counter)
    result = hall.at(counter, "undo", seen=second["number"], ticket=first["ticket"])
    assert result.keys() >= AT_COUNTER
    assert (result["in_hand"], result["waiting"]) == (before, 1)
    restored, returned = _event(hall, "ticket_restored", first), _event(hall, "ticket_returned", second)
    assert (restored["number"], restored["counter"], restored["was"]) == (first["number"], counter, "completed")
    assert returned["rank_at"] == second["joined_at"]
    assert returned["seq"] + 1 == restored["seq"]
    hall.tv.state("board", lambda board: first["number"] in {row["number"] for row in board["calls"]})
    assert hall.refused({"type": "undo", "counter": counter}) == "wrong_state"


def test_the_same_undo_twice_has_the_effect_of_once(hall: Hall) -> None:
    service, counter = hall.place()
    hall.join(service)
    hall.call(counter)
    hall.at(counter, "skip")
    again = {"type": "undo", "counter": counter, "id": "01890000-0000-7000-8000-00000000aaaa"}
    assert hall.desk.ask(again) == hall.desk.ask(again)


def test_a_no_show_that_comes_after_all_is_called_again(hall: Hall) -> None:
    service, counter = hall.place()
    ticket = hall.join(service)
    hall.call(counter)
    hall.at(counter, "no_show")
    hall.at(counter, "undo")
    assert hall.at(counter, "recall")["in_hand"]["ticket"] == ticket["ticket"]


@pytest.mark.parametrize("fields", [{"ticket": "A001"}, {"ticket": 7}, {"seen": "x" * 17}])
def test_an_undo_that_makes_no_sense_is_invalid(hall: Hall, fields: Json) -> None:
    assert hall.refused({"type": "undo", "counter": "c1"} | fields) == "invalid"


def test_who_is_passed_over_stays_and_the_call_says_so(hall: Hall) -> None:
    service, counter = hall.place()
    first, second = hall.join(service), hall.join(service)
    held = hall.at(counter, "call_next", pass_over=[first["ticket"], NOWHERE])["in_hand"]
    assert held["ticket"] == second["ticket"]
    why = _event(hall, "ticket_called", second)["why"]
    assert why["passed_over"] == [first["ticket"]]
    assert why["reason"].endswith(f"passed over by hand: {first['number']}")
    assert hall.refused({"type": "call_next", "counter": counter, "pass_over": [first["ticket"]]}) == "nothing_waiting"
    assert hall.refused({"type": "call_next", "counter": counter, "pass_over": ["A001"]}) == "invalid"
    assert hall.refused({"type": "call_next", "counter": counter, "pass_over": [NOWHERE] * 21}) == "invalid"
    assert (hall.call(counter) or {})["ticket"] == first["ticket"]


def test_a_ticket_goes_to_the_person_wherever_that_one_sits(hall: Hall) -> None:
    service, counter = hall.place()
    other = hall.counter(service)
    ticket = hall.join(service)
    hall.call(counter)
    to_ada = {"type": "transfer", "ticket": ticket["ticket"], "to_staff": "ada"}
    assert hall.refused(to_ada) == "wrong_state"
    hall.at(other, "open_counter", staff="ada")
    hall.done(to_ada)
    assert hall.at(other, "recall")["in_hand"]["ticket"] == ticket["ticket"]


def test_hours_close_a_service_and_tell_when_it_opens(hall: Hall) -> None:
    service = hall.service(hours={"week": {}})
    assert hall.refused({"type": "join", "service": service, "channel": "kiosk"}) == "service_closed"
    hall.done({"type": "open_service", "service": service})
    assert hall.join(service)
    always = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    open_always = hall.service(hours={"week": always})
    assert hall.join(open_always)
    summary = hall.tv.state("services", lambda now: {service, open_always} <= {each["id"] for each in now["services"]})
    assert {each["state"] for each in summary["services"] if each["id"] in {service, open_always}} == {"open"}


@pytest.mark.parametrize("hours", [{"week": {"mon": ["17:00-08:00"]}}, {"week": {"monday": []}}, {"week": {"mon": "all day"}}])
def test_hours_that_make_no_sense_are_invalid(hall: Hall, hours: Json) -> None:
    service = {"id": "odd", "prefix": "ZZ", "name": "Odd", "hours": hours}
    assert hall.refused({"type": "save_service", "service": service}) == "invalid"
