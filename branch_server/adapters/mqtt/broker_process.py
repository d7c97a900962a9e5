"""One run of Mosquitto as a child process, the remains of an earlier run, and who sits on a port."""

import contextlib
import errno
import fcntl
import logging
import os
import select
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

from branch_server.adapters.mqtt.broker_config import (
    BrokerAddress,
    BrokerError,
    BrokerFolder,
    Programs,
    remembered_port,
    write_secret,
)

logger = logging.getLogger(__name__)

TERM_WAIT_S = 0.5
KILL_WAIT_S = 5.0
"""A kill cannot fail; a busy machine may be late with it."""
_LEFTOVER_WAIT_S = 1.1
_PROBE_S = 0.1
_GOING_S = 1.0
_POLL_S = 0.01
_TCP_LISTEN = "0A"


class BrokerProcess:
    """A running Mosquitto.

    The kernel ends it when the thread that made this object ends, so also when our process is killed: make it on a
    thread that lives as long as the broker shall.
    """

    def __init__(self, programs: Programs, folder: BrokerFolder, wake: socket.socket) -> None:
        tied = [str(programs.setpriv), "--pdeathsig", "TERM", "--"] if programs.setpriv else []
        self._process = subprocess.Popen(  # noqa: S603 - the programs were found by us, the path is our folder
            [*tied, str(programs.mosquitto), "-c", str(folder.config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            umask=0o077,
            process_group=0,  # Ctrl-C in our terminal is for us alone
        )
        assert self._process.stderr is not None
        self._stderr = self._process.stderr
        os.set_blocking(self._stderr.fileno(), False)
        self._partial = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stderr, selectors.EVENT_READ)
        self._selector.register(wake, selectors.EVENT_READ)

    @property
    def pid(self) -> int:
        return self._process.pid

    def lines(self, wait_s: float) -> Sequence[str] | None:
        """What the broker has said, waiting at most `wait_s` for it; None when it has ended."""
        if not any(key.fileobj is self._stderr for key, _ in self._selector.select(wait_s)):
            return ()
        try:
            data = os.read(self._stderr.fileno(), 65_536)
        except BlockingIOError:
            return ()
        return self._split(data) if data else None

    def end(self) -> str:
        """Ends the broker (SIGTERM, then SIGKILL) if it still runs, and frees everything; how it ended, in words."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            code = self._process.wait(TERM_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait(KILL_WAIT_S)
        finally:
            self._selector.close()
            self._stderr.close()
        return f"signal {-code}" if code < 0 else f"exit status {code}"

    def _split(self, data: bytes) -> Sequence[str]:
        *whole, self._partial = (self._partial + data).split(b"\n")
        return [line.decode(errors="replace") for line in whole]


class FolderLock:
    """Keeps a second branch server away from the folder for as long as it is held; the kernel frees it if we die."""

    def __init__(self, folder: BrokerFolder) -> None:
        self._file = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise BrokerError(f"another branch server runs its broker in {folder.path}") from error

    def release(self) -> None:
        os.close(self._file)


class PidFile:
    """Names the broker to our next run, should it outlive us. Best effort: what cannot be written is logged once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: int | None = None
        self._failing = False

    def note(self, pid: int) -> None:
        """Cheap where it is noted already, so that it can be tried again and again."""
        if pid != self._noted:
            with self._best_effort():
                write_secret(self._path, f"{pid}\n")
                self._noted, self._failing = pid, False

    def remove(self) -> None:
        with self._best_effort():
            self._path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _best_effort(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            level = logging.DEBUG if self._failing else logging.WARNING
            logger.log(level, "%s cannot be kept, the broker runs without it: %s", self._path, error.strerror)
            self._failing = True


def end_leftover(folder: BrokerFolder) -> None:
    """Ends the broker of an earlier run, if the process that the pid file names has our configuration. Hold the lock."""
    try:
        pid = int(folder.pid.read_text(encoding="ascii"))
        handle = os.pidfd_open(pid)
    except (OSError, ValueError, OverflowError):
        return
    try:
        # The handle is held before the look at the command line, so the pid cannot change hands in between.
        if _runs_config(pid, folder.config):
            logger.info("ending a broker left over from an earlier run, process %d", pid)
            _end(handle)
    finally:
        os.close(handle)


def accepts(address: BrokerAddress) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((address.host, address.port), _PROBE_S).close()
    except OSError:
        return False
    return True


def is_free(address: BrokerAddress) -> bool:
    """Whether a server could listen there; raises `BrokerError` where we never could."""
    bound = _bound_socket(address)
    if bound is not None:
        bound.close()
    return bound is not None


def free_port(host: str) -> int:
    """A port of `host` that nobody uses now; raises `BrokerError` where we can never listen there."""
    bound = _bound_socket(BrokerAddress(host, 0))
    if bound is None:
        raise BrokerError(f"{host} has no free port")
    with bound:
        return int(bound.getsockname()[1])


def settle_address(memory: Path, host: str, wanted: int | None) -> BrokerAddress:
    """Where to listen: the wanted port, else the one that `memory` names, else a free one, which `memory` names from now on.

    Raises `BrokerError` where the wanted one is taken, `OSError` where the memory cannot be kept.
    """
    port = wanted or remembered_port(memory)
    if port is None or not _is_free_soon(BrokerAddress(host, port)):
        if wanted is not None:
            raise BrokerError(f"port {port} of {host} is taken{port_user(wanted)}")
        port = free_port(host)
    write_secret(memory, f"{port}\n")
    return BrokerAddress(host, port)


def tell_to_reload(pid: int, folder: BrokerFolder) -> bool:
    """Has the broker read its certificates again. False where the process is no broker of ours that can hear it by now."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        # The handle is held before the look, so the pid cannot change hands in between.
        if not (_runs_config(pid, folder.config) and _hears(pid, signal.SIGHUP)):
            return False
        signal.pidfd_send_signal(handle, signal.SIGHUP)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def port_user(port: int) -> str:
    """Which process listens on the port, as ` by python3, process 123`; empty where that cannot be seen."""
    links = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(str(entry.readlink()) in links for entry in (folder / "fd").iterdir()):
                return f" by {(folder / 'comm').read_text().strip()}, process {folder.name}"
    return ""


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for row in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = row.split()
                if fields[3] == _TCP_LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(fields[9])
    return inodes


def _bound_socket(address: BrokerAddress) -> socket.socket | None:
    """A socket on the address; None where it is taken."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(place)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return None
        raise BrokerError(f"cannot listen on {address.host} port {address.port}: {error.strerror}") from error
    except UnicodeError as error:
        raise BrokerError(f"{address.host} is no name of a host") from error
    return bound


def _runs_config(pid: int, config: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return Path(os.fsdecode(words[0])).name == "mosquitto" and os.fsencode(config) in words


def _hears(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler for the signal: one that has just begun would be killed by it."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name == "SigCgt":
            return bool(int(value, 16) >> (number - 1) & 1)
    return False


def _is_free_soon(address: BrokerAddress) -> bool:
    """Whether a server can listen there, or will in a moment: an earlier broker of ours may be just about to be gone."""
    gives_up_at = time.monotonic() + _GOING_S
    while not is_free(address):
        if time.monotonic() > gives_up_at:
            return False
        time.sleep(_POLL_S)
    return True


def _end(handle: int) -> None:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    for sign, wait_s in ((signal.SIGTERM, _LEFTOVER_WAIT_S), (signal.SIGKILL, KILL_WAIT_S)):
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, sign)
        if poll.poll(wait_s * 1000):
            return
