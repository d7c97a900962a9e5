"""The same id twice has the effect of once, and what is printed wins."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.hall import Hall, open_hall
from tests.support.client import Json


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("printed")) as hall:
        yield hall


def minutes_ago(minutes: float) -> str:
    moment = datetime.now(UTC) - timedelta(minutes=minutes)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def join_of(service: str, **fields: object) -> Json:
    return {"id": str(uuid.uuid4()), "type": "join", "service": service, "channel": "kiosk"} | fields


def test_the_same_id_twice_makes_one_ticket_and_gets_the_same_answer(hall: Hall) -> None:
    service, counter = hall.place()
    command = join_of(service)
    assert hall.kiosk.ask(command) == hall.kiosk.ask(command)
    hall.call(counter)
    assert hall.at(counter, "recall")["waiting"] == 0


def test_the_same_id_from_two_sessions_of_a_device_has_the_effect_of_once(hall: Hall) -> None:
    service, counter = hall.place()
    command = join_of(service)
    other = hall.client("kiosk-1")
    hall.kiosk.send(command)
    other.send(command)
    for session in (hall.kiosk, other):
        first, second = (session.reply(command["id"], after=place) for place in (0, 1))
        assert first == second
        assert first["ok"]
    assert hall.at(counter, "call_next")["waiting"] == 0


def test_the_same_id_from_another_device_makes_no_second_ticket(hall: Hall) -> None:
    service, counter = hall.place()
    command = join_of(service)
    hall.kiosk.ask(command)
    hall.client("kiosk-2").ask(command)
    assert hall.at(counter, "call_next")["waiting"] == 0


def test_the_same_id_for_something_else_gets_the_first_answer(hall: Hall) -> None:
    service, counter = hall.place()
    first = hall.desk.ask(join_of(service))
    again = hall.desk.ask({"id": first["command"], "type": "call_next", "counter": counter})
    assert again == first
    assert hall.at(counter, "call_next")["in_hand"]["number"] == first["result"]["number"]


def test_a_refusal_too_is_given_again(hall: Hall) -> None:
    service, counter = hall.place()
    press = {"id": str(uuid.uuid4()), "type": "call_next", "counter": counter}
    refused = hall.desk.ask(press)
    assert refused["error"]["code"] == "nothing_waiting"
    hall.join(service)
    assert hall.desk.ask(press) == refused


def test_a_repeated_press_calls_one_ticket(hall: Hall) -> None:
    service, counter = hall.place()
    for _ in range(3):
        hall.join(service)
    press = {"id": str(uuid.uuid4()), "type": "call_next", "counter": counter}
    answers = [hall.desk.ask(press) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert hall.at(counter, "recall")["waiting"] == 2


def test_a_number_printed_offline_is_taken_in_and_counts_from_its_time(hall: Hall) -> None:
    kiosk = hall.client("kiosk-2")
    service, counter = hall.place(prefix="NA")
    online = hall.join(service)
    printed = hall.join(service, kiosk, number="NAY01", joined_at=(then := minutes_ago(30)))
    assert (printed["number"], printed["joined_at"], printed["position"]) == ("NAY01", then, 1)
    assert hall.called(counter, 2) == ["NAY01", online["number"]]
    assert hall.join(service)["number"] == "NA002"


def test_a_printed_number_takes_the_place_of_the_one_that_was_answered(hall: Hall) -> None:
    service, counter = hall.place(prefix="NB")
    command = join_of(service)
    answered = hall.kiosk.ask(command)["result"]
    printed = hall.kiosk.ask(command | {"number": "NBX01", "joined_at": minutes_ago(1)})
    assert printed["ok"]
    assert (printed["result"]["number"], printed["result"]["ticket"]) == ("NBX01", answered["ticket"])
    event = hall.tv.event("ticket_renumbered", lambda event: event["ticket"] == answered["ticket"])
    assert event["number"] == "NBX01"
    assert hall.kiosk.ask(command | {"number": "NBX01", "joined_at": minutes_ago(1)})["result"] == printed["result"]
    assert hall.join(service)["number"] == "NB002"
    assert hall.called(counter, 2) == ["NBX01", "NB002"]


def test_a_ticket_that_was_called_by_the_wrong_number_goes_back_to_its_place(hall: Hall) -> None:
    service, counter = hall.place(prefix="NC")
    command = join_of(service)
    hall.kiosk.ask(command)
    second = hall.join(service)
    hall.call(counter)
    result = hall.kiosk.ask(command | {"number": "NCX07", "joined_at": minutes_ago(1)})["result"]
    assert (result["number"], result["position"]) == ("NCX07", 1)
    hall.tv.state(f"counters/{counter}", lambda state: state["in_hand"] is None and state["waiting"] == 2)
    assert hall.called(counter, 2) == ["NCX07", second["number"]]


@pytest.mark.parametrize("press", ["complete", "no_show", "skip"])
def test_whoever_could_not_come_because_the_number_was_wrong_waits_again_in_the_old_place(hall: Hall, press: str) -> None:
    service, counter = hall.place()
    prefix = hall.join(service)["number"][:2]
    hall.call(counter)
    command = join_of(service)
    hall.kiosk.ask(command)
    later = [hall.join(service)["number"] for _ in range(3)]
    hall.call(counter)
    hall.at(counter, press)
    result = hall.kiosk.ask(command | {"number": f"{prefix}X01", "joined_at": minutes_ago(1)})["result"]
    assert (result["number"], result["position"]) == (f"{prefix}X01", 1)
    assert hall.called(counter, 4) == [f"{prefix}X01", *later]


def test_a_ticket_that_is_being_served_gets_its_printed_number_and_stays_in_the_hand(hall: Hall) -> None:
    service, counter = hall.place(prefix="ND")
    command = join_of(service)
    hall.kiosk.ask(command)
    hall.call(counter)
    hall.at(counter, "start")
    assert hall.kiosk.ask(command | {"number": "NDX01", "joined_at": minutes_ago(1)})["ok"]
    held = hall.tv.state(f"counters/{counter}", lambda state: (state["in_hand"] or {}).get("number") == "NDX01")["in_hand"]
    assert held["status"] == "serving"


def test_an_offline_time_is_never_later_than_now(hall: Hall) -> None:
    service = hall.service(prefix="NE")
    joined_at = hall.join(service, hall.kiosk, number="NEX01", joined_at=minutes_ago(-60))["joined_at"]
    assert datetime.fromisoformat(joined_at) <= datetime.now(UTC)


def test_an_offline_time_is_never_earlier_than_the_issuer_was_last_heard(hall: Hall) -> None:
    service = hall.service(prefix="NF")
    heard = hall.join(service, hall.kiosk)["joined_at"]
    assert hall.join(service, hall.kiosk, number="NFX01", joined_at=minutes_ago(30))["joined_at"] >= heard


@pytest.mark.parametrize(
    ("device", "number", "code"),
    [
        ("kiosk-1", "QAY01", "invalid"),
        ("kiosk-1", "QAR01", "invalid"),
        ("kiosk-1", "QBX01", "invalid"),
        ("kiosk-1", "QA900", "invalid"),
        ("kiosk-1", "QAX1", "invalid"),
        ("kiosk-1", "QAX00", "invalid"),
        ("kiosk-1", "", "invalid"),
        ("kiosk-1", 7, "invalid"),
        ("kiosk-3", "QAX01", "not_allowed"),
        ("desk", "QAX01", "not_allowed"),
    ],
)
def test_a_number_of_a_foreign_series_is_refused(hall: Hall, device: str, number: object, code: str) -> None:
    command = join_of("cash", number=number, joined_at=minutes_ago(1))
    assert hall.refused(command, hall.client(device)) == code


def test_a_printed_number_belongs_to_one_ticket(hall: Hall) -> None:
    service = hall.service(prefix="NG")
    hall.join(service, hall.kiosk, number="NGX01")
    assert hall.refused(join_of(service, number="NGX01"), hall.kiosk) == "invalid"


def test_a_ticket_printed_before_the_service_closed_is_taken_in_and_one_printed_after_is_not(hall: Hall) -> None:
    kiosk = hall.client("kiosk-2")
    service = hall.service(prefix="NH")
    before = minutes_ago(0)
    hall.done({"type": "close_service", "service": service})
    assert hall.join(service, kiosk, number="NHY01", joined_at=before)["number"] == "NHY01"
    assert hall.refused(join_of(service, number="NHY02", joined_at=minutes_ago(-1)), kiosk) == "service_closed"
