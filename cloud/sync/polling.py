"""The long poll of a branch: it waits on a bell, and holds neither a thread nor a connection to the database meanwhile."""

import asyncio
from functools import partial

from sqlalchemy import Connection

from cloud.bus.bus import Bell
from cloud.site import Site
from cloud.sync import mailbox
from foleni.messages.sync import CommandsDown
from foleni.times import Instant

_LOOKS_S = 25.0
_LOOKS_WHILE_DEAF_S = 5.0
"""While no bells of other processes come the mailbox is looked into so often."""


class Polls:
    """All polls that are open in this process. On the loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._bells: set[Bell] = set()
        self._is_over = False

    @property
    def open_polls(self) -> int:
        return len(self._bells)

    def end(self) -> None:
        """Answers all of them, and from now on every one at once."""
        self._is_over = True
        for bell in self._bells:
            bell.ring(b"")

    async def commands(self, branch: str, after: int, wait_s: float) -> CommandsDown:
        """What is to be done behind place `after`, when there is something; nothing after `wait_s`."""
        over_at = asyncio.get_running_loop().time() + wait_s
        with self._site.bus.listening(f"commands:{branch}") as bell:
            self._bells.add(bell)
            try:
                return await self._wait(branch, after, over_at, bell)
            finally:
                self._bells.discard(bell)

    async def _wait(self, branch: str, after: int, over_at: float, bell: Bell) -> CommandsDown:
        site = self._site
        while True:
            after, commands = await site.database.run(partial(_fetch, branch=branch, after=after, now=site.now()))
            left_s = over_at - asyncio.get_running_loop().time()
            if commands or left_s <= 0 or self._is_over:
                return CommandsDown(cursor=after, commands=tuple(commands), now=site.now())
            await bell.heard(min(left_s, _LOOKS_S if site.bus.is_well else _LOOKS_WHILE_DEAF_S))


def _fetch(c: Connection, branch: str, after: int, now: Instant) -> tuple[int, list[mailbox.Payload]]:
    """A cursor that is ahead of the mailbox is of another one, which was lost: then everything is sent."""
    if after and after > mailbox.last(c, branch):
        after = 0
    return mailbox.fetch(c, branch, after, now)
