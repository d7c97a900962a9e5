"""One counter as one device works it: presses in, counter commands out, pictures back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from pydantic import ValidationError

from counter.desk.pictures import picture_of, refusal_note
from counter.line.picture import Note, Picture
from counter.presses import COMMANDS, Action
from foleni.ids import uuid7
from foleni.link.asker import Answer, NoAnswer
from foleni.messages.base import Message
from foleni.messages.commands import Command
from foleni.messages.replies import Code, Reply
from foleni.messages.state import CounterStatus, InHand
from foleni.station.station import Reach

logger = logging.getLogger(__name__)

PASSING_S = 2.0
"""How long a unit shows what came of a press."""
IDENTIFY_S = 15.0
_ON_THE_SEEN = frozenset({Action.NEXT, Action.START, Action.COMPLETE, Action.SKIP, Action.NO_SHOW, Action.PARK})

Show = Callable[[Picture], object]


class Asks(Protocol):
    """What a desk needs of an asker."""

    def ask(self, command: Command, done: Callable[[Answer], object], timeout_s: float | None = None) -> None: ...


class Turntable(Protocol):
    """What a desk needs of the loop that it lives on."""

    def do(self, job: Callable[[], object]) -> None: ...

    def later(self, wait_s: float, job: Callable[[], object]) -> None: ...


class _AtCounter(Message):
    """The result of a counter command."""

    counter: str
    in_hand: InHand | None
    waiting: int


@dataclass(slots=True)
class _Face:
    show: Show
    passing: Note = Note.NONE
    version: int = 0


class Desk:
    """Lives on the loop's thread alone. One press is done at a time; what comes meanwhile is void and says so."""

    def __init__(self, device: str, asker: Asks, loop: Turntable, *, open_on_first_press: bool = True) -> None:
        self.device = device
        self.counter: str | None = None
        self._asker = asker
        self._loop = loop
        self._open_on_first_press = open_on_first_press
        self._reach = Reach.NO_LINK
        self._statuses: dict[str, CounterStatus] = {}
        self._adopted: dict[str, int] = {}
        self._faces: dict[str, _Face] = {}
        self._busy = False

    def add_face(self, name: str, show: Show) -> None:
        """A unit that shows this counter from now on."""
        face = self._faces[name] = _Face(show)
        self._draw(face)

    def hear_counter(self, counter: str | None) -> None:
        """Which counter the device works, by its configuration."""
        if counter != self.counter:
            logger.info("%s works counter %s", self.device, counter)
            self.counter = counter
            self._draw_all()

    def hear_status(self, counter: str, status: CounterStatus) -> None:
        """What is true at a counter; what was true before the last reply is not told any more."""
        if status.seq < self._adopted.get(counter, 0):
            return
        self._statuses[counter] = status
        if counter == self.counter:
            self._draw_all()

    def hear_reach(self, reach: Reach) -> None:
        """A server that was away may be out of a backup: then its numbers start where they start."""
        self._reach = reach
        self._adopted.clear()
        self._draw_all()

    def press(self, action: Action, face: str | None = None, seen: str | None = None) -> None:
        """A press that a person meant. `seen` is the number that the person saw in hand; empty for none, None where
        nobody can tell.
        """
        status = self._status
        if self.counter is None or status is None or self._reach is not Reach.LIVE:
            self._tell(face, Note.VOID)
        elif self._busy:
            self._tell(face, Note.BUSY)
        elif seen is not None and action in _ON_THE_SEEN and seen != _number(status):
            self._tell(face, Note.CHANGED)
        else:
            self._busy = True
            self._ask(action, seen, partial(self._answered, action, face, seen))

    def void(self, face: str) -> None:
        """A press that nobody could mean: its unit says that nothing was done."""
        self._tell(face, Note.VOID)

    def identify(self) -> int:
        """All units show that they are the ones looked for; how many there are."""
        for face in self._faces.values():
            self._say(face, Note.ID, IDENTIFY_S)
        return len(self._faces)

    @property
    def _status(self) -> CounterStatus | None:
        return self._statuses.get(self.counter or "")

    def _ask(self, action: Action, seen: str | None, done: Callable[[Answer], object]) -> None:
        command = COMMANDS[action](id=uuid7(), actor=self.device, counter=self.counter, seen=seen or None)
        self._asker.ask(command, lambda answer: self._loop.do(partial(done, answer)))

    def _answered(self, action: Action, face: str | None, seen: str | None, answer: Answer) -> None:
        closed = _code(answer) is Code.COUNTER_CLOSED
        if closed and self._open_on_first_press and action is Action.NEXT:
            self._ask(Action.OPEN, None, partial(self._opened, face, seen))
        else:
            self._finish(action, face, answer)

    def _opened(self, face: str | None, seen: str | None, answer: Answer) -> None:
        if isinstance(answer, Reply) and answer.ok:
            self._ask(Action.NEXT, seen, partial(self._finish, Action.NEXT, face))
        else:
            self._finish(Action.OPEN, face, answer)

    def _finish(self, action: Action, face: str | None, answer: Answer) -> None:
        self._busy = False
        self._adopt(answer)
        note = _note(answer)
        logger.log(logging.INFO if note is not Note.OK else logging.DEBUG, "%s: %s: %s", self.device, action, note)
        self._tell(face, note)

    def _adopt(self, answer: Answer) -> None:
        """A reply tells what is in hand now, often before the counter's topic does: the next press is measured by it."""
        status = self._status
        if status is None or not isinstance(answer, Reply) or answer.seq is None or answer.seq < status.seq:
            return
        try:
            told = _AtCounter.model_validate(answer.result or {})
        except ValidationError:
            return  # a refusal, or a reply of another form: the topic will tell
        if told.counter == self.counter:
            fresh = {"seq": answer.seq, "in_hand": told.in_hand, "waiting": told.waiting}
            self._statuses[told.counter] = status.model_copy(update=fresh)
            self._adopted[told.counter] = answer.seq
            self._draw_all()

    def _tell(self, name: str | None, note: Note) -> None:
        """Show what came of a press where it was pressed; of a button without a face, on all units of the counter."""
        faces = self._faces.values() if name is None else [self._faces[name]] if name in self._faces else []
        for face in list(faces):
            self._say(face, note, PASSING_S)

    def _say(self, face: _Face, note: Note, for_s: float) -> None:
        face.passing = note
        face.version += 1
        self._draw(face)
        self._loop.later(for_s, partial(self._pass, face, face.version))

    def _pass(self, face: _Face, version: int) -> None:
        if face.version == version:
            face.passing = Note.NONE
            self._draw(face)

    def _draw_all(self) -> None:
        for face in self._faces.values():
            self._draw(face)

    def _draw(self, face: _Face) -> None:
        face.show(picture_of(self._status, self._reach, face.passing))


def _number(status: CounterStatus) -> str:
    return status.in_hand.number if status.in_hand is not None else ""


def _code(answer: Answer) -> Code | None:
    return answer.error.code if isinstance(answer, Reply) and answer.error is not None else None


def _note(answer: Answer) -> Note:
    if isinstance(answer, NoAnswer):
        return Note.VOID
    if answer.ok:
        return Note.OK
    code = _code(answer)
    return Note.REFUSED if code is None else refusal_note(code)
