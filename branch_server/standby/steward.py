"""Looks after the pair on the side of the server that serves: presses, the lease, and what devices and people are told."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from branch_server.domain.asking import HOUSE, Sender
from branch_server.engine.engine import Engine
from branch_server.standby.asked import Press, taken
from branch_server.standby.clock import now_s
from branch_server.standby.hub import Hub
from branch_server.standby.messages import Yield
from branch_server.standby.record import Record
from branch_server.standby.witnesses import Witnesses
from foleni.ids import uuid7
from foleni.life import Watch
from foleni.messages.commands import ClearAlert, Command, RaiseAlert
from foleni.messages.state import Witness

_log = logging.getLogger(__name__)

ALERT = "standby"
ASIDE_ALERT = "standby:aside"
_TURN_S = 0.25
_PROBE_S = 1.0
_BEAT_WITHIN_S = 20.0
_LATE_S = 5.0
_BEHIND = (
    "The standby server is behind or away. The queue goes on; if this server fails now, the last tickets may be missing there."
)


@dataclass(frozen=True, slots=True)
class Serving:
    """What the steward works with."""

    data: Path
    record: Record
    hub: Hub
    engine: Engine
    become: Callable[[str], object]
    """The program begins anew: its role has changed."""


class Steward:
    """One thread."""

    def __init__(self, serving: Serving, watch: Watch) -> None:
        self.tell_server: Callable[[], object] = lambda: None
        self.witnesses: Witnesses | None = None
        self._serving = serving
        self._beat = watch.beat("steward", _BEAT_WITHIN_S).tick
        self._probe_due = 0.0
        self._alert_due = monotonic() + _LATE_S
        self._alert: bool | None = None
        self._left = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="steward", daemon=True)
        serving.hub.ears.on_superseded = self.leave

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(1.0)

    def also(self) -> Mapping[str, object]:
        """What the server's topic says besides."""
        standing = self._serving.record.standing
        told: dict[str, object] = {"term": standing.term, "role": "primary"}
        if standing.other_mqtt:
            told["other"] = standing.other_mqtt
        if self.witnesses is not None and self.witnesses.probe:
            told["probe"] = self.witnesses.probe
        return told

    def hears(self, device: str, asked_at: float, witness: Witness) -> None:
        """A device has answered: it is at this server."""
        if witness.term > self._serving.record.standing.term:
            self.leave(f"{device} has seen term {witness.term}")
        else:
            self._serving.hub.lease.heard(device, asked_at)

    def leave(self, why: str) -> None:
        """This server does not serve any more, until it knows that it may. For any thread."""
        self._left = self._left or why

    def _run(self) -> None:
        try:
            while not self._stopping.wait(_TURN_S):
                self._beat()
                self._turn()
        except Exception:  # noqa: BLE001 - the top of a loop
            _log.exception("nobody looks after the pair any more")
            self._serving.become("nobody looks after the pair")

    def _turn(self) -> None:
        hub, record = self._serving.hub, self._serving.record
        asked = taken(self._serving.data) or self._wished()
        if asked is not None:
            self._hand_over(asked)
        if not hub.lease.may_serve(now_s()):
            self.leave("it hears neither its standby nor half of the devices")
        if self._left:
            record.keep(role="waiting")
            _log.critical("this server does not serve any more: %s", self._left)
            self._serving.become(self._left)
            self._stopping.set()
            return
        if hub.lease.is_free and record.standing.other_takes_over and not hub.is_attached:
            record.keep(other_takes_over=False)
        self._tell_devices()
        self._tell_people()

    def _wished(self) -> Press | None:
        wish, self._serving.hub.wish = self._serving.hub.wish, ""
        return Press(what="hand_over", by=wish) if wish else None

    def _hand_over(self, asked: Press) -> None:
        """In order: nothing is written here any more, then the other one serves. If its word is lost, it is asked again."""
        hub, record = self._serving.hub, self._serving.record
        if asked.what != "hand_over" or not hub.is_attached:
            _log.error("%s asked for a handover, but the standby is not there with everything", asked.by)
            return
        term = record.standing.term + 1
        record.keep(role="waiting")
        self._serving.engine.stop()
        done = hub.yield_to_follower(Yield(term=term, by=asked.by).to_wire())
        _log.info("handed over to the standby, as %s asked: %s", asked.by, "done" if done else "not known yet")
        self.leave(f"{asked.by} has handed over to the standby")

    def _tell_devices(self) -> None:
        """Where the lease goes by the devices, they are asked."""
        if self.witnesses is None or monotonic() < self._probe_due:
            return
        self._probe_due = monotonic() + _PROBE_S
        if not self._serving.hub.is_attached and not self._serving.hub.lease.is_free:
            self.witnesses.ask()
            self.tell_server()

    def _tell_people(self) -> None:
        """An alert where the standby is behind for more than a moment."""
        behind = not self._serving.hub.is_attached and bool(self._serving.record.standing.other)
        if not behind:
            self._alert_due = monotonic() + _LATE_S
        wanted = behind and monotonic() >= self._alert_due
        if wanted != self._alert and (wanted or not behind):
            self._alert = wanted
            self._ask(RaiseAlert(id=uuid7(), alert=ALERT, message=_BEHIND) if wanted else ClearAlert(id=uuid7(), alert=ALERT))
        aside, self._serving.hub.aside = self._serving.hub.aside, ""
        if aside:
            self._ask(RaiseAlert(id=uuid7(), alert=ASIDE_ALERT, message=aside[:500]))

    def _ask(self, command: Command) -> None:
        self._serving.engine.submit(command, Sender(HOUSE, trusted=True), lambda _answer: None)
