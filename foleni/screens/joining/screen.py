"""The widgets of a box that joins: drawn anew whenever there is something else to say."""

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.uix.widget import Widget

from foleni.joining.poster import Choice, Poster
from foleni.look.boxes import Box
from foleni.look.tokens import CARD, GREEN, INK, INK2, LINE, PAPER, RED, WHITE, rgba
from foleni.screens import Key, Panel, Qr, Text, paint
from foleni.screens.joining.plan import Plan, plan

HOLD_S = 3.0
"""So long the key is held that has a cut off box join again: nobody does that by chance."""
BRAND = "Foleni"


class JoiningScreen:
    """`root` is the widget for the stage. `choose` is called with the authority of the branch that was touched, `again` when
    the key was held, `turn` when the screen was touched anywhere else. For the stage's thread only.
    """

    def __init__(
        self, choose: Callable[[str], object], again: Callable[[], object], turn: Callable[[], object] = lambda: None
    ) -> None:
        self.root: Any = Widget(size_hint=(1, 1))
        self.drawn: tuple[tuple[str, str, Box], ...] = ()
        """What can be touched: a kind, a value and where it lies."""
        self._choose = choose
        self._again = again
        self._poster: Poster | None = None
        self._is_mirrored = False
        self._holding: Any = None
        Window.clearcolor = rgba(PAPER)
        paint(self.root, PAPER)
        self.root.bind(size=lambda *_: self._draw(), on_touch_up=lambda _widget, touch: self._touched(touch, turn))

    def show(self, poster: Poster, *, right_to_left: bool) -> None:
        """Have this on the screen; at the next frame it is."""
        if poster != self._poster or right_to_left != self._is_mirrored:
            self._poster, self._is_mirrored = poster, right_to_left
            self._draw()

    def _draw(self) -> None:
        poster, width, height = self._poster, round(self.root.width), round(self.root.height)
        if poster is None or width < 2 or height < 2:
            return
        self._end_holding()
        self.root.clear_widgets()
        self.drawn = ()
        placed = plan(width, height, poster)
        self._draw_edges(poster, placed)
        self._draw_middle(poster, placed)
        for choice, box in zip(poster.choices, placed.choices, strict=False):
            self._draw_choice(choice, box, placed)
        if placed.key is not None:
            self._draw_key(poster.key, placed)

    def _draw_edges(self, poster: Poster, placed: Plan) -> None:
        if placed.band is not None:
            self._put(Panel(fill=RED, radius=0, size_hint=(None, None)), placed.band)
            inside = placed.band.inset(round(64 * placed.unit), 0)
            self._write(poster.band, inside, placed.px(38), WHITE, weight="bold")
        self._write(BRAND, placed.brand, placed.px(52), GREEN, weight="heavy")
        self._write(poster.title, placed.title, placed.px(40), INK2, weight="bold", align="end")
        self._write("\n".join(poster.facts), placed.facts, placed.px(27, 22), INK2, least_px=20)

    def _draw_middle(self, poster: Poster, placed: Plan) -> None:
        if poster.code:
            self._write(poster.headline, placed.headline, placed.px(76), INK, weight="bold")
            for digits, box in zip(poster.code, placed.digits(is_mirrored=self._is_mirrored), strict=True):
                size = round(min(box.height * 1.3, box.width * 0.56))
                self._write(digits, box, size, GREEN, weight="heavy", align="center", lines=1, line_height=1.0)
        else:
            colour = RED if poster.is_trouble else INK
            self._write(poster.headline, placed.headline, placed.px(132), colour, weight="heavy", valign="bottom", balance=True)
        self._write(poster.text, placed.text, placed.px(60), INK, valign="middle" if poster.code else "top", weight="bold")
        self._write(poster.help, placed.help, placed.px(42), INK2, valign="top" if poster.code else "middle")
        if placed.qr is not None and poster.qr:
            self._put(Qr(text=poster.qr, size_hint=(None, None)), placed.qr)

    def _draw_choice(self, choice: Choice, box: Box, placed: Plan) -> None:
        key = Key(fill=CARD, line=LINE, size_hint=(None, None), on_tap=lambda _key: self._choose(choice.ca))
        self._put(key, box)
        self.drawn += (("choice", choice.ca, box),)
        name, note = box.inset(round(32 * placed.unit), round(14 * placed.unit)).split_rows(box.height // 2, 0)
        self._write(choice.name, name, placed.px(48), INK, weight="bold", lines=1)
        self._write(choice.note, note.above(box.bottom - round(14 * placed.unit)), placed.px(32), INK2, lines=1, least_px=20)

    def _draw_key(self, text: str, placed: Plan) -> None:
        assert placed.key is not None
        key = Key(text=text, px=placed.px(48), fill=GREEN, size_hint=(None, None))
        key.bind(pressed=lambda _key, pressed: self._begin_holding() if pressed else self._end_holding())
        self._put(key, placed.key)
        self.drawn += (("key", "", placed.key),)

    def _begin_holding(self) -> None:
        self._holding = Clock.schedule_once(lambda _: self._again(), HOLD_S)

    def _end_holding(self) -> None:
        if self._holding is not None:
            self._holding.cancel()
            self._holding = None

    def _touched(self, touch: Any, turn: Callable[[], object]) -> None:
        x, y = touch.pos[0], self.root.height - touch.pos[1]
        if not any(self._mirrored(box).has(x, y) for _, _, box in self.drawn):
            turn()

    def _write(self, text: str, box: Box, px: int, color: str, **style: Any) -> None:
        if text and box.width > 0 and box.height > 0:
            mirrored = {"right_to_left": self._is_mirrored and not text.isdigit()}
            style = {"least_px": min(28, px), "weight": "regular", **style, **mirrored}
            self._put(Text(text=text, px=px, color=color, size_hint=(None, None), shrink=True, **style), box)

    def _put(self, widget: Any, box: Box) -> None:
        at = self._mirrored(box)
        widget.size = at.width, at.height
        widget.pos = at.x, round(self.root.height) - at.bottom
        self.root.add_widget(widget)

    def _mirrored(self, box: Box) -> Box:
        return box.mirrored(round(self.root.width)) if self._is_mirrored else box
