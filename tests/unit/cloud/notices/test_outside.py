"""A push goes to the open internet, or nowhere: whatever a stranger's name resolves to, and however slowly they answer."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from py_vapid import Vapid  # type: ignore[import-untyped]

from cloud.notices.occasions import Channel
from cloud.notices.providers.outside import OutsideCaller, is_public
from cloud.notices.providers.provider import Letter, RefusedError, TroubleError
from cloud.notices.providers.web_push import WebPush
from tests.support.push_service import PushService
from tests.support.waiting import PATIENCE_S

INSIDE = (
    "10.0.0.1", "127.0.0.1", "169.254.169.254", "0.0.0.0", "192.168.1.1", "100.64.0.1", "224.0.0.1", "240.0.0.1", "::1", "::",
    "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "name",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_world_is_public(address: str) -> None:
    assert is_public(address)


def letter(service: PushService, host: str) -> Letter:
    recipient = json.dumps(service.subscription).replace("127.0.0.1", host)
    return Letter("1", "called", Channel.PUSH, recipient, "en", "A12", "Please come", None, 60)


def pushing(*, also_here: bool) -> WebPush:
    key = Vapid()
    key.generate_keys()
    return WebPush(key, "mailto:it@example.org", also_here=also_here)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_name_that_leads_into_our_house_is_refused_for_good_and_nothing_is_sent(host: str) -> None:
    with PushService() as service:
        with pytest.raises(RefusedError):
            pushing(also_here=False).send(letter(service, host))
        assert service.taken == []


def test_a_cloud_that_only_its_own_machine_reaches_sends_to_a_service_there() -> None:
    with PushService() as service:
        pushing(also_here=True).send(letter(service, "localhost"))
        assert service.taken[0]["title"] == "A12"


def test_an_answer_that_drips_is_ended() -> None:
    with dripping() as port, pytest.raises(TroubleError):
        OutsideCaller(0.3, also_here=True).post(f"http://127.0.0.1:{port}/", b"")


@contextmanager
def dripping() -> Iterator[int]:
    """A server that sends another letter of a header, for ever."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            taken, _ = listening.accept()
            with taken:
                taken.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not over.wait(0.1):
                    taken.sendall(b"a")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        listening.close()
        thread.join(PATIENCE_S)
