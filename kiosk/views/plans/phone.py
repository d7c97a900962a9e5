"""The phone number, which nobody has to give."""

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import EnterPhone, Key, Tap
from kiosk.views.draft import Draft
from kiosk.views.lettering import pitch
from kiosk.views.plans.keypad import lay_keypad, lay_typed
from kiosk.views.scene import Align


def lay_phone(draft: Draft, body: EnterPhone, room: Box) -> None:
    surface = draft.surface
    pad = surface.px(24)
    room = Box(room.x, room.y, room.width, room.height - pad).inset(surface.margin, 0)
    if surface.portrait:
        _lay_portrait(draft, body, room)
    elif surface.low_reach:
        _lay_low(draft, body, room)
    else:
        _lay_landscape(draft, body, room)


def _lay_portrait(draft: Draft, body: EnterPhone, room: Box) -> None:
    surface = draft.surface
    gap = surface.px(20) if surface.low_reach else surface.gap
    keys = min(surface.px(136), (room.bottom - surface.reach_top - 5 * gap) // 5) if surface.low_reach else surface.px(136)
    choices = room.lower(keys)
    keypad = room.above(choices.y - gap).lower(4 * keys + 3 * gap)
    _lay_texts(draft, body, room.above(keypad.y - gap))
    lay_keypad(draft, keypad, plus=True)
    skip, go = choices.grid(2, 1, surface.gap)
    _lay_choices(draft, body, skip, go)


def _lay_landscape(draft: Draft, body: EnterPhone, room: Box) -> None:
    surface = draft.surface
    left, right = room.grid(2, 1, surface.px(64))
    lay_keypad(draft, right, plus=True)
    height = max(surface.touch, surface.px(120))
    skip, go = left.lower(height).grid(2, 1, surface.gap)
    _lay_choices(draft, body, skip, go)
    _lay_texts(draft, body, left.above(skip.y - surface.gap))


def _lay_low(draft: Draft, body: EnterPhone, room: Box) -> None:
    surface = draft.surface
    question, answer = room.above(surface.reach_top - surface.px(12)).grid(2, 1, surface.px(48))
    _lay_question(draft, body, question)
    _lay_answer(draft, body, answer)
    keys = room.below(surface.reach_top + surface.px(8))
    choices = keys.right_part(keys.width // 4)
    lay_keypad(draft, keys.before(choices.x - surface.gap), plus=True)
    skip, go = choices.grid(1, 2, surface.px(20))
    _lay_choices(draft, body, skip, go)


def _lay_texts(draft: Draft, body: EnterPhone, room: Box) -> None:
    """The question at the top, the answer at the bottom."""
    surface = draft.surface
    field_top = _lay_answer(draft, body, room)
    above = surface.px(40) if surface.portrait and not surface.low_reach else 0
    _lay_question(draft, body, room.above(field_top - surface.px(16)).below(room.y + above))


def _lay_answer(draft: Draft, body: EnterPhone, room: Box) -> int:
    """The field, and below it what is wrong; the line above them."""
    surface, colours = draft.surface, draft.palette
    style = draft.style(36, Weight.BOLD, 28, 2)
    height = max(draft.height_of(body.fault, style, room.width, room.height // 2), pitch(style.size, Weight.BOLD))
    draft.write("fault", body.fault, room.lower(height), style, colours.trouble, Align.CENTRE)
    field = room.above(room.bottom - height - surface.px(12)).lower(surface.px(136 if surface.portrait else 112))
    lay_typed(draft, body.digits, field, wrong=bool(body.fault))
    return field.y


def _lay_question(draft: Draft, body: EnterPhone, room: Box) -> None:
    surface, colours = draft.surface, draft.palette
    hint = draft.style(38, Weight.REGULAR, 26, 5)
    gap = surface.px(16 if surface.portrait else 4)
    hint_height = draft.height_of(body.hint, hint, room.width, room.height // 2)
    headline = draft.style(76, Weight.HEAVY, 34, 2)
    top = draft.write_below("headline", body.headline, room.above(room.bottom - hint_height - gap), headline, colours.ink)
    draft.write_below("hint", body.hint, room.below(top + gap), hint, colours.quiet)


def _lay_choices(draft: Draft, body: EnterPhone, skip: Box, go: Box) -> None:
    draft.key("skip", body.skip_word, skip, Tap(Key.SKIP), draft.plain())
    if body.can_go:
        draft.key("go", body.go_word, go, Tap(Key.GO), draft.go())
    else:
        draft.off_key("go", body.go_word, go)
