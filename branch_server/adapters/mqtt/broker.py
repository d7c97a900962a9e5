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
    Programs,
    config_text,
    find_programs,
    make_private_folder,
    write_secret,
)
from branch_server.adapters.mqtt.broker_process import (
    BrokerProcess,
    FolderLock,
    PidFile,
    accepts,
    end_leftover,
    free_port,
    is_free,
    is_loopback,
    port_user,
)

logger = logging.getLogger(__name__)

_STAMP = re.compile(r"^\d+: ")  # Mosquitto stamps its lines until it has read that it shall not
_POLL_S = 0.01
_BEAT_S = 0.5
_START_S = 15.0
_STOP_S = 0.8
_STEADY_S = 10.0
_GOING_S = 1.0
_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 2.0
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
    ) -> None:
        self.folder = BrokerFolder(folder.absolute())
        self._host, self._wanted_port = listen
        self._beat = beat
        self._failed = failed
        self._pid_file = PidFile(self.folder.pid)
        self._programs: Programs | None = None
        self._lock: FolderLock | None = None
        self._address: BrokerAddress | None = None
        self._thread: threading.Thread | None = None
        self._first_start: Future[None] = Future()
        self._stopping = threading.Event()
        self._wake: socket.socket | None = None
        self._waker: socket.socket | None = None
        self._failures = 0
        self._pid: int | None = None

    @property
    def address(self) -> BrokerAddress:
        """Where this machine reaches the broker. Prepare first."""
        settled = self._settled()
        return replace(settled, host=_LOOPBACK_OF.get(settled.host, settled.host))

    @property
    def device_address(self) -> BrokerAddress:
        """Where devices reach the broker: by this machine's name if it listens on every interface. Prepare first."""
        settled = self._settled()
        return replace(settled, host=socket.gethostname()) if settled.host in _LOOPBACK_OF else settled

    @property
    def pid(self) -> int | None:
        """The process of the present run; None while there is none."""
        return self._pid

    def prepare(self) -> None:
        """Makes folder and configuration, ends what an earlier run left, and settles the port. Raises `BrokerError`."""
        self._programs = find_programs()
        try:
            make_private_folder(self.folder.path)
            self._lock = FolderLock(self.folder)
            end_leftover(self.folder)
            self._address = self._settle_address()
            write_secret(self.folder.config, config_text(self.folder, self._address, self._programs.plugin))
        except OSError as error:
            self._release()
            raise BrokerError(f"the broker's files cannot be kept in {self.folder.path}: {error.strerror}") from error
        except BrokerError:
            self._release()
            raise

    def start(self) -> None:
        """Returns as soon as the broker accepts connections. Raises `BrokerError`, with its own words if it refuses."""
        if self._address is None:
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
        if self._address is None:
            raise BrokerError("the broker is not prepared")
        return self._address

    def _settle_address(self) -> BrokerAddress:
        port = self._wanted_port or self._remembered_port()
        if port is None or not _is_free_soon(BrokerAddress(self._host, port)):
            if self._wanted_port is not None:
                raise BrokerError(f"port {port} of {self._host} is taken{port_user(self._wanted_port)}")
            port = free_port(self._host)
        if not is_loopback(self._host):
            logger.warning("the broker listens on %s without TLS: passwords pass readable", self._host)
        write_secret(self.folder.port, f"{port}\n")
        return BrokerAddress(self._host, port)

    def _remembered_port(self) -> int | None:
        try:
            port = int(self.folder.port.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return port if 0 < port < 65_536 else None

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


def _is_free_soon(address: BrokerAddress) -> bool:
    """Whether a server can listen there, or will in a moment: an earlier broker of ours may be just about to be gone."""
    gives_up_at = time.monotonic() + _GOING_S
    while not is_free(address):
        if time.monotonic() > gives_up_at:
            return False
        time.sleep(_POLL_S)
    return True


def _forward(line: str) -> None:
    """Says in our log what the broker said; its chatter about clients is for looking into faults only."""
    if line.startswith("Error"):
        logger.error("mosquitto: %s", line)
    elif line.startswith("Warning") and "run as root" not in line:
        logger.warning("mosquitto: %s", line)
    else:
        logger.debug("mosquitto: %s", line)
