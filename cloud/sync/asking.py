"""Asking a branch: a command goes into its mailbox, and its reply is waited for."""

import asyncio
from typing import Any

from sqlalchemy import Connection

from cloud.bus.bus import Bell
from cloud.site import Site
from cloud.sync import mailbox
from foleni.messages.replies import Reply
from foleni.times import Instant, to_wire

_LOOKS_S = 1.0
"""A bell may be lost: so often the database is looked into."""


async def ask(
    site: Site,
    branch: str,
    command: dict[str, Any],
    *,
    asked_by: str,
    within_s: float = 2.0,
    expires_s: float | None = None,
) -> Reply | None:
    """The branch's reply to a command in its own form; None where there is none in time. The command stays in the mailbox until
    the branch has answered it, or for `expires_s`: then it is void.
    """
    now = site.now()
    await site.database.run(lambda c: put(c, branch, command, asked_by, now, expires_s))
    return await answer_to(site, branch, command["id"], within_s)


async def answer_to(site: Site, branch: str, command: str, within_s: float) -> Reply | None:
    """The reply to a command that lies in the mailbox; None where there is none in time."""
    with site.bus.listening(f"reply:{command}") as bell:
        site.bus.ring(f"commands:{branch}")
        return await _heard(site, branch, command, bell, within_s)


def put(
    c: Connection, branch: str, command: dict[str, Any], asked_by: str, now: Instant, expires_s: float | None = None
) -> int:
    """The part of `ask` that belongs into a transaction; afterwards `commands:<branch>` is to be rung. Returns the place."""
    return mailbox.put(c, branch, {"at": to_wire(now), **command}, asked_by, now, expires_s)


async def _heard(site: Site, branch: str, command: str, bell: Bell, within_s: float) -> Reply | None:
    over_at = asyncio.get_running_loop().time() + within_s
    while True:
        left_s = over_at - asyncio.get_running_loop().time()
        rang = await bell.heard(min(_LOOKS_S, max(0.0, left_s)))
        kept = bell.payload if rang else await site.database.run(lambda c: mailbox.reply_to(c, branch, command))
        if kept:
            return Reply.model_validate_json(kept)
        if left_s <= 0:
            return None
