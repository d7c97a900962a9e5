"""A finger on the kiosk's window, and its eyes: what the kiosk and the TV say that they show."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from foleni.demo.screen import Place, Screen

HOW_TO_GET_XDOTOOL = "it can be installed with: sudo apt install xdotool"
_LOOK_S = 0.02
_RUN_S = 5.0


class FingerError(Exception):
    """What was to be touched is not there; the text says so."""


def shown(path: Path) -> dict[str, Any]:
    """What a window said last that it shows; empty where it has said nothing."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def wait_for(holds: Callable[[], Any], within_s: float) -> Any:
    """The first true answer of `holds`, or its last one when the time is over."""
    deadline = time.monotonic() + within_s
    while not (answer := holds()) and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
    return answer


def has_key(page: Mapping[str, Any], key: str, value: str) -> bool:
    """Whether a page has a key that can be touched now."""
    return bool(_boxes(page, key, value))


def middle_of(page: Mapping[str, Any], key: str, value: str) -> tuple[float, float]:
    """Where to touch a key of a page, in the page's own pixels. Raises `FingerError`."""
    for left, top, width, height in _boxes(page, key, value):
        return left + width / 2, top + height / 2
    raise FingerError(f"there is no key {key} {value}".rstrip())


def _boxes(page: Mapping[str, Any], key: str, value: str) -> list[tuple[float, float, float, float]]:
    keys = page.get("keys", ())
    return [each["box"] for each in keys if (each["key"], each["value"]) == (key, value) and each["enabled"]]


class Windows:
    """Finds, places and touches the windows of a screen, through xdotool."""

    def __init__(self, screen: Screen) -> None:
        self._environment = {**os.environ, "DISPLAY": screen.display}
        self._is_seen = screen.is_seen
        self._program = shutil.which("xdotool")

    @property
    def can_touch(self) -> bool:
        return self._program is not None

    def move(self, pid: int, place: Place) -> None:
        """Put the window of a process at its place. Raises `FingerError`."""
        self._run("windowmove", self._window(pid), str(place.left), str(place.top))

    def place(self, pid: int) -> Place:
        """Where the window of a process stands. Raises `FingerError`."""
        told = self._run("getwindowgeometry", "--shell", self._window(pid))
        values = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        try:
            return Place(int(values["X"]), int(values["Y"]), int(values["WIDTH"]), int(values["HEIGHT"]))
        except (KeyError, ValueError) as error:
            raise FingerError(f"xdotool told no place of the window: {told!r}") from error

    def touch(self, x: float, y: float, times: int = 1) -> None:
        """A tap, or several quick ones, at a point of the screen; a mouse that somebody holds goes back to where it was.
        Raises `FingerError`.
        """
        there = ("mousemove", "--sync", str(round(x)), str(round(y)))
        back = ("mousemove", "restore") if self._is_seen else ()
        self._run(*there, "click", "--repeat", str(times), "--delay", "60", "1", *back)

    def _window(self, pid: int) -> str:
        found = self._run("search", "--onlyvisible", "--pid", str(pid)).split()
        if not found:
            raise FingerError(f"process {pid} has no window")
        return found[-1]

    def _run(self, *arguments: str) -> str:
        if self._program is None:
            raise FingerError(f"xdotool is not here; {HOW_TO_GET_XDOTOOL}")
        try:
            done = subprocess.run(  # noqa: S603 - found by us
                [self._program, *arguments],
                env=self._environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=_RUN_S,
            )
        except subprocess.TimeoutExpired as error:
            raise FingerError(f"xdotool {arguments[0]} hangs") from error
        if done.returncode != 0:
            raise FingerError(f"xdotool {' '.join(arguments)}: {done.stderr.strip() or 'nothing found'}")
        return done.stdout
