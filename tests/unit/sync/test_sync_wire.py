"""One request: it can be ended at any moment, and it ends by itself however slowly it is answered."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from branch_server.adapters.sync.address import CloudUrl, TokenFile
from branch_server.adapters.sync.clocks import CloudClock
from branch_server.adapters.sync.errors import CloudAwayError, CloudRefusedError
from branch_server.adapters.sync.wire import Wire
from tests.support.odd_cloud import OddCloud, Request
from tests.support.waiting import PATIENCE_S, until


@pytest.fixture
def cloud() -> Iterator[OddCloud]:
    with OddCloud() as cloud:
        yield cloud


@pytest.fixture
def wire(cloud: OddCloud, tmp_path: Path) -> Iterator[Wire]:
    (tmp_path / "token").write_text(cloud.token)
    wire = Wire(CloudUrl(cloud.url), "main-street", TokenFile(tmp_path / "token"), CloudClock())
    yield wire
    wire.end()


def test_many_requests_share_one_connection(cloud: OddCloud, wire: Wire) -> None:
    ports = set()

    def note(request: Request) -> bool:
        ports.add(request.client_address[1])
        return False

    cloud.odd = note
    for _ in range(5):
        wire.post("events", b'{"first":1,"events":[]}', PATIENCE_S)
    assert len(ports) == 1


def test_a_long_poll_is_ended_by_another_thread_and_none_begins_after_it(cloud: OddCloud, wire: Wire) -> None:
    faults: list[Exception] = []

    def poll() -> None:
        try:
            wire.get("commands", {"after": 0, "wait": 60}, PATIENCE_S)
        except CloudAwayError as error:
            faults.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    until(lambda: cloud.polling)
    wire.end()
    thread.join(PATIENCE_S)
    assert faults
    with pytest.raises(CloudAwayError):
        wire.get("commands", {"after": 0, "wait": 0}, PATIENCE_S)


def test_an_answer_that_trickles_in_without_end_is_given_up(cloud: OddCloud, wire: Wire) -> None:
    over = threading.Event()

    def trickle(request: Request) -> bool:
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        while not over.wait(0.02):
            request.wfile.write(b" ")
        return True

    cloud.odd = trickle

    def look_after() -> None:
        while not over.wait(0.05):
            wire.end_overdue()

    thread = threading.Thread(target=look_after)
    thread.start()
    try:
        with pytest.raises(CloudAwayError):
            wire.get("commands", {"after": 0, "wait": 0}, 0.2)
    finally:
        over.set()
        thread.join(PATIENCE_S)


@pytest.mark.parametrize(("status", "code"), [(401, "not_signed_in"), (403, "not_allowed"), (409, "forked"), (422, "invalid")])
def test_only_what_has_the_cloud_s_form_is_its_word(cloud: OddCloud, wire: Wire, status: int, code: str) -> None:
    def refuse(request: Request) -> bool:
        request.say(status, {"error": {"code": code, "message": "No."}} if request.name == "POST events" else b"<html>no")
        return True

    cloud.odd = refuse
    with pytest.raises(CloudRefusedError) as refused:
        wire.post("events", b"{}", PATIENCE_S)
    assert (refused.value.status, refused.value.code) == (status, code)
    with pytest.raises(CloudAwayError):
        wire.post("replies", b"{}", PATIENCE_S)
