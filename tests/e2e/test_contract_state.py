"""What everybody on the LAN may read: the retained topics with exactly their keys, and the public events."""

import re
import uuid
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.e2e.hall import BRANCH, IN_HAND, TIME, Hall, open_hall
from tests.support.client import Client, Json

CALL = {"ticket", "number", "counter", "counter_label", "service", "called_at", "call"}
SERVICE = {"id", "prefix", "name", "state", "waiting", "wait_p50_s", "wait_p90_s", "reopens_at"}
EVENT = {"seq", "id", "type", "at"}
OF_TICKETS = {
    "ticket_joined", "ticket_called", "ticket_recalled", "ticket_started", "ticket_completed", "ticket_skipped",
    "ticket_no_show", "ticket_parked", "ticket_transferred", "ticket_cancelled", "ticket_expired", "ticket_renumbered",
    "ticket_checked_in", "ticket_rated", "priority_changed",
}  # fmt: skip
OF_COUNTERS = {"counter_opened", "counter_closed", "counter_on_break"}
OF_SERVICES = {"service_opened", "service_paused", "service_closed"}
REACHABLE = OF_TICKETS | OF_COUNTERS | OF_SERVICES | {"announced", "day_closed"}
STATE_TOPICS = ["server", "services", "board", "counters/c1", "counters/c2"]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("state")) as hall:
        yield hall


def test_the_server_says_that_it_is_there(hall: Hall) -> None:
    server = hall.tv.state("server")
    assert server.keys() == {"online", "boot", "version", "since"}
    assert server["online"] is True
    assert str(uuid.UUID(server["boot"])) == server["boot"]
    assert re.fullmatch(TIME, server["since"])


def test_services_tell_the_length_of_each_queue(hall: Hall) -> None:
    service = hall.service(prefix="NA", name={"en": "Cash", "fr": "Caisse"})
    for _ in range(2):
        hall.join(service)
    state = hall.tv.state("services", lambda now: any((s["id"], s["waiting"]) == (service, 2) for s in now["services"]))
    assert state.keys() == {"seq", "day", "services"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", state["day"])
    assert all(each.keys() == SERVICE for each in state["services"])
    row = next(each for each in state["services"] if each["id"] == service)
    assert (row["prefix"], row["name"], row["state"]) == ("NA", {"en": "Cash", "fr": "Caisse"}, "open")
    assert row["reopens_at"] is None
    assert isinstance(row["wait_p50_s"], int)
    assert isinstance(row["wait_p90_s"], int)


def test_the_board_shows_a_row_for_each_hand_the_newest_first_and_who_is_next(hall: Hall) -> None:
    service, first = hall.place()
    second = hall.counter(service)
    tickets = [hall.join(service) for _ in range(4)]
    hall.call(first)
    hall.call(second)
    numbers = [ticket["number"] for ticket in tickets]
    board = hall.tv.state("board", lambda now: {numbers[0], numbers[1]} <= {row["number"] for row in now["calls"]})
    assert board.keys() == {"seq", "calls", "recent", "next", "notice"}
    assert all(row.keys() == CALL for row in board["calls"] + board["recent"])
    assert all(row.keys() == {"service", "numbers"} for row in board["next"])
    assert [row["number"] for row in board["calls"]][:2] == [numbers[1], numbers[0]]
    assert next(row["numbers"] for row in board["next"] if row["service"] == service) == numbers[2:]
    assert re.fullmatch(TIME, board["calls"][0]["called_at"])
    assert (board["calls"][0]["counter"], board["calls"][0]["call"]) == (second, 1)
    hall.at(first, "complete")
    hall.tv.state("board", lambda now: numbers[0] in [row["number"] for row in now["recent"]])


def test_a_notice_stands_on_the_board_until_it_is_taken_off(hall: Hall) -> None:
    hall.done({"type": "announce", "text": {"en": "Fire drill at noon", "fr": "Exercice à midi"}})
    assert hall.tv.state("board", lambda board: board["notice"])["notice"]["fr"] == "Exercice à midi"
    assert hall.tv.event("announced", lambda event: event["text"])["text"]["en"] == "Fire drill at noon"
    hall.done({"type": "announce"})
    hall.tv.state("board", lambda board: board["notice"] == {})


def test_a_counter_tells_its_state_and_what_it_has_in_hand(hall: Hall) -> None:
    service, counter = hall.place(name="Loans")
    empty = hall.tv.state(f"counters/{counter}", lambda state: state["state"] == "open")
    assert empty.keys() == {"seq", "state", "label", "in_hand", "waiting"}
    assert (empty["in_hand"], empty["waiting"], empty["label"]) == (None, 0, counter.upper())
    ticket = hall.join(service)
    hall.join(service)
    hall.call(counter)
    state = hall.tv.state(f"counters/{counter}", lambda state: state["in_hand"] and state["waiting"] == 1)
    assert state["in_hand"].keys() == IN_HAND
    assert (state["in_hand"]["ticket"], state["in_hand"]["status"]) == (ticket["ticket"], "called")
    hall.at(counter, "start")
    hall.tv.state(f"counters/{counter}", lambda state: (state["in_hand"] or {}).get("status") == "serving")


def test_state_is_there_for_who_comes_late_and_events_are_not(hall: Hall) -> None:
    hall.join("cash")
    for topic in STATE_TOPICS:
        hall.tv.state(topic)
    late = hall.client("tv-1")
    for topic in STATE_TOPICS:
        late.state(topic)
        assert late.seen(topic)[0].retained
    assert [message for message in late.messages if message.topic.startswith("events/") and message.retained] == []
    assert [message for message in hall.tv.messages if message.topic.startswith("events/") and message.retained] == []


def test_the_number_of_the_last_event_grows_on_every_topic(hall: Hall) -> None:
    service, counter = hall.place()
    hall.join(service)
    seq = hall.desk.ask({"type": "call_next", "counter": counter})["seq"]
    hall.tv.state("board", lambda board: board["seq"] >= seq)
    for topic in ("board", "services", f"counters/{counter}", "counters/c1"):
        told = [message.json["seq"] for message in hall.tv.seen(topic)]
        assert all(later > earlier for earlier, later in pairwise(told)), topic
    heard = [message.json["seq"] for message in hall.tv.messages if message.topic.startswith("events/")]
    assert all(later > earlier for earlier, later in pairwise(heard))


def test_each_device_is_told_what_it_needs_to_run(hall: Hall) -> None:
    kiosk = hall.kiosk.state("devices/kiosk-1/config")
    assert (kiosk["device"], kiosk["kind"], kiosk["issuer"]) == ("kiosk-1", "kiosk", "X")
    assert kiosk["branch"]["languages"] == ["en", "fr"]
    assert {"cash", "mess"} <= {service["id"] for service in kiosk["services"]}
    pad = hall.pad.state("devices/pad-1/config")
    assert (pad["counter"]["id"], pad["counter"]["label"], pad["counter"]["services"]) == ("c1", "One", ["cash"])
    for device in ("kiosk-1", "pad-1", "tv-1", "desk"):
        hall.session(device).state(f"devices/{device}/config")
        client = hall.client(device)
        config = client.state(f"devices/{device}/config")
        assert config["branch"]["id"] == BRANCH
        assert config["branch"]["languages"] == ["en", "fr"]
        assert client.seen(f"devices/{client.device}/config")[0].retained
        assert "482913" not in str(config)


def test_a_device_tells_all_of_its_state_and_its_last_will_that_it_is_gone(hall: Hall) -> None:
    account = hall.server.account("kiosk-2")
    topic = "devices/kiosk-2/status"
    kiosk = Client(hall.port, BRANCH, "kiosk-2", account.password).will(topic, b'{"online":false,"kind":"kiosk"}').connect()
    kiosk.publish(topic, '{"online":true,"kind":"kiosk","printer":{"state":"paper_low"}}', retain=True)
    assert hall.tv.state(topic, lambda status: status["online"])["printer"] == {"state": "paper_low"}
    kiosk.drop()
    assert hall.tv.state(topic, lambda status: not status["online"])["kind"] == "kiosk"


def run_a_whole_day(hall: Hall) -> None:
    """Makes every event that does not need a broken clock."""
    person: Json = {"phone": "+250788123456", "name": "Hedy Lamarr", "language": "fr"}
    service, counter = hall.place(prefix="ND")
    other = hall.counter(service)
    ticket = hall.join(service, hall.kiosk, **person, id=(same := str(uuid.uuid4())))
    hall.join(service, hall.kiosk, **person, id=same, number="NDX01")
    hall.done({"type": "check_in", "ticket": ticket["ticket"]})
    hall.done({"type": "set_priority", "ticket": ticket["ticket"], "priority": "vip"})
    for press in ("call_next", "recall", "skip", "call_next", "start", "park"):
        hall.at(counter, press)
    hall.at(counter, "unpark", ticket=ticket["ticket"])
    hall.done({"type": "transfer", "ticket": ticket["ticket"], "to_counter": other})
    hall.at(other, "complete")
    hall.done({"type": "rate", "ticket": ticket["ticket"], "stars": 5, "text": "Hedy Lamarr says thanks"})
    hall.done({"type": "cancel", "ticket": hall.join(service, **person)["ticket"]})
    hall.join(service, **person)
    hall.at(counter, "call_next")
    hall.at(counter, "no_show")
    hall.join(service, **person)
    hall.at(counter, "break_counter")
    hall.at(counter, "close_counter")
    for change in ("pause_service", "close_service", "open_service"):
        hall.done({"type": change, "service": service})
    hall.done({"type": "announce", "text": "Good night"})
    hall.done({"type": "close_day"})


def test_every_public_event_is_told_and_none_has_a_phone_number_or_a_name(hall: Hall) -> None:
    run_a_whole_day(hall)
    for kind in sorted(REACHABLE):
        event = hall.tv.event(kind)
        wanted = EVENT | ({"ticket", "number", "service"} if kind in OF_TICKETS else set())
        wanted |= {"counter"} if kind in OF_COUNTERS else set()
        wanted |= {"service"} if kind in OF_SERVICES else set()
        wanted |= {"why"} if kind == "ticket_called" else set()
        assert event.keys() >= wanted, kind
        assert event["type"] == kind
        assert str(uuid.UUID(event["id"])) == event["id"]
        assert re.fullmatch(TIME, event["at"])
    told = b"\n".join(message.payload for message in hall.tv.messages)
    assert b"788123456" not in told
    assert b"Hedy" not in told
    assert not any({"phone", "name"} & heard.json.keys() for heard in hall.tv.messages if heard.topic.startswith("events/"))


def test_only_the_public_types_of_event_are_told(hall: Hall) -> None:
    hall.done({"type": "add_note", "ticket": hall.join("cash")["ticket"], "text": "x"})
    hall.done({"type": "announce", "text": "The last word"})
    hall.tv.event("announced", lambda event: event["text"] == {"en": "The last word"})
    heard = {message.topic.removeprefix("events/") for message in hall.tv.messages if message.topic.startswith("events/")}
    assert heard <= REACHABLE | {"alert_raised", "alert_cleared"}
