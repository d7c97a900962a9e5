"""What the API tells, to whom, and in which form."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from foleni import __version__
from foleni.messages.state import Board, CounterStatus, Services
from tests.support.api import Program, is_in_form
from tests.support.branch import BranchProcess
from tests.support.client import Client
from tests.support.waiting import PATIENCE_S
from tests.support.web import Visitor, WebBranch

READS = ("/services", "/board", "/counters", "/counters/c1", "/counters/c1/next", "/tickets?number=A001", "/stream")
PHONE, NAME, NOTE = "+250788123456", "Josephine", "walks with a stick"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("api-reading")) as running:
        yield running


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


@pytest.fixture(scope="module")
def ticket(ada: Visitor) -> str:
    """A ticket with all that is nobody else's business."""
    made = ada.post("/api/v1/tickets", {"service": "cash", "phone": PHONE, "name": NAME, "language": "rw"}).json()
    ticket = str(made["result"]["ticket"])
    ada.post(f"/api/v1/tickets/{ticket}/note", {"text": NOTE})
    return ticket


@pytest.mark.parametrize("path", READS)
def test_nobody_reads_without_signing_in_and_no_token_without_the_scope(branch: WebBranch, path: str) -> None:
    nobody = branch.person().get(f"/api/v1{path}")
    assert nobody.status_code == 401
    assert is_in_form(nobody)
    other = Program(branch, "metrics").get(f"/api/v1{path}")
    assert other.status_code == 403
    assert is_in_form(other)


def test_services_board_and_counters_are_as_on_the_lan(branch: WebBranch, ada: Visitor, ticket: str) -> None:
    Services.model_validate(ada.get("/api/v1/services").json())
    Board.model_validate(ada.get("/api/v1/board").json())
    counters = ada.get("/api/v1/counters").json()
    assert set(counters["counters"]) == {"c1", "c2", "c3"}
    for status in counters["counters"].values():
        CounterStatus.model_validate(status)
    assert ada.get("/api/v1/counters/c1").json() == counters["counters"]["c1"]
    password = branch.account("tv-1").password
    with Client(branch.port, "main-street", "tv-1", password, subscriptions=["board", "counters/c1"]) as tv:
        for topic, path in (("board", "/board"), ("counters/c1", "/counters/c1")):
            answer = ada.get(f"/api/v1{path}").json() | {"seq": 0}
            tv.state(topic, partial(_is_alike, answer))


def _is_alike(answer: dict[str, Any], told: dict[str, Any]) -> bool:
    return told | {"seq": 0} == answer


def test_staff_read_everything_of_a_ticket_of_their_service(branch: WebBranch, ticket: str) -> None:
    told = branch.person("eve").get(f"/api/v1/tickets/{ticket}").json()
    assert (told["name"], told["phone"], told["notes"]) == (NAME, PHONE, [NOTE])
    assert [line["type"] for line in told["story"]] == ["ticket_joined", "note_added"]
    assert told["story"][1]["text"] == NOTE
    assert told["story"][0]["actor"] == "ada"


@pytest.mark.parametrize("who", ["staff of another service", "a token that reads"])
def test_others_read_where_it_stands_and_nothing_of_the_customer(branch: WebBranch, ticket: str, who: str) -> None:
    reader = Program(branch, "read") if who.startswith("a token") else branch.person("ben")
    answer = reader.get(f"/api/v1/tickets/{ticket}")
    assert answer.status_code == 200
    assert answer.json()["position"] == 1
    assert [line["type"] for line in answer.json()["story"]] == ["ticket_joined"]
    for private in (PHONE, NAME, NOTE):
        assert private not in answer.text


def test_a_program_that_makes_tickets_follows_them_without_their_story(branch: WebBranch, ticket: str) -> None:
    told = Program(branch, "tickets").get(f"/api/v1/tickets/{ticket}").json()
    assert told["position"] == 1
    assert "story" not in told


def test_a_ticket_is_found_by_number_however_it_is_typed(ada: Visitor, ticket: str) -> None:
    for typed in ("A001", "a001", " a 001"):
        found = ada.get("/api/v1/tickets", number=typed).json()["tickets"]
        assert [one["ticket"] for one in found] == [ticket]
    assert ada.get("/api/v1/tickets", number="Z999").json()["tickets"] == []


@pytest.mark.parametrize("typed", [PHONE, "0788 123 456", "00250788123456", "788123456", "250788123456"])
def test_a_ticket_is_found_by_phone_however_it_is_typed(ada: Visitor, ticket: str, typed: str) -> None:
    assert [one["ticket"] for one in ada.get("/api/v1/tickets", phone=typed).json()["tickets"]] == [ticket]


def test_phone_numbers_cannot_be_guessed_by_asking(branch: WebBranch, ada: Visitor, ticket: str) -> None:
    assert Program(branch, "read").get("/api/v1/tickets", phone=PHONE).status_code == 403
    assert branch.person("ben").get("/api/v1/tickets", phone=PHONE).json()["tickets"] == []
    assert ada.get("/api/v1/tickets", phone="456").json()["tickets"] == []


@pytest.mark.parametrize("asked", [{}, {"number": "A001", "phone": PHONE}, {"number": "A" * 17}])
def test_a_search_for_nothing_or_for_two_things_is_refused(ada: Visitor, asked: dict[str, str]) -> None:
    answer = ada.get("/api/v1/tickets", **asked)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"


def test_what_is_unknown_is_said_so(ada: Visitor) -> None:
    nobody = "0197a3c2-5b1e-7c40-9d2f-3a1b5c7d9e01"
    for path, code in ((f"/tickets/{nobody}", "unknown_ticket"), ("/tickets/x", "unknown_ticket"),
                       ("/counters/c9", "unknown_counter"), ("/counters/c9/next", "unknown_counter")):  # fmt: skip
        answer = ada.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)


def test_the_next_call_is_told_before_it_is_made_and_tickets_can_be_passed_over(ada: Visitor, ticket: str) -> None:
    second = ada.post("/api/v1/tickets", {"service": "enquiries"}).json()["result"]["ticket"]
    ada.post("/api/v1/counters/c1/open")
    told = ada.get("/api/v1/counters/c1/next").json()
    assert told["ticket"]["ticket"] == ticket
    assert told["why"]["rule"] == "fifo"
    assert told["why"]["reason"]
    passed = ada.get("/api/v1/counters/c1/next", pass_over=ticket).json()
    assert passed["ticket"]["ticket"] == second
    assert ada.get("/api/v1/counters/c1/next", pass_over=[ticket, second]).json()["ticket"] is None
    assert ada.get("/api/v1/counters/c1/next", pass_over="x").status_code == 422
    assert ada.get("/api/v1/counters/c1/next", pass_over=[ticket] * 21).status_code == 422
    called = ada.post("/api/v1/counters/c1/call-next", {"pass_over": [ticket]}).json()
    assert called["result"]["in_hand"]["ticket"] == second
    ada.post("/api/v1/counters/c1/complete")


def test_whoever_has_no_service_of_a_counter_is_not_told_its_next(branch: WebBranch) -> None:
    assert branch.person("ben").get("/api/v1/counters/c2/next").status_code == 403


def test_the_program_says_that_it_lives_and_is_ready(branch: WebBranch) -> None:
    nobody = branch.person()
    assert nobody.get("/healthz").json() == {"status": "ok"}
    ready = nobody.get("/readyz")
    assert ready.status_code == 200
    assert (ready.json()["ready"], ready.json()["lag"], ready.json()["reasons"]) == (True, 0, [])


def test_metrics_tell_of_queue_commands_devices_and_build(branch: WebBranch, ada: Visitor, ticket: str) -> None:
    ada.post("/api/v1/counters/c9/recall")
    text = branch.person().get("/metrics").text
    for line in ('foleni_waiting{service="cash"}', 'foleni_commands_total{outcome="ok",type="join"}', "foleni_streams",
                 'foleni_commands_total{outcome="unknown_counter",type="recall"}', "foleni_server_live 1.0",
                 "foleni_hook_deliveries_waiting 0.0",
                 'foleni_command_seconds_count{type="join"}', 'foleni_device_online{device="tv-1",kind="display"}',
                 f'foleni_build_info{{version="{__version__}"}}', 'foleni_events_total{type="ticket_joined"}'):  # fmt: skip
        assert line in text, line
    assert PHONE not in text


def test_metrics_through_a_proxy_need_the_scope(branch: WebBranch) -> None:
    def asked(visitor: Visitor) -> int:
        return visitor.http.get(
            f"{branch.url}/metrics", headers={"X-Forwarded-For": "203.0.113.9"}, timeout=PATIENCE_S
        ).status_code

    assert [asked(branch.person()), asked(Program(branch, "read")), asked(Program(branch, "metrics"))] == [401, 403, 200]


def test_what_customers_said_is_in_no_log(branch: BranchProcess, ticket: str) -> None:
    for private in (PHONE, NAME, NOTE):
        assert private not in branch.stderr


def test_the_description_has_an_example_of_every_request_and_every_answer(ada: Visitor) -> None:
    document = json.loads(ada.get("/api/openapi.json").text)
    assert document["openapi"] == "3.0.3"
    ours = {path: item for path, item in document["paths"].items() if path.split("/")[-1] != "metrics"}
    for path, item in ours.items():
        for method, operation in item.items():
            assert operation["tags"], (method, path)
            for status, answer in operation["responses"].items():
                for content in answer.get("content", {}).values():
                    assert "example" in content or "examples" in content, (method, path, status)
            for content in operation.get("requestBody", {}).get("content", {}).values():
                assert "example" in content, (method, path)
