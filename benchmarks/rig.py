"""What a measurement stands on: programs of its own on loopback, and a Mosquitto that all of them share."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

STOP_LIMIT_S = 10.0
MOSQUITTO_OPTIONS = """
allow_anonymous true
persistence false
set_tcp_nodelay true
max_queued_messages 100000
max_inflight_messages 10000
log_type error
log_type warning
"""


class RigError(Exception):
    """A program of the measurement did not start, answer or stop."""


class Program:
    """A process that we started; its lines are heard with a time limit, and only it is ended."""

    def __init__(self, name: str, command: Sequence[str], stdin: int = subprocess.DEVNULL) -> None:
        self.name = name
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            list(command), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._errors: list[str] = []
        self._error_lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._read(self._process.stdout, self._lines)
        self._read(self._process.stderr, self._error_lines)

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self, timeout_s: float) -> str:
        """Its next line on standard output; raises `RigError` where none comes in time."""
        with suppress(queue.Empty):
            line = self._lines.get(timeout=timeout_s)
            if line is not None:
                return line
        raise RigError(f"{self.name} said nothing; {self._last_errors()}")

    def wait_for(self, words: str, timeout_s: float) -> float:
        """Seconds from its start until a line on standard error contained `words`; raises `RigError` otherwise."""
        deadline = time.perf_counter() + timeout_s
        with suppress(queue.Empty):
            while (line := self._error_lines.get(timeout=max(0.0, deadline - time.perf_counter()))) is not None:
                self._errors.append(line)
                if words in line:
                    return time.perf_counter() - self.started
        raise RigError(f"{self.name} never said {words!r}; {self._last_errors()}")

    def last_error_line(self) -> str:
        """What it said last on standard error, as far as it was waited for."""
        return self._errors[-1] if self._errors else ""

    def wait(self, timeout_s: float) -> int:
        """Its exit status; raises `RigError` where it does not end by itself."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise RigError(f"{self.name} did not end within {timeout_s} s") from None

    def stop(self) -> None:
        """End it: its input closed, SIGTERM, at last SIGKILL."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_LIMIT_S)

    def _read(self, pipe: IO[str] | None, lines: "queue.SimpleQueue[str | None]") -> None:
        assert pipe is not None

        def copy() -> None:
            with pipe:
                for line in pipe:
                    lines.put(line.rstrip("\n"))
            lines.put(None)

        threading.Thread(target=copy, name=f"{self.name} reader", daemon=True).start()

    def _last_errors(self) -> str:
        with suppress(queue.Empty):
            while (line := self._error_lines.get(timeout=0.2)) is not None:
                self._errors.append(line)
        return "its last lines: " + (" | ".join(self._errors[-5:]) or "none")


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_mosquitto(folder: Path) -> tuple[Program, str]:
    """A Mosquitto without accounts on a loopback port, and its `mqtt://` address."""
    port = free_port()
    configuration = folder / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\n{MOSQUITTO_OPTIONS}")
    program = Program("mosquitto", ["mosquitto", "-c", str(configuration)])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return program, f"mqtt://127.0.0.1:{port}"
        time.sleep(0.02)
    program.stop()
    raise RigError("mosquitto did not start")


def start_echo(mqtt: str, branch: str, sync: Path | None = None) -> Program:
    """An echo server at `branch`; with `sync`, one append and fsync in that folder before each answer."""
    command = [sys.executable, "-m", "benchmarks.echo", "--mqtt", mqtt, "--branch", branch]
    program = Program(f"echo {branch}", command + (["--sync", str(sync)] if sync else []))
    program.wait_for("echo: ready", 15)
    return program


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has used, system and user together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> tuple[float, float]:
    """RSS and PSS of a process."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, amount = line.split(":")
        sizes[name] = int(amount.split()[0]) / 1024
    return sizes["Rss"], sizes["Pss"]
