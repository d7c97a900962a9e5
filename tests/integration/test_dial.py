"""Opening a socket to a broker whose name has more than one address."""

import select
import socket
import time
from contextlib import ExitStack

import pytest

from foleni.link.dial import dial
from foleni.settings import MqttUrl

_TIMEOUT_S = 4.0


def test_an_address_that_is_silent_does_not_hide_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # its queue is full: who comes now is not answered
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(silent.getsockname())
        good = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each.getsockname()) for each in (silent, good)]
        began = time.monotonic()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
        found = stack.enter_context(dial(MqttUrl("broker.local", 1883), _TIMEOUT_S, _turn))
        assert found.getpeername() == good.getsockname()
        assert time.monotonic() - began < _TIMEOUT_S


def _turn(sock: socket.socket, write: bool) -> None:
    select.select([sock], [sock] if write else [], [], 0.05)
