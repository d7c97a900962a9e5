"""Which screen this is, over everything else, to be read across the hall."""

from typing import Any

from kivy.uix.widget import Widget

from display.picture import Sign
from display.views.sheet import Sheet
from foleni.look.boxes import Box
from foleni.look.tokens import GREEN, WHITE, mixed
from foleni.screens import paint

_SOFT = mixed(GREEN, WHITE, 0.88)


class SignView:
    """Takes the whole screen while there is a sign."""

    def __init__(self, wall: Sheet) -> None:
        self._sheet = Sheet(wall)
        self._ground: Any = Widget(size_hint=(None, None))
        paint(self._ground, GREEN)
        self._sheet.layer.add_widget(self._ground)
        self._caption = self._sheet.text(color=_SOFT, weight="bold", align="center", lines=1)
        self._name = self._sheet.text(color=WHITE, weight="heavy", align="center", lines=3, balance=True, line_height=1.1)

    def show(self, sign: Sign | None) -> None:
        self._sheet.show(shown=False)  # what was laid anew meanwhile came above it
        if sign is None:
            return
        self._sheet.show()
        width, height = round(self._sheet.root.width), round(self._sheet.root.height)
        unit = min(width, height) / 1080
        screen = Box(0, 0, width, height)
        inner = screen.inset(round(80 * unit), round(80 * unit))
        caption, name = inner.split_rows(round(140 * unit), 0)
        self._sheet.place(self._ground, screen)
        self._sheet.place(self._caption, caption, px=max(28, round(64 * unit)))
        self._sheet.place(self._name, name, px=max(76, round(300 * unit)))
        self._caption.text, self._name.text = sign.caption, sign.name
