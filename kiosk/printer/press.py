"""Printing one ticket on a printer that is ready, and finding out what became of it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.pages import Paper
from kiosk.printer.status import Query, is_in_turn, is_real_time, paper_of
from kiosk.printer.talk import GarbageError, SilenceError, Talk
from kiosk.printer.transport import SLICE_S, TransportError

_TROUBLE_POLLS = 2
_TROUBLE = 0x64
"""Of the answer to DLE EOT 2: the cover is open, the paper has ended, or there is an error."""
_PIECE_BYTES = 4096
_QUIET_S = 0.05


class Stopped(Exception):  # noqa: N818 - no error: somebody wants the thread to end
    """Raised by `turn` where the printer's thread is to end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a ticket; `why` where it is not PRINTED, in words for the log."""

    paper: Paper
    why: str = ""
    is_torn: bool = False
    """The printer may hold a part of the ticket still."""


@dataclass(slots=True)
class _Heard:
    """What came in while a confirmation is waited for."""

    confirmations: bytes = b""
    is_garbled: bool = False
    troubles: int = 0

    def take(self, data: bytes) -> None:
        for byte in data:
            if is_real_time(byte):
                self.troubles = self.troubles + 1 if byte & _TROUBLE else 0
            elif is_in_turn(byte):
                self.confirmations += bytes((byte,))
            else:
                self.is_garbled = True
        self.is_garbled = self.is_garbled or len(self.confirmations) > 1


def print_ticket(talk: Talk, data: bytes) -> Outcome:
    """Send a ticket that ends with GS r 1, and wait for its confirmation: at most some seconds. Never raises but for
    faults of this program; the thread's stop ends it at once.
    """
    sent = 0
    try:
        for piece_sent in _send(talk, data):
            sent += piece_sent
        if not talk.answers:
            return Outcome(Paper.PRINTED)
        return _confirm(talk)
    except (TransportError, SilenceError, GarbageError) as error:
        why = str(error)
    except Stopped:
        why = "stopped"
    return Outcome(Paper.UNSURE, why, is_torn=True) if sent else Outcome(Paper.FAILED, why)


def _send(talk: Talk, data: bytes) -> Iterator[int]:
    """Write all of `data` until it has left this machine; yields how many bytes were taken each time."""
    deadline = time.monotonic() + talk.pace.stall_s
    waiting = len(data)
    at = 0
    while waiting:
        talk.turn()
        taken = talk.transport.write(data[at : at + _PIECE_BYTES]) if at < len(data) else 0
        at += taken
        yield taken
        if at < len(data):
            talk.transport.read(0)  # what it says in mid-ticket answers no question of ours
        still = len(data) - at + (talk.transport.unsent() if at == len(data) else 0)
        if still < waiting:
            deadline = time.monotonic() + talk.pace.stall_s
        elif time.monotonic() > deadline:
            raise SilenceError("it takes no more bytes")
        elif at == len(data):
            time.sleep(0.002)
        waiting = still


def _confirm(talk: Talk) -> Outcome:
    deadline = time.monotonic() + talk.pace.confirm_s
    poll_due = time.monotonic() + talk.pace.poll_s
    heard = _Heard()
    while time.monotonic() < deadline:
        heard.take(talk.hear(SLICE_S / 4))
        if heard.is_garbled:
            return _confirm_again(talk, deadline)
        if heard.confirmations:
            return _believe(talk, heard.confirmations[0], deadline)
        if heard.troubles >= _TROUBLE_POLLS:
            return Outcome(Paper.UNSURE, "it stopped in mid-ticket", is_torn=True)
        if time.monotonic() >= poll_due:
            poll_due = time.monotonic() + talk.pace.poll_s
            talk.transport.write(Query.OFFLINE_CAUSE.bytes)
    return Outcome(Paper.UNSURE, "it did not confirm the ticket", is_torn=True)


def _believe(talk: Talk, byte: int, deadline: float) -> Outcome:
    """A confirmation counts where the printer talks sense right after it, or is gone."""
    paper = paper_of(byte)
    if paper is None or paper.out:
        return Outcome(Paper.UNSURE, "the paper ended in mid-ticket", is_torn=True)
    try:
        talk.state()
    except GarbageError:
        return _confirm_again(talk, deadline)
    except (TransportError, SilenceError):
        pass
    return Outcome(Paper.PRINTED)


def _confirm_again(talk: Talk, deadline: float) -> Outcome:
    """After garbage: two questions, asked behind the ticket, that are each answered with sense and nothing else."""
    why = "its answers make no sense"
    while time.monotonic() < deadline:
        try:
            papers = [talk.paper(), talk.paper()]
            talk.state()
        except GarbageError as error:
            why = str(error)
            talk.hear(_QUIET_S)
        else:
            printed = not any(paper.out for paper in papers)
            return Outcome(Paper.PRINTED) if printed else Outcome(Paper.UNSURE, "the paper ended in mid-ticket", is_torn=True)
    return Outcome(Paper.UNSURE, why, is_torn=True)
