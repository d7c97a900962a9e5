"""The kiosk as its own process with a real window: touched through X, read through what it tells of its pages."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.support.screen import Screen
from tests.support.waiting import until

_ROOT = Path(__file__).resolve().parents[2]
_START_S = 60.0
_STOP_S = 30.0
_LOOK_S = 0.005
_SECOND_LOOK_S = 3.0
"""After so long a person touches a page again that has not changed."""


class KioskProcess:
    """Lives below `directory`, on `screen`. `seen` has every number that was ever on the glass."""

    def __init__(self, directory: Path, screen: Screen, mqtt: str, printer: str, *more: str, branch: str = "hall") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.data = directory / "data"
        self.seen: list[str] = []
        self._told = directory / "page.json"
        self._log = directory / "stderr.log"
        self._screen = screen
        width, height = screen.size
        self._arguments = [
            "--mqtt", mqtt, "--branch", branch, "--device", "kiosk-1", "--data", str(self.data),
            "--printer", printer, "--size", f"{width}x{height}", *more,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()

    def __enter__(self) -> Self:
        return self.launch()

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._over.set()
        self._watcher.join()

    @property
    def stderr(self) -> str:
        """What all runs together have said."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def page(self) -> dict[str, Any]:
        """The page on the glass as it was told; empty where there is none yet."""
        with suppress(OSError, ValueError):
            page: dict[str, Any] = json.loads(self._told.read_bytes())
            return page
        return {}

    def launch(self, *dies: str) -> Self:
        """Start it, and do not wait for its first page; with `dies` it kills itself at that place (see the launcher)."""
        program = ["tests.support.kiosk_launcher", *dies, "--"] if dies else ["kiosk"]
        self._look()
        self._told.unlink(missing_ok=True)
        environment = {name: value for name, value in self._screen.environment.items() if not name.startswith("FOLENI_")}
        environment["FOLENI_KIOSK_KEYS"] = str(self._told)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *program, *self._arguments], cwd=_ROOT, env=environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def sees(self, *kinds: str, within_s: float = _START_S) -> dict[str, Any]:
        """The page, as soon as it is of one of these kinds."""
        seen: dict[str, Any] = {}

        def look() -> bool:
            page = self.page
            seen.update(page if page.get("page") in kinds else {})
            return bool(seen)

        until(lambda: look() or not self.is_running, within_s)
        assert seen, self.stderr
        return seen

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def touch(self, key: str, value: str = "") -> bool:
        """Put a finger on a key of the page that is shown; whether there is such a key."""
        for each in self.page.get("keys", ()):
            if (each["key"], each["value"]) == (key, value):
                x, y, width, height = each["box"]
                self._screen.touch(round(x + width / 2), round(y + height / 2))
                return True
        return False

    def leave(self, kind: str, key: str, value: str = "", *, settled_s: float = 0.4) -> int:
        """Touch a key of a page until that page is left or the kiosk is gone, as a person does whose touch went astray;
        how many touches it took.
        """
        touches = 0
        while self.is_running and self.page.get("page", kind) == kind:
            threading.Event().wait(settled_s)
            touches += self.touch(key, value)
            with suppress(AssertionError):
                until(lambda: not self.is_running or self.page.get("page", kind) != kind, _SECOND_LOOK_S)
        return touches

    def kill(self) -> None:
        """End it like a power cut. Nothing happens where it does not run."""
        if self._process is not None:
            if self.is_running:
                os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait(_STOP_S)

    def stop(self) -> int:
        """End it in good order; its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(_STOP_S)

    def _watch(self) -> None:
        """Looks at the glass all the time, as a customer does."""
        while not self._over.wait(_LOOK_S):
            self._look()

    def _look(self) -> None:
        number = self.page.get("body", {}).get("number")
        if number and number not in self.seen:
            self.seen.append(number)
