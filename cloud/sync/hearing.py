"""When each branch was last heard. Noted together, once a second or so: two thousand branches that wait cost one write."""

import asyncio
import logging

from sqlalchemy import Connection, or_
from sqlalchemy.exc import SQLAlchemyError

from cloud.queues.status import is_live
from cloud.site import Site
from cloud.store.database import upserting
from cloud.store.tables import pulses
from foleni.times import SECOND_US, Instant

_log = logging.getLogger(__name__)

NEW_PULSE = {"acked": 0, "acked_id": "", "day": "", "skew_us": 0, "notice": "{}", "fault": ""}
"""Of a branch that has not told anything yet."""
_EVERY_US = 10 * SECOND_US
_EVERY_TICKS = 2


class Hearing:
    """On the loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._noted: dict[str, Instant] = {}
        self._unnoted: dict[str, Instant] = {}
        self._back: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._turn = 0

    def heard(self, branch: str) -> None:
        """A branch has just asked or told something."""
        now, before = self._site.now(), self._noted.get(branch)
        if before is None or now - before >= _EVERY_US:
            self._noted[branch] = self._unnoted[branch] = now
            if not is_live(before, now):
                self._back.add(branch)

    def tick(self) -> None:
        self._turn += 1
        if self._turn % _EVERY_TICKS == 0 and self._unnoted and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._note())

    async def _note(self) -> None:
        heard, self._unnoted = self._unnoted, {}
        try:
            await self._site.database.run(lambda c: note(c, heard))
        except SQLAlchemyError as error:
            _log.warning("it cannot be noted which branches were heard: %s", error)
            self._unnoted = heard | self._unnoted
            return
        back, self._back = self._back, set()
        for branch in back:
            self._site.bus.ring(f"changed:{branch}", b'{"back":true}')


def note(c: Connection, heard: dict[str, Instant]) -> None:
    """Writes when branches were heard, never an earlier time over a later one. In the order of their names, so that two
    processes do not wait for each other.
    """
    rows = [{"branch": branch, "heard_at": heard[branch], **NEW_PULSE} for branch in sorted(heard)]
    put = upserting(c, pulses)
    older = or_(pulses.c.heard_at.is_(None), pulses.c.heard_at < put.excluded.heard_at)
    c.execute(put.on_conflict_do_update(index_elements=["branch"], set_={"heard_at": put.excluded.heard_at}, where=older), rows)
