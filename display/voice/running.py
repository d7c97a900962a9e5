"""Programs that make or play sound: waited for, never for ever."""

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_TURN_S = 0.5
_LAST_WORDS = 300


class SoundError(Exception):
    """Something could not be said or played; in words for the log."""


def _ignore() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs one program at a time. Once `halted` is set it ends what runs and begins nothing more."""

    halted: threading.Event = field(default_factory=threading.Event)
    beat: Callable[[], object] = _ignore

    def run(self, command: Sequence[str], timeout_s: float, text: str = "") -> str:
        """Gives `text` to the program; what it said, when it has ended well. Raises `SoundError` where it does not end well
        within `timeout_s`.
        """
        if self.halted.is_set():
            raise SoundError("the end has begun")
        try:
            with subprocess.Popen(  # noqa: S603 - the programs are ours to choose
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            ) as process:
                said, complaint = self._attend(process, text.encode(), time.monotonic() + timeout_s)
        except OSError as error:
            raise SoundError(f"{command[0]}: {error.strerror or error}") from error
        if process.returncode != 0:
            lines = complaint.decode(errors="replace").split("\n")
            why = next((line.strip() for line in reversed(lines) if line.strip()), "failed")
            raise SoundError(f"{command[0]}: {why[:_LAST_WORDS]}")
        return said.decode(errors="replace")

    def _attend(self, process: subprocess.Popen[bytes], text: bytes, deadline: float) -> tuple[bytes, bytes]:
        """What it says on stdout and on stderr."""
        given: bytes | None = text
        while True:
            self.beat()
            try:
                return process.communicate(given, timeout=max(0.01, min(_TURN_S, deadline - time.monotonic())))
            except subprocess.TimeoutExpired:
                given = None
            if self.halted.is_set() or time.monotonic() >= deadline:
                process.kill()
                process.wait()
                raise SoundError(f"{process.args!r} did not end in time")
