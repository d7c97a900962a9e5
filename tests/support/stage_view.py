"""What the small program with a screen shows: words, a key, and a key that is closed."""

from collections.abc import Callable
from typing import Any

from kivy.core.window import Window
from kivy.uix.boxlayout import BoxLayout

from foleni.look import tokens
from foleni.screens import Key, Text, paint


class View:
    """`tell` hears of every tap. `flips` counts the pictures."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self.flips = 0
        Window.bind(on_flip=self._flipped)
        self.root = BoxLayout(orientation="vertical", padding=40, spacing=20)
        paint(self.root, tokens.PAPER)
        self.text = Text(text="Hello", px=60, weight="bold", size_hint_y=None, height=200)
        key = Key(text="Press", height=200, on_tap=self._tapped)
        off = Key(text="Closed", height=200, disabled=True, on_tap=self._tapped)
        for widget in (self.text, key, off, Text()):
            self.root.add_widget(widget)

    def break_down(self) -> None:
        """From now on no picture can be drawn."""
        Window.bind(on_draw=_fail)
        self.text.text = "Never to be seen"

    def _flipped(self, *_: object) -> None:
        self.flips += 1

    def _tapped(self, key: Any) -> None:
        self._tell(f"tapped {key.text}")


def _fail(*_: object) -> None:
    raise ValueError("the graphics chip is gone")
