"""The stream tells at once and after each change, and is there again after every kill; so is what was asked."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
import pytest
import requests

from foleni.ids import uuid7
from tests.support.api import Picture, Program, stream_of
from tests.support.waiting import until
from tests.support.web import POLITE_S, Visitor, WebBranch


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    """A branch whose web side keeps its address over restarts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with WebBranch(tmp_path_factory.mktemp("api-stream"), http=f"127.0.0.1:{port}") as running:
        yield running


@pytest.fixture(scope="module")
def program(branch: WebBranch) -> Program:
    return Program(branch, "read", "tickets", "counters")


def first_of_each(pictures: Iterator[Picture]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    while len(told) < 3:
        picture = next(pictures)
        told[picture.event] = picture.data
    return told


def wait_for_seq(pictures: Iterator[Picture], event: str, seq: int) -> dict[str, Any]:
    for picture in pictures:
        if picture.event == event and picture.data["seq"] >= seq:
            told: dict[str, Any] = picture.data
            return told
    raise AssertionError("the stream has ended")


@contextmanager
def suspended(branch: WebBranch) -> Iterator[None]:
    """The engine stands still, and its web side does not."""
    engine = psutil.Process(branch.pid)
    engine.suspend()
    try:
        until(lambda: engine.status() == psutil.STATUS_STOPPED)
        yield
    finally:
        engine.resume()


def kill_web(branch: WebBranch) -> None:
    web = next(child for child in psutil.Process(branch.pid).children() if "branch_server.web" in child.cmdline())
    web.send_signal(signal.SIGKILL)
    until(lambda: not web.is_running() or web.status() == psutil.STATUS_ZOMBIE)


def answers(visitor: Visitor) -> bool:
    try:
        return visitor.get("/readyz").status_code == 200
    except requests.RequestException:
        return False


def test_a_stream_begins_with_the_three_pictures_that_can_also_be_read(program: Program) -> None:
    with stream_of(program) as pictures:
        told = first_of_each(pictures)
    assert set(told) == {"board", "services", "counters"}
    assert told["board"] == program.get("/api/v1/board").json()
    assert set(told["counters"]["counters"]) == {"c1", "c2", "c3"}


def test_every_stream_tells_of_a_change(branch: WebBranch, program: Program) -> None:
    with stream_of(program) as one, stream_of(branch.person("eve")) as other:
        first_of_each(one)
        first_of_each(other)
        answer = program.post("/api/v1/tickets", {"service": "cash"}).json()
        for pictures in (one, other):
            services = wait_for_seq(pictures, "services", answer["seq"])["services"]
            assert next(service for service in services if service["id"] == "cash")["waiting"] >= 1


def test_a_stream_ends_with_its_token(branch: WebBranch) -> None:
    program = Program(branch, "read")
    with stream_of(program) as pictures:
        first_of_each(pictures)
        branch.person("ada").post(f"/api/v1/tokens/{program.id}", method="DELETE")
        assert any(picture.event == "over" for picture in pictures)


def test_a_stream_ends_with_its_session(branch: WebBranch) -> None:
    eve = branch.person("eve")
    with stream_of(eve) as pictures:
        first_of_each(pictures)
        eve.post("/api/v1/session", method="DELETE")
        assert any(picture.event == "over" for picture in pictures)


def test_a_killed_web_side_loses_no_stream_for_good_and_no_key(branch: WebBranch, program: Program) -> None:
    key = uuid7()
    before = program.post("/api/v1/tickets", {"service": "cash"}, key=key).json()
    with stream_of(program) as pictures:
        first_of_each(pictures)
        kill_web(branch)
        with suppress(requests.RequestException):
            list(pictures)
    until(lambda: answers(program), every_s=POLITE_S)
    with stream_of(program) as pictures:
        assert first_of_each(pictures)["board"]["seq"] >= before["seq"]
        assert (
            program.post("/api/v1/tickets", {"service": "cash"}, key=key).json()["result"]["ticket"]
            == before["result"]["ticket"]
        )
        again = program.post("/api/v1/tickets", {"service": "cards"}, key=key)
        assert (again.status_code, again.json()["error"]["code"]) == (422, "invalid")


def test_a_killed_branch_server_comes_back_with_everything_that_it_had_answered(branch: WebBranch, program: Program) -> None:
    keys = [uuid7() for _ in range(5)]
    before = [program.post("/api/v1/tickets", {"service": "enquiries"}, key=key).json() for key in keys]
    with stream_of(program) as pictures:
        first_of_each(pictures)
        branch.kill()
    branch.start()
    until(lambda: answers(program), every_s=POLITE_S)
    after = [program.post("/api/v1/tickets", {"service": "enquiries"}, key=key).json() for key in keys]
    assert [one["result"]["ticket"] for one in after] == [one["result"]["ticket"] for one in before]
    with stream_of(program) as pictures:
        assert first_of_each(pictures)["services"]["seq"] >= before[-1]["seq"]


def test_a_branch_server_that_is_away_is_said_and_nothing_is_done(branch: WebBranch, program: Program) -> None:
    before = program.get("/api/v1/board").json()
    with suspended(branch):
        answer = program.post("/api/v1/counters/c1/open")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "1"
        assert program.get("/api/v1/board").json() == before
        assert program.get("/healthz").status_code == 200
    until(lambda: program.post("/api/v1/counters/c1/open").status_code == 200, every_s=POLITE_S)


def test_who_hangs_up_in_mid_question_disturbs_nobody_who_asks_the_same(branch: WebBranch, program: Program) -> None:
    key, before = uuid7(), waiting_for_cash(program)
    with suspended(branch):
        for _ in range(3):
            with suppress(requests.Timeout):
                headers = {"Idempotency-Key": key}
                program.http.post(f"{branch.url}/api/v1/tickets", json={"service": "cash"}, headers=headers, timeout=0.2)
    until(lambda: program.post("/api/v1/tickets", {"service": "cash"}, key=key).status_code == 200, every_s=POLITE_S)
    assert program.post("/api/v1/tickets", {"service": "cash"}).status_code == 200
    assert waiting_for_cash(program) == before + 2
    assert "Traceback" not in branch.last_words


def waiting_for_cash(visitor: Visitor) -> int:
    services = visitor.get("/api/v1/services").json()["services"]
    return next(int(one["waiting"]) for one in services if one["id"] == "cash")
