"""Orders to devices: identify, restart, print."""

import asyncio
import time
from typing import Any

from pydantic import ValidationError

from branch_server.web.site import Site
from foleni.ids import uuid7
from foleni.messages.orders import WITHIN_S, Came, KnownOrder, Outcome, known_orders
from foleni.times import Instant, to_wire

_NOT_THERE = "{device} is not connected. Nothing was done."
_NO_ANSWER = "{device} did not say in time what came of it. Please look there."


async def order(site: Site, device: str, kind: str, **fields: Any) -> Outcome:
    """Tells a device to `identify`, `restart` or `print`, and waits up to 10 s for what comes of it. Nothing is raised: an
    outcome that is not `ok` says why in its `message`, and in its `code` (`foleni.messages.orders.Came`).

    `print` takes either `test=True` or `ticket` (the result of a `join`), and `language`, `copy`, `template`.
    """
    asked = {"id": uuid7(), "type": kind, "at": to_wire(Instant(time.time_ns() // 1000)), **fields}
    try:
        told = known_orders.validate_python(asked)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        return _failed(asked["id"], Came.INVALID, f"{place}: {first['msg']}" if place else first["msg"])
    if not is_there(site, device):
        return _failed(told.id, Came.NOT_THERE, _NOT_THERE.format(device=device))
    return await _told(site, device, told)


def is_there(site: Site, device: str) -> bool:
    """Whether a device of this branch is connected now."""
    heard = site.lan.devices.get(device)
    return device in site.follower.state.devices and heard is not None and heard.status.online


async def _told(site: Site, device: str, told: KnownOrder) -> Outcome:
    future = site.lan.order(device, told)
    if future is None:
        return _failed(told.id, Came.NOT_THERE, _NOT_THERE.format(device=device))
    try:
        async with asyncio.timeout(WITHIN_S):
            return await asyncio.shield(asyncio.wrap_future(future))
    except TimeoutError:
        return _failed(told.id, Came.NO_ANSWER, _NO_ANSWER.format(device=device))
    finally:
        site.lan.forget(told.id)


def _failed(order_id: str, came: Came, message: str) -> Outcome:
    return Outcome(order=order_id, ok=False, message=message, code=came)
