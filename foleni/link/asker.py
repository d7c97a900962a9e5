"""Questions of a device and their answers: a command goes out, its reply or the lack of one comes back."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pydantic import ValidationError

from foleni.link.backoff import Backoff
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription
from foleni.messages.commands import Command, CounterCommand
from foleni.messages.replies import Reply
from foleni.topics import Topics

logger = logging.getLogger(__name__)

PRESS_EXPIRY_S = 5
"""How long a counter command may travel and wait for its reply."""
_REPEAT_S = 2.0
_REPEAT_SPREAD_S = 1.0
_REPEAT_CAP_S = 8.0
_STOP_S = 1.0
_TURN_S = 1.0


class NoAnswer(StrEnum):
    """Why there is no reply. A VOID press was not acted on in time; what was GIVEN_UP may still take effect."""

    VOID = "void"
    GIVEN_UP = "given_up"


Answer = Reply | NoAnswer
Done = Callable[[Answer], object]


class NoAnswerError(Exception):
    """A request ended without a reply; `why` tells how."""

    def __init__(self, why: NoAnswer) -> None:
        super().__init__(f"no answer: {why}")
        self.why = why


class Publisher(Protocol):
    """What an asker needs of a link."""

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False, expiry_s: int | None = None
    ) -> bool: ...


def _ignore(*_: object) -> None:
    return None


def _repeats() -> Backoff:
    return Backoff(_REPEAT_SPREAD_S, _REPEAT_CAP_S, floor_s=_REPEAT_S)


@dataclass(slots=True)
class _Question:
    payload: bytes
    done: Done
    once: bool
    due_at: float
    gives_up_at: float
    backoff: Backoff = field(default_factory=_repeats)


class Asker:
    """Matches the replies of one device to its commands by command id. Safe to use from any thread.

    A counter command is sent once and is VOID after 5 s, or at once where the link is down. Every other command is
    repeated under its id until it is answered or its time is over; the server does the same id only once. Whoever
    owns the link subscribes to `subscription`, hands messages to `take`, and calls `repeat` when the link comes up.
    """

    def __init__(
        self,
        link: Publisher,
        topics: Topics,
        device: str,
        *,
        on_dead: Callable[[str], object] = _ignore,
        beat: Callable[[], object] = _ignore,
    ) -> None:
        self.subscription = Subscription(topics.replies(device))
        self._topic = topics.commands(device)
        self._link = link
        self._on_dead = on_dead
        self._beat = beat
        self._questions: dict[str, _Question] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="asker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; whatever is unanswered comes back as `NoAnswer`."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
            unanswered, self._questions = list(self._questions.values()), {}
        for question in unanswered:
            _finish(question)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_STOP_S)

    def ask(self, command: Command, done: Done, timeout_s: float | None = None) -> None:
        """Send `command`; `done` is called once, on any thread, with what came of it. Without `timeout_s` it is
        repeated for ever (a counter command: never more than 5 s). Raises `ValueError` for an id that is being asked.
        """
        question = _question(command, done, timeout_s)
        with self._changed:
            if command.id in self._questions:
                raise ValueError(f"command {command.id} is being asked already")
            self._questions[command.id] = question
            self._changed.notify()
        sent = not self._stopping and self._send(question)
        if self._stopping or (question.once and not sent):
            self._end(command.id, question)

    def request(self, command: Command, timeout_s: float = 10.0) -> Reply:
        """The reply to `command`; raises `NoAnswerError`. Not for the link's own thread, which brings the reply."""
        future: Future[Answer] = Future()
        self.ask(command, future.set_result, timeout_s)
        answer = future.result()
        if isinstance(answer, NoAnswer):
            raise NoAnswerError(answer)
        return answer

    def take(self, incoming: Incoming) -> bool:
        """Whether `incoming` was a message for the asker; replies that nobody waits for are dropped."""
        if incoming.topic != self.subscription.topic:
            return False
        try:
            reply = Reply.model_validate_json(incoming.payload)
        except ValidationError as error:
            logger.warning("a reply that cannot be read: %s", error.errors(include_input=False, include_url=False))
            return True
        with self._changed:
            question = self._questions.pop(reply.command, None)
        if question is not None:
            _call(question.done, reply)
        return True

    def repeat(self) -> None:
        """Send again, now, whatever may be repeated: the link is up again."""
        with self._changed:
            repeated = [question for question in self._questions.values() if not question.once]
        for question in repeated:
            self._send(question)

    def _run(self) -> None:
        try:
            self._attend_all()
        except Exception:
            logger.exception("the asker died")
            self._on_dead("the asker died")

    def _attend_all(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = time.monotonic()
                due = [(name, question) for name, question in self._questions.items() if question.due_at <= now]
                if not due:
                    self._changed.wait(min(_TURN_S, self._pause_s(now)))
            self._beat()
            for name, question in due:
                self._attend(name, question, now)

    def _pause_s(self, now: float) -> float:
        return min((question.due_at - now for question in self._questions.values()), default=_TURN_S)

    def _attend(self, name: str, question: _Question, now: float) -> None:
        if now >= question.gives_up_at:
            self._end(name, question)
        else:
            question.due_at = min(now + question.backoff.next_s(), question.gives_up_at)
            self._send(question)

    def _send(self, question: _Question) -> bool:
        expiry_s = PRESS_EXPIRY_S if question.once else None
        return self._link.publish(self._topic, question.payload, expiry_s=expiry_s)

    def _end(self, name: str, question: _Question) -> None:
        with self._changed:
            waits = self._questions.get(name) is question
            if waits:
                del self._questions[name]
        if waits:
            _finish(question)


def _question(command: Command, done: Done, timeout_s: float | None) -> _Question:
    now = time.monotonic()
    once = isinstance(command, CounterCommand)
    gives_up_at = float("inf") if timeout_s is None else now + timeout_s
    if once:
        gives_up_at = min(gives_up_at, now + PRESS_EXPIRY_S)
    question = _Question(command.to_wire(), done, once, gives_up_at, gives_up_at)
    if not once:
        question.due_at = min(now + question.backoff.next_s(), gives_up_at)
    return question


def _finish(question: _Question) -> None:
    _call(question.done, NoAnswer.VOID if question.once else NoAnswer.GIVEN_UP)


def _call(done: Done, answer: Answer) -> None:
    try:
        done(answer)
    except Exception:
        logger.exception("a handler of an answer failed")
