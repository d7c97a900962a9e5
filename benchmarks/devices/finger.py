"""A visitor at the kiosk: reads what it says that it shows, and touches its keys through xdotool."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.devices.screen import Screen
from benchmarks.rig import RigError

READ_S = 0.36
READ_TICKET_S = 1.06
"""A little longer than the kiosk takes no tap on a page that has just come, because nobody has read it yet."""
_DOWN_S, _QUICKLY_S = 0.06, 0.02
_LOOK_S = 0.004
_PAGE_S = 15.0
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Visitor:
    """`reads` is False where the kiosk was told that its pages need no time to be read."""

    screen: Screen
    shown: Path
    reads: bool = True

    def page(self) -> dict[str, Any]:
        """What the kiosk shows; empty while it has shown nothing."""
        try:
            told = json.loads(self.shown.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def sees(self, *kinds: str, **facts: object) -> dict[str, Any]:
        """The page, as soon as it is of one of these kinds with these facts in its body, and was read. Raises `RigError`."""
        deadline = time.perf_counter() + _PAGE_S
        while not ((page := self.page()).get("page") in kinds and _has(page, facts)):
            if time.perf_counter() > deadline:
                raise RigError(f"the kiosk shows no {kinds[0]} but {page.get('page')}: {page.get('band') or page.get('body')}")
            time.sleep(_LOOK_S)
        if self.reads:
            time.sleep(READ_TICKET_S if page["page"] == "ShowTicket" else READ_S)
        return page

    def tap_until(self, key: str, value: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Touch a key of the page that is shown, and again after a while as people do; the page when `holds`.
        Raises `RigError`.
        """
        for _ in range(_TRIES):
            page = self.page()
            self.tap(page, key, value)
            deadline = time.perf_counter() + _PAGE_S / _TRIES
            while time.perf_counter() < deadline:
                if holds(changed := self.page()):
                    return changed
                time.sleep(_LOOK_S)
        raise RigError(f"the kiosk's key {key} {value} does nothing on {page['page']}")

    def tap(self, page: dict[str, Any], key: str, value: str = "") -> float:
        """Touch a key; when the finger went up, by `time.perf_counter`. Raises `RigError`."""
        left, top, width, height = self._box(page, key, value)
        self.screen.do(f"mousemove {round(left + width / 2)} {round(top + height / 2)} mousedown 1")
        time.sleep(_DOWN_S if self.reads else _QUICKLY_S)
        lifted = time.perf_counter()
        self.screen.do("mouseup 1")
        return lifted

    def _box(self, page: dict[str, Any], key: str, value: str) -> tuple[float, float, float, float]:
        for each in page["keys"]:
            if (each["key"], each["value"]) == (key, value) and each["enabled"]:
                left, top, width, height = each["box"]
                return left, top, width, height
        raise RigError(f"the kiosk's {page['page']} has no key {key} {value}")


def _has(page: dict[str, Any], facts: dict[str, object]) -> bool:
    return all(page["body"].get(name, fact) == fact for name, fact in facts.items())
