"""Sends what waits in the outbox, on a thread of its own: one transaction notes what became of the last messages and takes the
next ones, and each provider has a lane of its own.

A message goes out at least once: where the process dies after the provider has taken it and before that is noted, it is sent
again when the claim has run out.
"""

import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from prometheus_client import Counter
from sqlalchemy import Connection

from cloud.notices import claims
from cloud.notices.lanes import Done, Job, Lane
from cloud.notices.occasions import Channel
from cloud.notices.providers.provider import Provider
from cloud.requests import REGISTRY
from cloud.store.database import Database
from foleni.times import SECOND_US, Instant

_log = logging.getLogger(__name__)

_LOOK_S = 1.0
_AFTER_FAULT_S = 2.0
_END_S = 0.8
"""So long the end waits for providers' answers, so that what they took is known as sent."""

NOTICES = Counter(
    "foleni_cloud_notices_total", "Attempts to send a message", ["provider", "channel", "outcome"], registry=REGISTRY
)


class Sender:
    """A part of the program. `wake` may be called on any thread; without it the outbox is looked at every second."""

    def __init__(self, database: Database, providers: Sequence[Provider], now: Callable[[], Instant]) -> None:
        self._database = database
        self._now = now
        self._done: queue.SimpleQueue[Done | None] = queue.SimpleQueue()
        self._lanes = [Lane(provider, self._done.put) for provider in providers]
        self._offered = {channel for provider in providers for channel in provider.channels}
        self._unnoted: list[Done] = []
        self._swept_at = Instant(0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self.wake()
        self._thread.join(_END_S + 0.1)

    def wake(self) -> None:
        """There may be something to send."""
        self._done.put(None)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._turn()
                self._hear(_LOOK_S)
            except Exception:  # noqa: BLE001 - the top of a loop
                _log.exception("messages stand still for a moment")
                self._over.wait(_AFTER_FAULT_S)
        self._end()

    def _turn(self) -> None:
        """Until nothing more is due, or nobody could take it."""
        budget = self._budget()
        while not self._over.is_set():
            noted, budgeted = tuple(self._unnoted), budget
            jobs = self._database.run_here(lambda c: self._exchange(c, noted, budgeted))  # noqa: B023 - is called at once
            self._unnoted = self._unnoted[len(noted) :]
            for job in jobs:
                self._lane(job).give(job)
            budget = self._budget()
            if not jobs or not budget:
                return

    def _exchange(self, c: Connection, noted: Sequence[Done], budget: dict[Channel, int]) -> list[Job]:
        self._note(c, noted)
        now = self._now()
        if abs(now - self._swept_at) >= _LOOK_S * SECOND_US:
            claims.give_up(c, self._offered, now)
            self._swept_at = now
        return [job for channel, most in budget.items() for job in claims.claim(c, channel, most, now)]

    def _note(self, c: Connection, noted: Sequence[Done]) -> None:
        for done in noted:
            claims.record(c, done, self._now())

    def _hear(self, within_s: float) -> None:
        """Waits for an outcome or a call, and takes all that are there."""
        try:
            heard = self._done.get(timeout=within_s)
            while True:
                if heard is not None:
                    NOTICES.labels(heard.provider, heard.job.letter.channel.value, heard.outcome.value).inc()
                    self._unnoted.append(heard)
                heard = self._done.get_nowait()
        except queue.Empty:
            return

    def _budget(self) -> dict[Channel, int]:
        """How many messages may be taken by each way: as many as the first lane that works has room for. Where that is the lane
        of two ways, the second has room for one at least, so that neither waits for the other.
        """
        budget: dict[Channel, int] = {}
        promised: defaultdict[str, int] = defaultdict(int)
        for channel in (channel for channel in Channel if channel in self._offered):
            first = next(iter(self._ready(channel)), None)
            if first is not None and (free := first.free()):
                budget[channel] = max(1, free - promised[first.name])
                promised[first.name] += budget[channel]
        return budget

    def _ready(self, channel: Channel) -> list[Lane]:
        """The lanes of a channel that work, in their order; among them one that was broken, when one message may try it."""
        mine = [lane for lane in self._lanes if channel in lane.provider.channels]
        return [lane for lane in mine if lane.is_well() or lane.free()]

    def _lane(self, job: Job) -> Lane:
        """After a fault the provider behind the one that failed, else the first."""
        mine = [lane for lane in self._lanes if job.letter.channel in lane.provider.channels]
        ready = self._ready(job.letter.channel) or mine
        if job.tried is None:
            return ready[0]
        names = [lane.name for lane in mine]
        after = names.index(job.tried) + 1 if job.tried in names else 0
        order = mine[after:] + mine[:after]
        return next((lane for lane in order if lane in ready and lane.free()), ready[0])

    def _end(self) -> None:
        """What the providers have taken is noted, as far as they say so in time."""
        over_at = time.monotonic() + _END_S
        try:
            while any(lane.in_flight for lane in self._lanes) and (left_s := over_at - time.monotonic()) > 0:
                self._hear(left_s)
            self._hear(0.001)
            if self._unnoted:
                self._database.run_here(lambda c: self._note(c, self._unnoted))
        except Exception:  # noqa: BLE001 - the end comes all the same
            _log.exception("what became of the last messages could not be noted")
