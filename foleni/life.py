"""The life of a process: parts start in order and stop in reverse, and systemd knows how it is."""

import logging
import math
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

logger = logging.getLogger(__name__)

STOP_S = 2.0
"""Seconds from the signal, or the failure, to the end of the process, whatever hangs."""
BECOME_S = 15.0
"""The same for a program that goes on as another one: nobody waits for its end."""
_LAST_WORDS_S = 0.1
_LEAST_S = 0.1
_CHECK_S = 1.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_FAILED = 1
RESTART = 75
"""The exit status of a program that asks to be started again (EX_TEMPFAIL): systemd does so, as after a failure."""


class Part(Protocol):
    """Something that a program is made of. `start` returns when the part works; `stop` within a second."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Closing:
    """A part that only has an end: what it closes opened itself."""

    close: Callable[[], None]

    def start(self) -> None:
        """It is open already."""

    def stop(self) -> None:
        self.close()


class Foreground(Protocol):
    """What needs the main thread for itself, such as a screen. `run` blocks until `quit`, called on another thread."""

    def run(self) -> None: ...

    def quit(self) -> None: ...


class Beat:
    """The sign of life of one loop."""

    def __init__(self, name: str, within_s: float, clock: Callable[[], float]) -> None:
        self.name = name
        self.within_s = within_s
        self._clock = clock
        self._last = clock()

    def tick(self) -> None:
        """The loop went round."""
        self._last = self._clock()

    @property
    def is_fresh(self) -> bool:
        return self._clock() - self._last <= self.within_s


class Watch:
    """Knows every loop that must go round. Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beats: list[Beat] = []

    def beat(self, name: str, within_s: float) -> Beat:
        """The beat of a new loop, which must be ticked at least every `within_s`; it starts fresh."""
        beat = Beat(name, within_s, self._clock)
        self._beats.append(beat)
        return beat

    def forget(self, beat: Beat) -> None:
        """The loop has ended, as it should."""
        self._beats.remove(beat)

    def stale(self) -> list[str]:
        """The names of the loops that do not go round."""
        return [beat.name for beat in tuple(self._beats) if not beat.is_fresh]


class Notifier:
    """Tells systemd how the process is (sd_notify(3)); without systemd it tells nobody."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environment)

    def tell(self, *lines: str) -> None:
        """Send lines such as `READY=1`."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.setblocking(False)
                out.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            logger.debug("systemd cannot be told %s: %s", lines, error)


class Life:
    """Runs a program from start to end.

    SIGTERM and SIGINT end it with status 0, `fail` with status 1, `restart` with status 75. Where a part, or a thread that
    came up meanwhile, does not stop, it is named in the log and the process ends all the same, within 2 s and with status 1.
    """

    def __init__(self, program: str, watch: Watch | None = None, notifier: Notifier | None = None) -> None:
        self.program = program
        self.becomes = False
        """Whether it is over so that another program goes on in its place."""
        self.watch = watch or Watch()
        self._notifier = notifier or Notifier()
        self._ear, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        self._over = threading.Event()
        self._over_at = 0.0
        self._gone = threading.Event()
        self._failure: str | None = None
        self._status = 0
        self._stale: list[str] = []

    def fail(self, reason: str) -> None:
        """End the process with status 1. For any thread; the first reason counts."""
        if self._failure is None:
            self._failure = reason
            logger.critical("%s ends: %s", self.program, reason)
        self.quit()

    def become(self, reason: str) -> None:
        """End in good order, and go on as another program in the same process: systemd is told of no end. For any thread.
        Whoever called `run` looks at `becomes`.
        """
        if self.is_over:
            return
        logger.info("%s goes on anew: %s", self.program, reason)
        self.becomes = True
        self.quit()

    def restart(self, reason: str) -> None:
        """End the process in good order, to be started again. For any thread."""
        logger.info("%s ends to be started again: %s", self.program, reason)
        self._status = RESTART
        self.quit()

    @property
    def is_over(self) -> bool:
        """Whether the end has begun: what waits in a `start` waits no longer."""
        return self._over.is_set()

    def quit(self) -> None:
        """End the process as a signal would. For any thread."""
        try:
            self._mouth.send(b"\0")
        except OSError:
            return  # full: it was told already; closed: it is over

    def run(self, parts: Sequence[tuple[str, Part]], ready: Callable[[], str], foreground: Foreground | None = None) -> int:
        """Start the named `parts`, say that the program is ready with what `ready` tells, live until the end, stop
        the parts that were started, and return the exit status. For the main thread, once.
        """
        before = set(threading.enumerate())
        guard = threading.Thread(target=self._guard, args=(foreground,), name="life", daemon=True)
        started: list[tuple[str, Part]] = []
        with _Signals(self._mouth):
            guard.start()
            self._live(parts, started, ready, foreground)
            self.quit()
            self._over.wait()
            stuck = self._stop(started) + self._lingering(before | {guard})
            if stuck:
                self._abandon(stuck)
            self._gone.set()
            guard.join()
        self.becomes = self.becomes and not self._heard_a_signal()
        self._ear.close()
        self._mouth.close()
        return self._status if self._failure is None else _FAILED

    def _live(
        self,
        parts: Sequence[tuple[str, Part]],
        started: list[tuple[str, Part]],
        ready: Callable[[], str],
        foreground: Foreground | None,
    ) -> None:
        step = ""
        try:
            for step, part in parts:
                if self._over.is_set():
                    return
                part.start()
                started.append((step, part))
            if self._over.is_set():
                return
            self._say_ready(ready())
            step = "foreground"
            self._over.wait() if foreground is None else foreground.run()
        except Exception as error:
            logger.exception("%s failed", step)
            self.fail(f"{step}: {error}")

    def _say_ready(self, text: str) -> None:
        print(f"{self.program}: ready: {text}", file=sys.stderr, flush=True)  # noqa: T201 - part of the contract
        self._notifier.tell("READY=1", f"STATUS={text}")

    def _guard(self, foreground: Foreground | None) -> None:
        """Watch the beats until the end, then see to it that the end comes."""
        period_s = min(_CHECK_S, self._notifier.watchdog_s / 3)
        while not select.select([self._ear], [], [], period_s)[0]:
            self._check_beats()
        self._over_at = time.monotonic()
        self._over.set()
        if not self.becomes:
            self._notifier.tell("STOPPING=1")
        if foreground is not None:
            try:
                foreground.quit()
            except Exception:
                logger.exception("the foreground does not quit")
        if not self._gone.wait(self._most_s - _LAST_WORDS_S):
            self._abandon(["the main thread"])

    def _check_beats(self) -> None:
        stale = self.watch.stale()
        if not stale:
            self._notifier.tell("WATCHDOG=1")
        if stale != self._stale:
            self._stale = stale
            logger.log(logging.ERROR if stale else logging.INFO, "loops that stand still: %s", ", ".join(stale) or "none")

    def _stop(self, started: Sequence[tuple[str, Part]]) -> list[str]:
        """Stop in reverse; the names of the parts that did not."""
        stuck = []
        for left, (name, part) in reversed(list(enumerate(started))):
            thread = threading.Thread(target=self._stop_one, args=(name, part), name=f"stop {name}", daemon=True)
            thread.start()
            thread.join(max(_LEAST_S, self._left_s() - _LEAST_S * left))
            if thread.is_alive():
                logger.error("%s does not stop", name)
                stuck.append(name)
        return stuck

    def _stop_one(self, name: str, part: Part) -> None:
        try:
            part.stop()
        except Exception as error:
            logger.exception("%s did not stop well", name)
            self._failure = self._failure or f"{name}: {error}"

    def _lingering(self, known: set[threading.Thread]) -> list[str]:
        """The names of threads that keep the process from ending."""
        newcomers = [thread for thread in threading.enumerate() if thread not in known and not thread.daemon]
        for thread in newcomers:
            thread.join(max(0.0, self._left_s()))
        return [thread.name for thread in newcomers if thread.is_alive()]

    def _left_s(self) -> float:
        return self._over_at + self._most_s - 2 * _LAST_WORDS_S - time.monotonic()

    @property
    def _most_s(self) -> float:
        return BECOME_S if self.becomes else STOP_S

    def _heard_a_signal(self) -> bool:
        """A signal writes its number where `quit` writes 0."""
        return select.select([self._ear], [], [], 0)[0] != [] and any(self._ear.recv(4096))

    def _abandon(self, stuck: Sequence[str]) -> NoReturn:
        logger.critical("%s ends without: %s", self.program, ", ".join(stuck))
        logging.shutdown()
        os._exit(_FAILED)


class _Signals:
    """SIGTERM and SIGINT as bytes on a socket, even while the main thread is busy in C."""

    def __init__(self, out: socket.socket) -> None:
        self._out = out

    def __enter__(self) -> None:
        self._handlers = {number: signal.signal(number, _note) for number in _SIGNALS}
        self._fd = signal.set_wakeup_fd(self._out.fileno(), warn_on_full_buffer=False)

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._fd)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)


def _note(_number: int, _frame: object) -> None:
    """The wake-up socket has told it already."""


def _watchdog_s(environment: Mapping[str, str]) -> float:
    """Seconds in which systemd wants to hear from this process; infinite where it does not."""
    usec, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not usec.isdigit() or int(usec) == 0 or pid not in {"", str(os.getpid())}:
        return math.inf
    return int(usec) / 1_000_000
