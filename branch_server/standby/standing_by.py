"""Looks after the pair on the side of the server that does not serve: presses, patience, its broker, what devices are told."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from branch_server.standby.asked import Press, taken
from branch_server.standby.clock import now_s
from branch_server.standby.follower import Follower
from branch_server.standby.record import Record
from branch_server.standby.rules import Patience, Return, Word, skipped
from branch_server.standby.witnesses import Witnesses
from foleni.life import Watch
from foleni.messages.state import Witness

_log = logging.getLogger(__name__)

_TURN_S = 0.25
_PROBE_S = 1.0
_PRESS_S = 30.0
_BEAT_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a server that does not serve is made of."""

    data: Path
    record: Record
    follower: Follower
    patience: Patience


class StandingBy:
    """One thread. `witnesses` and `renew_broker` come before `start`."""

    def __init__(self, waiting: Waiting, watch: Watch) -> None:
        self.witnesses: Witnesses | None = None
        self.renew_broker: Callable[[], object] = lambda: None
        self._waiting = waiting
        self._beat = watch.beat("standing by", _BEAT_WITHIN_S).tick
        self._return = Return(waiting.record.standing.devices, now_s())
        self._highest = 0
        self._asked: Press | None = None
        self._asked_until = 0.0
        self._probe_due = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="standing by", daemon=True)

    def start(self) -> None:
        self._waiting.record.show(attached=False, live=False)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(1.5)

    def hears(self, device: str, asked_at: float, witness: Witness) -> None:
        """What a device that is here says of the other server. On a link's thread."""
        self._highest = max(self._highest, witness.term)
        self._waiting.patience.says(device, Word(asked_at, witness.away_s, witness.term, witness.seq))
        if witness.term <= self._waiting.record.standing.term:
            self._return.heard(device, asked_at)

    def _run(self) -> None:
        while not self._stopping.wait(_TURN_S):
            self._beat()
            try:
                self._turn()
            except Exception:  # noqa: BLE001 - the top of a loop
                _log.exception("the standby could not look after itself")

    def _turn(self) -> None:
        follower = self._waiting.follower
        self._take_press()
        if self._asked is not None:
            self._follow_press(self._asked)
        elif self._may_take_over():
            self._serve("the standby itself", self._may_take_over)
        elif self._may_return():
            _log.warning("the other server cannot be asked; half of the devices are here, so this one goes on")
            standing = self._waiting.record.standing
            follower.serve(standing.term, standing.by, 0, self._may_return)
        if follower.put_accounts_in_place():
            self.renew_broker()
        self._tell_devices()

    def _take_press(self) -> None:
        asked = taken(self._waiting.data)
        if asked is not None and asked.what == "take_over":
            _log.info("%s wants this server to serve", asked.by)
            self._asked, self._asked_until = asked, monotonic() + _PRESS_S

    def _follow_press(self, asked: Press) -> None:
        """A person wants this server to serve: the other is asked to step down, or it is off, as the person says."""
        if self._waiting.follower.is_live:
            self._waiting.follower.wish = asked.by
        elif asked.first_is_off:
            self._asked = None
            self._serve(asked.by)
        else:
            _log.error("%s wants this server to serve, but has not said that the other is off", asked.by)
            self._asked = None
        if monotonic() > self._asked_until:
            _log.error("the other server does not hand over, though %s has asked for it", asked.by)
            self._asked, self._waiting.follower.wish = None, ""

    def _serve(self, by: str, still: Callable[[], bool] = lambda: True) -> None:
        record, patience = self._waiting.record, self._waiting.patience
        known = record.standing.model_copy(update={"term": max(record.standing.term, self._highest)})
        seq = self._waiting.follower.place().seq
        is_whole = patience.is_attached
        left_out = skipped(is_certain=False, ahead=patience.known_ahead(seq))
        if self._waiting.follower.serve(known.next_term, by, left_out, still):
            _log.critical("this server serves from now on, in term %d, by %s", known.next_term, by)
            if not is_whole:
                _log.critical("it may not have everything that the other has answered")

    def _may_take_over(self) -> bool:
        standing = self._waiting.record.standing
        if standing.role != "standby" or not self._waiting.patience.patience_s:
            return False
        return self._waiting.patience.may_take_over(now_s(), standing.term, self._waiting.follower.place().seq)

    def _may_return(self) -> bool:
        standing = self._waiting.record.standing
        return standing.role == "waiting" and not standing.other_takes_over and self._return.may_serve(now_s())

    def _tell_devices(self) -> None:
        if self.witnesses is None:
            return
        if not self._waiting.follower.is_live and monotonic() >= self._probe_due:
            self._probe_due = monotonic() + _PROBE_S
            self.witnesses.ask()
        standing = self._waiting.record.standing
        self.witnesses.say(standing.term, "standby", standing.other_mqtt)
