"""A kiosk, display or counter program that joins a branch by itself: known by its command line, its files and what it says."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.support.screen import Screen
from tests.support.waiting import until

_ROOT = Path(__file__).resolve().parents[2]
_CODE = re.compile(r"\| (\d{3}) (\d{3}) \|")
_START_S = 60.0


class BoxProcess:
    """`program` is `kiosk`, `display`, `counter` or `branch_server join`; all lies below `directory`. It lives through its own
    execs.
    """

    def __init__(self, directory: Path, program: str, *arguments: str, screen: Screen | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.program = program
        self.data = directory / "data"
        self.heard = directory / "heard"
        self._told = directory / "page.json"
        self._log = directory / "stderr.log"
        self._log.touch()
        self._screen = screen
        environment: Mapping[str, str] = screen.environment if screen is not None else os.environ
        self._environment = {name: value for name, value in environment.items() if not name.startswith("FOLENI_")}
        self._environment["FOLENI_KIOSK_KEYS"] = str(self._told)
        self._command = [sys.executable, "-m", *program.split(), "--data", str(self.data), *arguments]
        self._begins = 0
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def stderr(self) -> str:
        """What the latest run has said."""
        return self._log.read_bytes()[self._begins :].decode(errors="replace")

    @property
    def code(self) -> str:
        """The code that it showed last; empty where it has shown none."""
        found = _CODE.findall(self.stderr)
        return "".join(found[-1]) if found else ""

    @property
    def membership(self) -> dict[str, Any]:
        """What it has kept; empty where it has not joined."""
        with suppress(OSError, ValueError):
            kept: dict[str, Any] = json.loads((self.data / "membership.json").read_bytes())
            return kept
        return {}

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, *more: str) -> Self:
        self._begins = self._log.stat().st_size
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._command, *more], cwd=_ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def says(self, text: str, within_s: float = _START_S) -> None:
        until(lambda: text in self.stderr or not self.is_running, within_s)
        assert text in self.stderr, self.stderr

    def shows_code(self, *but: str) -> str:
        """The code on its screen, as soon as there is one that is none of those."""
        until(lambda: (self.code and self.code not in but) or not self.is_running, _START_S)
        assert self.code not in {"", *but}, self.stderr
        return self.code

    def works(self) -> None:
        """Waits until it works as a device of its branch."""
        until(lambda: self._is_working or not self.is_running, _START_S)
        assert self._is_working, self.stderr

    @property
    def _is_working(self) -> bool:
        ready = [line for line in self.stderr.splitlines() if f"foleni-{self.program}: ready: " in line]
        return bool(ready) and "to join a branch" not in ready[-1]

    def kill(self) -> None:
        """End it like a power cut."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(_START_S)

    def stop(self) -> int:
        """End it in good order; its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.ends()

    def ends(self) -> int:
        """Its exit status, when it has ended by itself."""
        assert self.process is not None
        return self.process.wait(_START_S)

    def touch(self, page: str, key: str, value: str = "") -> None:
        """Put a finger on a key of the kiosk's `page` until another page comes."""
        assert self._screen is not None
        while self.page.get("page") == page and self.is_running:
            for each in self.page.get("keys", ()):
                if (each["key"], each["value"]) == (key, value):
                    x, y, width, height = each["box"]
                    self._screen.touch(round(x + width / 2), round(y + height / 2))
            with suppress(AssertionError):
                until(lambda: self.page.get("page") != page, 3.0)

    @property
    def page(self) -> dict[str, Any]:
        """The page on the kiosk's glass; empty where there is none yet."""
        with suppress(OSError, ValueError):
            page: dict[str, Any] = json.loads(self._told.read_bytes())
            return page
        return {}

    def sees(self, kind: str) -> dict[str, Any]:
        until(lambda: self.page.get("page") == kind or not self.is_running, _START_S)
        assert self.page.get("page") == kind, self.stderr
        return self.page
