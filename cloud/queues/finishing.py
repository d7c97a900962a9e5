"""Tickets that were left without a number, because the process that asked the branch ended, get one all the same."""

import asyncio
import logging

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from cloud.queues.joining import finish
from cloud.queues.status import Status
from cloud.site import Site
from cloud.store.tables import tickets
from foleni.times import SECOND_US, Instant
from foleni.web.errors import WebError

_log = logging.getLogger(__name__)

LEFT_US = 5 * SECOND_US
"""Whoever asks has given a number, or taken the branch's, long before."""
_EVERY_TICKS = 4
_MOST = 50


class Finishing:
    """On the loop; called with each tick. Several processes may do it at once: each ticket is settled once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._turn = 0
        self._task: asyncio.Task[None] | None = None

    def tick(self) -> None:
        self._turn += 1
        if self._turn % _EVERY_TICKS == 0 and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._finish())

    async def _finish(self) -> None:
        site = self._site
        try:
            for ticket, branch in await site.database.run(lambda c: left(c, site.now())):
                try:
                    await finish(site, ticket, branch)
                except WebError:
                    _log.info("a ticket of %s could not be given a number, and was given up", branch)
        except SQLAlchemyError as error:
            _log.warning("tickets without a number wait: %s", error)


def left(c: Connection, now: Instant) -> list[tuple[str, str]]:
    """Tickets that somebody left, and their branches."""
    old = select(tickets.c.id, tickets.c.branch).where(
        tickets.c.status == Status.ASKED, tickets.c.cancel_wanted.is_(False), tickets.c.changed_at < now - LEFT_US
    )
    return [(row.id, row.branch) for row in c.execute(old.order_by(tickets.c.changed_at).limit(_MOST))]
