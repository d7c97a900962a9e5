"""The line at the top and the line at the bottom."""

from typing import Any

from kivy.uix.widget import Widget

from display.geometry import Plan
from display.picture import Header, Light
from display.views.sheet import Sheet
from foleni.look.boxes import Box
from foleni.look.tokens import LEAST_PX, LIVE, MIST, NIGHT2, RED, WHITE
from foleni.look.typeset import Room, Style, set_in
from foleni.screens import paint


class HeaderView:
    """Whose screen this is, whether it is live, and what time it is."""

    def __init__(self, wall: Sheet) -> None:
        self._sheet = Sheet(wall)
        self._sheet.show()
        self._title = self._sheet.text(weight="bold", lines=1)
        self._dot = self._sheet.panel(LIVE)
        self._state = self._sheet.text(lines=1)
        self._clock = self._sheet.text(weight="bold", align="end", lines=1)
        self._room = Box(0, 0, 0, 0)
        self._plan: Plan | None = None
        self._shown: Header | None = None

    def lay(self, plan: Plan) -> None:
        self._plan, self._shown = plan, None
        box = plan.header
        if plan.is_portrait:
            upper, self._room = box.split_rows(box.height * 11 // 20, 0)
            title, clock = upper.split_columns(round(box.width * 0.78), 0)
        else:
            title, rest = box.split_columns(round(box.width * 0.31), round(24 * plan.unit))
            self._room, clock = rest.split_columns(rest.width - round(150 * plan.unit), 0)
        self._sheet.place(self._title, title, px=plan.type_px(36))
        self._sheet.place(self._clock, clock, px=plan.type_px(48))

    def show(self, header: Header) -> None:
        if header == self._shown or self._plan is None:
            return
        self._shown = header
        self._title.text, self._clock.text = header.title, header.clock
        is_live = header.light is Light.LIVE
        self._state.text = header.state
        self._state.color = MIST if is_live else WHITE
        self._dot.fill = LIVE if is_live else RED
        self._dot.line = "" if is_live else WHITE
        self._place_state(self._plan)

    def _place_state(self, plan: Plan) -> None:
        """The dot and its words, together in the middle of a landscape screen, at the left of a portrait one."""
        dot_px, gap = max(16, round(20 * plan.unit)), round(16 * plan.unit)
        room = self._room
        free_px, px = room.width - dot_px - gap, plan.type_px(36)
        used_px = set_in(self._state.text, Style(px), Room(free_px, lines=1), LEAST_PX).width
        left = room.x if plan.is_portrait else room.x + max(0, (free_px - used_px) // 2)
        self._sheet.place(self._dot, Box(left, room.y + (room.height - dot_px) // 2, dot_px, dot_px), radius=dot_px // 2)
        self._sheet.place(self._state, Box(left + dot_px + gap, room.y, room.right - left - dot_px - gap, room.height), px=px)


class FooterView:
    """One sentence."""

    def __init__(self, wall: Sheet) -> None:
        self._sheet = Sheet(wall)
        self._bar: Any = Widget(size_hint=(None, None))
        paint(self._bar, NIGHT2)
        self._sheet.layer.add_widget(self._bar)
        self._text = self._sheet.text(lines=2, line_height=1.15)

    def lay(self, plan: Plan) -> None:
        self._sheet.show(shown=plan.footer is not None)
        if plan.footer is not None:
            self._sheet.place(self._bar, plan.footer)
            self._sheet.place(self._text, plan.footer.inset(plan.header.x, round(4 * plan.unit)), px=plan.type_px(36))

    def show(self, sentence: str) -> None:
        self._text.text = sentence
