"""Which kiosk this is, to be read across the hall."""

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Key, Sign, Tap
from kiosk.views.draft import Draft
from kiosk.views.palette import TicketPalette
from kiosk.views.scene import Align, Face, Touch


def lay_sign(draft: Draft, body: Sign, room: Box, colours: TicketPalette) -> None:
    surface = draft.surface
    nothing = Face("")
    draft.pieces.insert(0, Touch("anywhere", surface.screen, Tap(Key.DONE), nothing, nothing, ground=True))
    room = room.inset(surface.margin, surface.px(16 if surface.is_short else 40))
    caption = room.upper(room.height // 5)
    hint = room.lower(room.height // 6)
    name = room.below(caption.bottom).above(hint.y)
    quiet = draft.style(52, Weight.BOLD, 32, 2)
    draft.write("caption", body.caption, caption, quiet, colours.soft, Align.CENTRE)
    draft.write("name", body.name, name, draft.style(400, Weight.HEAVY, 76, 3), colours.ink, Align.CENTRE)
    draft.write("hint", body.hint, hint, draft.style(44, Weight.REGULAR, 28, 2), colours.soft, Align.CENTRE)
