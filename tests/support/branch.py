"""The branch server as its own process, known only by its command line, its files and what it says."""

import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.waiting import until

_ROOT = Path(__file__).resolve().parents[2]
_READY = "foleni-branch: ready: "
_START_S = 60.0
_STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class Account:
    """With what a device signs in at the broker."""

    branch: str
    device: str
    kind: str
    username: str
    password: str
    mqtt: str


class BranchProcess:
    """A branch server that lives below `directory`: `setup` is TOML text, `mqtt` is `managed` or a broker's URL.

    `data`, `setup` and what is on stderr stay over restarts; so does the port, if `arguments` name one.
    """

    def __init__(
        self,
        directory: Path,
        setup: str,
        mqtt: str = "managed",
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.setup = directory / "setup.toml"
        self.setup.write_text(setup, encoding="utf-8")
        self._log = directory / "stderr.log"
        self._log.touch()
        self._command = [sys.executable, "-m", "branch_server", "--data", str(self.data), "--mqtt", mqtt]
        self._command += ["--setup", str(self.setup), *arguments]
        self._environment = {**_clean_environment(), **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._run_begins = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def stderr(self) -> str:
        """What all runs together have said."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def last_words(self) -> str:
        """What the latest run has said."""
        return self._log.read_bytes()[self._run_begins :].decode(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def port(self) -> int:
        """Where the broker of the latest run listens; ready first."""
        return int(self.ready_line.rsplit(":", 1)[1])

    @property
    def ready_line(self) -> str:
        """What the latest run said when it was ready."""
        return next(line for line in self.last_words.splitlines() if line.startswith(_READY))

    def account(self, device: str) -> Account:
        """Raises `FileNotFoundError` for a device that has none."""
        return Account(**tomllib.loads((self.data / "devices" / f"{device}.toml").read_text(encoding="utf-8")))

    def launch(self) -> Self:
        """Start it, and do not wait until it is ready."""
        assert not self.is_running, "it runs already"
        self._run_begins = self._log.stat().st_size
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=_ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def start(self) -> Self:
        """Returns when it is ready; fails with its own words where it ends before."""
        self.launch()
        try:
            until(lambda: _READY in self.last_words or not self.is_running, _START_S)
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"the branch server was not ready in time: {self.last_words}") from error
        if not self.is_running:
            raise AssertionError(f"the branch server did not start: {self.last_words}")
        return self

    def wait(self) -> int:
        """Its exit status, when it has ended by itself."""
        assert self._process is not None
        return self._process.wait(_STOP_S)

    def terminate(self) -> None:
        """Ask it to end, as systemd does."""
        self._signal(signal.SIGTERM)

    def stop(self) -> int:
        """End it in good order; its exit status."""
        self.terminate()
        return self.wait()

    def kill(self) -> None:
        """End it like a power cut. Nothing happens where it does not run."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait(_STOP_S)

    def restart(self) -> Self:
        """A good end, and a new run."""
        self.stop()
        return self.start()

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:
            os.kill(self.pid, number)


def run_once(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The branch server's command line, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "branch_server", *arguments], cwd=_ROOT, env={**_clean_environment(), **(environment or {})},
        capture_output=True, text=True, timeout=_START_S, check=False,
    )  # fmt: skip


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("FOLENI_")}
