"""Every command over HTTP: what it does, what it refuses, and that the same key does it once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from branch_server.web.api.operations import OPERATIONS
from branch_server.web.api.schemas import named_fields
from foleni.ids import uuid7
from tests.support.api import Program, is_in_form
from tests.support.web import Visitor, WebBranch

NOBODY = "0197a3c2-5b1e-7c40-9d2f-3a1b5c7d9e01"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("api-commands")) as running:
        yield running


@pytest.fixture(scope="module")
def program(branch: WebBranch) -> Program:
    return Program(branch, "read", "tickets", "counters", "services")


@pytest.fixture(scope="module")
def reader(branch: WebBranch) -> Program:
    return Program(branch, "read")


@pytest.fixture(scope="module")
def nobody(branch: WebBranch) -> Visitor:
    return branch.person()


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


def joined(visitor: Visitor, service: str = "cash", **fields: Any) -> dict[str, Any]:
    answer = visitor.post("/api/v1/tickets", {"service": service, **fields})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def code_of(answer: requests.Response) -> tuple[int, str]:
    assert is_in_form(answer), answer.text
    return answer.status_code, str(answer.json()["error"]["code"])


def test_a_ticket_has_the_contracts_fields_and_says_by_whom_it_was_made(program: Program, ada: Visitor) -> None:
    answer = program.post("/api/v1/tickets", {"service": "cards"}).json()
    fields = {"ticket", "number", "service", "joined_at", "position", "ahead", "wait_p50_s", "wait_p90_s", "url"}
    assert answer["ok"] is True
    assert fields <= set(answer["result"])
    assert program.get(f"/api/v1/tickets/{answer['result']['ticket']}").json()["channel"] == "api"
    assert ada.get(f"/api/v1/tickets/{joined(ada, 'cards')['ticket']}").json()["channel"] == "staff"


def test_a_ticket_goes_through_its_life(ada: Visitor) -> None:
    def at_counter(verb: str, **fields: Any) -> dict[str, Any]:
        answer = ada.post(f"/api/v1/counters/c2/{verb}", fields)
        assert answer.status_code == 200, (verb, answer.text)
        result: dict[str, Any] = answer.json()["result"]
        return result

    ticket = joined(ada, "enquiries")
    assert at_counter("open")["in_hand"] is None
    assert at_counter("call-next")["in_hand"]["number"] == ticket["number"]
    assert at_counter("recall")["in_hand"]["call"] == 2
    assert at_counter("start")["in_hand"]["status"] == "serving"
    assert at_counter("park", reason="copy")["in_hand"] is None
    assert at_counter("unpark", ticket=ticket["ticket"])["in_hand"]["status"] == "called"
    assert at_counter("skip", seen=ticket["number"])["in_hand"] is None
    assert at_counter("undo")["in_hand"]["number"] == ticket["number"]
    assert at_counter("no-show")["in_hand"] is None
    assert at_counter("undo")["in_hand"]["number"] == ticket["number"]
    assert at_counter("complete", outcome="done")["in_hand"] is None
    assert at_counter("break", reason="tea")["waiting"] == 0
    assert at_counter("close")["counter"] == "c2"
    rated = ada.post(f"/api/v1/tickets/{ticket['ticket']}/rate", {"stars": 5})
    assert rated.json()["result"]["status"] == "completed"


def test_a_waiting_ticket_is_noted_moved_up_called_by_hand_and_handed_on(ada: Visitor) -> None:
    ticket = joined(ada, "cards")["ticket"]
    for verb, fields in (("note", {"text": "deaf"}), ("priority", {"priority": "priority"})):
        assert ada.post(f"/api/v1/tickets/{ticket}/{verb}", fields).status_code == 200
    ada.post("/api/v1/counters/c3/open")
    called = ada.post("/api/v1/counters/c3/call-ticket", {"ticket": ticket})
    assert called.json()["result"]["in_hand"]["ticket"] == ticket
    handed = ada.post(f"/api/v1/tickets/{ticket}/transfer", {"to_service": "cash"})
    assert handed.json()["result"]["service"] == "cash"
    assert ada.post(f"/api/v1/tickets/{ticket}/cancel").json()["result"]["status"] == "cancelled"
    ada.post("/api/v1/counters/c3/close")


def test_an_appointment_waits_outside_until_it_is_checked_in(program: Program) -> None:
    ticket = joined(program, "cards", channel="appointment", appointment="2030-01-01T09:00:00Z")
    outside = program.get("/api/v1/tickets", number=ticket["number"]).json()["tickets"][0]
    assert outside["appointment"] == "2030-01-01T09:00:00.000Z"
    before = _waiting(program, "cards")
    assert program.post(f"/api/v1/tickets/{ticket['ticket']}/check-in").status_code == 200
    assert _waiting(program, "cards") == before + 1
    program.post(f"/api/v1/tickets/{ticket['ticket']}/cancel")


def test_a_service_pauses_says_why_and_opens_again(ada: Visitor) -> None:
    paused = ada.post("/api/v1/services/cards/pause", {"reopens_at": "2030-01-01T09:00:00Z", "reason": "stock"})
    assert paused.json()["result"] == {"service": "cards", "state": "paused", "reopens_at": "2030-01-01T09:00:00.000Z"}
    assert code_of(ada.post("/api/v1/tickets", {"service": "cards"})) == (409, "service_paused")
    assert ada.post("/api/v1/services/cards/close").json()["result"]["state"] == "closed"
    assert code_of(ada.post("/api/v1/tickets", {"service": "cards"})) == (409, "service_closed")
    assert ada.post("/api/v1/services/cards/open").json()["result"]["state"] == "open"


def test_a_notice_is_put_on_the_board_and_taken_away(ada: Visitor) -> None:
    assert ada.post("/api/v1/announce", {"text": {"en": "Fire drill"}}).json()["result"] == {}
    assert ada.get("/api/v1/board").json()["notice"] == {"en": "Fire drill"}
    ada.post("/api/v1/announce")
    assert ada.get("/api/v1/board").json()["notice"] == {}


def test_each_kind_of_refusal_has_its_status(ada: Visitor) -> None:
    ticket = joined(ada, phone="+250788000111")["ticket"]
    asked = {
        "/tickets": ({"service": "cash", "phone": "+250788000111"}, (409, "already_queued")),
        "/tickets/": ({}, (404, "not_found")),
        f"/tickets/{NOBODY}/cancel": ({}, (404, "unknown_ticket")),
        "/tickets/no-uuid/cancel": ({}, (404, "unknown_ticket")),
        f"/tickets/{ticket}/rate": ({"stars": 3}, (409, "wrong_state")),
        f"/tickets/{ticket}/note": ({"text": ""}, (422, "invalid")),
        f"/tickets/{ticket}/transfer": ({}, (422, "invalid")),
        f"/tickets/{ticket}/eat": ({}, (404, "not_found")),
        "/counters/nowhere/call-next": ({}, (404, "unknown_counter")),
        "/counters/No Where!/call-next": ({}, (404, "unknown_counter")),
        "/counters/c2/call-next": ({}, (409, "counter_closed")),
        "/counters/c2/recall": ({}, (409, "nothing_in_hand")),
        "/services/moon/pause": ({}, (404, "unknown_service")),
    }
    for path, (body, refusal) in asked.items():
        assert code_of(ada.post(f"/api/v1{path}", body)) == refusal, path
    assert code_of(ada.post("/api/v1/tickets", {"service": "moon"})) == (404, "unknown_service")
    assert code_of(ada.get(f"/api/v1/tickets/{ticket}/cancel")) == (405, "method_not_allowed")
    ada.post(f"/api/v1/tickets/{ticket}/cancel")


def test_nobody_waiting_is_said(ada: Visitor) -> None:
    ada.post("/api/v1/counters/c2/open")
    while (answer := ada.post("/api/v1/counters/c2/call-next")).status_code == 200:
        pass
    assert code_of(answer) == (409, "nothing_waiting")
    ada.post("/api/v1/counters/c2/close")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.type)
def test_nobody_does_anything_without_signing_in_or_with_a_token_of_another_scope(
    nobody: Visitor, reader: Program, operation: Any
) -> None:
    named = {"ticket": NOBODY, "counter": "c1", "service": "cash"}
    path = "/api/v1" + operation.path.format(**{name: named[name] for name in named_fields(operation.path)})
    assert code_of(nobody.post(path, operation.example)) == (401, "not_signed_in")
    assert code_of(reader.post(path, operation.example)) == (403, "not_allowed")


def test_the_same_key_does_it_once_and_gets_the_same_answer(program: Program) -> None:
    key = uuid7()
    first, again = (program.post("/api/v1/tickets", {"service": "cash"}, key=key) for _ in range(2))
    assert first.json() == again.json()
    assert first.json()["command"] == key
    word = [program.post("/api/v1/tickets", {"service": "cash"}, key="order-7").json() for _ in range(2)]
    assert word[0]["result"]["ticket"] == word[1]["result"]["ticket"] != first.json()["result"]["ticket"]


def test_a_key_is_the_callers_own(program: Program, ada: Visitor) -> None:
    first, other = (one.post("/api/v1/tickets", {"service": "cash"}, key="order-8").json() for one in (program, ada))
    assert first["result"]["ticket"] != other["result"]["ticket"]
    key = uuid7()
    assert program.post("/api/v1/tickets", {"service": "cash"}, key=key).status_code == 200
    assert code_of(ada.post("/api/v1/tickets", {"service": "cash"}, key=key)) == (422, "invalid")


def test_a_key_stands_for_one_request_only(program: Program) -> None:
    key = uuid7()
    assert program.post("/api/v1/tickets", {"service": "cash"}, key=key).status_code == 200
    assert code_of(program.post("/api/v1/tickets", {"service": "enquiries"}, key=key)) == (422, "invalid")
    assert code_of(program.post("/api/v1/counters/c1/recall", {}, key=key)) == (422, "invalid")


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
def test_a_key_that_is_none_is_refused(program: Program, key: str) -> None:
    assert code_of(program.post("/api/v1/tickets", {"service": "cash"}, key=key)) == (422, "invalid")


def test_a_bodys_own_id_is_the_key_where_no_header_says_one(program: Program) -> None:
    body = {"service": "cash", "id": uuid7(), "type": "close_day", "actor": "somebody", "at": "never"}
    first, again = (program.post("/api/v1/tickets", body).json() for _ in range(2))
    assert first == again
    assert first["command"] == body["id"]


def test_twenty_at_once_with_one_key_take_one_place(program: Program) -> None:
    key = uuid7()
    before = _waiting(program, "enquiries")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: program.post("/api/v1/tickets", {"service": "enquiries"}, key=key), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["result"]["ticket"] for answer in answers}) == 1
    assert _waiting(program, "enquiries") == before + 1


def _waiting(visitor: Visitor, service: str) -> int:
    services = visitor.get("/api/v1/services").json()["services"]
    return next(int(one["waiting"]) for one in services if one["id"] == service)
