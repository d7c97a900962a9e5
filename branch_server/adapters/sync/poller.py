"""What people ask from afar comes down, is done by the engine, and is answered."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Protocol

from branch_server.adapters.sync.address import TokenFile
from branch_server.adapters.sync.asked import Understanding, Wanted
from branch_server.adapters.sync.errors import CloudAwayError
from branch_server.adapters.sync.standing import Standing
from branch_server.adapters.sync.wire import Wire
from branch_server.adapters.sync.worker import Worker
from branch_server.domain.asking import REMOTE_ISSUER, Sender
from branch_server.engine.batching import Done
from branch_server.engine.journal import Answer
from foleni.link.backoff import Backoff
from foleni.logs import Seldom
from foleni.messages.commands import Command
from foleni.messages.replies import Code, Reply

WAIT_S = 25
"""So long the cloud may hold its answer back until there is something."""
_HELD_WAIT_S = 1
_ANSWER_S = 0.25
_AT_ONCE_S = 1.0
_SENDER = Sender(REMOTE_ISSUER, trusted=True)

_log = logging.getLogger(__name__)


class Doing(Protocol):
    """The part of the engine that does what is asked."""

    def submit(self, command: Command, sender: Sender, done: Done, *, deadline: float | None = None) -> None: ...


class Poller(Worker):
    """Holds a long poll open. Its cursor lives in memory: the cloud leaves out what has its answer, so after a failure, or a
    restart, it begins anew.
    """

    def __init__(
        self,
        wire: Wire,
        standing: Standing,
        token: TokenFile,
        engine: Doing,
        understanding: Understanding,
        answer: Callable[[str, bytes], object],
    ) -> None:
        """`answer` takes the id of a command and the reply to it."""
        super().__init__("poller", wire, standing, token)
        self._engine = engine
        self._understanding = understanding
        self._answer = answer
        self._cursor = 0
        self._held: list[Wanted] = []
        self._patience = Backoff(0.2, 5.0, floor_s=0.1)
        self._seldom = Seldom(_log)

    def turn(self) -> None:
        self._do(self._held)
        began = monotonic()
        after, self._cursor = self._cursor, 0
        wait_s = _HELD_WAIT_S if self._held else WAIT_S
        cursor, commands = _understood(self._wire.get("commands", {"after": after, "wait": wait_s}, wait_s + 10.0))
        self._well()
        self._do([*self._held, *self._wanted(commands)])
        self._cursor = cursor
        if self._held:
            self._over.wait(self._patience.next_s())
        elif cursor == after and monotonic() - began < _AT_ONCE_S:
            self._over.wait(_AT_ONCE_S)

    def _wanted(self, commands: Sequence[Any]) -> list[Wanted]:
        """What the engine is to do; the rest is answered here."""
        wanted = []
        for raw in commands:
            read = self._understanding.read(raw) if isinstance(raw, dict) else None
            if isinstance(read, Wanted):
                wanted.append(read)
            elif read is not None:
                self._answer(read.command, read.to_wire())
            else:
                self._seldom.warning("garbage", "the cloud sent what is no command")
        return wanted

    def _do(self, wanted: list[Wanted]) -> None:
        """Has all of these done in their order, and answers them. What storage cannot take now is held, and done later. Of two
        with one id the later is what the cloud wants: a join that has got a number meanwhile.
        """
        wanted = list({one.command.key: one for one in wanted}.values())
        if not wanted:
            return
        answers: SimpleQueue[tuple[Wanted, Answer]] = SimpleQueue()
        for one in wanted:
            self._engine.submit(one.command, _SENDER, partial(_put, answers, one), deadline=one.deadline)
        self._held = []
        for _ in wanted:
            told = self._next(answers)
            if told is None:
                return
            one, answer = told
            if _is_unavailable(answer) and not one.is_late:
                self._held.append(one)
            else:
                self._answer(one.command.id, answer.payload)
        if not self._held:
            self._patience.reset()

    def _next(self, answers: SimpleQueue[tuple[Wanted, Answer]]) -> tuple[Wanted, Answer] | None:
        """None where the end has begun before the engine has answered."""
        while not self._over.is_set():
            try:
                return answers.get(timeout=_ANSWER_S)
            except Empty:
                continue
        return None


def _put(answers: SimpleQueue[tuple[Wanted, Answer]], wanted: Wanted, answer: Answer) -> None:
    answers.put((wanted, answer))


def _is_unavailable(answer: Answer) -> bool:
    if b'"ok":true' in answer.payload:
        return False
    error = Reply.model_validate_json(answer.payload).error
    return error is not None and error.code is Code.UNAVAILABLE


def _understood(body: dict[str, Any]) -> tuple[int, list[Any]]:
    cursor, commands = body.get("cursor"), body.get("commands")
    if not isinstance(cursor, int) or isinstance(cursor, bool) or not isinstance(commands, list):
        raise CloudAwayError("what it sends are no commands")
    return cursor, commands
