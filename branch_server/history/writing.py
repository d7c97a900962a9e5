"""Commands at times of our choosing, through the engine's own rules and into the real journal."""

import json
from typing import Any

from branch_server.adapters.setup.file import Setup
from branch_server.adapters.setup.founding import Tell, found
from branch_server.domain.asking import Sender
from branch_server.domain.state import State
from branch_server.domain.waits import Drain
from branch_server.engine.batching import Asked, Parts, Work
from branch_server.engine.clock import SteadyClock
from branch_server.engine.engine import Engine
from branch_server.engine.journal import Answer, Journal
from branch_server.engine.recovery import recover
from foleni.ids import Uuid7
from foleni.messages.commands import Command
from foleni.times import Instant

MADE = "demo"
"""The device of every ticket that was made so, and the actor of every event."""

_SENDER = Sender(MADE, trusted=True)
_EVENTS_AT_ONCE = 1000


class Past:
    """The only writer of a journal, at a time that it is told. It begins as an empty branch at `now`."""

    def __init__(self, journal: Journal, now: Instant) -> None:
        self.now = now
        self._journal = journal
        clock = SteadyClock(lambda: self.now, lambda: self.now)
        self._parts = Parts(clock, lambda ticket: f"/t/{ticket}", Drain())
        self._engine = Engine(journal, self._parts)
        self._engine.load()
        self._new_id = Uuid7()
        self._work = Work(State(), self._parts, {})

    @property
    def state(self) -> State:
        """The branch as it is now."""
        return self._work.state

    @property
    def is_empty(self) -> bool:
        """Whether nobody has set the branch up yet."""
        return self._engine.view.setup.branch is None

    def found(self, setup: Setup, tell: Tell) -> list[str]:
        """The faults that keep the branch from being made; empty where it is."""
        faults = found(self._engine, setup, tell)
        self._begin(recover(self._journal))
        return faults

    def at(self, instant: Instant) -> None:
        """Time goes on to `instant`, never back; what falls due by time alone happens."""
        self.now = max(self.now, instant)
        self._parts.clock.read()  # one that is a microsecond ahead loses a part of a long step, and finds it at the next look
        self._work.keep_time()

    def ask(self, kind: type[Command], **fields: Any) -> bool:
        """Whether the command, asked now, was accepted."""
        answers: list[Answer] = []
        self._work.take(Asked(kind(id=self._new_id(), **fields), _SENDER, answers.append))
        done, answer = self._work.answered.pop()
        done(answer)
        if len(self._work.batch.events) >= _EVENTS_AT_ONCE:
            self.commit()
        return bool(json.loads(answers[0].payload)["ok"])

    def commit(self) -> None:
        """Makes durable what was done so far. Nobody will ask for these answers again, so they are not kept."""
        batch, state = self._work.batch, self._work.state
        batch.answers.clear()
        if not batch.is_empty():
            self._journal.append(batch)
        self._begin(state)

    def _begin(self, state: State) -> None:
        self._work = Work(state, self._parts, {})
