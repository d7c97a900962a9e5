"""Call units on a serial line (a pty), in a process of their own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.rig import Program, RigError

_START_S = 15.0


class Units:
    """Units 1, 2 … on the line at `path`."""

    def __init__(self, path: Path, count: int) -> None:
        self.path = path
        self.count = count
        addresses = ",".join(str(at) for at in range(1, count + 1))
        command = [sys.executable, "-m", "foleni.sim.unit", "--pty-link", str(path), "--units", addresses, "--json"]
        self._program = Program("units", command, stdin=subprocess.PIPE)
        self._faces: dict[int, dict[str, Any]] = {}

    def press(self, unit: int) -> None:
        """The key for the next number goes down; returns at once."""
        self._program.tell(f"press {unit} single NEXT")

    def wait_heard(self) -> None:
        """Return when the agent has shown something on each of them. Raises `RigError`."""
        while sum(face["line"] for face in self._faces.values()) < self.count:
            self._hear(_START_S)

    def faces(self) -> dict[int, dict[str, Any]]:
        """What they show now."""
        with suppress(RigError):
            while True:
                self._hear(0.0)
        return self._faces

    def wait_ready(self) -> None:
        self._program.wait_for("ready", _START_S)

    def stop(self) -> None:
        self._program.stop()

    def _hear(self, timeout_s: float) -> None:
        face = json.loads(self._program.hear(timeout_s))
        self._faces[face["unit"]] = face


@contextmanager
def units(path: Path, count: int) -> Iterator[Units]:
    """Units whose line can be opened."""
    made = Units(path, count)
    try:
        made.wait_ready()
        yield made
    finally:
        made.stop()
