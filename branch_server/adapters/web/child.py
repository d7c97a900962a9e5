"""The web side's process: started, watched, started again, and ended with the branch server."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from foleni.link.backoff import Backoff

_log = logging.getLogger(__name__)

READY = "foleni-web: ready: "
_START_S = 240.0
_STOP_S = 1.2
_KILL_S = 0.2
_TURN_S = 0.5
_LOOK_S = 0.05
_PR_SET_PDEATHSIG = 1


class WebSideError(Exception):
    """The web side cannot be started: its settings are wrong, or its address is taken."""


@dataclass(frozen=True, slots=True)
class Launch:
    """The command line, and what the environment has beside ours: the broker's address, which holds a password."""

    command: Sequence[str]
    environment: Mapping[str, str]


def launch(arguments: Sequence[str], mqtt: str) -> Launch:
    """How the web side is started with these arguments and this broker."""
    return Launch((sys.executable, "-m", "branch_server.web", *arguments), {"FOLENI_MQTT": mqtt})


class WebChild:
    """Keeps one web side running. A death is logged and mended; only the first start may fail."""

    def __init__(self, how: Launch, beat: Callable[[], object], failed: Callable[[str], object]) -> None:
        self.address = ""
        """Where browsers find it, once it has said so."""
        self._how = how
        self._beat = beat
        self._failed = failed
        self._process: subprocess.Popen[str] | None = None
        self._ready = threading.Event()
        self._gone = threading.Event()
        self._stopping = threading.Event()
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="web side", daemon=True)

    def start(self) -> None:
        """Starts it and does not wait: it takes longer to load than the queue does."""
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Returns when it serves. Raises `WebSideError`."""
        gives_up_at = time.monotonic() + _START_S
        while not self._ready.wait(_LOOK_S) and not self._gone.is_set() and time.monotonic() < gives_up_at:
            pass
        if not self._ready.is_set():
            raise WebSideError(self._said or "the web side did not start")

    def begin_to_end(self) -> None:
        """Tells it to end, and does not wait."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        self.begin_to_end()
        process = self._process
        if process is not None:
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(_KILL_S)

    def _run(self) -> None:
        backoff = Backoff()
        try:
            while not self._stopping.is_set():
                status = self._live_once()
                self._gone.set()
                if self._stopping.is_set() or not self._ready.is_set():
                    return
                pause_s = backoff.next_s()
                _log.error("the web side ended with status %s (%s); again in %.1f s", status, self._said, pause_s)
                self._rest(pause_s)
        except Exception as error:  # noqa: BLE001 - the top of a loop
            _log.exception("nobody watches the web side any more")
            self._failed(f"nobody watches the web side: {error}")

    def _rest(self, pause_s: float) -> None:
        while pause_s > 0 and not self._stopping.wait(min(_TURN_S, pause_s)):
            self._beat()
            pause_s -= _TURN_S

    def _live_once(self) -> int:
        self._process = process = subprocess.Popen(  # noqa: S603 - our own program
            self._how.command,
            env=_environment(self._how.environment),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call into libc, and no web side outlives its server
        )
        reading = threading.Thread(target=self._read, args=(process,), name="web side's words", daemon=True)
        reading.start()
        while True:
            self._beat()
            try:
                status = process.wait(_TURN_S)
            except subprocess.TimeoutExpired:
                continue
            reading.join(_KILL_S)
            return status

    def _read(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stderr or ():
            if line.startswith(READY):
                self.address = line.removeprefix(READY).strip()
                self._ready.set()
            else:
                self._said = line.strip() or self._said
                sys.stderr.write(line)
                sys.stderr.flush()


def _environment(added: Mapping[str, str]) -> Mapping[str, str]:
    """Ours, without what lets a process speak to systemd: that is for the server alone."""
    ours = {name: value for name, value in os.environ.items() if name not in {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}}
    return {**ours, **added}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
