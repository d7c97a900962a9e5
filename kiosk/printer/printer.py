"""The printer as a part of the kiosk: one thread that watches it, prints, and says what became of each ticket."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from foleni.link.backoff import Backoff
from foleni.messages.state import PrinterStatus
from kiosk.pages import Paper
from kiosk.printer.connect import connect
from kiosk.printer.press import Outcome, Stopped, print_ticket
from kiosk.printer.status import State
from kiosk.printer.talk import GarbageError, Pace, SilenceError, Talk
from kiosk.printer.transport import TransportError
from kiosk.printer.url import PrinterUrl

logger = logging.getLogger(__name__)

Done = Callable[[Paper], object]
_STOP_S = 0.9
_TURN_S = 0.5
_MOST_SILENCES = 3
_MOST_REMEMBERED = 1000
_FAULTS = (TransportError, SilenceError, GarbageError)


def _ignore(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    data: bytes
    done: Done


class Printer:
    """A receipt printer behind a URL of `kiosk.printer.url`. Safe to use from any thread; started once.

    A ticket is tried once and never again by itself. Its outcome is PRINTED where the printer confirmed that it
    processed all of it (a printer that cannot be asked: where all of it was written and flushed), FAILED where
    certainly nothing came out, UNSURE where bytes went out and no confirmation came. `on_state` is called on the
    printer's thread with each change, `on_dead` where that thread ended though nobody stopped it. Give `torn` where a
    ticket may have been cut short before this process began: what is left of it is then cut off first.
    """

    def __init__(
        self,
        url: PrinterUrl | str,
        *,
        on_state: Callable[[PrinterStatus], object] = _ignore,
        on_dead: Callable[[str], object] = _ignore,
        beat: Callable[[], object] = _ignore,
        torn: bool = False,
        pace: Pace | None = None,
    ) -> None:
        self.url = PrinterUrl.parse(url) if isinstance(url, str) else url
        self.state = State.OFFLINE
        self._on_state = on_state
        self._on_dead = on_dead
        self._beat = beat
        self._torn = torn
        self._pace = pace or Pace()
        self._backoff = Backoff(0.25, 5.0)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._outcomes: OrderedDict[str, Paper] = OrderedDict()
        self._talk: Talk | None = None
        self._due_at = 0.0
        self._silences = 0
        self._is_known = False
        self._why = ""
        self._ending = threading.Lock()
        self._is_over = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> PrinterStatus:
        return PrinterStatus(state=self.state.value)

    def start(self) -> None:
        """Begin to look for the printer; returns at once."""
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, within a second. What waits has FAILED; a ticket in the press is UNSURE."""
        self._stopping.set()
        self._jobs.put(None)
        if self._thread is None:
            self._refuse_all()
        elif self._thread is not threading.current_thread():
            self._thread.join(_STOP_S)

    def submit(self, job_id: str, data: bytes, done: Done) -> None:
        """Print `data` (of `kiosk.paper.escpos.render`) when those before it are done. `done` is called once, on the
        printer's thread: hand over and return. A job that was printed or is unsure is not printed again under its id.
        """
        with self._ending:
            if not self._is_over:
                self._jobs.put(_Job(job_id, data, done))
                return
        _call(done, Paper.FAILED)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._beat()
                job = self._next_job()
                if job is not None:
                    self._work(job)
                elif time.monotonic() >= self._due_at:
                    self._watch()
        except Stopped:
            pass
        except Exception:
            logger.exception("the printer's thread died")
            self._on_dead("the printer's thread died")
        finally:
            self._stopping.set()
            self._let_go()
            self._refuse_all()

    def _next_job(self) -> _Job | None:
        try:
            return self._jobs.get(timeout=min(_TURN_S, max(0.0, self._due_at - time.monotonic())))
        except Empty:
            return None

    def _turn(self) -> None:
        self._beat()
        if self._stopping.is_set():
            raise Stopped

    def _watch(self) -> None:
        """Look how the printer is, and connect where it is not connected."""
        self._due_at = time.monotonic() + self._pace.watch_s
        try:
            self._tell(self._look())
        except _FAULTS as error:
            self._take_fault(error)

    def _look(self) -> State:
        talk = self._talk or self._connect()
        state = talk.state()
        if state.can_print and not talk.is_settled:
            self._settle(talk)
        self._silences = 0
        self._backoff.reset()
        return state

    def _connect(self) -> Talk:
        transport = connect(self.url, self._pace.connect_s, self._turn)
        self._talk = Talk(transport, self._pace, self._turn, answers=self.url.answers)
        return self._talk

    def _settle(self, talk: Talk) -> None:
        talk.settle(torn=self._torn)
        self._torn = False

    def _work(self, job: _Job) -> None:
        known = self._outcomes.get(job.name)
        try:
            outcome = Outcome(known) if known else self._print(job)
        except Exception:
            _call(job.done, Paper.UNSURE)
            raise
        if outcome.paper is not Paper.FAILED:
            self._outcomes[job.name] = outcome.paper
            while len(self._outcomes) > _MOST_REMEMBERED:
                self._outcomes.popitem(last=False)
        if outcome.why:
            logger.warning("job %s: %s: %s", job.name, outcome.paper, outcome.why)
        _call(job.done, outcome.paper)

    def _print(self, job: _Job) -> Outcome:
        self._due_at = 0.0
        try:
            state = self._look()
            if state.can_print and self._talk is not None and self._talk.answers and self._talk.paper().out:
                state = State.PAPER_OUT
        except _FAULTS as error:
            self._take_fault(error)
            return Outcome(Paper.FAILED, str(error))
        except Stopped:
            return Outcome(Paper.FAILED, "stopped")
        self._tell(state)
        if not state.can_print or self._talk is None:
            return Outcome(Paper.FAILED, f"the printer says {state}")
        outcome = print_ticket(self._talk, job.data)
        if outcome.paper is not Paper.PRINTED:
            self._torn = self._torn or outcome.is_torn
            self._let_go(drop=True)
        return outcome

    def _take_fault(self, error: Exception) -> None:
        if isinstance(error, TransportError):
            self._let_go(drop=True)
        elif isinstance(error, SilenceError):
            self._silences += 1
            if self._silences >= _MOST_SILENCES:
                self._let_go(drop=True)
        if self._talk is None:
            self._due_at = time.monotonic() + self._backoff.next_s()
        else:
            self._talk.is_settled = False
        self._tell(State.ERROR if isinstance(error, GarbageError) else State.OFFLINE, str(error))

    def _tell(self, state: State, why: str = "") -> None:
        if self._is_known and state is self.state:
            if why and why != self._why:
                logger.debug("the printer at %s is still %s: %s", self.url, state, why)
            self._why = why
            return
        level = logging.INFO if state is State.OK else logging.WARNING
        logger.log(level, "the printer at %s is %s%s", self.url, state, f": {why}" if why else "")
        self._is_known, self._why, self.state = True, why, state
        _call(self._on_state, self.status)

    def _let_go(self, *, drop: bool = False) -> None:
        if self._talk is not None:
            self._talk.transport.close(drop=drop)
            self._talk = None

    def _refuse_all(self) -> None:
        """Nothing is printed any more: say so to all who wait."""
        with self._ending:
            self._is_over = True
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None:
                _call(job.done, Paper.FAILED)


def _call(handler: Callable[..., object], *arguments: object) -> None:
    try:
        handler(*arguments)
    except Exception:
        logger.exception("a handler of the printer failed")
