"""A running `foleni demo` for tests, and who is left of it afterwards."""

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
PLAIN = ("--past", "0", "--http", "none")
"""A new branch without consoles and without a cloud."""
NOTHING: Mapping[str, str] = {}
SMALL = """\
[branch]
id = "small"
name = "Small"

[[service]]
id = "cash"
prefix = "A"
name = "Cash"

[[counter]]
id = "c1"
label = "1"
services = ["cash"]

[[device]]
id = "desk"
kind = "console"

[[device]]
id = "pad-1"
kind = "counter"
counter = "c1"
"""
"""A branch without windows: server, broker, one unit and its agent."""
WHOLE = (ROOT / "example-branch.toml").read_text()
"""The branch that people see: with kiosk, TV, printer and two units."""


class Demo:
    """A demo of the branch that `setup` describes, in `folder`/data, `PLAIN` unless told `more`; on a terminal of its own
    where it `talks`. `around` are variables that it finds beside the usual ones; there is no screen unless they name one.
    """

    def __init__(
        self, folder: Path, setup: str = SMALL, *more: str, talks: bool = False, around: Mapping[str, str] = NOTHING
    ) -> None:
        self.data = folder / "data"
        self._said = folder / "said"
        self._terminal: int | None = None
        (folder / "setup.toml").write_text(setup)
        arguments = ["demo", "--data", str(self.data), "--setup", str(folder / "setup.toml"), *(more or PLAIN)]
        command = [sys.executable, "-m", "foleni", *arguments]
        environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | dict(around)
        with self._said.open("wb") as said:
            if not talks:
                self.process = subprocess.Popen(
                    command, cwd=ROOT, env=environment, stdout=said, stderr=said, stdin=subprocess.DEVNULL
                )
                return
        master, slave = pty.openpty()
        terminal = [sys.executable, "-c", _ON_TERMINAL, *command]
        self.process = subprocess.Popen(
            terminal, cwd=ROOT, env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self._terminal = master

    @property
    def said(self) -> str:
        if self._terminal is not None:
            self._read()
        return self._said.read_text(errors="replace")

    def until_says(self, text: str, within_s: float = 60.0) -> None:
        """Fails with its own words where it ends before."""
        until(lambda: text in self.said or self.process.poll() is not None, within_s)
        assert text in self.said, self.said

    def type(self, line: str) -> None:
        assert self._terminal is not None
        os.write(self._terminal, f"{line}\n".encode())

    def hang_up(self) -> None:
        """Close its terminal."""
        assert self._terminal is not None
        os.close(self._terminal)
        self._terminal = None

    def family(self) -> list[psutil.Process]:
        """Itself and everything that it started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def named(self, word: str) -> list[psutil.Process]:
        """Those of it that have a word in their command line."""
        found = []
        for member in self.family():
            with suppress(psutil.NoSuchProcess):
                found += [member] if word in member.cmdline() else []
        return found

    def end(self, number: int = signal.SIGINT, within_s: float = 40.0) -> int:
        self.process.send_signal(number)
        return self.process.wait(within_s)

    def _read(self) -> None:
        assert self._terminal is not None
        while select.select([self._terminal], [], [], 0)[0]:
            try:
                data = os.read(self._terminal, 65_536)
            except OSError:
                return
            with self._said.open("ab") as said:
                said.write(data)


@contextmanager
def demo_of(
    folder: Path, setup: str = SMALL, *more: str, talks: bool = False, around: Mapping[str, str] = NOTHING
) -> Iterator[Demo]:
    """A demo that has opened its branch, and is ended afterwards however the test went."""
    demo = Demo(folder, setup, *more, talks=talks, around=around)
    try:
        demo.until_says("Ctrl-C ends it")
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)
        if demo._terminal is not None:
            demo.hang_up()


def left_of(family: Sequence[psutil.Process]) -> list[str]:
    """Those of a family that still run."""
    left = []
    for member in family:
        try:
            if member.is_running() and member.status() != psutil.STATUS_ZOMBIE:
                left.append(f"{member.pid} {' '.join(member.cmdline())}")
        except psutil.NoSuchProcess:
            continue
    return left


_ON_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
