"""The work of the night, begun by whichever process looks first."""

import asyncio
import logging

from cloud.keeping import retention
from cloud.site import Site

_log = logging.getLogger(__name__)

_LOOK_EVERY = 240
"""Ticks: two minutes."""


class Nightly:
    """Looks now and then whether the day's erasing is done, and does it on a thread of its own."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._turn = 0
        self._work: asyncio.Task[None] | None = None
        site.ticks.append(self._tick)

    def _tick(self) -> None:
        self._turn += 1
        if self._turn % _LOOK_EVERY == 0 and (self._work is None or self._work.done()):
            self._work = asyncio.get_running_loop().create_task(self._erase())

    async def _erase(self) -> None:
        try:
            await asyncio.to_thread(self._erase_here)
        except Exception:  # noqa: BLE001 - the next look tries again
            _log.exception("contact data cannot be erased")

    def _erase_here(self) -> None:
        now = self._site.now()
        if self._site.database.run_here(lambda c: retention.claim(c, now)):
            retention.run(self._site.database, now)
            _log.info("contact data whose time is over has been erased")
