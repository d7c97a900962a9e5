"""Where the windows go: the screen that is there, or one of our own that nobody sees (Xvfb)."""

import ctypes
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from foleni.demo.keeper import Keeper, Program, StartError, Told

HOW_TO_GET_XVFB = "it can be installed with: sudo apt install xvfb"
_UNSEEN = (3000, 1920)
_LEAST_DISPLAY = 90
_DISPLAYS = 400
_TRIES = 5
_START_S = 10.0
_PORTRAIT = (1080, 1920)
_LANDSCAPE = (1920, 1080)
_MARGIN = 0.9
_GAP_PX = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a window stands on its screen, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def size(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen for the kiosk and the TV; `keeper` runs it where it is our own."""

    display: str
    kiosk: Place
    tv: Place
    keeper: Keeper | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_seen(self) -> bool:
        return self.keeper is None


def find_screen(environment: Mapping[str, str] = os.environ) -> Screen | None:
    """The screen that somebody sits in front of, with both windows side by side on it; None where there is none."""
    display = environment.get("DISPLAY", "")
    size = _size_of(display) if display else None
    if size is None:
        return None
    kiosk, tv = side_by_side(*size)
    return Screen(display, kiosk, tv)


def unseen_screen(logs: Path, tell: Told) -> Screen:
    """A screen of our own. Raises `StartError`."""
    program = shutil.which("Xvfb")
    if program is None:
        raise StartError(f"there is no screen here, and no Xvfb to make one; {HOW_TO_GET_XVFB}")
    error = StartError("no display number is free")
    for _ in range(_TRIES):
        number = _free_display()
        keeper = Keeper(_xvfb(program, number, logs), tell)
        keeper.start()
        try:
            keeper.wait_up(_START_S)
        except StartError as fault:
            error = fault
            keeper.stop()
        else:
            kiosk, tv = Place(0, 0, *_PORTRAIT), Place(_PORTRAIT[0], 0, *_LANDSCAPE)
            return Screen(f":{number}", kiosk, tv, keeper, {"DISPLAY": f":{number}"})
    raise error


def side_by_side(width: int, height: int) -> tuple[Place, Place]:
    """A kiosk upright at the left and a TV at the right of it, as large as a screen of this size has room for."""
    usable = int(height * _MARGIN)
    both = _PORTRAIT[0] / _PORTRAIT[1] * usable + _GAP_PX
    kiosk_height = usable if both < width / 2 else int((width / 2 - _GAP_PX) * _PORTRAIT[1] / _PORTRAIT[0])
    kiosk_height = min(kiosk_height, _PORTRAIT[1])
    kiosk_width = kiosk_height * _PORTRAIT[0] // _PORTRAIT[1]
    left = kiosk_width + _GAP_PX
    tv_width = min(width - left, _LANDSCAPE[0])
    return Place(0, 0, kiosk_width, kiosk_height), Place(left, 0, tv_width, tv_width * _LANDSCAPE[1] // _LANDSCAPE[0])


def _xvfb(program: str, number: int, logs: Path) -> Program:
    width, height = _UNSEEN
    command = (program, f":{number}", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset")
    return Program("screen", command, logs / "screen.log", ready=str(number))


def _free_display() -> int:
    while True:
        number = _LEAST_DISPLAY + secrets.randbelow(_DISPLAYS)
        if not Path(f"/tmp/.X{number}-lock").exists() and not Path(f"/tmp/.X11-unix/X{number}").exists():  # noqa: S108 - X's own
            return number


def _size_of(display: str) -> tuple[int, int] | None:
    """Width and height of an X display; None where it cannot be opened."""
    try:
        xlib = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XOpenDisplay.argtypes = [ctypes.c_char_p]
    opened = xlib.XOpenDisplay(display.encode())
    if not opened:
        return None
    for call in (xlib.XDisplayWidth, xlib.XDisplayHeight):
        call.argtypes = [ctypes.c_void_p, ctypes.c_int]
    size = xlib.XDisplayWidth(opened, 0), xlib.XDisplayHeight(opened, 0)
    xlib.XCloseDisplay.argtypes = [ctypes.c_void_p]
    xlib.XCloseDisplay(opened)
    return size
