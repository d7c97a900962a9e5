"""Hands in what the branch server has not heard: tickets of the own series, and withdrawals. The ledger is the outbox."""

import logging
import threading
from collections.abc import Callable

from foleni.ids import canonical_uuid, uuid7
from foleni.messages.commands import Cancel, Channel, Command, Join
from foleni.messages.replies import Code, Reply
from kiosk.ledger.entries import Entry, Step, found, handed_in, turned_away, without_phone
from kiosk.ledger.ledger import Change, Ledger, LedgerError

logger = logging.getLogger(__name__)

RENUMBERED = "renumbered"
"""The code of a ticket for which the branch server insists on another number than the printed one."""
_MOST_AT_ONCE = 8
_MOST_LATE_ANSWERS = 5
_BROKEN_S = 1.0


def join_of(entry: Entry) -> Join:
    """The command with which a ticket is asked for."""
    return Join(
        id=entry.id, service=entry.service, channel=Channel.KIOSK, priority=entry.priority, language=entry.language,
        phone=entry.phone, at=entry.asked_at,
    )  # fmt: skip


class HandIn:
    """An `Outbox` for the courier, and what hears its answers. Safe to use from any thread.

    `on_change` is called after the ledger changed, `on_broken` with the error where it could not.
    After an answer that does not count it pauses for `pause_s`.
    """

    def __init__(
        self,
        ledger: Ledger,
        on_change: Callable[[], object],
        on_broken: Callable[[LedgerError], object],
        *,
        pause_s: float = 0.2,
    ) -> None:
        self._ledger = ledger
        self._on_change = on_change
        self._on_broken = on_broken
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._late: dict[str, int] = {}
        self._cancels: dict[str, str] = {}
        self._stopping = threading.Event()

    def begin(self, entry: Entry) -> None:
        """The ticket was asked for just now and its first try is out: nothing is handed in before that has ended."""
        with self._lock:
            self._busy.add(entry.id)

    def end(self, entry_id: str) -> None:
        """The first try was answered, or given up."""
        with self._lock:
            self._busy.discard(entry_id)

    def put(self, command: Command) -> None:
        """What waits is in the ledger already."""

    def pending(self) -> list[Command]:
        """The oldest few; nothing while the ledger cannot be read, which is told."""
        try:
            waiting = self._ledger.waiting(_MOST_AT_ONCE)
        except LedgerError as error:
            self._on_broken(error)
            return []
        with self._lock:
            return [self._command(entry) for entry in waiting if entry.id not in self._busy]

    def done(self, command_id: str) -> None:
        """`answered` decides whether it is done."""

    def answered(self, command: Command, reply: Reply) -> None:
        """The branch server's answer, on the courier's thread."""
        change = self._change(command, reply)
        if change is None:
            self._stopping.wait(self._pause_s)
            return
        try:
            self._ledger.change(self._cancels.get(command.id, command.id), change)
        except LedgerError as error:
            self._on_broken(error)
            self._stopping.wait(_BROKEN_S)
            return
        if isinstance(command, Cancel):
            self._cancels.pop(command.id, None)
        self._on_change()

    def close(self) -> None:
        """Nothing waits any more; the ledger stays open."""
        self._stopping.set()

    def _command(self, entry: Entry) -> Command:
        if entry.step is not Step.WITHDRAWN:
            return join_of(entry).model_copy(update={"number": entry.number, "joined_at": entry.asked_at})
        if entry.ticket is None:
            return join_of(entry)
        cancel = entry.cancel or uuid7()
        self._cancels[cancel] = entry.id
        return Cancel(id=cancel, ticket=entry.ticket)

    def _change(self, command: Command, reply: Reply) -> Change | None:
        """What the answer does to the entry; None where it is none to this try."""
        if isinstance(command, Cancel):
            return self._cancelled(reply)
        if isinstance(command, Join) and command.number is None:
            return self._withdrawn(reply)
        assert isinstance(command, Join)
        return self._taken(command, reply)

    def _taken(self, command: Join, reply: Reply) -> Change | None:
        if reply.error is not None:
            return self._refused(command, reply.error.code)
        result = reply.result or {}
        if result.get("number") != command.number:
            return self._late_answer(command, result.get("number"))
        self._forget_late(command.id)
        logger.info("%s was handed in", command.number)
        return lambda entry: handed_in(entry, result.get("ticket"))

    def _refused(self, command: Join, code: Code) -> Change:
        if code is Code.ALREADY_QUEUED and command.phone is not None:
            logger.warning("%s is handed in without its phone number, which has a ticket already", command.number)
            return without_phone
        self._forget_late(command.id)
        logger.error("the branch server refuses %s, which is printed: %s", command.number, code)
        return lambda entry: turned_away(entry, code)

    def _late_answer(self, command: Join, number: object) -> Change | None:
        """The answer to the first try: what is printed wins, so the same is handed in again."""
        times = self._late[command.id] = self._late.get(command.id, 0) + 1
        if times < _MOST_LATE_ANSWERS:
            return None
        self._forget_late(command.id)
        logger.error("the branch server insists on %s for %s, which is printed", number, command.number)
        return lambda entry: turned_away(entry, RENUMBERED)

    def _withdrawn(self, reply: Reply) -> Change:
        try:
            ticket = canonical_uuid(str((reply.result or {}).get("ticket")))
        except ValueError:
            return handed_in
        return (lambda entry: found(entry, ticket)) if reply.ok else handed_in

    def _cancelled(self, reply: Reply) -> Change:
        if reply.error is not None:
            logger.warning("a ticket that nobody saw could not be cancelled: %s", reply.error.message)
        return handed_in

    def _forget_late(self, entry_id: str) -> None:
        with self._lock:
            self._late.pop(entry_id, None)
