"""The branch's own pictures for the panel: found again every minute, and read in a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps

from display.pixels import Pixels
from foleni.logs import Seldom

logger = logging.getLogger(__name__)

_LOOK_S = 60.0
_TURN_S = 1.0
_STOP_S = 0.8
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
_MOST = 200
_MOST_PIXELS = 60_000_000
"""A larger picture is not read: a TV has little memory."""


def _ignore(*_: object) -> None:
    return None


class Photos:
    """A part of the display. `on_found` is told the paths when they change, `on_read` each picture that was wanted."""

    def __init__(
        self,
        folder: Path,
        on_found: Callable[[tuple[str, ...]], object],
        on_read: Callable[[str, Pixels], object],
        *,
        on_dead: Callable[[str], object] = _ignore,
        beat: Callable[[], object] = _ignore,
    ) -> None:
        self._folder = folder
        self._on_found = on_found
        self._on_read = on_read
        self._on_dead = on_dead
        self._beat = beat
        self._found: tuple[str, ...] = ()
        self._wanted: tuple[str, int, int] | None = None
        self._look_due_s = 0.0
        self._stopping = False
        self._changed = threading.Condition()
        self._seldom = Seldom(logger)
        self._thread = threading.Thread(target=self._run, name="photos", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(_STOP_S)

    def want(self, path: str, width: int, height: int) -> None:
        """A picture is to fill this size; of several wishes the latest counts. Returns at once."""
        with self._changed:
            self._wanted = (path, width, height)
            self._changed.notify()

    def _run(self) -> None:
        try:
            while True:
                with self._changed:
                    if not self._stopping and self._wanted is None:
                        self._changed.wait(_TURN_S)
                    if self._stopping:
                        return
                    wanted, self._wanted = self._wanted, None
                self._beat()
                self._turn(wanted)
        except Exception:
            logger.exception("the reader of photos died")
            self._on_dead("the reader of photos died")

    def _turn(self, wanted: tuple[str, int, int] | None) -> None:
        if time.monotonic() >= self._look_due_s:
            self._look_due_s = time.monotonic() + _LOOK_S
            self._look()
        pixels = self._read(*wanted) if wanted is not None else None
        if wanted is not None and pixels is not None:
            self._on_read(wanted[0], pixels)

    def _look(self) -> None:
        try:
            files = [path for path in self._folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file()]
        except OSError as error:
            self._seldom.warning("folder", "the folder of pictures cannot be read: %s", error)
            files = []
        found = tuple(str(path) for path in sorted(files)[:_MOST] if self._is_picture(path))
        if found != self._found:
            self._found = found
            self._on_found(found)

    def _is_picture(self, path: Path) -> bool:
        try:
            with Image.open(path) as image:
                fits = image.width * image.height <= _MOST_PIXELS
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            self._seldom.warning(str(path), "no picture: %s", error)
            return False
        if not fits:
            self._seldom.warning(str(path), "%s is too large to be shown", path)
        return fits

    def _read(self, path: str, width: int, height: int) -> Pixels | None:
        """The picture, cut to fill the size."""
        try:
            with Image.open(path) as image:
                image.draft("RGB", (2 * width, 2 * height))
                upright = ImageOps.exif_transpose(image)
                fitted = ImageOps.fit(upright.convert("RGB"), (width, height))
        except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
            self._seldom.warning(path, "a picture cannot be read: %s", error)
            return None
        return Pixels(width, height, fitted.tobytes())
