"""Pictures of the windows, taken from the screen itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from foleni.demo.screen import Place, Screen

if TYPE_CHECKING:
    from PIL.Image import Image


class CameraError(Exception):
    """No picture could be taken; the text says why."""


class Camera:
    """Takes pictures of what stands on a screen."""

    def __init__(self, screen: Screen) -> None:
        self._display = screen.display

    def look(self, place: Place) -> "Image":
        """What stands at `place` now. Raises `CameraError`."""
        from PIL import ImageGrab  # noqa: PLC0415 - only who takes pictures pays for it

        box = (place.left, place.top, place.left + place.width, place.top + place.height)
        try:
            return ImageGrab.grab(box, xdisplay=self._display)
        except (OSError, ValueError) as error:
            raise CameraError(f"no picture of the screen {self._display}: {error}") from error

    def take(self, place: Place, path: Path) -> None:
        """The same as a PNG file; a picture of nothing at all is none. Raises `CameraError`."""
        picture = self.look(place)
        if len(picture.getcolors(maxcolors=2) or ()) == 1:
            raise CameraError(f"the picture {path.name} is empty: one single colour")
        picture.save(path, compress_level=3)
