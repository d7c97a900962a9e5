"""An hour before an appointment its customer is reminded, once."""

import asyncio
import json
import logging
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import SQLAlchemyError

from cloud.notices.outbox import TOPIC, Occasion, tell
from cloud.site import Site
from cloud.store.tables import branches, services, tickets
from foleni.times import MINUTE_US, SECOND_US, Instant
from foleni.words.catalogue import pick
from foleni.words.times import time_of_day

_log = logging.getLogger(__name__)

BEFORE_US = 60 * MINUTE_US
"""Who joins later than that before the appointment needs no reminder."""
_EVERY_TICKS = 60
_MOST = 500


class Reminders:
    """On the loop; called with each tick. Several processes may do it at once: each reminder is put out once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._turn = 0
        self._task: asyncio.Task[None] | None = None

    def tick(self) -> None:
        if self._turn % _EVERY_TICKS == 0 and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._remind())
        self._turn += 1

    async def _remind(self) -> None:
        site = self._site
        try:
            if await site.database.run(lambda c: remind(c, site.url, site.now())):
                site.bus.ring(TOPIC)
        except SQLAlchemyError as error:
            _log.warning("nobody is reminded for now: %s", error)


def remind(c: Connection, url: str, now: Instant) -> int:
    """Puts out the reminders that are due; how many are new."""
    soon = (
        select(tickets, branches.c.time_zone, services.c.name.label("service_name"))
        .join(branches, branches.c.id == tickets.c.branch)
        .join(services, (services.c.branch == tickets.c.branch) & (services.c.id == tickets.c.service))
        .where(tickets.c.appointment > now, tickets.c.appointment <= now + BEFORE_US, tickets.c.status == "waiting")
        .where(tickets.c.checked_in_at.is_(None), tickets.c.joined_at < tickets.c.appointment - BEFORE_US)
        .order_by(tickets.c.appointment)
        .limit(_MOST)
    )
    return sum(_tell(c, row, url, now) for row in c.execute(soon).all())


def _tell(c: Connection, row: Row[Any], url: str, now: Instant) -> int:
    language = row.language or "en"
    values = {
        "number": row.number or "",
        "service": pick(json.loads(row.service_name), language),
        "time": time_of_day(row.appointment, row.time_zone, language),
    }
    return tell(
        c, kind=Occasion.REMINDER, now=now, branch=row.branch, ticket=row.id, user=row.user, phone=row.phone, language=language,
        values=values, link=f"{url}/t/{row.token}", once=f"reminder:{row.id}:{row.appointment}",
        expires_s=(row.appointment - now) / SECOND_US,
    )  # fmt: skip
