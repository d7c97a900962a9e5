"""The side of the server that does not serve: it keeps what the other one writes, and says how far it is."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from branch_server.adapters.db.carrying import load_rows
from branch_server.adapters.db.following import Inlet, LogOutlet, Oldest, Place
from branch_server.adapters.db.journal import SqlJournal
from branch_server.engine.journal import EngineError
from branch_server.standby.aside import put_aside
from branch_server.standby.clock import now_s
from branch_server.standby.files import Incoming
from branch_server.standby.identity import Identity
from branch_server.standby.messages import End, Heard, Hello, Ids, Mark, Ping, Stands, Welcome, Yield
from branch_server.standby.record import Record
from branch_server.standby.rules import Patience
from branch_server.standby.wire import Frame, PairError, Wire, connected
from foleni.link.backoff import Backoff
from foleni.settings import HostPort

_log = logging.getLogger(__name__)

_ANSWER_S = 20.0
_SILENCE_S = 5.0
_JUST_HEARD_S = 2.0
_DIAL_S = 3.0


def _ignore(*_: object) -> None:
    return None


@dataclass(slots=True)
class FollowerEars:
    """What the follower calls, on its own thread."""

    on_serve: Callable[[str], object] = _ignore
    """The record says that this server serves now: the program is to begin anew."""
    on_certificate: Callable[[str], object] = _ignore
    beat: Callable[[], object] = _ignore


@dataclass(slots=True)
class Ports:
    """Where this server listens itself, and what it would like to have signed."""

    pair: int = 0
    mqtt: int = 0
    csr: str = ""
    names: tuple[str, ...] = field(default=())


class Follower:
    """Keeps `DATA` as the other server's is. One thread; the pen keeps a takeover and a batch apart."""

    def __init__(self, data: Path, record: Record, identity: Identity, patience: Patience, ports: Ports) -> None:
        """Raises `StorageError`."""
        self.ears = FollowerEars()
        self.incoming = Incoming(data)
        self.wish = ""
        """Who asks that this server shall serve; the other is told."""
        self.behind_s = 0.0
        self._data = data
        self._record = record
        self.identity = identity
        self._patience = patience
        self._ports = ports
        self._journal = SqlJournal(data)
        self._pen = threading.Lock()
        self._aside = ""
        self._is_over = self._is_connected = False
        self._calls = 0
        """So often the other has heard that it may serve: what it had said before that is void."""
        self._failing = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(1.0)
        self._journal.close()

    @property
    def is_live(self) -> bool:
        """Whether the other was heard a moment ago."""
        return self._patience.silent_s(now_s()) < (_SILENCE_S if self._is_connected else _JUST_HEARD_S)

    def place(self) -> Place:
        """Where the log ends here."""
        with closing(LogOutlet(self._data)) as outlet:
            return outlet.place()

    def serve(self, term: int, by: str, skipped: int, still: Callable[[], bool] = lambda: True) -> bool:
        """This server serves from here on, if it `still` may; nothing of the other is taken any more. Raises `StorageError`."""
        with self._pen:
            if self._is_over or not still():
                return False
            self._begin(term, by, skipped)
            return True

    def put_accounts_in_place(self) -> bool:
        """So that the broker here knows the devices; whether anything was new. Raises `OSError`."""
        if not (self._patience.is_attached and self.incoming.has_accounts_changed):
            return False
        self.incoming.put_accounts_in_place()
        return True

    def stands(self, caller: Wire) -> bool:
        """A call of the other, which does not serve either: it hears how far we are. It may serve then, so we do not by
        ourselves, before we have everything again."""
        Hello.model_validate_json(caller.expect(Frame.HELLO, _ANSWER_S))
        with self._pen:
            if self._is_over:
                raise PairError("this server begins to serve")
            self._patience.behind()
            self._calls += 1
            place, standing = self.place(), self._record.standing
        stands = Stands(term=standing.term, role=standing.role, log=Mark(seq=place.seq, id=place.id))
        caller.send(Frame.STANDS, stands.to_wire(), _ANSWER_S)
        return False

    def _begin(self, term: int, by: str, skipped: int) -> None:
        self.put_accounts_in_place()
        self._record.keep(role="primary", term=term, by=by, skipped=skipped)
        self._is_over = True
        self.ears.on_serve(by)

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stopping.is_set() and not self._is_over:
            try:
                self.ears.beat()
                self._follow_once(backoff)
            except (EngineError, OSError, sqlite3.Error, ValueError) as error:
                level = logging.DEBUG if self._failing else logging.WARNING
                _log.log(level, "the other server is not followed: %s", error)
                self._failing = True
            except Exception:  # noqa: BLE001 - the top of a loop
                _log.exception("following failed")
            self._record.show(attached=False, live=self.is_live)
            self._stopping.wait(min(backoff.next_s(), 2.0))

    def _follow_once(self, backoff: Backoff) -> None:
        other = self._record.standing.other
        if not other:
            return
        where, calls = HostPort.parse(other), self._calls
        wire = connected(where.host, where.port, self.identity.for_calling(), self.identity.name, _DIAL_S)
        try:
            kind, body = self._greeted(wire)
            if kind is Frame.STANDS:
                self._hear_standing(Stands.model_validate_json(body))
                return
            welcome = Welcome.model_validate_json(body)
            self._note(wire, welcome)
            if not welcome.fits:
                self._give_way(wire)
                return
            backoff.reset()
            self._failing = False
            self._is_connected = True
            self._follow(wire, calls)
        finally:
            self._is_connected = False
            wire.close()

    def _greeted(self, wire: Wire) -> tuple[Frame, bytes]:
        place, standing = self.place(), self._record.standing
        hello = Hello(
            branch=self.identity.branch, term=standing.term, role=standing.role, log=Mark(seq=place.seq, id=place.id),
            answers=place.answers, answer=place.answer, pair=self._ports.pair, mqtt=self._ports.mqtt,
            takeover_after_s=self._patience.patience_s, csr=self._ports.csr, names=self._ports.names, aside=self._aside,
        )  # fmt: skip
        wire.send(Frame.HELLO, hello.to_wire(), _ANSWER_S)
        kind, body = wire.receive(_ANSWER_S)
        if kind is Frame.REFUSED:
            raise PairError(body.decode(errors="replace")[:200])
        return kind, body

    def _note(self, wire: Wire, welcome: Welcome) -> None:
        """Whoever serves has the word: this one follows, durably."""
        if welcome.term < self._record.standing.term:
            raise PairError(f"it serves in term {welcome.term}, which is over")
        other_mqtt = str(HostPort(wire.peer_host, welcome.mqtt)) if welcome.mqtt else ""
        with self._pen:
            if self._is_over:
                raise PairError("this server begins to serve")
            self._record.keep(role="standby", term=welcome.term, other_mqtt=other_mqtt, other_takes_over=False)
        if welcome.certificate:
            self.ears.on_certificate(welcome.certificate)

    def _hear_standing(self, other: Stands) -> None:
        """Nobody serves. The one that served last, and has all that the other has, goes on."""
        mine = self._record.standing
        with self._pen, closing(LogOutlet(self._data)) as outlet:
            if self._is_over or mine.role != "waiting" or other.term > mine.term:
                return
            if other.term == mine.term and not outlet.has(Place(other.log.seq, other.log.id)):
                raise PairError("its log has gone another way in the same term")
            _log.info("the other server has not taken over")
            self._begin(mine.term, mine.by, 0)

    def _give_way(self, wire: Wire) -> None:
        """The two logs have parted: what only this one has is put aside, and all of the other's is taken."""
        common = self._parting(wire)
        with self._pen:
            self._patience.behind()
            self._journal.close()
            try:
                self._aside = put_aside(self._data, common, self._record.standing.term).words
            finally:
                self._journal = SqlJournal(self._data)

    def _parting(self, wire: Wire) -> int:
        """The last event that both logs have; 0 where there is none."""
        upto = self.place().seq
        with closing(LogOutlet(self._data)) as outlet:
            while upto > 0:
                told = Ids.model_validate_json(wire.ask(Frame.IDS, Ids(upto=upto).to_wire(), Frame.IDS, _ANSWER_S))
                theirs = {told.upto - n: name for n, name in enumerate(told.ids)}
                for seq, name in outlet.ids(min(upto, told.upto), len(told.ids)):
                    if theirs.get(seq) == name:
                        return seq
                upto = min(theirs, default=0) - 1
        return 0

    def _follow(self, wire: Wire, calls: int) -> None:
        inlet: Inlet | None = None
        try:
            while not self._stopping.is_set():
                kind, body = wire.receive(_SILENCE_S if self._patience.is_attached else _ANSWER_S)
                with self._pen:
                    if self._is_over or self._calls != calls:
                        return
                    inlet = self._take(wire, kind, body, inlet)
                    self._patience.heard(now_s())
                self.ears.beat()
        finally:
            if inlet is not None:
                inlet.give_up()

    def _take(self, wire: Wire, kind: Frame, body: bytes, inlet: Inlet | None) -> Inlet | None:
        match kind:
            case Frame.ROWS:
                inlet = inlet or self._journal.inlet()
                inlet.put(body)
                return inlet
            case Frame.END:
                self._end(wire, End.model_validate_json(body), inlet or self._journal.inlet())
            case Frame.BATCH:
                self._journal.append_rows(load_rows(body))
                wire.send(Frame.ACK, b"", _ANSWER_S)
            case Frame.PING:
                self._patience.agree(Ping.model_validate_json(body).devices)
                self._record.keep(devices=Ping.model_validate_json(body).devices)
                wire.send(Frame.ACK, Heard(wish=self.wish).to_wire(), _ANSWER_S)
            case Frame.FILE:
                self.incoming.put(body)
                wire.send(Frame.ACK, b"", _ANSWER_S)
            case Frame.YIELD:
                asked = Yield.model_validate_json(body)
                self._begin(asked.term, asked.by, 0)
                wire.send(Frame.ACK, b"", _ANSWER_S)
            case _:
                raise PairError(f"{kind.name} is nothing for a follower")
        return None

    def _end(self, wire: Wire, end: End, inlet: Inlet) -> None:
        """All of a part is here: it becomes durable, and the other hears where the log ends."""
        inlet.finish(Oldest(end.oldest_answer, end.oldest_snapshot))
        place = inlet.place()
        told = Hello(
            branch=self.identity.branch, term=self._record.standing.term, role="standby",
            log=Mark(seq=place.seq, id=place.id), answers=place.answers, answer=place.answer,
        )  # fmt: skip
        if end.attached:
            self._patience.attach(now_s())
            self._aside = ""
        wire.send(Frame.ACK, told.to_wire(), _ANSWER_S)
        if end.attached:
            _log.info("everything of the other server is here, up to event %d", place.seq)
            self._record.show(attached=True, live=True)
