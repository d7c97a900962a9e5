"""The counter agent as its own process, beside a branch server that is one too."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import psutil

from tests.support.branch import Account
from tests.support.waiting import until

_ROOT = Path(__file__).resolve().parents[2]
_READY = "foleni-counter: ready: "


class CounterProcess:
    """Lives below `directory`; `config` is the text of its TOML file."""

    def __init__(self, directory: Path, mqtt: str, branch: str, device: str, config: str) -> None:
        path = directory / f"{device}.toml"
        path.write_text(config, encoding="utf-8")
        self._log = directory / f"{device}.log"
        self._log.touch()
        self._command = [sys.executable, "-m", "counter", "--mqtt", mqtt, "--branch", branch, "--device", device]
        self._command += ["--config", str(path), "--log-level", "debug"]
        self._process: subprocess.Popen[bytes] | None = None
        self._begins = 0

    @classmethod
    def of(cls, directory: Path, account: Account, config: str) -> Self:
        """With the account that the branch server made."""
        return cls(directory, account.mqtt, account.branch, account.device, config)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def log(self) -> str:
        """What all runs together have said."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def last_words(self) -> str:
        """What the latest run has said."""
        return self._log.read_bytes()[self._begins :].decode(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def memory_mib(self) -> float:
        assert self._process is not None
        return float(psutil.Process(self._process.pid).memory_info().rss) / 2**20

    def start(self) -> Self:
        """Returns when it says that it is ready."""
        self._begins = self._log.stat().st_size
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: _READY in self.last_words or not self.is_running, 60)
        assert self.is_running, self.last_words
        return self

    def stop(self) -> int:
        """End it in good order; its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(30)

    def kill(self) -> None:
        if self.is_running:
            assert self._process is not None
            self._process.kill()
            self._process.wait(30)

    def freeze(self) -> None:
        """It stands still, as a machine that is out of breath."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)
