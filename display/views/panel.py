"""The calm panel: the notice in large words, a greeting, or a photo."""

from collections.abc import Callable

from kivy.graphics import Color, Rectangle
from PIL import Image

from display.geometry import Plan
from display.picture import Photo, Picture, Poster
from display.pixels import Pixels, corners, gradient
from display.views.sheet import Sheet
from foleni.look.boxes import Box
from foleni.look.tokens import LEAST_PX, NIGHT, WHITE, mixed
from foleni.screens.shapes import as_texture

_LONG_CAPTION = 34
_QUIET = mixed("#113C52", WHITE, 0.8)
Want = Callable[[str, int, int], object]
"""Asks for a photo: path, width and height in px."""


class PanelView:
    """A photo appears when it has been read; until then the panel stays as it was."""

    def __init__(self, wall: Sheet, want: Want) -> None:
        self._sheet = Sheet(wall)
        self._want = want
        self._calm = as_texture(gradient())
        with self._sheet.layer.canvas:
            Color(1, 1, 1, 1)
            self._area = Rectangle(size=(0, 0), texture=self._calm)
            self._corners = [Rectangle(size=(0, 0)) for _ in range(4)]
        self._text = self._sheet.text(weight="bold", valign="bottom", line_height=1.12, balance=True)
        self._caption = self._sheet.text(color=_QUIET, valign="top")
        self._box: Box | None = None
        self._unit = 1.0
        self._shown: Poster | Photo | None = None

    def lay(self, plan: Plan) -> None:
        self._sheet.show(shown=plan.panel is not None)
        self._box, self._unit, self._shown = plan.panel, plan.unit, None
        if plan.panel is not None:
            self._sheet.place(self._area, plan.panel)
            self._place_corners(plan.panel)

    def show(self, picture: Picture) -> None:
        panel, box = picture.panel, self._box
        if box is None or panel == self._shown:
            return
        self._shown = panel
        if isinstance(panel, Photo):
            self._want(panel.path, box.width, box.height)
        else:
            self._area.texture = self._calm
            self._place_words(panel, box)
            self._text.text, self._caption.text = panel.text, panel.caption

    def show_photo(self, path: str, pixels: Pixels) -> None:
        """A photo was read; it is shown if it is still its turn."""
        box, shown = self._box, self._shown
        fits = box is not None and (pixels.width, pixels.height) == (box.width, box.height)
        if fits and isinstance(shown, Photo) and shown.path == path:
            photo = Image.frombuffer("RGB", (pixels.width, pixels.height), pixels.rgb, "raw", "RGB", 0, 1)
            self._area.texture = as_texture(photo)
            self._text.text = self._caption.text = ""

    def _place_corners(self, box: Box) -> None:
        """From the upper left one clockwise, as they are seen."""
        radius = round(24 * self._unit)
        seen = box.mirrored(round(self._sheet.root.width)) if self._sheet.is_mirrored else box
        right, bottom = seen.right - radius, seen.bottom - radius
        places = ((seen.x, seen.y), (right, seen.y), (right, bottom), (seen.x, bottom))
        for rectangle, ground, (x, y) in zip(self._corners, corners(radius, NIGHT), places, strict=True):
            rectangle.texture = as_texture(ground)
            rectangle.size = radius, radius
            rectangle.pos = x, round(self._sheet.root.height) - y - radius

    def _place_words(self, poster: Poster, box: Box) -> None:
        """The words stand at the bottom, with the caption, if there is one, below them."""
        inner = box.inset(round(44 * self._unit), min(round(38 * self._unit), box.height // 9))
        caption_px = max(LEAST_PX, round(34 * self._unit))
        lines = 0 if not poster.caption else 2 if len(poster.caption) > _LONG_CAPTION else 1
        words, caption = inner.split_rows(inner.height - round((lines * 1.25 + (0.3 if lines else 0)) * caption_px), 0)
        caption = Box(caption.x, caption.y + round(0.3 * caption_px), caption.width, round(lines * 1.25 * caption_px))
        self._sheet.place(self._text, words, px=max(LEAST_PX, round(60 * self._unit)))
        self._sheet.place(self._caption, caption, px=caption_px, lines=lines, least_px=24)
