"""The server that serves: it takes a follower in, and no answer goes out that an attached follower has not kept."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from branch_server.adapters.db.carrying import Rows, dump_rows, rows_of
from branch_server.adapters.db.following import LogOutlet, Place
from branch_server.adapters.db.journal import SqlJournal
from branch_server.engine.journal import Batch, StorageError
from branch_server.standby.clock import now_s
from branch_server.standby.files import Changes
from branch_server.standby.messages import End, Heard, Hello, Ids, Mark, Ping, Stands, Welcome
from branch_server.standby.record import Record
from branch_server.standby.rules import Lease
from branch_server.standby.wire import Frame, PairError, Wire
from foleni.logs import Seldom
from foleni.settings import HostPort

_log = logging.getLogger(__name__)

_ANSWER_S = 20.0
_PING_S = 1.0
_FEW = 200
"""So many events are sent while the queue stands still."""


@dataclass(slots=True)
class HubEars:
    """What the hub calls, on its own threads."""

    on_standing: Callable[[bool], object]
    """The follower has come to be attached, or is lost."""
    on_superseded: Callable[[str], object]
    """The other server has a higher term: this one must not serve."""
    sign: Callable[[Hello], str] = lambda _hello: ""
    """The certificate that a follower asks for."""
    devices: Callable[[], tuple[str, ...]] = tuple
    """Which devices are online."""


class Hub:
    """Takes one follower; `append` is the journal's, with the follower in it."""

    def __init__(self, data: Path, journal: SqlJournal, record: Record, wait_s: float) -> None:
        """`wait_s` is how long an answer waits for the follower."""
        self.ears = HubEars(lambda _attached: None, lambda _reason: None)
        self.branch = ""
        self.mqtt_port = self.pair_port = 0
        self.wish = self.aside = ""
        """Who asked at the follower that it shall serve, and what a follower had to put aside. Whoever reads one empties it."""
        self._data = data
        self._journal = journal
        self._record = record
        self._wait_s = wait_s
        self.lease = Lease()
        self._pen = threading.Lock()
        self._follower: Wire | None = None
        self._told: tuple[str, ...] = ()
        self._changes = Changes(data)
        self._has_yielded = False
        self._seldom = Seldom(_log)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_alive, name="pair", daemon=True)

    @property
    def is_attached(self) -> bool:
        return self._follower is not None

    def start(self) -> None:
        self._record.keep(other_takes_over=False)
        self._record.show(attached=False)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with self._pen:
            if self._follower is not None:
                self._follower.close()
                self._follower = None
        if self._thread.is_alive():
            self._thread.join(1.0)

    def append(self, rows: Rows) -> None:
        """Durable here, and at the attached follower. Raises `StorageError` where it is not durable here, or where this server
        may no longer serve: then nobody is answered.

        Both disks work at once, but where the follower may take over by itself: then nothing is written here that it may lack
        and that nobody may be told.
        """
        with self._pen:
            self._check_lease()
            follower, sent_at = self._follower, now_s()
            is_first = not self.lease.is_free
            if follower is not None and self._tried(partial(follower.send, Frame.BATCH, dump_rows(rows), self._wait_s)):
                if is_first:
                    self._hear(follower, sent_at)
            else:
                follower = None
            self._check_lease()
            try:
                self._journal.append_rows(rows)
            except StorageError:
                self._lose("what was sent to it could not be kept here")
                raise
            if follower is not None and not is_first:
                self._hear(follower, sent_at)

    def _hear(self, follower: Wire, sent_at: float) -> None:
        """The follower's word that it has kept what was sent; without it, it is lost."""
        if self._tried(partial(follower.expect, Frame.ACK, self._wait_s)):
            self.lease.acknowledged(sent_at)

    def yield_to_follower(self, body: bytes) -> bool:
        """Tells the attached follower to serve; whether it has said that it does. Nothing is written here any more. It has the
        newest files then, too: a device that has just joined would be a stranger to it.
        """
        with self._pen:
            follower = self._follower
            if follower is None:
                return False
            self._has_yielded = True
            try:
                for piece in self._changes.pieces():
                    follower.ask(Frame.FILE, piece, Frame.ACK, _ANSWER_S)
                follower.ask(Frame.YIELD, body, Frame.ACK, _ANSWER_S)
            except PairError as error:
                _log.error("the standby did not say whether it serves now: %s", error)
                return False
            return True

    def talk(self, wire: Wire) -> bool:
        """Everything with one caller, up to where it is attached, and whether it is. On a thread of the listener."""
        hello = hello_of(wire)
        if hello.branch != self.branch:
            raise PairError(f"it is a server of branch {hello.branch}")
        standing = self._record.standing
        if hello.term > standing.term:
            with closing(LogOutlet(self._data)) as outlet:
                place = outlet.place()
            stands = Stands(term=standing.term, role="waiting", log=Mark(seq=place.seq, id=place.id))
            wire.send(Frame.STANDS, stands.to_wire(), _ANSWER_S)
            self.ears.on_superseded(f"the other server is in term {hello.term}")
            return False
        with closing(LogOutlet(self._data)) as outlet:
            place = Place(hello.log.seq, hello.log.id, hello.answers, hello.answer)
            fits = outlet.has(place)
            welcome = Welcome(
                term=standing.term, fits=fits, pair=self.pair_port, mqtt=self.mqtt_port, certificate=self.ears.sign(hello)
            )
            wire.send(Frame.WELCOME, welcome.to_wire(), _ANSWER_S)
            if not fits:
                self._tell_ids(wire, outlet)
                return False
            self.aside = hello.aside
            self._record.keep(
                other=str(HostPort(wire.peer_host, hello.pair)) if hello.pair else "",
                other_mqtt=str(HostPort(wire.peer_host, hello.mqtt)) if hello.mqtt else "",
                other_takes_over=standing.other_takes_over or hello.takeover_after_s > 0,
            )
            return self._catch_up(wire, outlet, place, is_strict=hello.takeover_after_s > 0)

    def _catch_up(self, wire: Wire, outlet: LogOutlet, place: Place, *, is_strict: bool) -> bool:
        """Sends what the follower lacks: most of it beside the queue, the last of it while the queue stands still."""
        changes = Changes(self._data)
        while outlet.place().seq - place.seq > _FEW:
            place = self._send_behind(wire, outlet, place, _ANSWER_S, attached=False)
        for piece in changes.pieces():
            wire.ask(Frame.FILE, piece, Frame.ACK, _ANSWER_S)
        with self._pen:
            self._lose("it has come anew")
            devices = self.ears.devices()
            self._record.keep(devices=devices, other_takes_over=is_strict)
            wire.ask(Frame.PING, Ping(devices=devices).to_wire(), Frame.ACK, self._wait_s)
            self.lease.attach(devices, now_s(), is_strict=is_strict)
            self._told = devices
            self._follower, self._changes = wire, changes
            if not self._tried(lambda: self._send_behind(wire, outlet, place, self._wait_s, attached=True)):
                return False
        _log.info("the standby at %s has everything", wire.peer_host)
        self._record.show(attached=True)
        self.ears.on_standing(True)
        return True

    def _send_behind(self, wire: Wire, outlet: LogOutlet, place: Place, within_s: float, *, attached: bool) -> Place:
        for piece in outlet.behind(place):
            wire.send(Frame.ROWS, piece, within_s)
        oldest = outlet.oldest()
        end = End(attached=attached, oldest_answer=oldest.answer, oldest_snapshot=oldest.snapshot)
        mark = Hello.model_validate_json(wire.ask(Frame.END, end.to_wire(), Frame.ACK, within_s))
        return Place(mark.log.seq, mark.log.id, mark.answers, mark.answer)

    def _tell_ids(self, wire: Wire, outlet: LogOutlet) -> None:
        """For a follower whose log has gone another way: it looks for the point where the two parted."""
        while True:
            asked = Ids.model_validate_json(wire.expect(Frame.IDS, _ANSWER_S))
            found = outlet.ids(asked.upto, _FEW)
            told = Ids(upto=found[0][0] if found else 0, ids=tuple(name for _, name in found))
            wire.send(Frame.IDS, told.to_wire(), _ANSWER_S)

    def _keep_alive(self) -> None:
        while not self._stopping.wait(_PING_S):
            try:
                follower = self._ping()
                if follower is not None:
                    self._record.keep(devices=self._told)
                    self._send_changes(follower)
            except Exception as error:  # noqa: BLE001 - the top of a loop: a disk that is full for a moment does not end the pair
                self._seldom.warning("pair", "the standby could not be looked after: %r", error)

    def _ping(self) -> Wire | None:
        """The follower, if there is one and it answers; it knows the devices that are online then."""
        with self._pen:
            follower, sent_at = self._follower, now_s()
            if follower is None:
                return None
            if not follower.is_welcome():
                self._lose("it is no standby of this branch any more")
                return None
            self._told = devices = self.ears.devices()
            try:
                told = follower.ask(Frame.PING, Ping(devices=devices).to_wire(), Frame.ACK, self._wait_s)
                self.wish = Heard.model_validate_json(told).wish
            except (PairError, ValidationError) as error:
                self._lose(str(error))
                return None
            self.lease.acknowledged(sent_at)
            self.lease.agree(devices)
            return follower

    def _send_changes(self, wire: Wire) -> None:
        """The files that have changed, in pieces, so that no answer waits long."""
        with self._pen:
            if self._follower is not wire:
                return  # what is told to another one in its place is not told twice
            changes = self._changes
        for piece in changes.pieces():
            with self._pen:
                if self._follower is not wire or not self._tried(partial(wire.ask, Frame.FILE, piece, Frame.ACK, self._wait_s)):
                    return

    def _tried(self, said: Callable[[], object]) -> bool:
        """With the pen in hand: whether the follower has heard it; one that has not is lost."""
        try:
            said()
        except PairError as error:
            self._lose(str(error))
            return False
        return True

    def _lose(self, why: str) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.close()
            self.lease.detach(now_s(), self._told)
            _log.warning("the standby is behind: %s", why)
            threading.Thread(target=self._tell_lost, name="pair lost", daemon=True).start()

    def _tell_lost(self) -> None:
        self._record.show(attached=self.is_attached)
        self.ears.on_standing(self.is_attached)

    def _check_lease(self) -> None:
        if self._has_yielded:
            raise StorageError("this server has handed over")
        if not self.lease.may_answer(now_s()):
            raise StorageError("this server may no longer serve: it hears neither its standby nor half of the devices")


class FollowedJournal:
    """The journal of a server that may have a follower."""

    def __init__(self, journal: SqlJournal, hub: Hub) -> None:
        self._journal = journal
        self._hub = hub
        self.load, self.answers, self.read = journal.load, journal.answers, journal.read
        self.cursor, self.tidy, self.close = journal.cursor, journal.tidy, journal.close

    def append(self, batch: Batch) -> None:
        self._hub.append(rows_of(batch))


def hello_of(wire: Wire) -> Hello:
    """What a caller says first. Raises `PairError`."""
    try:
        return Hello.model_validate_json(wire.expect(Frame.HELLO, _ANSWER_S))
    except ValidationError as error:
        raise PairError("it does not say who it is") from error
