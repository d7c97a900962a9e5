"""Days that are over are packed in the background, so that no report waits for it."""

import asyncio
import json
import logging
import time

from branch_server.web.errors import WebError
from branch_server.web.reports.asking import Workers
from branch_server.web.site import Site

_log = logging.getLogger(__name__)

FIRST_AFTER_S = 60.0
"""Whoever starts the branch in the morning wants to open a counter first."""
EVERY_S = 3600.0
_AT_ONCE_S = 20.0
_PAUSE_S = 5.0


class Packing:
    """Packs when a business day is over, and looks now and then whether a late ticket has changed one."""

    def __init__(self, site: Site, workers: Workers) -> None:
        self._site = site
        self._workers = workers
        self._due_at = time.monotonic() + FIRST_AFTER_S
        self._task: asyncio.Task[None] | None = None

    def tick(self) -> None:
        """Starts it where it is due."""
        now = time.monotonic()
        if now < self._due_at or self._task is not None:
            return
        self._due_at = now + EVERY_S
        self._task = asyncio.get_running_loop().create_task(self._pack())
        self._task.add_done_callback(self._done)

    async def _pack(self) -> None:
        state = self._site.follower.state
        zone = state.branch.time_zone if state.branch is not None else "UTC"
        job = {"kind": "pack", "data": str(self._site.data), "zone": zone, "today": state.day, "within_s": _AT_ONCE_S}
        try:
            done = json.loads(await self._workers.run(job))
        except WebError as error:
            _log.warning("the days that are over are not packed: %s", error.message)
        else:
            if done["left"]:
                self._due_at = time.monotonic() + _PAUSE_S
            if done["packed"]:
                _log.info("%d business days are packed for reports", done["packed"])

    def _done(self, _task: "asyncio.Task[None]") -> None:
        self._task = None
