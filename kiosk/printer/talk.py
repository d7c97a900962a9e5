"""Questions to a printer and its answers, over wires on which garbage and old answers may come as well."""

import time
from dataclasses import dataclass

from kiosk.printer.status import (
    ASK_PAPER,
    Paper,
    Query,
    State,
    is_in_turn,
    is_real_time,
    only_answer,
    paper_of,
    state_of,
    without_flow_control,
)
from kiosk.printer.transport import SLICE_S, Transport, Turn

RESYNC = bytes(2304) + b"\x1b@\x1dV\x42\x00"
"""After a ticket that was cut short: zeros that complete a picture in which the printer may still be (longer than any
slice of `kiosk.paper.escpos`; elsewhere they mean nothing), a reset, and a cut, so that the next ticket is alone.
"""
_NO_REPORTS = b"\x1da\x00"
"""GS a 0: no status that nobody asked for."""
_TRIES = 3
_MOST_OLD_BYTES = 1 << 16
_QUIET_S = 0.05
_BABBLE_S = 0.3
_OFFLINE = 0x08


class SilenceError(Exception):
    """The printer is connected and gives no answer."""


class GarbageError(Exception):
    """What the printer answers makes no sense."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a printer may take."""

    watch_s: float = 1.0
    """Between two looks at an idle printer."""
    connect_s: float = 1.5
    answer_s: float = 1.0
    stall_s: float = 3.0
    """How long it may take nothing in mid-ticket."""
    confirm_s: float = 6.0
    """From the last byte taken to the confirmation."""
    poll_s: float = 0.5
    """Between two questions, while a confirmation is awaited, whether the printer stands still."""
    settled_s: float = 0.2
    """How long it must be quiet after the first answer for no older one to be under way."""


class Talk:
    """One connection's conversation. Everything raises `TransportError`, and whatever `turn` raises.

    `is_settled` once no answer to an older question can come any more.
    """

    def __init__(self, transport: Transport, pace: Pace, turn: Turn, *, answers: bool) -> None:
        self.transport = transport
        self.pace = pace
        self.turn = turn
        self.answers = answers
        self.is_settled = False
        self._is_resynced = False
        self._owed = 0

    def state(self) -> State:
        """How the printer is. Raises `SilenceError` and `GarbageError`."""
        if not self.answers:
            self.transport.check()
            return State.OK
        found = {query: self._ask(query) for query in (Query.PRINTER, Query.PAPER)}
        if found[Query.PRINTER] & _OFFLINE or not state_of(found).can_print:
            found |= {query: self._ask(query) for query in (Query.OFFLINE_CAUSE, Query.ERROR_CAUSE)}
        return state_of(found)

    def settle(self, *, torn: bool) -> None:
        """Make sure that the printer works off what it gets, and that its next answer belongs to the next question.
        With `torn` it first gets rid of a ticket that was cut short. Raises `SilenceError` and `GarbageError`.
        """
        if torn and not self._is_resynced:
            self._write_all(RESYNC)
            self._is_resynced = True
        if self.answers:
            self._write_all(_NO_REPORTS)
            self.paper(self.pace.settled_s)
        self.is_settled = True

    def paper(self, quiet_s: float = 0.0) -> Paper:
        """Ask GS r: answered when everything before it was processed, and when older questions have their answers too.
        Raises `SilenceError`, and `GarbageError` where anything else comes with it, or within `quiet_s` after it.
        """
        for _ in range(_TRIES):
            self.drain()
            self._owed += 1
            heard = self._answers_to(ASK_PAPER, self._owed, quiet_s)
            if not all(map(is_in_turn, heard)) or len(heard) > self._owed:
                self._owed = 0
                continue
            self._owed -= len(heard)
            paper = paper_of(heard[-1])
            if self._owed or paper is None:
                raise SilenceError("its answers to GS r come late")
            return paper
        raise GarbageError("its answers to GS r make no sense")

    def drain(self) -> None:
        """Throw away what came in unasked, or too late. Raises `GarbageError` where it does not end."""
        old = 0
        while data := self.transport.read(0):
            self.turn()
            old += len(data)
            self._owed = max(0, self._owed - sum(map(is_in_turn, without_flow_control(data))))
            if old > _MOST_OLD_BYTES:
                raise GarbageError("it talks without end")

    def hear(self, timeout_s: float) -> bytes:
        """What came in within `timeout_s`, without flow control."""
        self.turn()
        return without_flow_control(self.transport.read(timeout_s))

    def _ask(self, query: Query) -> int:
        for _ in range(_TRIES):
            self.drain()
            answer = only_answer(self._answers_to(query.bytes))
            if answer is not None and is_real_time(answer):
                return answer
        raise GarbageError(f"its answers to DLE EOT {query.value} make no sense")

    def _answers_to(self, question: bytes, count: int = 1, quiet_s: float = 0.0) -> bytes:
        """What comes after a question until it is quiet: at least one byte, or `SilenceError`."""
        self._write_all(question)
        deadline = time.monotonic() + self.pace.answer_s
        heard = b""
        while len(heard) < count and (more := self._hear_within(deadline - time.monotonic())):
            heard += more
        if not heard:
            raise SilenceError(f"no answer to {question.hex(' ')}")
        quiet_s = quiet_s or (0.0 if len(heard) == count else _QUIET_S)
        deadline = time.monotonic() + _BABBLE_S
        while (more := self._hear_within(quiet_s)) and time.monotonic() < deadline:
            heard += more
        return heard + more

    def _hear_within(self, timeout_s: float) -> bytes:
        """The first that comes."""
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = deadline - time.monotonic()
            heard = self.hear(min(SLICE_S, max(0.0, left_s)))
            if heard or left_s <= 0:
                return heard

    def _write_all(self, data: bytes) -> None:
        """Questions are small: one that is not taken in time is one that is not answered."""
        deadline = time.monotonic() + max(self.pace.answer_s, self.pace.stall_s if len(data) > len(ASK_PAPER) else 0)
        while data:
            self.turn()
            taken = self.transport.write(data)
            data = data[taken:]
            if data and time.monotonic() > deadline:
                raise SilenceError("it takes no bytes")
