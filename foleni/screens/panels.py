"""Surfaces: a rounded card, a row that mirrors, a painted ground."""

from typing import Any

from kivy.graphics import BorderImage, Color, Rectangle
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from foleni.look.tokens import RADIUS, rgba
from foleni.screens.shapes import rounded


def paint(widget: Any, colour: str) -> None:
    """Give a widget a ground of one colour, in place of the one that it had from here."""
    if (old := getattr(widget, "_ground", None)) is not None:
        old.rgba = rgba(colour)
        return
    with widget.canvas.before:
        ground = Color(*rgba(colour))
        area = Rectangle(pos=widget.pos, size=widget.size)
    widget._ground = ground  # noqa: SLF001 - Kivy widgets carry what belongs to them
    widget.bind(pos=lambda _, pos: setattr(area, "pos", pos), size=lambda _, size: setattr(area, "size", size))


class Row(BoxLayout):
    """Children side by side, the first where reading starts: `right_to_left` mirrors them."""

    right_to_left = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(right_to_left=self._trigger_layout)

    def do_layout(self, *largs: Any) -> None:
        if self.orientation != "horizontal" or not self.right_to_left:
            super().do_layout(*largs)
            return
        super().do_layout(*largs)
        for child in self.children:
            child.x = self.x + self.right - child.right


class Panel(Row):
    """A rounded card with a fill and a line, colours as `#RRGGBB` and empty for none. Its children lie as in a box."""

    fill = StringProperty("")
    line = StringProperty("")
    line_px = NumericProperty(2)
    radius = NumericProperty(RADIUS)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            Color(1, 1, 1, 1)
            self._shape = BorderImage(pos=self.pos, size=self.size)
        self.fbind("pos", self._place)
        self.fbind("size", self._place)
        for name in ("fill", "line", "line_px", "radius"):
            self.fbind(name, self.repaint)
        self.repaint()

    def repaint(self, *_: object) -> None:
        """Draw the shape anew."""
        self._place()

    def shown_fill(self) -> str:
        """The fill as it is now; keys darken it under a finger."""
        return str(self.fill)

    def _place(self, *_: object) -> None:
        width, height = round(self.width), round(self.height)
        radius = int(max(0, min(self.radius, width // 2, height // 2)))
        self._shape.texture = rounded(radius, self.shown_fill() or None, self.line or None, int(self.line_px))
        self._shape.border = (radius + 1,) * 4
        self._shape.auto_scale = "off"
        self._shape.pos = round(self.x), round(self.y)
        self._shape.size = width, height
