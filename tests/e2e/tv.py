"""A display as its own process on a screen of its own, known by its command line, what it says, and the pixels it shows."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self, cast

from PIL import Image

from foleni.look.tokens import AMBER, LIVE, RED
from tests.support.waiting import until

_ROOT = Path(__file__).resolve().parents[2]
SIZE = (1280, 720)
_READY = "foleni-display: ready: "
_START_S = 60.0
_STOP_S = 30.0
_HEADER_PX = 72
_MANY = 2_000
"""An amber row has more px than this."""
_SOME = 40
"""The dot in the header has more px than this."""


class Screen:
    """A virtual screen that nobody else draws on."""

    def __enter__(self) -> Self:
        ear, mouth = os.pipe()
        depth = f"{SIZE[0]}x{SIZE[1]}x24"
        self._process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(mouth), "-screen", "0", depth, "-nolisten", "tcp"],
            pass_fds=[mouth],
            stderr=subprocess.DEVNULL,
        )
        os.close(mouth)
        with os.fdopen(ear) as read:
            self.display = f":{read.readline().strip()}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(_STOP_S)

    def shot(self) -> "Shot":
        """What is on it now."""
        taken = subprocess.run(
            ["import", "-display", self.display, "-window", "root", "png:-"], capture_output=True, check=True
        )
        return Shot(Image.open(io.BytesIO(taken.stdout)).convert("RGB"))

    def shows(self, *traits: str, within_s: float = 40.0) -> None:
        """Waits until one picture has all `traits`, such as `is_live` or `not has_call`."""

        def look() -> bool:
            shot = self.shot()
            return all(_holds(shot, trait) for trait in traits)

        until(look, within_s)


class Shot:
    """A picture of the screen."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self._header = _colours(image.crop((0, 0, image.width, _HEADER_PX)))
        self._whole = _colours(image)

    @property
    def is_live(self) -> bool:
        """The dot is green."""
        return self._header.get(LIVE, 0) > _SOME

    @property
    def is_in_trouble(self) -> bool:
        """The dot is red."""
        return self._header.get(RED, 0) > _SOME

    @property
    def has_call(self) -> bool:
        """There is an amber row, at full light."""
        return self._whole.get(AMBER, 0) > _MANY

    def count(self, colour: str) -> int:
        return self._whole.get(colour, 0)


def _holds(shot: Shot, trait: str) -> bool:
    name = trait.removeprefix("not ")
    return bool(getattr(shot, name)) != trait.startswith("not ")


def _colours(image: Image.Image) -> dict[str, int]:
    counted = image.getcolors(image.width * image.height) or []
    return {"#" + bytes(cast("tuple[int, ...]", colour)).hex().upper(): count for count, colour in counted}


class Tv:
    """`foleni-display` on a screen."""

    def __init__(
        self, directory: Path, screen: Screen, mqtt: str, branch: str = "hall", device: str = "tv-1", *arguments: str
    ) -> None:
        self.heard = directory / "heard"
        self._log = directory / "tv.log"
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("FOLENI_")}
        self._environment["DISPLAY"] = screen.display
        who = ["--mqtt", mqtt, "--branch", branch, "--device", device]
        how = ["--size", f"{SIZE[0]}x{SIZE[1]}", "--sound", f"file:{self.heard}"]
        self._command: Sequence[str] = [sys.executable, "-m", "display", *who, *how, *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=_ROOT, env=self._environment, stdin=subprocess.DEVNULL, stderr=log
            )
        until(lambda: _READY in self.stderr or not self.is_running, _START_S)
        assert self.is_running, self.stderr
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self.is_running:
            self._process.kill()
            self._process.wait(_STOP_S)

    @property
    def stderr(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def spoken(self) -> list[str]:
        """What was heard, in order."""
        index = self.heard / "index.txt"
        lines = index.read_text().splitlines(keepends=True) if index.exists() else []
        return [line.rstrip("\n").split("\t")[2] for line in lines if line.endswith("\n")]

    def stop(self) -> int:
        """Its exit status after SIGTERM: 1 where it did not end within its 2 s."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(_STOP_S)
