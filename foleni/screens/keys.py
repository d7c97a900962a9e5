"""What is touched: a large rounded key."""

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty

from foleni.look.tokens import CARD, GREEN, INK, INK2, LEAST_PX, PALE, TOUCH, mixed, readable_on
from foleni.screens.panels import Panel
from foleni.screens.text import Text

_DARKER = 0.25
_HINT = 0.12


class Key(Panel):
    """A panel that can be pressed. `on_tap(key)` comes when the finger that went down on it goes up on it.

    With `text` it shows those words, in `color` or in what is read best on its fill; without, it holds children, as a
    panel does. It is `TOUCH` px high where nothing else is said; `hug` makes it as wide as its words and its padding. One
    that is `disabled` takes no touch, and is pale where it has words of its own. The fill darkens under a finger.
    """

    __events__ = ("on_tap",)

    text = StringProperty("")
    color = StringProperty("")
    px = NumericProperty(38)
    least_px = NumericProperty(LEAST_PX)
    weight = OptionProperty("bold", options=["regular", "bold", "heavy"])
    hug = BooleanProperty(False)
    pressed = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"fill": GREEN, "padding": (28, 12), **kwargs}
        if "size_hint_y" not in kwargs and "size_hint" not in kwargs:
            kwargs = {"size_hint_y": None, "height": TOUCH, **kwargs}
        super().__init__(**kwargs)
        self._words: Text | None = None
        for name in ("text", "color", "fill", "px", "least_px", "weight", "right_to_left", "hug", "padding", "disabled"):
            self.fbind(name, self._say)
        for name in ("pressed", "disabled"):
            self.fbind(name, self.repaint)
        self._say()

    def on_tap(self) -> None:
        """Bind to it, or give `on_tap=` at the start."""

    def shown_fill(self) -> str:
        if self.disabled and self.text and self.fill:
            return PALE
        if not self.pressed:
            return str(self.fill)
        return mixed(self.fill, INK, _DARKER) if self.fill else mixed(CARD, INK, _HINT)

    def on_touch_down(self, touch: Any) -> bool:
        if not self.collide_point(*touch.pos) or getattr(touch, "button", "left") != "left":
            return False
        if not self.disabled and not self.pressed:
            touch.grab(self)
            self.pressed = True
        return True

    def on_touch_move(self, touch: Any) -> bool:
        return touch.grab_current is self

    def on_touch_up(self, touch: Any) -> bool:
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self.pressed = False
        if self.collide_point(*touch.pos) and not self.disabled:
            self.dispatch("on_tap")
        return True

    def _say(self, *_: object) -> None:
        if self._words is None:
            if not self.text:
                return
            self._words = Text(align="center", balance=True)
            self.add_widget(self._words)
        words = self._words
        words.text, words.px, words.least_px, words.weight = self.text, self.px, self.least_px, self.weight
        words.right_to_left, words.shrink, words.hug = self.right_to_left, not self.hug, "width" if self.hug else ""
        words.color = INK2 if self.disabled else self.color or readable_on(self.fill or CARD)
        if self.hug:
            self.size_hint_x = None
            self.width = words.width + self.padding[0] + self.padding[2]
