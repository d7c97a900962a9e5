"""The staff desk: a code first, then the printer, the last ticket and what waits to be handed in."""

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Key, StaffDesk, Tap, Tone
from kiosk.views.draft import Draft
from kiosk.views.plans.keypad import lay_keypad, lay_typed
from kiosk.views.scene import Align


def lay_staff(draft: Draft, body: StaffDesk, room: Box) -> None:
    surface = draft.surface
    room = room.inset(surface.margin, surface.px(16))
    if body.code_asked:
        _lay_code(draft, body, room)
    else:
        _lay_desk(draft, body, room)


def _lay_code(draft: Draft, body: StaffDesk, room: Box) -> None:
    surface = draft.surface
    if surface.portrait:
        text = room.upper(surface.px(560))
        keys = room.lower(surface.px(860 if not surface.low_reach else 700))
        keys = keys.below(surface.reach_top)
    elif surface.low_reach:
        text, keys = room.above(surface.reach_top - surface.px(16)), room.below(surface.reach_top)
    else:
        text, keys = room.grid(2, 1, surface.px(64))
    done = keys.lower(surface.touch) if not surface.low_reach or surface.portrait else keys.right_part(keys.width // 4)
    draft.key("done", body.done_word, done, Tap(Key.DONE), draft.plain())
    flat = done.height > surface.touch
    lay_keypad(draft, keys.before(done.x - surface.gap) if flat else keys.above(done.y - surface.gap), plus=False)
    style = draft.style(64, Weight.HEAVY, 36, 2)
    top = draft.write_below("headline", body.headline, text, style, draft.palette.ink)
    field = text.below(top + surface.gap).upper(surface.px(128))
    lay_typed(draft, body.digits, field, wrong=False)
    note = text.below(field.bottom + surface.px(8))
    draft.write_below("note", body.note, note, draft.style(36, Weight.BOLD, 26, 3), draft.palette.trouble, Align.CENTRE)


def _lay_desk(draft: Draft, body: StaffDesk, room: Box) -> None:
    surface, colours = draft.surface, draft.palette
    style = draft.style(64, Weight.HEAVY, 36, 1)
    top = draft.write_below("headline", body.headline, room, style, colours.ink) + surface.px(20)
    keys = _keys_box(draft, room)
    table = (
        room.below(top).above(keys.y - surface.gap)
        if surface.portrait or surface.low_reach
        else room.below(top).before(keys.x - surface.px(48))
    )
    note_style = draft.style(36, Weight.BOLD, 26, 2)
    note_height = draft.height_of(body.note, note_style, table.width)
    draft.write("note", body.note, table.lower(note_height), note_style, colours.ink)
    _lay_lines(draft, body, table.above(table.bottom - note_height - surface.px(12)))
    _lay_keys(draft, body, keys)


def _keys_box(draft: Draft, room: Box) -> Box:
    surface = draft.surface
    if surface.portrait:
        return room.lower(3 * surface.px(132) + 2 * surface.gap)
    if surface.low_reach:
        return room.lower(surface.touch)
    return room.right_part(room.width * 32 // 100).lower(3 * surface.touch + 2 * surface.gap)


def _lay_keys(draft: Draft, body: StaffDesk, box: Box) -> None:
    wide = box.height < 2 * draft.surface.touch
    columns, rows = (3, 1) if wide else (1, 3)
    reprint, test, done = box.grid(columns, rows, draft.surface.gap)
    if body.can_reprint:
        draft.key("reprint", body.reprint_word, reprint, Tap(Key.REPRINT), draft.outlined())
    else:
        draft.off_key("reprint", body.reprint_word, reprint)
    draft.key("test", body.test_word, test, Tap(Key.TEST_PRINT), draft.outlined())
    draft.key("done", body.done_word, done, Tap(Key.DONE), draft.go())


def _lay_lines(draft: Draft, body: StaffDesk, room: Box) -> None:
    """A table of two columns; what is in trouble is bold and in its colour."""
    if not body.lines:
        return
    surface, colours = draft.surface, draft.palette
    row_height = min(surface.px(120), room.height // len(body.lines))
    table = room.upper(row_height * len(body.lines))
    draft.fill("table", table, draft.face(colours.card, colours.line))
    for at, ((label, value, tone), row) in enumerate(zip(body.lines, table.grid(1, len(body.lines), 0), strict=True)):
        if at:
            line = Box(row.x, row.y, row.width, max(1, surface.px(2)))
            draft.fill(f"line/{at}", line, draft.face(colours.line, radius=0))
        inside = row.inset(surface.px(32), surface.px(2))
        half = inside.width * 47 // 100
        trouble = tone is Tone.TROUBLE
        ink = colours.trouble if trouble else colours.ink
        draft.write(f"line/{at}/label", label, inside.left(half), draft.style(36, Weight.REGULAR, 26, 2), colours.quiet)
        value_box = inside.after(inside.x + half + surface.px(20))
        draft.write(f"line/{at}/value", value, value_box, draft.style(36, Weight.BOLD, 26, 2), ink, Align.RIGHT)
