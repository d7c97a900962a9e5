"""The broker that the branch server starts and watches over itself (`--mqtt managed`)."""

import contextlib
import logging
import random
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from branch_server.adapters.mqtt.broker_config import (
    BrokerAddress,
    BrokerError,
    BrokerFolder,
    Certificates,
    Programs,
    config_text,
    find_programs,
    make_private_folder,
    take_certificates,
    write_secret,
)
from branch_server.adapters.mqtt.broker_process import (
    BrokerProcess,
    FolderLock,
    PidFile,
    accepts,
    end_leftover,
    is_loopback,
    settle_address,
    tell_to_reload,
)

logger = logging.getLogger(__name__)

_STAMP = re.compile(r"^\d+: ")  # Mosquitto stamps its lines until it has read that it shall not
_POLL_S = 0.01
_BEAT_S = 0.5
_START_S = 15.0
_STOP_S = 0.8
_STEADY_S = 10.0
_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 2.0
_OWN_HOST = "127.0.0.1"
_LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what reaches us where we were asked to listen there


class ManagedBroker:
    """A Mosquitto of our own: `prepare()`, then write its accounts, then `start()`; `stop()` at the end.

    One thread starts it, forwards what it says to our log and restarts it whenever it ends. `beat` is called on that
    thread at least every 2 s while all is well, and `failed` if that thread dies after it has started the broker once.
    The broker ends with us, however we end.
    """

    def __init__(
        self,
        folder: Path,
        listen: tuple[str, int | None] = ("127.0.0.1", None),
        beat: Callable[[], None] = lambda: None,
        *,
        failed: Callable[[str], object] = lambda _reason: None,
        certificates: Certificates | None = None,
    ) -> None:
        """With `certificates` it listens with TLS, to clients that show one of the same authority, and in the clear on a free
        loopback port for this machine alone.
        """
        self.folder = BrokerFolder(folder.absolute())
        self._host, self._wanted_port = listen
        self._beat = beat
        self._failed = failed
        self._certificates = certificates
        self._pid_file = PidFile(self.folder.pid)
        self._programs: Programs | None = None
        self._lock: FolderLock | None = None
        self._own: BrokerAddress | None = None
        self._lan: BrokerAddress | None = None
        self._thread: threading.Thread | None = None
        self._first_start: Future[None] = Future()
        self._stopping = threading.Event()
        self._wake: socket.socket | None = None
        self._waker: socket.socket | None = None
        self._failures = 0
        self._pid: int | None = None
        self._stale = False

    @property
    def address(self) -> BrokerAddress:
        """Where this machine reaches the broker. Prepare first."""
        settled = self._settled()
        return replace(settled, host=_LOOPBACK_OF.get(settled.host, settled.host))

    @property
    def device_address(self) -> BrokerAddress:
        """Where devices reach the broker: by this machine's name if it listens on every interface. Prepare first."""
        settled = self._lan or self._settled()
        return replace(settled, host=socket.gethostname()) if settled.host in _LOOPBACK_OF else settled

    @property
    def lan(self) -> BrokerAddress | None:
        """The TLS listener; None without one. Prepare first."""
        return self._lan

    @property
    def pid(self) -> int | None:
        """The process of the present run; None while there is none."""
        return self._pid

    def prepare(self) -> None:
        """Makes folder and configuration, ends what an earlier run left, and settles the ports. Raises `BrokerError`."""
        self._programs = find_programs()
        try:
            make_private_folder(self.folder.path)
            self._lock = FolderLock(self.folder)
            end_leftover(self.folder)
            self._own, self._lan = self._settle()
            if self._certificates is not None:
                take_certificates(self.folder, self._certificates)
            listeners = [address for address in (self._own, self._lan) if address is not None]
            write_secret(self.folder.config, config_text(self.folder, listeners, self._programs.plugin))
        except OSError as error:
            self._release()
            raise BrokerError(f"the broker's files cannot be kept in {self.folder.path}: {error.strerror}") from error
        except BrokerError:
            self._release()
            raise

    def renew(self) -> bool:
        """Takes what is new of the certificates and has the running broker show it; connections stay. False where the broker
        cannot be told now: try again. Raises `OSError`.
        """
        if self._certificates is None:
            return True
        self._stale = take_certificates(self.folder, self._certificates) or self._stale
        pid = self._pid
        if self._stale and pid is not None and tell_to_reload(pid, self.folder):
            self._stale = False
        return not self._stale

    def start(self) -> None:
        """Returns as soon as the broker accepts connections. Raises `BrokerError`, with its own words if it refuses."""
        if self._own is None:
            self.prepare()
        self._wake, self._waker = socket.socketpair()
        self._thread = threading.Thread(target=self._watch, name="broker", daemon=True)
        self._thread.start()
        try:
            self._first_start.result()
        except BrokerError:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the broker in an orderly way, by force after half a second. Harmless if it never ran, or twice."""
        self._stopping.set()
        if self._wake is not None and self._waker is not None and self._thread is not None:
            with contextlib.suppress(OSError):
                self._waker.send(b"x")
            self._thread.join(_STOP_S)
            self._wake.close()
            self._waker.close()
        self._release()

    def _settled(self) -> BrokerAddress:
        if self._own is None:
            raise BrokerError("the broker is not prepared")
        return self._own

    def _settle(self) -> tuple[BrokerAddress, BrokerAddress | None]:
        """For this machine, and for devices where they have a listener of their own."""
        if self._certificates is not None:
            lan = settle_address(self.folder.lan_port, self._host, self._wanted_port)
            return settle_address(self.folder.port, _OWN_HOST, None), replace(lan, scheme="mqtts")
        if not is_loopback(self._host):
            logger.warning("the broker listens on %s without TLS: passwords pass readable", self._host)
        return settle_address(self.folder.port, self._host, self._wanted_port), None

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
        self._lock = None

    def _watch(self) -> None:
        try:
            while not self._stopping.is_set():
                self._run_once()
        except Exception as error:
            logger.exception("the watch over the broker failed")
            if self._first_start.done() and not self._stopping.is_set():
                self._failed(f"the watch over the broker failed: {error}")
        finally:
            if not self._first_start.done():
                self._first_start.set_exception(BrokerError("mosquitto was not started"))

    def _run_once(self) -> None:
        said: deque[str] = deque(maxlen=8)
        began = time.monotonic()
        assert self._programs is not None
        assert self._wake is not None
        process = BrokerProcess(self._programs, self.folder, self._wake)
        try:
            self._pid = process.pid
            self._pid_file.note(process.pid)
            self._follow(process, said)
        finally:
            self._pid = None
            ended = process.end()
        if self._stopping.is_set():
            self._pid_file.remove()
        elif not self._first_start.done():
            self._stopping.set()
            self._first_start.set_exception(BrokerError(f"mosquitto does not start ({ended}): {'; '.join(said)}"))
        else:
            self._wait_before_restart(ended, said, steady=time.monotonic() - began >= _STEADY_S)

    def _follow(self, process: BrokerProcess, said: deque[str]) -> None:
        up, patience_ends = False, time.monotonic() + _START_S
        while not self._stopping.is_set():
            lines = process.lines(_BEAT_S if up else _POLL_S)
            if lines is None:
                return
            for line in lines:
                said.append(_STAMP.sub("", line))
                _forward(said[-1])
            if not up and accepts(self.address):
                up = True
                self._came_up()
            elif not up and time.monotonic() > patience_ends:
                said.append("it accepts no connection")
                return
            if up:
                self._pid_file.note(process.pid)
            self._beat()

    def _came_up(self) -> None:
        if not self._first_start.done():
            self._first_start.set_result(None)
        else:
            logger.info("the broker is back")

    def _wait_before_restart(self, ended: str, said: deque[str], *, steady: bool) -> None:
        self._failures = 0 if steady else self._failures
        level = logging.DEBUG if self._failures else logging.WARNING
        logger.log(level, "the broker ended (%s), starting it again: %s", ended, "; ".join(said))
        wait_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(self._failures, 10)) * random.uniform(0.5, 1)  # noqa: S311
        self._failures += 1
        self._beat()
        self._stopping.wait(wait_s)


def _forward(line: str) -> None:
    """Says in our log what the broker said; its chatter about clients is for looking into faults only."""
    if line.startswith("Error"):
        logger.error("mosquitto: %s", line)
    elif line.startswith("Warning") and "run as root" not in line:
        logger.warning("mosquitto: %s", line)
    else:
        logger.debug("mosquitto: %s", line)
