"""What opens over a page: the three accessibility switches, and the list of all languages."""

import math
from dataclasses import replace

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Access, Chip, Key, Tap
from kiosk.views import signs
from kiosk.views.draft import Draft
from kiosk.views.scene import Align, Face, Fill, Touch, Turn


def lay_access(draft: Draft, access: Access) -> None:
    """The switches, in the lower third of the screen."""
    surface = draft.surface
    sheet = surface.screen.lower(surface.height // 3)
    inside = _lay_sheet(draft, sheet, access.open_word)
    switches = (
        ("large", access.large_word, access.large),
        ("contrast", access.contrast_word, access.contrast),
        ("low_reach", access.low_reach_word, access.low_reach),
    )
    columns, rows = (1, 3) if surface.portrait else (3, 1)
    gap = min(surface.gap, (inside.height - rows * surface.touch) // max(1, rows - 1)) if rows > 1 else surface.gap
    for (value, word, on), box in zip(switches, inside.grid(columns, rows, gap), strict=True):
        _lay_switch(draft, value, word, box, on=on)


def lay_languages(draft: Draft, chips: tuple[Chip, ...], word: str) -> None:
    """All languages, in the lower half of the screen."""
    surface = draft.surface
    inside = _lay_sheet(draft, surface.screen.lower(surface.height // 2), word)
    columns = min(len(chips), 2 if surface.portrait else 4) or 1
    rows = max(1, math.ceil(len(chips) / columns))
    height = min(surface.px(140), (inside.height - (rows - 1) * surface.px(20)) // rows)
    area = inside.centred(inside.width, rows * height + (rows - 1) * surface.px(20))
    for chip, box in zip(chips, area.grid(columns, rows, surface.px(20)), strict=False):
        look = draft.chosen() if chip.chosen else draft.plain()
        draft.key(f"language/{chip.code}", chip.name, box, Tap(Key.LANGUAGE, chip.code), look)


def _lay_sheet(draft: Draft, sheet: Box, word: str) -> Box:
    """Everything else falls silent; a touch beside the sheet closes it. The room for what the sheet offers."""
    surface, colours = draft.surface, draft.palette
    draft.pieces = [_silenced(piece) if isinstance(piece, Touch) else piece for piece in draft.pieces]
    nothing = Face("")
    draft.pieces.append(Touch("beside", surface.screen, Turn.CLOSE, nothing, nothing, ground=True))
    draft.pieces.append(Touch("sheet", sheet, None, Face(colours.card), Face(colours.card), ground=True))
    draft.fill("sheet/line", sheet.upper(max(4, surface.px(6))), Face(colours.ink))
    inside = sheet.inset(surface.px(48), surface.px(40 if surface.portrait else 24))
    close = inside.right_part(surface.touch).upper(surface.touch)
    draft.touch("close", close, Turn.CLOSE, draft.plain(52))
    draft.sign("close/sign", signs.CLOSE, close, 60, colours.ink)
    if surface.portrait:
        draft.write("sheet/word", word, inside.upper(surface.touch), draft.style(56, Weight.HEAVY), colours.ink)
        return inside.below(close.bottom + surface.px(12))
    return inside.before(close.x - surface.gap)


def _silenced(touch: Touch) -> Fill:
    return Fill(touch.name, touch.box, touch.face)


def _lay_switch(draft: Draft, value: str, word: str, box: Box, *, on: bool) -> None:
    surface, colours = draft.surface, draft.palette
    look = draft.plain()
    line = colours.go if on else colours.line
    face = replace(look.face, line=line, edge=max(2, surface.px(5 if on else colours.edge)))
    draft.pieces.append(Touch(f"switch/{value}", box, Tap(Key.ACCESS, value), face, look.pressed))
    inside = box.inset(surface.px(32), 0)
    lever = inside.right_part(surface.px(108)).centred(surface.px(108), surface.px(60))
    draft.fill(f"switch/{value}/lever", lever, draft.face(colours.go if on else colours.off_badge, colours.line, radius=30))
    knob = (lever.right_part(lever.height) if on else lever.left(lever.height)).inset(surface.px(7))
    draft.fill(f"switch/{value}/knob", knob, draft.face(colours.card, radius=23, line=colours.line if not on else ""))
    text = inside.before(lever.x - surface.px(20))
    draft.write(f"switch/{value}/word", word, text, draft.style(38, Weight.BOLD, 28, 3), colours.ink, Align.LEFT)
