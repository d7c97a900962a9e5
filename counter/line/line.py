"""One serial line, kept open by a thread of its own: unplugged and plugged in again at any moment, it goes on."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from counter.line.picture import Picture
from counter.line.port import PortError, SerialPort
from counter.line.turns import ANSWER_S, Press, Turns
from foleni.link.backoff import Backoff

logger = logging.getLogger(__name__)

_SETTLED_S = 5.0
_LONGEST_WAIT_S = 2.0
_TURN_S = 0.5
_SILENT_S = 15.0
_STOP_S = 1.0


class State(StrEnum):
    """Where a line is."""

    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    WAITING = "waiting"


def _ignore(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Ears:
    """What a line calls, on its own thread: hand over and return."""

    on_press: Callable[[Press], object] = _ignore
    on_dead: Callable[[str], object] = _ignore
    """The thread has ended though nobody stopped it: `Life.fail`."""
    beat: Callable[[], object] = _ignore


class Line:
    """A part of the program. `show` may be called from any thread, also while the line is away."""

    def __init__(
        self,
        url: str,
        baud: int,
        units: Iterable[int],
        ears: Ears | None = None,
        *,
        answer_s: float = ANSWER_S,
        silent_s: float = _SILENT_S,
        backoff: Backoff | None = None,
    ) -> None:
        self.url = url
        self.units = tuple(units)
        self.state = State.CLOSED
        self._baud = baud
        self._ears = ears or Ears()
        self._turns = Turns(self.units, answer_s=answer_s)
        self._backoff = backoff or Backoff(cap_s=_LONGEST_WAIT_S)
        self._pictures: dict[int, Picture] = {}
        self._changed = threading.Lock()
        self._silent_s = silent_s
        self._failing = False
        self._silent = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"line {url}", daemon=True)

    def start(self) -> None:
        """Begin to open it; returns at once. A line is started once."""
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def show(self, unit: int, picture: Picture) -> None:
        """What a unit is to show as soon as it can."""
        with self._changed:
            self._pictures[unit] = picture

    @property
    def present(self) -> list[int]:
        """The units that answer."""
        return self._turns.present if self.state is State.OPEN else []

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._live_once()
                self._rest()
        except Exception:
            logger.exception("the line %s died", self.url)
            self._ears.on_dead(f"the line {self.url} died")
        finally:
            self.state = State.CLOSED

    def _live_once(self) -> None:
        """From opening to unplugging."""
        opened_at = None
        try:
            self.state = State.OPENING
            self._ears.beat()
            with SerialPort(self.url, self._baud) as port:
                opened_at = time.monotonic()
                self._go_open()
                self._converse(port)
        except PortError as error:
            self._note_failure(str(error))
        if opened_at is not None and time.monotonic() - opened_at >= _SETTLED_S:
            self._backoff.reset()

    def _go_open(self) -> None:
        self.state = State.OPEN
        self._failing = False
        self._turns.begin()
        logger.log(logging.DEBUG if self._silent else logging.INFO, "%s is open", self.url)

    def _converse(self, port: SerialPort) -> None:
        """Until the line is stopped or unplugged; or nobody answers for long, since the other end may be another one now."""
        silent_at = time.monotonic() + self._silent_s
        while not self._stopping.is_set() and time.monotonic() < silent_at:
            if self._turns.present:
                self._silent, silent_at = False, time.monotonic() + self._silent_s
            self._ears.beat()
            self._take_pictures()
            frame = self._turns.ask(time.monotonic())
            if frame is not None:
                port.write(frame)
            data = port.read()
            if data:
                self._hear(data)
        self._silent = True

    def _hear(self, data: bytes) -> None:
        for press in self._turns.hear(data, time.monotonic()):
            try:
                self._ears.on_press(press)
            except Exception:
                logger.exception("a press of unit %02d failed", press.unit)

    def _take_pictures(self) -> None:
        with self._changed:
            pictures, self._pictures = self._pictures, {}
        for unit, picture in pictures.items():
            self._turns.show(unit, picture)

    def _rest(self) -> None:
        """Wait before the next try, or until the line is stopped."""
        self.state = State.WAITING
        deadline = time.monotonic() + self._backoff.next_s()
        while not self._stopping.is_set() and (left_s := deadline - time.monotonic()) > 0:
            self._ears.beat()
            self._stopping.wait(min(_TURN_S, left_s))

    def _note_failure(self, why: str) -> None:
        if not self._stopping.is_set():
            logger.log(logging.DEBUG if self._failing else logging.WARNING, "no line %s: %s", self.url, why)
            self._failing = True
