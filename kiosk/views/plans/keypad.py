"""The on-screen keypad, and what was typed on it."""

from dataclasses import replace

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Key, Tap
from kiosk.views import signs
from kiosk.views.draft import Draft
from kiosk.views.scene import Align

_TALL = "123456789+0<"
_WIDE = "12345<67890+"
"""Where the keys lie, row by row; `<` erases."""


def lay_keypad(draft: Draft, room: Box, *, plus: bool) -> None:
    """Ten digits and the erasing key in three columns, or in six where the room is flat; `plus` adds a key for `+`.

    Digits lie as on every telephone, also where one reads from right to left.
    """
    surface = draft.surface
    gap = surface.px(20) if surface.is_short or surface.low_reach else surface.gap
    flat = room.height < 4 * surface.touch + 3 * gap
    columns, rows, order = (6, 2, _WIDE) if flat else (3, 4, _TALL)
    for what, cell in zip(order, room.grid(columns, rows, gap), strict=True):
        box = replace(cell, x=room.x + room.right - cell.right) if surface.right_to_left else cell
        if what == "<":
            draft.touch("erase", box, Tap(Key.ERASE), draft.plain())
            draft.sign("erase/sign", signs.ERASE, box, 60, draft.palette.ink)
        elif what != "+" or plus:
            style = draft.style(64, Weight.BOLD)
            draft.key(f"digit/{what}", what, box, Tap(Key.DIGIT, what), draft.plain(), style)


def lay_typed(draft: Draft, text: str, box: Box, *, wrong: bool) -> None:
    """What was typed, large in a field."""
    colours = draft.palette
    line = colours.trouble if wrong else colours.ink
    draft.fill("typed", box, draft.face(colours.card, line, 4, 20))
    inside = box.inset(draft.surface.px(28), 0)
    draft.write("typed/text", text, inside, draft.style(72, Weight.BOLD, 36), colours.ink, Align.CENTRE)
