"""Tickets, as a client sees them that knows only the contract: joining, leaving, priorities, appointments, ratings."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.e2e.hall import JOINED, NOWHERE, TIME, Hall, open_hall
from tests.support.client import Json


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("tickets")) as hall:
        yield hall


def wire(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def in_minutes(minutes: float) -> str:
    return wire(datetime.now(UTC) + timedelta(minutes=minutes))


def tells_of(ticket: str, event: Json) -> bool:
    return bool(event["ticket"] == ticket)


def test_a_join_is_answered_with_the_ticket_and_its_place(hall: Hall) -> None:
    service = hall.service(service_time_s=120)
    command: Json = {
        "id": str(uuid.uuid4()), "type": "join", "actor": "kiosk-1", "at": in_minutes(0), "service": service,
        "channel": "kiosk", "priority": "normal", "language": "fr", "phone": "+250788000001", "name": "Grace Hopper",
    }  # fmt: skip
    reply = hall.kiosk.ask(command)
    assert reply["command"] == command["id"]
    assert reply["ok"] is True
    assert isinstance(reply["seq"], int)
    ticket = reply["result"]
    assert ticket.keys() >= JOINED
    assert str(uuid.UUID(ticket["ticket"])) == ticket["ticket"]
    assert re.fullmatch(TIME, ticket["joined_at"])
    assert (ticket["service"], ticket["position"], ticket["ahead"]) == (service, 1, 0)
    assert isinstance(ticket["url"], str)
    assert all(isinstance(ticket[wait], int) and ticket[wait] >= 0 for wait in ("wait_p50_s", "wait_p90_s"))


def test_numbers_count_from_001_and_each_place_tells_who_is_ahead(hall: Hall) -> None:
    service = hall.service(prefix="NA")
    tickets = [hall.join(service) for _ in range(3)]
    assert [ticket["number"] for ticket in tickets] == ["NA001", "NA002", "NA003"]
    assert [(ticket["position"], ticket["ahead"]) for ticket in tickets] == [(1, 0), (2, 1), (3, 2)]
    assert all(ticket["wait_p90_s"] >= ticket["wait_p50_s"] for ticket in tickets)


@pytest.mark.parametrize("channel", ["kiosk", "staff", "app", "ussd", "appointment", "api"])
def test_a_ticket_is_made_through_every_channel(hall: Hall, channel: str) -> None:
    assert hall.join("cash", channel=channel)["service"] == "cash"


def test_unknown_fields_of_a_command_are_ignored(hall: Hall) -> None:
    assert hall.join("cash", colour="green", nested={"deep": [1]})["service"] == "cash"


def test_a_cancelled_ticket_is_called_no_more_and_cannot_be_cancelled_twice(hall: Hall) -> None:
    service, counter = hall.place()
    gone, stays = hall.join(service), hall.join(service)
    hall.done({"type": "cancel", "ticket": gone["ticket"]})
    assert hall.called(counter, 1) == [stays["number"]]
    assert hall.refused({"type": "cancel", "ticket": gone["ticket"]}) == "wrong_state"
    assert hall.refused({"type": "cancel", "ticket": stays["ticket"]}) == "wrong_state"


@pytest.mark.parametrize(
    "command",
    [
        {"type": "cancel"},
        {"type": "check_in"},
        {"type": "add_note", "text": "x"},
        {"type": "set_priority", "priority": "vip"},
        {"type": "rate", "stars": 3},
        {"type": "transfer", "to_service": "mess"},
        {"type": "transfer", "to_counter": "c1"},
    ],
)
def test_a_ticket_that_nobody_has_is_an_unknown_ticket(hall: Hall, command: Json) -> None:
    assert hall.refused(command | {"ticket": NOWHERE}) == "unknown_ticket"


def test_a_join_for_an_unknown_service_is_refused(hall: Hall) -> None:
    assert hall.refused({"type": "join", "service": "nowhere", "channel": "kiosk"}) == "unknown_service"


@pytest.mark.parametrize(
    "fields",
    [
        {"service": None},
        {"service": "Cash"},
        {"service": 7},
        {"channel": "pigeon"},
        {"channel": None},
        {"priority": "no-such-class"},
        {"phone": "0788 123"},
        {"language": "not a language"},
        {"appointment": "tomorrow"},
        {"joined_at": "2026-11-20T13:00:00", "number": "QAX01"},
    ],
)
def test_a_join_with_a_wrong_field_is_invalid(hall: Hall, fields: Json) -> None:
    command: Json = {"type": "join", "service": "cash", "channel": "kiosk"} | fields
    assert hall.refused({name: value for name, value in command.items() if value is not None}) == "invalid"


def test_one_phone_number_has_one_active_ticket(hall: Hall) -> None:
    service, counter = hall.place()
    first = hall.join(service, phone="+250788000002")
    reply = hall.desk.ask({"type": "join", "service": "cash", "channel": "app", "phone": "+250788000002"})
    assert reply["error"]["code"] == "already_queued"
    assert first["ticket"] == reply["error"]["ticket"]
    assert first["number"] == reply["error"]["number"]
    hall.call(counter)
    assert hall.refused({"type": "join", "service": service, "channel": "app", "phone": "+250788000002"}) == "already_queued"
    hall.at(counter, "complete")
    assert hall.join(service, phone="+250788000002")["number"] != first["number"]


def test_a_priority_ticket_overtakes_those_that_joined_less_than_its_credit_before(hall: Hall) -> None:
    service, counter = hall.place()
    normal, short = hall.join(service), hall.join(service, priority="short")
    priority, vip = hall.join(service, priority="priority"), hall.join(service, priority="vip")
    assert (priority["ahead"], vip["ahead"]) == (0, 0)
    assert hall.called(counter, 4) == [ticket["number"] for ticket in (vip, priority, short, normal)]


def test_a_priority_ticket_does_not_overtake_who_joined_longer_ago_than_its_credit(hall: Hall) -> None:
    kiosk = hall.client("kiosk-2")
    service, counter = hall.place(prefix="NB")
    early = hall.join(service, kiosk, number="NBY01", joined_at=in_minutes(-2))
    late = hall.join(service, kiosk, number="NBY02", joined_at=in_minutes(-0.1))
    short = hall.join(service, priority="short")
    assert short["ahead"] == 1
    assert hall.called(counter, 3) == [early["number"], short["number"], late["number"]]


def test_a_priority_given_later_moves_a_ticket_and_taken_away_moves_it_back(hall: Hall) -> None:
    service, counter = hall.place()
    first, second = hall.join(service), hall.join(service)
    assert hall.done({"type": "set_priority", "ticket": second["ticket"], "priority": "vip"})["ahead"] == 0
    assert hall.tv.event("priority_changed", lambda event: event["ticket"] == second["ticket"])["priority"] == "vip"
    hall.done({"type": "set_priority", "ticket": second["ticket"], "priority": "normal"})
    assert hall.called(counter, 2) == [first["number"], second["number"]]
    assert hall.refused({"type": "set_priority", "ticket": first["ticket"], "priority": "normal"}) == "wrong_state"
    assert hall.refused({"type": "set_priority", "ticket": second["ticket"], "priority": "none-such"}) == "invalid"


def test_who_has_an_appointment_elsewhere_waits_only_after_the_check_in(hall: Hall) -> None:
    service, counter = hall.place()
    booked = hall.join(service, channel="appointment", appointment=in_minutes(5))
    assert hall.refused({"type": "call_next", "counter": counter}) == "nothing_waiting"
    normal = hall.join(service)
    hall.done({"type": "check_in", "ticket": booked["ticket"]}, hall.kiosk)
    hall.tv.event("ticket_checked_in", lambda event: event["ticket"] == booked["ticket"])
    assert hall.called(counter, 2) == [booked["number"], normal["number"]]
    assert hall.refused({"type": "check_in", "ticket": booked["ticket"]}) == "wrong_state"


def test_an_appointment_is_not_called_before_who_waits_earlier_than_ten_minutes_ahead_of_its_slot(hall: Hall) -> None:
    service, counter = hall.place()
    booked = hall.join(service, channel="appointment", appointment=in_minutes(60))
    hall.done({"type": "check_in", "ticket": booked["ticket"]})
    normal = hall.join(service)
    assert hall.called(counter, 2) == [normal["number"], booked["number"]]


def test_a_second_check_in_changes_nothing(hall: Hall) -> None:
    service = hall.service()
    booked = hall.join(service, channel="appointment", appointment=in_minutes(5))
    first = hall.done({"type": "check_in", "ticket": booked["ticket"]})
    second = hall.desk.ask({"type": "check_in", "ticket": booked["ticket"]})
    assert second["ok"]
    assert (second["result"]["ahead"], second["result"]["number"]) == (first["ahead"], booked["number"])
    hall.tv.event("ticket_joined", partial(tells_of, hall.join(service)["ticket"]))
    assert len([1 for seen in hall.tv.seen("events/ticket_checked_in") if seen.json["ticket"] == booked["ticket"]]) == 1


def test_a_completed_ticket_is_rated_with_one_to_five_stars(hall: Hall) -> None:
    service, counter = hall.place()
    ticket = hall.join(service)
    rating = {"type": "rate", "ticket": ticket["ticket"], "stars": 4, "text": "slow but kind"}
    assert hall.refused(rating) == "wrong_state"
    hall.call(counter)
    hall.at(counter, "complete")
    hall.done(rating, hall.kiosk)
    event = hall.tv.event("ticket_rated", lambda event: event["ticket"] == ticket["ticket"])
    assert event["stars"] == 4
    assert "slow but kind" not in str(event)
    for stars in (0, 6, -1, 2.5, "5", True, None):
        assert hall.refused(rating | {"stars": stars}) == "invalid"


def test_a_note_is_taken_down_and_nobody_on_the_lan_reads_it(hall: Hall) -> None:
    ticket = hall.join(hall.service())
    hall.done({"type": "add_note", "ticket": ticket["ticket"], "text": "needs an interpreter"})
    assert hall.refused({"type": "add_note", "ticket": ticket["ticket"], "text": ""}) == "invalid"
    assert hall.refused({"type": "add_note", "ticket": ticket["ticket"]}) == "invalid"
    hall.done({"type": "cancel", "ticket": ticket["ticket"]})
    hall.tv.event("ticket_cancelled", lambda event: event["ticket"] == ticket["ticket"])
    assert not any(b"interpreter" in message.payload for message in hall.tv.messages)


def test_a_closed_day_expires_all_who_wait_and_numbers_are_not_given_again(hall: Hall) -> None:
    service, counter = hall.place(prefix="NC")
    held, parked, waits = hall.join(service), hall.join(service), hall.join(service)
    hall.done({"type": "call_ticket", "counter": counter, "ticket": parked["ticket"]})
    hall.at(counter, "park")
    hall.done({"type": "call_ticket", "counter": counter, "ticket": held["ticket"]})
    hall.done({"type": "close_day"})
    for ticket in (parked, waits):
        hall.tv.event("ticket_expired", partial(tells_of, ticket["ticket"]))
        assert hall.refused({"type": "cancel", "ticket": ticket["ticket"]}) == "wrong_state"
    hall.tv.event("day_closed")
    state = hall.tv.state(f"counters/{counter}", lambda state: state["waiting"] == 0 and state["in_hand"])
    assert state["in_hand"]["number"] == held["number"]
    hall.at(counter, "complete")
    assert hall.join(service)["number"] == "NC004"
