"""Pictures and QR codes, drawn pixel for pixel."""

from typing import Any

import segno
from kivy.graphics import Color, Rectangle
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.widget import Widget
from PIL import Image

from foleni.screens.shapes import as_texture

_QUIET = 4
"""Modules of white that a QR code needs around it."""


def qr_texture(text: str) -> Any:
    """A QR code of `text`, black on white with its white edge, one px for one module."""
    matrix = [[0 if module else 255 for module in row] for row in segno.make(text, error="m", micro=False).matrix]
    side = len(matrix)
    code = Image.new("L", (side, side))
    code.putdata([value for row in matrix for value in row])
    sheet = Image.new("L", (side + 2 * _QUIET, side + 2 * _QUIET), 255)
    sheet.paste(code, (_QUIET, _QUIET))
    texture = as_texture(sheet.convert("RGB"))
    texture.mag_filter = texture.min_filter = "nearest"
    return texture


class Picture(Widget):
    """A texture in the middle of the widget, as large as fits and never distorted."""

    texture = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            Color(1, 1, 1, 1)
            self._area = Rectangle(size=(0, 0))
        for name in ("texture", "pos", "size"):
            self.fbind(name, self._place)
        self._place()

    def scale(self, width: int, height: int) -> float:
        """How much larger than its texture of this size the picture is shown."""
        return float(min(self.width / width, self.height / height))

    def _place(self, *_: object) -> None:
        if self.texture is None:
            self._area.size = (0, 0)
            return
        width, height = self.texture.size
        scale = self.scale(width, height)
        size = round(width * scale), round(height * scale)
        self._area.texture, self._area.size = self.texture, size
        self._area.pos = round(self.center_x - size[0] / 2), round(self.center_y - size[1] / 2)


class Qr(Picture):
    """A QR code of `text`, each module a whole number of px."""

    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fbind("text", self._encode)
        self._encode()

    def scale(self, width: int, height: int) -> float:
        return max(1, int(super().scale(width, height)))

    def _encode(self, *_: object) -> None:
        self.texture = qr_texture(self.text) if self.text else None
