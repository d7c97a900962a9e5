"""A bundle that stops coming is given up, and keeps no other one out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from branch_server.web.updates.routes import pieces_of

_LONGER_THAN_THE_TEST_S = 60.0


def request(*messages: dict[str, Any]) -> Request:
    """One whose body comes in these messages, and then hangs."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(_LONGER_THAN_THE_TEST_S)
        return left.pop(0)

    told: Callable[[], Awaitable[dict[str, Any]]] = receive
    return Request({"type": "http", "method": "PUT", "headers": []}, told)


async def gathered(asked: Request) -> list[bytes]:
    return [piece async for piece in pieces_of(asked, 0.05) if piece]


def piece(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_comes_as_it_was_sent() -> None:
    whole = request(piece(b"hsqs", more=True), piece(b"0.2.0", more=False))
    assert asyncio.run(gathered(whole)) == [b"hsqs", b"0.2.0"]


def test_a_console_that_lost_its_network_is_not_waited_for() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(gathered(request(piece(b"hsqs", more=True))))
