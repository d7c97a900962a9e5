"""Keeps screen and serial line up to date with how the box is."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from foleni.appliance import words
from foleni.appliance.box import Box
from foleni.appliance.looking import look

SCREEN, SERIAL = Path("/dev/tty1"), Path("/dev/ttyS0")
_VT_LOCKSWITCH = 0x560B
_EVERY_S = 10.0
_USUAL_COLUMNS = 80


def tell(box: Box, *, times: int | None = None, pause: Callable[[float], None] = time.sleep) -> None:
    """Say how the box is, and again whenever that changes; for ever, or so many `times`."""
    lock_screen()
    last: Sequence[str] = ()
    count = 0
    while times is None or count < times:
        language = _language(box)
        lines = words.said(look(box), language)
        if lines != last:
            last = lines
            write(SCREEN, words.screen(lines, columns(SCREEN)))
            write(SERIAL, words.serial(lines))
        count += 1
        pause(_EVERY_S)


def lock_screen() -> None:
    """No key shows another console. Not everywhere is there a screen."""
    with contextlib.suppress(OSError):
        console = os.open(SCREEN, os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.ioctl(console, _VT_LOCKSWITCH, 0)
        finally:
            os.close(console)


def write(console: Path, text: str) -> None:
    """Write to a console that may not be there, or may take nothing."""
    with contextlib.suppress(OSError):
        out = os.open(console, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(out, text.encode())
        finally:
            os.close(out)


def columns(console: Path) -> int:
    """How many letters a line of the console has; 80 where it cannot be asked."""
    try:
        out = os.open(console, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return _USUAL_COLUMNS
    try:
        return os.get_terminal_size(out).columns or _USUAL_COLUMNS
    except OSError:
        return _USUAL_COLUMNS
    finally:
        os.close(out)


def _language(box: Box) -> str:
    try:
        return (box.run / "language").read_text("utf-8").strip()
    except OSError:
        return "en"
