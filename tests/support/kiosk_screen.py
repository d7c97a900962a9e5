"""The kiosk's window with nothing behind it: it shows sample pages on command and tells what is touched.

    python -m tests.support.kiosk_screen WIDTHxHEIGHT

Reads lines such as `{"page": "ticket", "language": "fr", "turn": 3, "low_reach": true, "band": true}` and writes each tap
as a line `{"key": …, "value": …, "turn": …}`.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.pages import Page, Tap
from kiosk.views.window import Window, build_window
from tests.support import kiosk_pages
from tests.support.screen import Screen
from tests.support.waiting import until


def page_of(order: dict[str, Any]) -> Page:
    page = kiosk_pages.PAGES[order["page"]](order.get("language", "en"))
    switches = {name: order.get(name, False) for name in ("large", "contrast", "low_reach")}
    page = kiosk_pages.with_access(page, **switches)
    page = kiosk_pages.with_band(page) if order.get("band") else page
    return kiosk_pages.on_turn(page, order.get("turn", 0))


def main() -> None:
    width, _, height = sys.argv[1].partition("x")
    window = build_window((int(width), int(height)), False, _tell, at=(0, 0), on_first_picture=lambda: _say("ready"))
    threading.Thread(target=_listen, args=(window,), daemon=True).start()
    window.stage.run()


def _listen(window: Window) -> None:
    for line in sys.stdin:
        window.show(page_of(json.loads(line)))
    window.stage.quit()


def _tell(tap: Tap) -> None:
    _say(json.dumps({"key": tap.key.value, "value": tap.value, "turn": tap.turn}))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class KioskScreen:
    """That program on a screen of its own. `keys` is where it tells what it shows."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self.size = size
        self.screen = Screen(size)
        self.taps: list[dict[str, Any]] = []
        self._turn = 0
        self._told = folder / "keys.json"
        self._log = folder / "kiosk-screen.log"
        self._ready = threading.Event()
        self._hearing = threading.Thread(target=self._hear, daemon=True)

    def start(self) -> "KioskScreen":
        self.screen.start()
        environment = {**self.screen.environment, "FOLENI_KIOSK_KEYS": str(self._told)}
        command = [sys.executable, "-m", "tests.support.kiosk_screen", f"{self.size[0]}x{self.size[1]}"]
        with self._log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self._hearing.start()
        until(self._ready.is_set, 60)
        return self

    def stop(self) -> str:
        """End it; what it wrote to its log."""
        self.process.kill()
        self.process.wait()
        self._hearing.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.screen.kill()
        return self._log.read_text(encoding="utf-8")

    def show(self, page: str, **order: Any) -> int:
        """Return when the page lies on the screen; which turn it is on."""
        assert self.process.stdin is not None
        self._turn = turn = self._turn + 1
        self.process.stdin.write(json.dumps({"page": page, "turn": turn, **order}) + "\n")
        self.process.stdin.flush()
        until(lambda: self.told().get("turn") == turn)
        return turn

    def told(self) -> dict[str, Any]:
        """What the window tells about itself."""
        if not self._told.exists():
            return {}
        told: dict[str, Any] = json.loads(self._told.read_text(encoding="utf-8"))
        return told

    def middle_of(self, key: str, value: str = "") -> tuple[int, int]:
        """Where a key lies."""
        x, y, width, height = next(each["box"] for each in self.told()["keys"] if (each["key"], each["value"]) == (key, value))
        return x + width // 2, y + height // 2

    def tap(self, key: str, value: str = "") -> None:
        self.screen.touch(*self.middle_of(key, value))

    def wait_for_taps(self, count: int) -> list[dict[str, Any]]:
        until(lambda: len(self.taps) >= count)
        return self.taps

    def until_told(self, holds: Callable[[dict[str, Any]], object]) -> None:
        until(lambda: holds(self.told()))

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == "ready":
                self._ready.set()
            else:
                self.taps.append(json.loads(line))


if __name__ == "__main__":
    main()
