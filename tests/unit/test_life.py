"""Process life, with real processes and real signals."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foleni.life import Notifier, Watch

PROGRAM = """
import os, sys, threading, time
from foleni import logs
from foleni.life import Life

class Part:
    def __init__(self, name): self.name = name
    def start(self): print("start", self.name, flush=True)
    def stop(self): print("stop", self.name, flush=True)

class Screen:
    def __init__(self): self.over = threading.Event()
    def run(self): self.over.wait()
    def quit(self): self.over.set()

logs.set_up()
life = Life("foleni-test")
parts = [(name, Part(name)) for name in ("database", "engine", "web")]
foreground = None
ready = lambda: "http://127.0.0.1:1"
{body}
sys.exit(life.run(parts, ready, foreground))
"""
FOREVER = "lambda: [time.sleep(60) for _ in range(9)]"


@contextmanager
def program(body: str = "", **environment: str) -> Iterator[subprocess.Popen[str]]:
    code = PROGRAM.replace("{body}", body)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_ready(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    assert process.stderr.readline() == "foleni-test: ready: http://127.0.0.1:1\n"


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str, str]:
    """Status, stdout and stderr after a signal; it must come within what the contract allows, with a margin."""
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("body", ["", "foreground = Screen()"])
def test_parts_start_in_order_and_a_signal_stops_them_in_reverse(number: int, body: str) -> None:
    with program(body) as process:
        wait_ready(process)
        status, out, err = end(process, number)
    assert status == 0
    assert out.split("\n") == [
        *("start database", "start engine", "start web"), *("stop web", "stop engine", "stop database"), ""
    ]  # fmt: skip
    assert err == ""


def test_a_stuck_part_is_named_the_others_stop_and_the_process_ends_with_a_failure() -> None:
    with program(f"parts[1][1].stop = {FOREVER}") as process:
        wait_ready(process)
        begun = time.monotonic()
        status, out, err = end(process)
        assert time.monotonic() - begun < 4.0
    assert status == 1
    assert "stop database" in out
    assert "engine does not stop" in err


@pytest.mark.parametrize(
    "body",
    [
        f"threading.Thread(target={FOREVER}, name='lost').start()",
        "import ctypes; [ctypes.CDLL(None).sleep(60) for _ in range(9)]",
    ],
)
def test_a_thread_or_a_call_that_hangs_does_not_keep_the_process(body: str) -> None:
    with program(f"def hang(): print('hanging', flush=True); {body}\nparts[2][1].start = hang") as process:
        assert process.stdout is not None
        while process.stdout.readline() != "hanging\n":
            assert process.poll() is None
        status, _, err = end(process)
    assert status == 1
    assert "foleni-test ends without: " in err


def test_a_part_that_does_not_start_undoes_those_before_it() -> None:
    with program("parts[1][1].start = lambda: 1 / 0") as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == "start database\nstop database\n"
    assert "engine: division by zero" in err
    assert "ready" not in err


@pytest.mark.parametrize("body", ["", "foreground = Screen()"])
def test_a_side_thread_that_fails_ends_the_process(body: str) -> None:
    body += "\nparts[2][1].start = lambda: threading.Timer(0.1, life.fail, ['the link died']).start()"
    with program(body) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "stop database" in out
    assert "the link died" in err


def test_a_program_that_asks_to_be_started_again_ends_in_good_order_with_a_status_of_its_own() -> None:
    with program("parts[2][1].start = lambda: threading.Timer(0.1, life.restart, ['ordered']).start()") as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 75
    assert out.endswith("stop web\nstop engine\nstop database\n")
    assert "ends to be started again: ordered" in err


def test_a_foreground_that_ends_by_itself_ends_the_process_well() -> None:
    with program("foreground = Screen(); foreground.over.set()") as process:
        assert process.wait(30) == 0


@contextmanager
def systemd(path: Path, *, abstract: bool = False) -> Iterator[tuple[socket.socket, str]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        address = f"@foleni-test-{os.getpid()}" if abstract else str(path / "notify")
        told.bind(address.replace("@", "\0"))
        told.settimeout(10)
        yield told, address


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_of_readiness_health_and_the_end(tmp_path: Path, abstract: bool) -> None:
    with systemd(tmp_path, abstract=abstract) as (told, address):
        with program(NOTIFY_SOCKET=address, WATCHDOG_USEC="90000", WATCHDOG_PID="") as process:
            wait_ready(process)
            seen = [told.recv(4096).decode() for _ in range(4)]
            end(process)
        told.setblocking(False)
        while seen[-1] != "STOPPING=1":
            seen.append(told.recv(4096).decode())
    assert "READY=1\nSTATUS=http://127.0.0.1:1" in seen
    assert "WATCHDOG=1" in seen


def test_the_watchdog_is_not_fed_while_a_loop_stands_still(tmp_path: Path) -> None:
    body = "life.watch.beat('printer', 0.0)"
    with systemd(tmp_path) as (told, address):
        with program(body, NOTIFY_SOCKET=address, WATCHDOG_USEC="30000") as process:
            wait_ready(process)
            assert process.stderr is not None
            assert "loops that stand still: printer" in process.stderr.readline()
            end(process)
        told.setblocking(False)
        assert told.recv(4096).startswith(b"READY=1")
        assert told.recv(4096) == b"STOPPING=1"


def test_a_watchdog_for_another_process_is_none_of_ours() -> None:
    assert Notifier({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).watchdog_s == float("inf")
    assert Notifier({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": str(os.getpid())}).watchdog_s == 1.0
    Notifier({"NOTIFY_SOCKET": "/nowhere"}).tell("READY=1")


def test_a_beat_is_stale_when_it_was_not_ticked_in_time() -> None:
    now = 0.0
    watch = Watch(lambda: now)
    engine, link = watch.beat("engine", 5), watch.beat("link", 15)
    now = 6.0
    assert watch.stale() == ["engine"]
    engine.tick()
    assert watch.stale() == []
    now = 99.0
    watch.forget(link)
    assert watch.stale() == ["engine"]
