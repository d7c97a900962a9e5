"""Keeps one program running as systemd would: its log in a file, started again when it dies, ended with all that it started."""

import contextlib
import errno
import os
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

from foleni.link.backoff import Backoff

GRACE_S = 2.5
"""Seconds from SIGTERM to SIGKILL; our programs take at most two."""
_LOOK_S = 0.02
_STEADY_S = 10.0
_LAST_WORDS = 3
_LAST_BYTES = 4000
_LONG_LOG_BYTES = 1_000_000


class State(StrEnum):
    """Where a program is. HELD stays down until it is released."""

    STARTING = "starting"
    UP = "up"
    WAITING = "waiting"
    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Program:
    """A program to keep. It is up once a line of its log begins with `ready`; without that, as soon as it runs.
    One that `listens` takes lines on its stdin, and where it `ends_with_input` no signal has to tell it that we are gone.
    """

    name: str
    command: tuple[str, ...]
    log: Path
    ready: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    when_ready: Callable[[int], object] | None = None
    """Called on the keeper's thread with the process's number before the program counts as up, each time it comes up."""
    listens: bool = False
    ends_with_input: bool = False


class StartError(Exception):
    """The program does not come up; the text says why, in its own words."""


Told = Callable[[str], object]


class Keeper:
    """One program in a process group of its own, and the thread that watches over it.

    The kernel sends the program SIGTERM when that thread is gone, so also when this whole process is killed.
    `tell` hears, on that thread, of every death that nobody asked for and of every restart after one.
    """

    def __init__(self, program: Program, tell: Told, backoff: Backoff | None = None) -> None:
        self.program = program
        self.state = State.STARTING
        self.deaths = 0
        self.pid: int | None = None
        self._stdin: IO[bytes] | None = None
        self._tell = tell
        self._backoff = backoff or Backoff(0.5, 5.0, floor_s=0.2)
        self._changed = threading.Condition()
        self._stopping = self._hold = self._asked = False
        self._ear, self._mouth = socket.socketpair()
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"keeper {program.name}", daemon=True)

    def start(self) -> None:
        """Begin; `wait_up` waits until it works."""
        log = self.program.log
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _LONG_LOG_BYTES:
            log.replace(log.with_suffix(".old"))
        self._thread.start()

    def wait_up(self, within_s: float) -> None:
        """Return when the program is up. Raises `StartError` where it dies before it ever was, or takes too long."""
        with self._changed:
            self._changed.wait_for(lambda: self.state is State.UP or self._failure or self._stopping, within_s)
            state, failure = self.state, self._failure
        if state is not State.UP:
            raise StartError(failure or f"{self.program.name} is not ready after {within_s:.0f} s: {self.last_words()}")

    def kill(self) -> None:
        """End it like a power cut; it comes back by itself."""
        self._asked = True
        self._signal(signal.SIGKILL)

    def hold(self) -> None:
        """End it like a power cut and keep it down until `release`."""
        self._hold = True
        self.kill()
        self._wake()
        with self._changed:
            self._changed.wait_for(lambda: self.state in {State.HELD, State.ENDED}, GRACE_S)

    def release(self) -> None:
        """Start it again after `hold`."""
        self._hold = False
        self._wake()

    def say(self, line: str) -> None:
        """Write a line to a program that listens. Raises `OSError` where it is not there."""
        with self._changed:
            stdin = self._stdin
            if stdin is None:
                raise BrokenPipeError(errno.EPIPE, f"{self.program.name} is not running")
            stdin.write(f"{line}\n".encode())

    def ask_to_end(self) -> None:
        """The first half of `stop`: SIGTERM, and no restart. Several programs can end side by side."""
        self._stopping = True
        self._wake()

    def stop(self) -> None:
        """End the program and everything in its process group: SIGTERM, after a grace SIGKILL."""
        self.ask_to_end()
        if self._thread.is_alive():
            self._thread.join(GRACE_S + 1.0)
        if not self._thread.is_alive():
            self._ear.close()
            self._mouth.close()

    def last_words(self) -> str:
        """The last lines of its log, on one line."""
        try:
            with self.program.log.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_BYTES))
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return "its log cannot be read"
        said = [line.strip() for line in lines if line.strip()]
        return " | ".join(said[-_LAST_WORDS:]) or "it said nothing"

    def _run(self) -> None:
        while not self._stopping:
            if self._hold:
                self._stay_down()
                continue
            self._asked = False
            self._enter(State.STARTING)
            try:
                ended = self._run_once()
            except OSError as error:
                ended = f"cannot be started: {error.strerror}"
            if not self._stopping:
                self._rest(ended)
        self._enter(State.ENDED)

    def _run_once(self) -> str:
        """One life of the program; how it ended, in words."""
        began = time.monotonic()
        with self.program.log.open("ab") as log:
            start = log.tell()
            process = subprocess.Popen(  # noqa: S603 - our own programs
                [*([] if self.program.ends_with_input else tied()), *self.program.command],
                stdin=subprocess.PIPE if self.program.listens else subprocess.DEVNULL,
                bufsize=0,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.program.environment},
                process_group=0,
            )
        handle = os.pidfd_open(process.pid)
        self.pid, self._stdin = process.pid, process.stdin
        try:
            self._attend(process, handle, start)
        finally:
            self._clear_up(process, handle)
        if time.monotonic() - began >= _STEADY_S:
            self._backoff.reset()
        code = process.returncode
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def _attend(self, process: subprocess.Popen[bytes], handle: int, log_from: int) -> None:
        """Until the program ends, or shall."""
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        waiting.register(self._ear, select.POLLIN)
        while not ended.poll(0) and not self._stopping:
            if self.state is State.STARTING and self._says_ready(log_from):
                if self.program.when_ready is not None:
                    self.program.when_ready(process.pid)
                self._enter(State.UP)
            waiting.poll(_LOOK_S * 1000 if self.state is State.STARTING else None)
            self._listen()
        if not ended.poll(0):
            self._signal(signal.SIGTERM)
            if not ended.poll(GRACE_S * 1000):
                self._tell(f"{self.program.name} does not end by itself and is killed")

    def _clear_up(self, process: subprocess.Popen[bytes], handle: int) -> None:
        """Nothing of its process group is left."""
        self._signal(signal.SIGKILL)  # before it is waited for: until then nobody else can have its number
        process.wait()
        with self._changed:
            self.pid = self._stdin = None
            if process.stdin is not None:
                process.stdin.close()
        os.close(handle)

    def _says_ready(self, log_from: int) -> bool:
        if not self.program.ready:
            return True
        with self.program.log.open("rb") as log:
            log.seek(log_from)
            return any(line.startswith(self.program.ready.encode()) for line in log)

    def _rest(self, ended: str) -> None:
        """Between two lives."""
        if self._hold:
            return
        wait_s = self._backoff.next_s()
        if not self._asked:
            self.deaths += 1
            self._failure = f"{self.program.name} {ended}: {self.last_words()}"
            self._tell(f"{self._failure} — it is started again in {wait_s:.1f} s (log: {self.program.log})")
        self._enter(State.WAITING)
        self._doze(wait_s)

    def _stay_down(self) -> None:
        self._enter(State.HELD)
        while self._hold and not self._stopping:
            self._doze(None)

    def _doze(self, wait_s: float | None) -> None:
        select.select([self._ear], [], [], wait_s)
        self._listen()

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._ear.recv(4096, socket.MSG_DONTWAIT)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._mouth.send(b"\0", socket.MSG_DONTWAIT)

    def _enter(self, state: State) -> None:
        with self._changed:
            self.state = state
            if state is State.UP:
                self._failure = None
            self._changed.notify_all()

    def _signal(self, number: int) -> None:
        pid = self.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number)


def tied() -> list[str]:
    """What to put before a command so that it ends with the thread that started it, also where that was killed before
    the kernel knew of the bond.
    """
    program = shutil.which("setpriv")
    if program is None:
        return []
    still_ours = ["sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"', str(os.getpid())]
    return [program, "--pdeathsig", "TERM", "--", *still_ours]
