"""Tickets of the last days: whoever still has one open is told so."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from branch_server.adapters.db.tables import tickets
from branch_server.web.site import Site

_DAYS = 7
_MOST = 50_000


@dataclass(frozen=True, slots=True)
class PastTicket:
    number: str
    day: str


class Past:
    """Finds a ticket that is no longer of today by its token. What there is to know is read once a day, beside the loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._day = ""
        self._known: dict[str, PastTicket] = {}
        self._reading = asyncio.Lock()

    async def find(self, token: str) -> PastTicket | None:
        today = self._site.follower.state.day
        async with self._reading:
            if today != self._day:
                self._known = await asyncio.to_thread(self._read, today)
                self._day = today
        return self._known.get(token)

    def _read(self, today: str) -> dict[str, PastTicket]:
        if not today:
            return {}
        since = (date.fromisoformat(today) - timedelta(days=_DAYS)).isoformat()
        wanted = select(tickets.c.id, tickets.c.number, tickets.c.day).where(tickets.c.day >= since, tickets.c.day < today)
        try:
            with self._site.branch_db.connect() as connection:
                rows = connection.execute(wanted.order_by(tickets.c.day.desc()).limit(_MOST)).all()
        except SQLAlchemyError:
            return {}
        return {self._site.links.token_of(row.id): PastTicket(row.number, row.day) for row in rows}
