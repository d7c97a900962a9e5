"""Nobody stands there: the branch greets in each of its languages, and one large key begins."""

import math

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Attract, Key, Tap
from kiosk.views import signs
from kiosk.views.draft import Draft
from kiosk.views.lettering import pitch
from kiosk.views.scene import Face, Touch


def lay_attract(draft: Draft, body: Attract, room: Box) -> None:
    surface = draft.surface
    nothing = Face("")
    draft.pieces.insert(0, Touch("anywhere", surface.screen, Tap(Key.BEGIN), nothing, nothing, ground=True))
    room = room.inset(surface.margin, surface.px(16 if surface.is_short else 40))
    if surface.portrait:
        key = room.above(room.bottom - surface.px(16)).lower(surface.px(280 if not surface.low_reach else 240))
        headlines = room.above(key.y - surface.px(64))
    elif surface.low_reach:
        key = room.below(surface.reach_top)
        headlines = room.above(surface.reach_top - surface.px(24))
    else:
        headlines = room.left(room.width * 56 // 100)
        key = room.after(headlines.right + surface.px(56))
    _lay_headlines(draft, body.headlines, headlines)
    _lay_key(draft, body.invitation, key)


def _lay_headlines(draft: Draft, headlines: tuple[str, ...], room: Box) -> None:
    """The first language large; the others below it, quieter."""
    if not headlines:
        return
    surface, colours = draft.surface, draft.palette
    first = draft.style(150 if surface.portrait else 116, Weight.HEAVY, 44, 4)
    other = draft.style(68 if surface.portrait else 56, Weight.BOLD, 30, 2)
    gap = surface.px(28 if surface.portrait else 12)
    columns = 2 if surface.low_reach and not surface.portrait else 1
    rows = math.ceil(len(headlines[1:]) / columns)
    each = min(pitch(other.size, Weight.BOLD), max(1, (room.height * 55 // 100) // max(1, rows) - gap))
    rest = rows * (each + gap)
    height = draft.height_of(headlines[0], first, room.width, room.height - rest)
    block = room.centred(room.width, height + rest)
    draft.write("headline/0", headlines[0], block.upper(height), first, colours.ink)
    cells = block.below(block.y + height + gap).grid(columns, rows, gap) if rows else []
    for at, (text, cell) in enumerate(zip(headlines[1:], cells, strict=False), 1):
        draft.write(f"headline/{at}", text, cell, other, colours.quiet)


def _lay_key(draft: Draft, invitation: str, key: Box) -> None:
    surface = draft.surface
    look = draft.go(40)
    draft.touch("begin", key, Tap(Key.BEGIN), look)
    inside = key.inset(surface.px(56), surface.px(24))
    if key.height > key.width // 2:
        sign = inside.lower(inside.height * 2 // 5)
        draft.write("begin/word", invitation, inside.above(sign.y), draft.style(84, Weight.HEAVY, 40, 4), look.ink)
        draft.sign("begin/sign", signs.FORWARD, sign.left(surface.px(160)), 150, look.ink)
    else:
        sign = inside.right_part(surface.px(130))
        word = inside.before(sign.x - surface.px(24))
        draft.write("begin/word", invitation, word, draft.style(84, Weight.HEAVY, 40, 2), look.ink)
        draft.sign("begin/sign", signs.FORWARD, sign, 120, look.ink)
