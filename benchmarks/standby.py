"""A standby: how much longer a customer waits for a number where a second server must have it, too."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from benchmarks.branch import SERVICES, Size, write_setup
from benchmarks.joins import checked
from benchmarks.load import Account, Load, Target, interleave
from benchmarks.report import Row
from benchmarks.report import Target as Bound
from benchmarks.rig import Program, RigError, free_port
from benchmarks.rigging import Rig
from benchmarks.stats import p50, p99

STANDBY = "standby-1"
_START_S = 120.0
_SIZE = Size(kiosks=8, counters=2)


def run(rig: Rig) -> list[Row]:
    """Both servers of the pair share this machine and its disk; on two machines each has its own."""
    with ExitStack() as stack:
        alone = stack.enter_context(_server(rig.folder / "alone", "alone", []))
        followed = stack.enter_context(_pair(rig.folder))
        loads = {
            "alone": stack.enter_context(Load("alone", _kiosk(alone, "alone"))),
            "followed": stack.enter_context(Load("followed", _kiosk(followed, "followed"))),
        }
        measured = interleave(loads, rig.scaled(10, 3), 1.0, rig.scaled(400, 200))
    without, with_standby = (checked(measured[name]).latencies_ms for name in ("alone", "followed"))
    return [
        Row("join p50 with a standby (floor: without)", p50(with_standby), "ms", p50(without), Bound("<=", 3.0)),
        Row("join p99 with a standby (floor: without)", p99(with_standby), "ms", p99(without), Bound("<=", 3.0)),
    ]


@contextmanager
def _pair(folder: Path) -> Iterator[Path]:
    """The data folder of a server whose standby has everything."""
    port = free_port()
    first, second = folder / "first", folder / "second"
    with _server(first, "followed", ["--pair", f"127.0.0.1:{port}", "--pair-wait-ms", "5000"]):
        papers = ["standby-papers", "--data", str(first), "--branch", "followed", "--device", STANDBY, "--into", str(second)]
        subprocess.run([sys.executable, "-m", "branch_server", *papers], check=True)
        follow = ["--pair", f"127.0.0.1:{free_port()}", "--follow", f"127.0.0.1:{port}"]
        with _server(second, "followed", follow, words="foleni-branch: ready: standby"):
            _wait_until_attached(first)
            yield first


@contextmanager
def _server(data: Path, branch: str, arguments: list[str], words: str = "foleni-branch: ready") -> Iterator[Path]:
    setup = data.with_suffix(".toml")
    write_setup(setup, branch, _SIZE)
    with setup.open("a") as file:
        file.write(f'\n[[device]]\nid = "{STANDBY}"\nkind = "standby"\n')
    command = [sys.executable, "-m", "branch_server", "--data", str(data), "--mqtt", "managed", "--setup", str(setup)]
    program = Program(f"branch {data.name}", [*command, "--log-level", "warning", *arguments])
    try:
        program.wait_for(words, _START_S)
        yield data
    finally:
        program.stop()


def _wait_until_attached(data: Path) -> None:
    deadline = monotonic() + _START_S
    while monotonic() < deadline:
        with suppress(OSError, ValueError):
            if json.loads((data / "standby" / "now.json").read_bytes()).get("attached"):
                return
        sleep(0.05)
    raise RigError("the standby never had everything")


def _kiosk(data: Path, branch: str) -> Target:
    """A load of joins from one kiosk."""
    told = tomllib.loads((data / "devices" / "kiosk-1.toml").read_text())
    return Target(branch, SERVICES, (Account("kiosk-1", told["mqtt"]),))
