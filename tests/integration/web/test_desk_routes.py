"""What consoles ask beside commands: pictures, tickets, finding, codes and paper; and who may ask it."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.waiting import PATIENCE_S
from tests.support.web import Visitor, WebBranch
from tests.support.web_console import Queue
from tests.support.web_hall import events_of

PHONE = "+250788123987"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("desk")) as branch:
        yield branch


@pytest.fixture(scope="module")
def hall(branch: WebBranch) -> Queue:
    return Queue(branch)


@pytest.fixture
def queue(hall: Queue) -> Queue:
    hall.clear()
    return hall


@pytest.fixture(scope="module")
def eve(branch: WebBranch) -> Visitor:
    return branch.person("eve")


@pytest.fixture(scope="module")
def ben(branch: WebBranch) -> Visitor:
    """Ben works for Cards alone."""
    return branch.person("ben")


def pictures(visitor: Visitor, query: str, *names: str) -> dict[str, Any]:
    """The first picture of each name."""
    url = f"{visitor.url}/api/v1/console/stream?{query}"
    with visitor.http.get(url, stream=True, timeout=PATIENCE_S) as answer:
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = {}
        for name, picture in events_of(answer):
            found.setdefault(name, picture)
            if set(names) <= set(found):
                return found
    raise AssertionError(f"only {sorted(found)}")


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("page", ["/console", "/reception"])
def test_a_page_sends_a_stranger_to_the_sign_in(branch: WebBranch, page: str) -> None:
    answer = branch.person().get(page)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("path", ["stream", "find?q=A001", "tickets/x", "tickets/x/qr"])
def test_strangers_are_refused(branch: WebBranch, path: str) -> None:
    assert refused(branch.person().get(f"/api/v1/console/{path}")) == (401, "not_signed_in")


def test_a_stranger_prints_nothing(branch: WebBranch) -> None:
    assert refused(branch.person().post("/api/v1/console/print", {"ticket": "x", "device": "kiosk-1"})) == (
        401,
        "not_signed_in",
    )


def test_the_desk_shows_the_hand_its_story_and_what_can_be_taken_back(queue: Queue, eve: Visitor) -> None:
    queue.ask("/counters/c1/open", {"staff": "eve"})
    first, second = queue.join(phone=PHONE, name="Jean"), queue.join()
    queue.ask("/counters/c1/call-next")
    queue.ask(f"/tickets/{first['ticket']}/note", {"text": "has no ID"})
    told = pictures(eve, "counter=c1", "desk", "queue", "me", "hall", "setup")
    held = told["desk"]["in_hand"]
    assert (held["number"], held["name"], held["phone"], held["notes"]) == (first["number"], "Jean", PHONE, ["has no ID"])
    assert [line["type"] for line in held["story"]] == ["ticket_joined", "ticket_called", "note_added"]
    assert held["why"]["rule"] == "fifo"
    assert told["desk"]["next"] == second["ticket"]
    assert [row["number"] for row in told["queue"]["waiting"]] == [second["number"]]
    queue.ask("/counters/c1/complete")
    undo = pictures(eve, "counter=c1", "desk")["desk"]["undo"]
    assert (undo["number"], undo["act"], undo["blocked"]) == (first["number"], "complete", False)


def test_lists_never_have_a_phone_number(queue: Queue, eve: Visitor) -> None:
    queue.join(phone=PHONE)
    told = pictures(eve, "counter=c1", "queue", "hall")
    assert PHONE not in json.dumps(told)


def test_a_picture_is_the_same_as_long_as_nothing_happens(queue: Queue, eve: Visitor) -> None:
    queue.join()
    before = pictures(eve, "counter=c1", "desk", "queue", "hall")
    after = pictures(eve, "counter=c1", "desk", "queue", "hall")
    for row in (*before["queue"]["waiting"], *after["queue"]["waiting"]):
        del row["expected_at"]  # moves on while nobody works
    assert before == after


def test_a_parked_ticket_says_what_it_waits_for(queue: Queue, eve: Visitor) -> None:
    queue.ask("/counters/c1/open", {"staff": "eve"})
    number = queue.join()["number"]
    queue.ask("/counters/c1/call-next")
    queue.ask("/counters/c1/park", {"reason": "copy of the ID"})
    parked = pictures(eve, "counter=c1", "queue")["queue"]["parked"]
    assert [(row["number"], row["reason"]) for row in parked if row["number"] == number] == [(number, "copy of the ID")]
    assert all(row["parked_at"] for row in parked)


def test_figures_are_ones_own(queue: Queue, eve: Visitor, ben: Visitor) -> None:
    queue.ask("/counters/c1/open", {"staff": "eve"})
    before = pictures(eve, "", "me")["me"]["served"]
    queue.join()
    queue.ask("/counters/c1/call-next")
    queue.ask("/counters/c1/complete")
    assert pictures(eve, "", "me")["me"]["served"] == before + 1
    assert pictures(ben, "", "me")["me"] == {"served": 0, "no_shows": 0, "mean_s": None}


def test_nobody_follows_a_counter_of_strange_services(ben: Visitor) -> None:
    assert refused(ben.get("/api/v1/console/stream", counter="c2")) == (403, "not_allowed")
    assert refused(ben.get("/api/v1/console/stream", counter="nowhere")) == (404, "unknown_counter")


def test_a_counter_shows_only_ones_own_services_of_it(queue: Queue, ben: Visitor) -> None:
    queue.join(name="Jean")
    card = queue.join("cards")["number"]
    assert [row["number"] for row in pictures(ben, "counter=c3", "queue")["queue"]["waiting"]] == [card]


def test_a_ticket_of_a_strange_service_is_not_told(queue: Queue, ben: Visitor) -> None:
    ticket = queue.join(name="Jean")
    for path in (ticket["ticket"], f"{ticket['ticket']}/qr"):
        assert refused(ben.get(f"/api/v1/console/tickets/{path}")) == (403, "not_allowed")
    assert ben.get("/api/v1/console/find", q=ticket["number"]).json() == {"tickets": []}


def test_a_ticket_is_found_by_number_phone_and_name(queue: Queue, eve: Visitor) -> None:
    number = queue.join(phone="+250788123555", name="Émilie Uwase")["number"]
    for words in (number, number.lower(), number[1:], "0788 123 555", "uwase", "ÉMILIE"):
        found = eve.get("/api/v1/console/find", q=words).json()["tickets"]
        assert found, words
        assert found[0]["number"] == number, words
    assert eve.get("/api/v1/console/find", q="  ").json() == {"tickets": []}
    assert eve.get("/api/v1/console/find", q="' OR 1=1 --").json() == {"tickets": []}
    assert refused(eve.get("/api/v1/console/find", q="9" * 65)) == (422, "invalid")


def test_a_waiting_ticket_says_who_goes_before_it(queue: Queue, eve: Visitor) -> None:
    normal, credited = queue.join(), queue.join(priority="priority")
    told = eve.get(f"/api/v1/console/tickets/{normal['ticket']}").json()
    assert told["ahead"] == 1
    assert [row["number"] for row in told["first"]] == [credited["number"]]


def test_the_code_of_a_ticket_leads_to_its_own_page(queue: Queue, eve: Visitor) -> None:
    ticket = queue.join()
    told = eve.get(f"/api/v1/console/tickets/{ticket['ticket']}/qr").json()
    assert told["url"].startswith(eve.url)
    assert told["url"].rsplit("/", 1)[1] == ticket["url"].rsplit("/", 1)[1]
    assert told["svg"].startswith("<svg")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (422, "invalid")),
        ([], (422, "invalid")),
        ({"ticket": "x" * 100, "device": "kiosk-1"}, (422, "invalid")),
        ({"ticket": str(uuid.uuid4()), "device": "kiosk-1"}, (404, "unknown_ticket")),
        ({"ticket": str(uuid.uuid4()), "device": "../etc"}, (422, "invalid")),
    ],
)
def test_a_wrong_wish_for_paper_is_refused_in_words(eve: Visitor, body: Any, expected: tuple[int, str]) -> None:
    assert refused(eve.post("/api/v1/console/print", body)) == expected


def test_only_a_kiosk_prints_and_one_that_is_away_says_so(queue: Queue, eve: Visitor) -> None:
    ticket = queue.join()["ticket"]
    assert refused(eve.post("/api/v1/console/print", {"ticket": ticket, "device": "tv-1"})) == (422, "invalid")
    assert refused(eve.post("/api/v1/console/print", {"ticket": ticket, "device": "kiosk-1"})) == (503, "print_not_there")


def test_printing_without_the_csrf_token_is_refused(queue: Queue, eve: Visitor) -> None:
    body = {"ticket": queue.join()["ticket"], "device": "kiosk-1"}
    answer = eve.http.post(f"{eve.url}/api/v1/console/print", json=body, timeout=PATIENCE_S)
    assert answer.status_code == 403
