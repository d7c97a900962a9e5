"""Hands in what waits in an outbox, in order, each until it is answered."""

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from foleni.link.asker import Answer, Asker
from foleni.link.backoff import Backoff
from foleni.link.outbox import Outbox, OutboxError
from foleni.messages.commands import Command
from foleni.messages.replies import Code, Reply

logger = logging.getLogger(__name__)

_STOP_S = 1.0


def _ignore(*_: object) -> None:
    return None


class Courier:
    """One command at a time goes from the outbox through the asker. A reply takes it out of the outbox, be it a
    refusal, but for `unavailable`, after which it is handed in again. `on_answer` is told after that, on the
    courier's thread. `on_dead` is told where the thread has ended though nobody stopped it.
    """

    def __init__(
        self,
        outbox: Outbox,
        asker: Asker,
        on_answer: Callable[[Command, Reply], object] = _ignore,
        *,
        on_dead: Callable[[str], object] = _ignore,
        beat: Callable[[], object] = _ignore,
        backoff: Backoff | None = None,
    ) -> None:
        self._outbox = outbox
        self._asker = asker
        self._on_answer = on_answer
        self._on_dead = on_dead
        self._beat = beat
        self._backoff = backoff or Backoff(0.5, 10.0)
        self._news: SimpleQueue[Answer | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what is not answered stays in the outbox."""
        self._stopping.set()
        self._news.put(None)
        if self._thread is not None:
            self._thread.join(_STOP_S)

    def nudge(self) -> None:
        """Something was put into the outbox."""
        self._news.put(None)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._beat()
                waiting = self._outbox.pending()
                if waiting:
                    self._hand_in(waiting[0])
                else:
                    self._next_news(1.0)
        except OutboxError as error:
            logger.error("the courier ends: %s", error)
            self._on_dead(f"outbox: {error}")
        except Exception:
            logger.exception("the courier died")
            self._on_dead("the courier died")

    def _hand_in(self, command: Command) -> None:
        self._asker.ask(command, self._news.put)
        answer: Answer | None = None
        while answer is None and not self._stopping.is_set():
            self._beat()
            answer = self._next_news(1.0)
        if isinstance(answer, Reply) and not _is_unavailable(answer):
            self._backoff.reset()
            self._outbox.done(command.id)
            self._on_answer(command, answer)
        else:
            self._stopping.wait(self._backoff.next_s())

    def _next_news(self, timeout_s: float) -> Answer | None:
        try:
            return self._news.get(timeout=timeout_s)
        except Empty:
            return None


def _is_unavailable(reply: Reply) -> bool:
    return reply.error is not None and reply.error.code is Code.UNAVAILABLE
