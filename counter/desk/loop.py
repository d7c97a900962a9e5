"""The agent's one thread of decisions: everything that the links, lines and buttons report is done here, in order."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from foleni.logs import Seldom

logger = logging.getLogger(__name__)

_TURN_S = 1.0
_STOP_S = 1.0
_MOST_WAITING = 1000


def _ignore(*_: object) -> None:
    return None


class Loop:
    """A part of the program. What is handed over runs soon and one by one; one that raises is logged."""

    def __init__(self, on_dead: Callable[[str], object] = _ignore, beat: Callable[[], object] = _ignore) -> None:
        self._on_dead = on_dead
        self._beat = beat
        self._jobs: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._timed: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._seldom = Seldom(logger)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="desks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self.do(_ignore)
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def do(self, job: Callable[[], object]) -> None:
        """Run `job` on the loop's thread. From any thread, never blocking."""
        self._jobs.put(job)

    def offer(self, job: Callable[[], object]) -> None:
        """As `do`, for what strangers may send without end: in a flood it is dropped."""
        if self._jobs.qsize() < _MOST_WAITING:
            self._jobs.put(job)
        else:
            self._seldom.warning("flood", "more comes in than can be done: some of it is dropped")

    def later(self, wait_s: float, job: Callable[[], object]) -> None:
        """Run `job` after `wait_s`. Only from a job."""
        heapq.heappush(self._timed, (time.monotonic() + wait_s, next(self._order), job))

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._beat()
                self._turn()
        except Exception:
            logger.exception("the desks' loop died")
            self._on_dead("the desks' loop died")

    def _turn(self) -> None:
        now = time.monotonic()
        while self._timed and self._timed[0][0] <= now:
            self._call(heapq.heappop(self._timed)[2])
        wait_s = min(_TURN_S, self._timed[0][0] - now) if self._timed else _TURN_S
        try:
            job = self._jobs.get(timeout=max(0.0, wait_s))
        except Empty:
            return
        self._call(job)

    def _call(self, job: Callable[[], object]) -> None:
        try:
            job()
        except Exception:
            logger.exception("a job failed")
