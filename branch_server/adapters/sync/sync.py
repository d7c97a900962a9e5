"""The sync with the cloud as one part of the branch server."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from branch_server.adapters.sync.address import CloudUrl, TokenFile
from branch_server.adapters.sync.asked import Understanding
from branch_server.adapters.sync.clocks import BranchClock, CloudClock
from branch_server.adapters.sync.poller import Poller
from branch_server.adapters.sync.replier import Replier
from branch_server.adapters.sync.standing import ALERT, Standing
from branch_server.adapters.sync.uploader import Log, Uploader
from branch_server.adapters.sync.wire import Wire
from branch_server.adapters.sync.worker import Worker
from branch_server.domain.asking import HOUSE, Sender
from branch_server.engine.engine import Committed, Engine
from foleni.ids import uuid7
from foleni.life import Watch
from foleni.messages.commands import ClearAlert, Command, RaiseAlert

_BEAT_WITHIN_S = 20.0
_TURN_S = 1.0
_STOP_S = 1.2
_HOUSE = Sender(HOUSE, trusted=True)


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where a branch's cloud is, and with what it signs in."""

    url: CloudUrl
    token: TokenFile


class CloudSync:
    """Three workers and their keeper. The keeper's beat tells that this part lives; what the cloud does cannot stop it."""

    def __init__(self, engine: Engine, open_log: Callable[[], Log], branch: str, cloud: Cloud, watch: Watch) -> None:
        """`open_log` opens a reader of the log of its own."""
        self._engine = engine
        self._beat = watch.beat("cloud", _BEAT_WITHIN_S)
        self._told_at = 0.0
        self._stopping = threading.Event()
        heard = CloudClock()
        self._clock = BranchClock(engine.now())
        standing = Standing(self._alert)

        def wire() -> Wire:
            return Wire(cloud.url, branch, cloud.token, heard)

        self._uploader = Uploader(wire(), standing, cloud.token, open_log, lambda: engine.view, self._clock)
        replier = Replier(wire(), standing, cloud.token)
        understanding = Understanding(heard, self._clock)
        poller = Poller(wire(), standing, cloud.token, engine, understanding, replier.add)
        self._workers: tuple[Worker, ...] = (self._uploader, replier, poller)
        self._thread = threading.Thread(target=self._keep, name="cloud keeper", daemon=True)

    def start(self) -> None:
        self._engine.subscribe(self._notice)
        for worker in self._workers:
            worker.start()
        self._thread.start()

    def stop(self) -> None:
        """What is on its way may or may not arrive: nothing depends on it."""
        self._stopping.set()
        for worker in self._workers:
            worker.end()
        until = monotonic() + _STOP_S
        for worker in self._workers:
            worker.join(max(0.0, until - monotonic()))

    def _notice(self, committed: Committed) -> None:
        """On the writer's thread, which alone may look at its clock."""
        now = monotonic()
        if now - self._told_at >= _TURN_S:
            self._told_at = now
            self._clock.told(self._engine.now())
        if committed.events:
            self._uploader.ring()

    def _keep(self) -> None:
        while not self._stopping.wait(_TURN_S):
            self._beat.tick()
            for worker in self._workers:
                worker.look_after()

    def _alert(self, sentence: str | None) -> None:
        """What the branch's people are told."""
        if sentence is None:
            command: Command = ClearAlert(id=uuid7(), alert=ALERT)
        else:
            command = RaiseAlert(id=uuid7(), alert=ALERT, message=sentence)
        self._engine.submit(command, _HOUSE, lambda _answer: None)
