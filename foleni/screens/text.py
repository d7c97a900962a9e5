"""Words on a screen: set by Pillow and raqm, so that every script comes out right, one pixel for one pixel."""

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.widget import Widget

from foleni.look.fonts import Weight
from foleni.look.tokens import INK, LEAST_PX, rgba
from foleni.look.typeset import LINE_HEIGHT, Block, Room, Style, balanced, set_in
from foleni.screens.ink import draw_later, ink_of

_LARGEST_PX = 4096
"""Every graphics chip takes a texture of this size."""
_SETTING = ("text", "px", "weight", "right_to_left", "shrink", "least_px", "lines", "line_height", "balance", "hug")


class Text(Widget):
    """Words in one style. They are broken at the widget's width.

    `align` is `start`, `center` or `end`; `right_to_left` mirrors start and end. `shrink` makes the letters smaller, not
    below `least_px`, until all words fit; what does not fit even then ends in `…`. `hug` makes the widget as high as its
    words (`height`), as wide as they are in one line (`width`), or `both`. `balance` makes lines equally long.
    """

    text = StringProperty("")
    px = NumericProperty(38)
    weight = OptionProperty("regular", options=["regular", "bold", "heavy"])
    color = StringProperty(INK)
    align = OptionProperty("start", options=["start", "center", "end"])
    valign = OptionProperty("middle", options=["top", "middle", "bottom"])
    right_to_left = BooleanProperty(False)
    shrink = BooleanProperty(False)
    least_px = NumericProperty(LEAST_PX)
    lines = NumericProperty(0)
    line_height = NumericProperty(LINE_HEIGHT)
    balance = BooleanProperty(False)
    hug = OptionProperty("", options=["", "width", "height", "both"])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._block: Block | None = None
        self._left = self._top = 0
        with self.canvas:
            self._tint = Color(*rgba(self.color))
            self._area = Rectangle(size=(0, 0))
        for name in (*_SETTING, "size"):
            self.fbind(name, self._set)
        for name in ("align", "valign"):
            self.fbind(name, self._draw_later)
        self.fbind("pos", self._place)
        self.fbind("color", self._colour)
        self._set()

    @property
    def block(self) -> Block:
        """The words as they are set in the widget's place."""
        if self._block is None:
            self._block = self._broken()
        return self._block

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines as they are on the screen."""
        return self.block.lines

    @property
    def is_cut(self) -> bool:
        """Whether there was no room for all words."""
        return self.block.is_cut

    def _set(self, *_: object) -> None:
        """Break the words anew, and take the size that they need where the widget hugs them."""
        self._block = None
        if self.hug in {"width", "both"}:
            self.size_hint_x = None
            self.width = self.block.width
        if self.hug in {"height", "both"}:
            self.size_hint_y = None
            self.height = self.block.height
        self._draw_later()

    def _broken(self) -> Block:
        style = Style(max(1, round(self.px)), Weight(self.weight), self.line_height)
        width = _LARGEST_PX if self.hug in {"width", "both"} else int(self.width)
        height = _LARGEST_PX if self.hug in {"height", "both"} else int(self.height)
        room = Room(max(1, width), max(1, height), 1 if self.hug in {"width", "both"} and not self.lines else int(self.lines))
        least = round(self.least_px) if self.shrink else None
        block = set_in(self.text, style, room, least, right_to_left=self.right_to_left)
        return balanced(block) if self.balance else block

    def _draw_later(self, *_: object) -> None:
        draw_later(self, self._draw)

    def _draw(self) -> None:
        ink = ink_of(self.block, self._side())
        if ink is None:
            self._area.size = (0, 0)
            return
        self._area.texture, self._left, self._top = ink.texture, ink.left, ink.top
        self._area.size = ink.texture.size
        self._place()

    def _side(self) -> str:
        if self.align == "center":
            return "center"
        return "right" if (self.align == "end") != self.right_to_left else "left"

    def _place(self, *_: object) -> None:
        """Put the ink where it belongs, at whole px."""
        spare_x, spare_y = self.width - self.block.width, self.height - self.block.height
        x = self.x + {"left": 0, "center": spare_x / 2, "right": spare_x}[self._side()]
        above = {"top": 0, "middle": spare_y / 2, "bottom": spare_y}[self.valign]
        self._area.pos = round(x) + self._left, round(self.top - above) - self._top - self._area.size[1]

    def _colour(self, *_: object) -> None:
        self._tint.rgba = rgba(self.color)
