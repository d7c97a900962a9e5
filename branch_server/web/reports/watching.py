"""Raises and clears the branch's alerts: looks at the state and the devices, and asks the engine as the house itself."""

import asyncio
import logging
import time

from branch_server.keeping.status import read_status
from branch_server.web.doing import outcome_of
from branch_server.web.reports.backup_troubles import backups_of
from branch_server.web.reports.troubles import Troubles, conditions_of
from branch_server.web.site import Site
from foleni.ids import uuid7
from foleni.messages.commands import ClearAlert, Command, RaiseAlert

_log = logging.getLogger(__name__)

_LOOKS_S = 1.0
_AGAIN_S = 10.0


class Watcher:
    """Looks about once a second, while the queue answers. On the event loop's thread only."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._troubles = Troubles()
        self._looked_at = 0.0
        self._asking: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def tick(self) -> None:
        """Looks, where it is time to. What it finds is asked in the background."""
        now = time.monotonic()
        if now - self._looked_at < _LOOKS_S or not self._site.lan.is_live:
            return
        self._looked_at = now
        state, at = self._site.follower.state, self._site.follower.now()
        conditions = conditions_of(state, self._site.lan.devices, at) | backups_of(read_status(self._site.data), at)
        to_raise, to_clear = self._troubles.due(conditions, state.alerts, at)
        for alert, message in to_raise.items():
            self._ask(RaiseAlert(id=uuid7(), alert=alert, message=message), alert, now)
        for alert in to_clear:
            self._ask(ClearAlert(id=uuid7(), alert=alert), alert, now)

    def _ask(self, command: Command, alert: str, now: float) -> None:
        if alert in self._asking or now < self._not_before.get(alert, 0.0):
            return
        self._asking.add(alert)
        task = asyncio.get_running_loop().create_task(self._asked(command, alert))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _asked(self, command: Command, alert: str) -> None:
        try:
            reply = await self._site.lan.ask(command)
            if reply.ok and reply.seq is not None:
                await self._site.follower.reached(reply.seq)
            elif not reply.ok:
                self._not_before[alert] = time.monotonic() + _AGAIN_S
                _log.warning("%s for %s was refused: %s", command.type, alert, outcome_of(reply))
        finally:
            self._asking.discard(alert)
