"""What is garbage, too much or too often is refused in the contract's form, and nobody else notices."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from typing import Any

import pytest
import requests

from tests.support.api import Program, is_in_form
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import Visitor, WebBranch

TICKETS = "/api/v1/tickets"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("api-garbage")) as running:
        yield running


@pytest.fixture(scope="module")
def program(branch: WebBranch) -> Program:
    return Program(branch, "read", "tickets")


def sent(visitor: Visitor, body: Any, kind: str | None = "application/json", path: str = TICKETS) -> requests.Response:
    headers = {} if kind is None else {"Content-Type": kind}
    return visitor.http.post(visitor.url + path, data=body, headers=headers, timeout=PATIENCE_S)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"null", b'"x"', b"7", b"\xff\xfe", b"{'a':1}", b'{"service":NaN}', b"[" * 60_000, b'{"a":' * 10_000,
     b'{"service":"cash"}x', b'{"service":"\\ud800"}', b"\x00" * 100, b'{"service":' + b"9" * 50_000 + b"}"],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_invalid(program: Program, body: bytes) -> None:
    answer = sent(program, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "fields",
    [{"service": 7}, {"service": ["cash"]}, {"service": None}, {}, {"service": "cash", "priority": {}},
     {"service": "cash", "phone": "0788"}, {"service": "cash", "channel": "fax"}, {"service": "cash", "name": "x" * 65},
     {"service": "cash", "language": "'; DROP TABLE events"}, {"service": "cash", "appointment": "tomorrow"},
 {"service": "cash", "id": "no"}],
    ids=str,
)  # fmt: skip
def test_fields_that_cannot_be_are_invalid_and_told_by_name(program: Program, fields: dict[str, Any]) -> None:
    answer = sent(program, json.dumps(fields))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    assert "x" * 65 not in answer.text


def test_no_integration_gives_numbers_of_its_own(program: Program) -> None:
    answer = sent(program, json.dumps({"service": "cash", "number": "A007", "joined_at": "2026-01-01T00:00:00Z"}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")


def test_unknown_fields_are_ignored(program: Program) -> None:
    answer = sent(program, json.dumps({"service": "cards", "colour": "red", "nested": {"deep": [1, {}]}}))
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "jason", None])
def test_another_kind_of_body_is_refused(program: Program, kind: str | None) -> None:
    answer = sent(program, b'{"service":"cash"}', kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "not_json")


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/ld+json"]
)
def test_json_may_be_named_as_usual(program: Program, kind: str) -> None:
    assert sent(program, b'{"service":"cards"}', kind).status_code == 200


def test_a_body_that_is_too_long_is_refused_whether_it_says_so_or_not(program: Program) -> None:
    for size in (70_000, 3_000_000):
        whole = sent(program, b'{"service":"' + b"x" * size + b'"}')
        assert (whole.status_code, whole.json()["error"]["code"]) == (413, "too_large")
    pieces = sent(program, (b"x" * 10_000 for _ in range(400)))
    assert (pieces.status_code, pieces.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer fol_" + "x" * 5000, "Bearer é"])
def test_a_token_that_is_none_is_refused(branch: WebBranch, authorization: str) -> None:
    headers = {"Authorization": authorization.encode()}
    answer = requests.get(f"{branch.url}/api/v1/services", headers=headers, timeout=PATIENCE_S)
    assert answer.status_code == 401
    assert is_in_form(answer)


@pytest.mark.parametrize(
    "path", ["/../etc/passwd", "/%2e%2e/x", "/tickets/%00", "/counters/%ff/next", "/" + "x" * 5000, "/tickets/\U0001f600"]
)
def test_an_odd_path_is_refused_in_form(program: Program, path: str) -> None:
    answer = program.http.get(f"{program.url}/api/v1{path}", timeout=PATIENCE_S)
    assert answer.status_code in {404, 422}
    assert is_in_form(answer)


def test_what_is_no_http_disturbs_nobody(branch: WebBranch, program: Program) -> None:
    host, _, port = branch.url.removeprefix("http://").partition(":")
    for noise in (
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"POST /api/v1/tickets HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"\xff" * 5000,
    ):
        with socket.create_connection((host, int(port)), PATIENCE_S) as raw:
            raw.sendall(noise)
    assert program.get("/api/v1/services").status_code == 200


def test_a_flood_is_told_to_wait_and_others_are_served(branch: WebBranch) -> None:
    ada, program = branch.person("ada"), Program(branch, "read", "tickets")
    token, turned_away = str(program.http.headers["Authorization"]), list[Raw]()

    def floods(_thread: int) -> None:
        while not turned_away:
            turned_away.extend(answer for answer in flood(branch, token) if answer.status == 429)

    with ThreadPoolExecutor(4) as pool:
        flooding = pool.map(floods, range(4))
        served = [ada.get("/api/v1/services").status_code for _ in range(5)]
        list(flooding)
        served += [ada.get("/api/v1/services").status_code for _ in range(5)]
    for answer in turned_away:
        assert json.loads(answer.body)["error"]["code"] == "too_many"
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert served == [200] * 10
    assert "foleni_turned_away_total" in ada.get("/metrics").text


def test_a_flood_of_joins_by_a_token_is_bounded_sooner(branch: WebBranch) -> None:
    program, statuses = Program(branch, "tickets"), list[int]()

    def is_held() -> bool:
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda _: program.post(TICKETS, {"service": "cards"}), range(50))
            statuses.extend(answer.status_code for answer in answers)
        return 429 in statuses

    until(is_held)
    assert set(statuses) == {200, 429}


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer as it came over the wire."""

    status: int
    headers: Message
    body: bytes


def flood(branch: WebBranch, authorization: str, count: int = 100) -> list[Raw]:
    """So many questions as fast as one connection carries them: a client that does more for each is none on a busy machine."""
    host, answers = branch.url.removeprefix("http://"), list[Raw]()
    with closing(HTTPConnection(host, timeout=PATIENCE_S)) as line:
        for _ in range(count):
            line.request("GET", f"{TICKETS}/x", headers={"Authorization": authorization})
            answer = line.getresponse()
            answers.append(Raw(answer.status, answer.headers, answer.read()))
    return answers
