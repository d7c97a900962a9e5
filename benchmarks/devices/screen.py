"""A screen that nobody sees, whose pixels can be read while they change: Xvfb's framebuffer, mapped into memory."""

import contextlib
import mmap
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.rig import Program, RigError

_HEADER_WORDS = 25
_COLOUR_BYTES = 12
_PIXEL_BYTES = 4
_START_S = 10.0
_GREEN = 1


class Pixels:
    """The framebuffer of a screen, as it is at this moment. Colours are `#RRGGBB`."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header: tuple[int, ...] = struct.unpack(f">{_HEADER_WORDS}I", self._map[: 4 * _HEADER_WORDS])
        self.width, self.height, self._line_bytes = header[4], header[5], header[12]
        self._start = header[0] + header[19] * _COLOUR_BYTES
        if header[11] != 8 * _PIXEL_BYTES:
            raise RigError(f"the framebuffer has {header[11]} bits a pixel")

    def close(self) -> None:
        self._map.close()

    def green(self, x: int, y: int, width: int, step: int = 1) -> bytes:
        """The green of every `step`th pixel of a stretch of a line."""
        at = self._at(x, y)
        return self._map[at + _GREEN : at + width * _PIXEL_BYTES : step * _PIXEL_BYTES]

    def is_blank(self) -> bool:
        """Whether the whole screen has one colour, as far as some lines tell."""
        lines = {self._line(y) for y in range(self.height // 20, self.height, self.height // 10)}
        return len(lines) == 1 and len(set(lines.pop()[::_PIXEL_BYTES])) == 1

    def stretch(self, colour: str, y: int) -> tuple[int, int] | None:
        """Where a colour begins and ends in a line; None where it is not."""
        line, wanted = self._line(y), bytes.fromhex(colour[1:])[::-1]
        first, last = line.find(wanted), line.rfind(wanted)
        while first > 0 and first % _PIXEL_BYTES:
            first = line.find(wanted, first + 1)
        while last > 0 and last % _PIXEL_BYTES:
            last = line.rfind(wanted, 0, last + len(wanted) - 1)
        return (first // _PIXEL_BYTES, last // _PIXEL_BYTES + 1) if first >= 0 else None

    def _at(self, x: int, y: int) -> int:
        return self._start + y * self._line_bytes + x * _PIXEL_BYTES

    def _line(self, y: int) -> bytes:
        return self._map[self._at(0, y) : self._at(self.width, y)]


class Screen:
    """An X server and its pixels; `display` is its name. `move` and the like take the words of xdotool."""

    def __init__(self, display: str, pixels: Pixels) -> None:
        self.display = display
        self.pixels = pixels
        self._xdotool = Program("xdotool", [*self.on_it, "xdotool", "-"], stdin=subprocess.PIPE)

    @property
    def on_it(self) -> list[str]:
        """What to put before a command that opens a window here."""
        return ["env", f"DISPLAY={self.display}"]

    def do(self, words: str) -> None:
        """Have xdotool do something; returns at once."""
        self._xdotool.tell(words)

    def stop(self) -> None:
        self._xdotool.stop()


@contextmanager
def screen(folder: Path, width: int, height: int) -> Iterator[Screen]:
    """A screen of that size without a window manager: a window of its size fills it. Raises `RigError`."""
    frames = Path(tempfile.mkdtemp(prefix="screen-", dir=folder))
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24", "-fbdir", str(frames)]
    server = Program("Xvfb", [*command, "-nolisten", "tcp", "-noreset"])
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        number = server.hear(_START_S)
        pixels = Pixels(frames / "Xvfb_screen0")
        stack.callback(pixels.close)
        opened = Screen(f":{number}", pixels)
        stack.callback(opened.stop)
        opened.do(f"mousemove {width - 1} {height - 1}")
        yield opened
