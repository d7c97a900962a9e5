"""Pages that say one thing: the server is asked, the branch said no, the kiosk is out of order."""

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Asking, Key, OutOfOrder, Refused, Tap
from kiosk.views import signs
from kiosk.views.draft import Draft
from kiosk.views.scene import Align


def lay_asking(draft: Draft, body: Asking, room: Box) -> None:
    surface = draft.surface
    middle = room.inset(surface.margin, 0)
    style = draft.style(96 if surface.portrait else 84, Weight.HEAVY, 44, 3)
    height = draft.height_of(body.headline, style, middle.width, middle.height // 2)
    block = middle.centred(middle.width, height + surface.px(120))
    draft.write("headline", body.headline, block.upper(height), style, draft.palette.ink, Align.CENTRE)
    _lay_dots(draft, block.lower(surface.px(120)))


def _lay_dots(draft: Draft, box: Box) -> None:
    side = draft.surface.px(24)
    for at, dot in enumerate(box.centred(side * 3 + 2 * draft.surface.gap, side).grid(3, 1, draft.surface.gap)):
        draft.fill(f"dot/{at}", dot.centred(side, side), draft.face(draft.palette.go, radius=12))


def lay_refused(draft: Draft, body: Refused, room: Box) -> None:
    surface = draft.surface
    room = room.inset(surface.margin, surface.px(24))
    done = room.lower(surface.px(168 if surface.portrait else 120))
    if not surface.portrait:
        done = done.centred(surface.width // 2, done.height)
    draft.key("done", body.done_word, done, Tap(Key.DONE), draft.go(), draft.style(48, Weight.BOLD, 32))
    _lay_statement(draft, body.headline, body.text, room.above(done.y - surface.gap))


def lay_out_of_order(draft: Draft, body: OutOfOrder, room: Box) -> None:
    _lay_statement(draft, body.headline, body.text, room.inset(draft.surface.margin, draft.surface.px(24)))


def _lay_statement(draft: Draft, headline: str, text: str, room: Box) -> None:
    """A sign, the headline and what it means, in the middle."""
    surface, colours = draft.surface, draft.palette
    side = surface.px(180 if surface.portrait else 92 if surface.is_short else 132)
    big = draft.style(88 if surface.portrait else 76, Weight.HEAVY, 44, 3)
    small = draft.style(44, Weight.REGULAR, 28, 6)
    gap = surface.px(44 if surface.portrait else 20)
    inside = room.centred(min(room.width, surface.px(1240)), room.height)
    free = max(1, inside.height - side - 2 * gap)
    big_height = draft.height_of(headline, big, inside.width, free * 3 // 5)
    small_height = draft.height_of(text, small, inside.width, free - big_height)
    block = inside.centred(inside.width, side + gap + big_height + gap + small_height)
    mark = block.upper(side).centred(side, side)
    draft.fill("mark", mark, draft.face(colours.trouble, radius=side / 2 / surface.unit))
    draft.sign("mark/sign", signs.WRONG, mark, side * 0.62 / surface.unit, colours.on_trouble, Weight.HEAVY)
    title = block.below(mark.bottom + gap).upper(big_height)
    draft.write("headline", headline, title, big, colours.ink, Align.CENTRE)
    draft.write("text", text, block.lower(small_height), small, colours.quiet, Align.CENTRE)
