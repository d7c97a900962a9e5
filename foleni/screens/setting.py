"""How Kivy is set up: for a screen that nobody looks after. Nothing is read from or written to a home folder."""

import ctypes
import ctypes.util
import logging
import os
import sys
from collections.abc import Mapping

from foleni.screens.memory import keep_small

_ENVIRONMENT = {
    "KIVY_TEXT": "pil",
    "KIVY_WINDOW": "sdl2",
    "KIVY_IMAGE": "pil",
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_CONSOLELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",
    "SDL_MOUSE_FOCUS_CLICKTHROUGH": "1",
}
_GRAPHICS = {
    "maxfps": "0",  # the stage waits by itself
    "multisamples": "0",  # smooth edges are drawn into textures; multisampling costs a software renderer most of its time
    "resizable": "0",
    "allow_screensaver": "0",
    "window_state": "visible",
}


def prepare(title: str, size: tuple[int, int] | None, fullscreen: bool, *, at: tuple[int, int] | None = None) -> None:
    """Set Kivy up, before anything else imports it. `size` is that of the window in px; None, or `fullscreen`, takes the
    whole screen, without a mouse pointer. `at` places the window's upper left corner.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("prepare must run before Kivy is imported")
    keep_small()
    os.environ.update(_ENVIRONMENT)
    os.environ.setdefault("SDL_VIDEODRIVER", _drivers(os.environ))
    logging.getLogger("kivy").addFilter(lambda record: record.levelno >= logging.WARNING)
    from kivy.config import Config  # noqa: PLC0415 - it reads the variables above when it is imported

    whole = fullscreen or size is None
    size = size or _x11_size(os.environ)
    values = {**_GRAPHICS, "fullscreen": "auto" if whole else "0", "show_cursor": "0" if whole else "1"}
    if size is not None:
        values |= {"width": str(size[0]), "height": str(size[1])}
    if at is not None:
        values |= {"position": "custom", "left": str(at[0]), "top": str(at[1])}
    for key, value in values.items():
        Config.set("graphics", key, value)
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "window_title", title)
    Config.set("kivy", "log_level", "warning")
    Config.remove_section("input")
    Config.add_section("input")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    Config.set("modules", "touchring", "")
    Config.remove_option("modules", "touchring")


def _x11_size(environment: Mapping[str, str]) -> tuple[int, int] | None:
    """The size of the X screen in px: without a window manager nobody makes a window as large as the screen."""
    if not environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return None
    name = ctypes.util.find_library("X11")
    if name is None:
        return None
    x11 = ctypes.CDLL(name)
    x11.XOpenDisplay.restype = ctypes.c_void_p
    address = x11.XOpenDisplay(None)
    if address is None:
        return None
    display = ctypes.c_void_p(address)
    size = int(x11.XDisplayWidth(display, 0)), int(x11.XDisplayHeight(display, 0))
    x11.XCloseDisplay(display)
    return size


def _drivers(environment: Mapping[str, str]) -> str:
    """Where SDL may look for a screen. Left to itself it would draw on one that nobody can see, rather than say that
    there is none.
    """
    names = {"WAYLAND_DISPLAY": "wayland", "DISPLAY": "x11"}
    return ",".join(name for variable, name in names.items() if environment.get(variable)) or "KMSDRM"
