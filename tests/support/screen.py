"""A screen that nobody sees: an Xvfb of its own, to look at and to touch."""

import os
import subprocess
from pathlib import Path

from PIL import Image

from tests.support.waiting import until


class Screen:
    """An Xvfb of `size` px. `environment` makes a program draw on it."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self._server: subprocess.Popen[bytes] | None = None
        self.display = ""

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.display, "SDL_VIDEODRIVER": "x11"}

    def start(self) -> "Screen":
        """Return when it takes windows; the server picks a free number itself."""
        ear, mouth = os.pipe()
        width, height = self.size
        command = ["Xvfb", "-displayfd", str(mouth), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(command, pass_fds=[mouth], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(mouth)
        with os.fdopen(ear) as told:
            number = told.readline().strip()
        if not number:
            self.kill()
            raise RuntimeError("Xvfb does not start")
        self.display = f":{number}"
        return self

    def kill(self) -> None:
        """End it, and wait until it is gone."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def picture(self, path: Path) -> Image.Image:
        """What is on the screen now; the file stays, to be looked at."""
        self._do("import", "-window", "root", str(path))
        with Image.open(path) as picture:
            return picture.convert("RGB")

    def still(self, path: Path) -> Image.Image:
        """What is on the screen once nothing is drawn any more: two looks in a row saw the same."""
        seen = [self.picture(path)]

        def is_still() -> bool:
            seen.append(self.picture(path))
            return seen[-1].tobytes() == seen[-2].tobytes()

        until(is_still)
        return seen[-1]

    def touch(self, x: int, y: int, *, button: int = 1) -> None:
        """Put a finger down and lift it."""
        self._do("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def press(self, x: int, y: int) -> None:
        """Put a finger down."""
        self._do("xdotool", "mousemove", str(x), str(y), "mousedown", "1")

    def slide(self, x: int, y: int) -> None:
        """Move the finger."""
        self._do("xdotool", "mousemove", str(x), str(y))

    def lift(self) -> None:
        """Lift the finger."""
        self._do("xdotool", "mouseup", "1")

    def _do(self, *command: str) -> None:
        subprocess.run(command, env=self.environment, check=True, capture_output=True, timeout=60)
