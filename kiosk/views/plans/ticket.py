"""The ticket: the number as large as the screen allows, then one sentence, then one thing to do."""

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Key, Paper, ShowTicket, Tap
from kiosk.views import signs
from kiosk.views.draft import Draft, Look
from kiosk.views.lettering import Style, placed
from kiosk.views.palette import TicketPalette
from kiosk.views.scene import Align, Face
from kiosk.views.surface import Surface

_NO_PAPER = frozenset({Paper.FAILED, Paper.UNSURE})
_BAR = 14


def lay_ticket(draft: Draft, body: ShowTicket, room: Box, colours: TicketPalette) -> None:
    surface = draft.surface
    _lay_countdown(draft, body, colours)
    room = room.above(surface.height - surface.px(_BAR + (18 if surface.is_short else 36))).inset(surface.margin, 0)
    if surface.portrait:
        _lay_portrait(draft, body, room, colours)
    else:
        _lay_landscape(draft, body, room, colours)


def _lay_countdown(draft: Draft, body: ShowTicket, colours: TicketPalette) -> None:
    """How much time is left, as a thin bar at the bottom."""
    surface = draft.surface
    if body.paper is Paper.PRINTING:
        return
    track = surface.screen.lower(surface.px(_BAR))
    draft.fill("countdown/track", track, Face(colours.track))
    left = round(track.width * max(0, min(body.left_s, body.of_s)) / max(1, body.of_s))
    if left:
        draft.fill("countdown", track.left(left), Face(colours.ink))


def _lay_portrait(draft: Draft, body: ShowTicket, room: Box, colours: TicketPalette) -> None:
    surface = draft.surface
    done = room.lower(surface.touch)
    _lay_done(draft, body, done, colours)
    rest = room.above(done.y - surface.px(36))
    failed = body.paper in _NO_PAPER
    card = rest.lower(min(_portrait_card_height(surface, body, failed=failed), rest.height * 52 // 100))
    if body.qr or failed:
        _lay_card(draft, body, card, colours)
        rest = rest.above(card.y - surface.gap)
    gap, height = (surface.px(16), surface.px(190)) if failed else (surface.px(40), surface.px(230))
    kept = min(height, rest.height * 30 // 100) + gap if body.facts else 0
    bottom = _lay_number(draft, body, rest.above(rest.bottom - kept), colours)
    facts = rest.below(bottom + gap).upper(height)
    bottom = _lay_facts(draft, body, facts, colours)
    if not failed:
        _lay_sentence(draft, body, rest.below(bottom + surface.px(20)), colours)


def _portrait_card_height(surface: Surface, body: ShowTicket, *, failed: bool) -> int:
    if failed:
        return surface.px(760 if body.qr else 420)
    return surface.px(340 if surface.large else 310)


def _lay_landscape(draft: Draft, body: ShowTicket, room: Box, colours: TicketPalette) -> None:
    surface = draft.surface
    failed = body.paper in _NO_PAPER
    left = room.left(room.width * 56 // 100)
    right = room.after(left.right + surface.px(56))
    done = right.lower(surface.touch)
    _lay_done(draft, body, done, colours)
    facts = left.lower(surface.px(210 if not surface.is_short else 170)) if body.facts else left.lower(0)
    _lay_facts(draft, body, facts, colours)
    _lay_number(draft, body, left.above(facts.y - surface.px(16)), colours)
    rest = right.above(done.y - surface.gap)
    if failed:
        _lay_card(draft, body, rest, colours)
        return
    if body.qr:
        card = rest.lower(rest.height // 2)
        _lay_card(draft, body, card, colours)
        rest = rest.above(card.y - surface.px(16))
    _lay_sentence(draft, body, rest, colours)


def _lay_number(draft: Draft, body: ShowTicket, room: Box, colours: TicketPalette) -> int:
    """Lay the caption and the number; the line below them."""
    surface = draft.surface
    caption = draft.style(52, Weight.REGULAR, 30, 2)
    wide = surface.portrait
    top = room.y + (surface.px(16 if body.paper in _NO_PAPER else 44) if wide else 0)
    height = draft.height_of(body.caption, caption, room.width, room.height // 3)
    biggest = Style(surface.px(420 if wide else 460), Weight.HEAVY, surface.px(100))
    setting = draft.fit(body.number, biggest, room.width, max(1, room.bottom - top - height))
    if not wide:
        top = room.y + max(0, (room.height - height - setting.height) // 2)
    draft.write("caption", body.caption, room.below(top).upper(height), caption, colours.soft, Align.CENTRE)
    place = room.below(top + height).upper(setting.height)
    draft.pieces.append(placed("number", setting, place, colours.ink, Align.CENTRE))
    return place.bottom


def _lay_facts(draft: Draft, body: ShowTicket, room: Box, colours: TicketPalette) -> int:
    """Lay the tiles; the line below them."""
    if not body.facts:
        return room.y
    for at, ((figure, meaning), tile) in enumerate(
        zip(body.facts, room.grid(len(body.facts), 1, draft.surface.gap), strict=True),
    ):
        draft.fill(f"fact/{at}", tile, draft.face(colours.tile, colours.tile_line, colours.edge))
        _lay_fact(draft, f"fact/{at}", (figure, meaning), tile.inset(draft.surface.px(24), draft.surface.px(12)), colours.ink)
    return room.bottom


def _lay_fact(draft: Draft, name: str, fact: tuple[str, str], inside: Box, ink: str) -> None:
    """The figure with what it counts close below it."""
    figure, meaning = fact
    meant = draft.style(38, Weight.REGULAR, 28, 2)
    meant_height = draft.height_of(meaning, meant, inside.width, inside.height // 2)
    large = draft.style(92, Weight.HEAVY, 40)
    large_height = draft.height_of(figure, large, inside.width, inside.height - meant_height)
    block = inside.centred(inside.width, large_height + meant_height)
    draft.write(f"{name}/figure", figure, block.upper(large_height), large, ink, Align.CENTRE)
    draft.write(f"{name}/meaning", meaning, block.lower(meant_height), meant, ink, Align.CENTRE)


def _lay_sentence(draft: Draft, body: ShowTicket, room: Box, colours: TicketPalette) -> None:
    """What to do, and an arrow to where the paper comes out."""
    surface = draft.surface
    style = draft.style(56, Weight.BOLD, 32, 3)
    arrow = surface.px(170) if body.paper is Paper.PRINTED and room.height > surface.px(260) else 0
    height = draft.height_of(body.sentence, style, room.width, max(1, room.height - arrow))
    block = room.centred(room.width, height + arrow)
    draft.write("sentence", body.sentence, block.upper(height), style, colours.ink, Align.CENTRE)
    if arrow:
        draft.sign("arrow", signs.DOWN, block.lower(arrow), 150, colours.ink)


def _lay_card(draft: Draft, body: ShowTicket, card: Box, colours: TicketPalette) -> None:
    """The white card: the code to take along, and where the paper failed what happened and what to do."""
    surface = draft.surface
    failed = body.paper in _NO_PAPER
    draft.fill("card", card, draft.face(colours.card))
    inside = card.inset(surface.px(36), surface.px(16 if surface.is_short else 28))
    if failed:
        _lay_failed(draft, body, inside, colours)
        return
    if body.qr:
        side = min(card.height - 2 * surface.px(10), card.width * 44 // 100)
        code = card.inset(surface.px(16), 0).left(side).centred(side, side)
        draft.code("qr", code, body.qr)
        inside = inside.after(code.right + surface.px(12))
    _lay_two(draft, inside, (body.qr_headline, colours.on_card), (body.qr_text, colours.quiet_on_card), 40)


def _lay_failed(draft: Draft, body: ShowTicket, inside: Box, colours: TicketPalette) -> None:
    """What happened and what to do, and below it the code, as large as the rest of the card."""
    head, text = (body.sentence, colours.trouble), (body.advice, colours.on_card)
    if not body.qr:
        _lay_two(draft, inside, head, text, 56, Align.CENTRE)
        return
    size = 50 if draft.surface.portrait else 44
    words = inside.upper(min(_height_of_two(draft, inside, head, text, size), inside.height * 55 // 100))
    _lay_two(draft, words, head, text, size, Align.CENTRE)
    rest = inside.below(words.bottom)
    side = min(rest.height, rest.width)
    draft.code("qr", rest.centred(side, side), body.qr)


def _height_of_two(draft: Draft, room: Box, head: tuple[str, str], text: tuple[str, str], size: float) -> int:
    bold, plain = _styles_of_two(draft, size)
    return draft.height_of(head[0], bold, room.width) + draft.surface.px(8) + draft.height_of(text[0], plain, room.width)


def _styles_of_two(draft: Draft, size: float) -> tuple[Style, Style]:
    return draft.style(size, Weight.BOLD, 28, 4), draft.style(36, Weight.REGULAR, 28, 6)


def _lay_two(
    draft: Draft,
    room: Box,
    head: tuple[str, str],
    text: tuple[str, str],
    size: float,
    align: Align = Align.LEFT,
) -> None:
    """A bold text with another below it, each with its colour, in the vertical middle."""
    bold, plain = _styles_of_two(draft, size)
    head_height = draft.height_of(head[0], bold, room.width, room.height // 2)
    gap = draft.surface.px(8)
    text_height = draft.height_of(text[0], plain, room.width, room.height - head_height - gap)
    block = room.centred(room.width, head_height + gap + text_height)
    draft.write("card/head", head[0], block.upper(head_height), bold, head[1], align)
    draft.write("card/text", text[0], block.lower(text_height), plain, text[1], align)


def _lay_done(draft: Draft, body: ShowTicket, box: Box, colours: TicketPalette) -> None:
    edge = max(3, colours.edge)
    look = Look(draft.face(colours.ground, colours.ink, edge), draft.face(colours.pressed, colours.ink, edge), colours.ink)
    draft.key("done", body.done_word, box, Tap(Key.DONE), look)
