"""A service as a card: its badge, its name, how long it takes or why it cannot be chosen now."""

from dataclasses import dataclass, replace

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Key, ServiceCard, Tap
from kiosk.views import signs
from kiosk.views.draft import Draft
from kiosk.views.lettering import Style, pitch, width_of
from kiosk.views.scene import Align

_BETWEEN = " · "
_ROOMY = 190
"""From this height on, in pixels of the design, a card has its full padding and badge."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The sizes of a card in pixels of the design."""

    name: int = 52
    least_name: int = 28
    line: int = 34
    badge: int = 128
    pad: int = 44
    above: int = 46


USUAL = Measure()
FEW = Measure(name=68, line=40, badge=164, pad=52, above=64)
"""Where there are but one or two services."""


@dataclass(frozen=True, slots=True)
class Deal:
    """How the cards of a page are drawn: all of them alike."""

    measure: Measure
    line: Style


def deal(draft: Draft, cards: tuple[ServiceCard, ...], width: int, measure: Measure = USUAL) -> Deal:
    """For cards of that width: their lines stay on one line, a little smaller if need be, or all may wrap."""
    room = _text_width(draft, width, measure)
    style = draft.style(measure.line, Weight.REGULAR, 30)
    blocks = [draft.fit(_whole(card), _weighed(style, card), room) for card in cards if _whole(card)]
    if any(block.is_cut or len(block.lines) > 1 for block in blocks):
        return Deal(measure, replace(style, least=draft.surface.px(28), lines=3))
    return Deal(measure, replace(style, size=min((block.style.px for block in blocks), default=style.size)))


def fits(draft: Draft, cards: tuple[ServiceCard, ...], width: int) -> bool:
    """Whether cards of that width can say all that they have to say."""
    dealt = deal(draft, cards, width)
    room = _text_width(draft, width, USUAL)
    name = _name_style(draft, USUAL)
    return not any(draft.fit(card.name, name, room).is_cut or len(_rows(draft, card, room, dealt.line)) > 2 for card in cards)


def least_height(draft: Draft, card: ServiceCard, width: int, dealt: Deal) -> int:
    """What a card takes, and not a pixel more."""
    surface = draft.surface
    room = _text_width(draft, width, dealt.measure)
    texts = _least_name_height(draft, card, room, dealt.measure) + _line_height(draft, card, room, dealt)
    return max(surface.touch, texts + 2 * surface.px(8 if surface.is_short else 12))


def _least_name_height(draft: Draft, card: ServiceCard, width: int, measure: Measure) -> int:
    """One line of a good size, or two small ones."""
    one = draft.style(36, Weight.HEAVY, measure.least_name)
    two = pitch(one.smallest, Weight.HEAVY) * 2
    return two if draft.fit(card.name, one, width).is_cut else pitch(one.size, Weight.HEAVY)


def natural_height(draft: Draft, card: ServiceCard, width: int, dealt: Deal) -> int:
    """What a card takes where there is room enough."""
    surface, measure = draft.surface, dealt.measure
    room = _text_width(draft, width, measure)
    name = draft.height_of(card.name, _name_style(draft, measure), room)
    return name + surface.px(10) + _line_height(draft, card, room, dealt) + 2 * surface.px(measure.above)


def lay_card(draft: Draft, card: ServiceCard, box: Box, dealt: Deal) -> None:
    colours = draft.palette
    name = f"card/{card.service}"
    if card.can_be_chosen:
        draft.touch(name, box, Tap(Key.SERVICE, card.service), draft.plain())
        draft.sign(f"{name}/chevron", signs.CHEVRON, _chevron_box(draft, box), 84, colours.go, Weight.REGULAR)
    else:
        draft.fill(name, box, draft.face(colours.off, colours.line))
    _lay_badge(draft, card, name, _badge_box(draft, box, dealt.measure))
    _lay_texts(draft, card, name, _text_box(draft, box, dealt.measure), dealt)


def _badge_box(draft: Draft, box: Box, measure: Measure) -> Box:
    surface = draft.surface
    pad = surface.px(measure.pad if box.height >= surface.px(_ROOMY) else 24)
    side = min(surface.px(measure.badge), box.height - 2 * surface.px(14 if surface.is_short else 22))
    return box.inset(pad, 0).left(side).centred(side, side)


def _chevron_box(draft: Draft, box: Box) -> Box:
    surface = draft.surface
    return box.inset(surface.px(28), 0).right_part(surface.px(44))


def _text_box(draft: Draft, box: Box, measure: Measure) -> Box:
    surface = draft.surface
    beside = surface.px(40 if box.height >= surface.px(_ROOMY) else 24)
    left = _badge_box(draft, box, measure).right + beside
    right = _chevron_box(draft, box).x - surface.px(12)
    return box.after(left).before(right).inset(0, surface.px(6 if surface.is_short else 10))


def _text_width(draft: Draft, width: int, measure: Measure) -> int:
    """What a card of that width leaves for text, however high it is."""
    return _text_box(draft, Box(0, 0, width, draft.surface.px(2 * _ROOMY)), measure).width


def _lay_badge(draft: Draft, card: ServiceCard, name: str, badge: Box) -> None:
    colours = draft.palette
    radius = badge.height * 0.22 / draft.surface.unit
    if card.can_be_chosen:
        draft.fill(f"{name}/badge", badge, draft.face(colours.go, radius=radius))
        ink = colours.on_go
    else:
        line = colours.line if colours.off_badge == colours.card else ""
        draft.fill(f"{name}/badge", badge, draft.face(colours.off_badge, line, radius=radius))
        ink = colours.on_off_badge
    style = Style(round(badge.height * 0.56), Weight.HEAVY, draft.surface.px(20))
    draft.write(f"{name}/prefix", card.prefix, badge.inset(draft.surface.px(6), 0), style, ink, Align.CENTRE)


def _lay_texts(draft: Draft, card: ServiceCard, name: str, room: Box, dealt: Deal) -> None:
    """The name with the line below it, together in the vertical middle."""
    colours = draft.palette
    least_name = _least_name_height(draft, card, room.width, dealt.measure)
    line_height = min(_line_height(draft, card, room.width, dealt), max(room.height - least_name, room.height // 3))
    gap = max(0, min(draft.surface.px(10), room.height - least_name - line_height))
    style = _name_style(draft, dealt.measure)
    name_height = draft.height_of(card.name, style, room.width, max(1, room.height - line_height - gap))
    block = room.centred(room.width, name_height + gap + line_height)
    ink = colours.ink if card.can_be_chosen else colours.off_ink
    draft.write(f"{name}/name", card.name, block.upper(name_height), style, ink)
    _lay_line(draft, card, name, block.lower(line_height), dealt.line)


def _name_style(draft: Draft, measure: Measure) -> Style:
    return draft.style(measure.name, Weight.HEAVY, measure.least_name, 2)


def _whole(card: ServiceCard) -> str:
    return f"{card.state} {card.line}".strip()


def _weighed(style: Style, card: ServiceCard) -> Style:
    """A state is bold: where there is one, all is measured as if it were."""
    return replace(style, weight=Weight.BOLD) if card.state else style


def _rows(draft: Draft, card: ServiceCard, width: int, style: Style) -> tuple[str, ...]:
    """The lines below the name, broken between what they tell where all does not fit on one."""
    weighed = _weighed(style, card)
    whole = draft.fit(_whole(card), weighed, width)
    if style.lines == 1 or len(whole.lines) == 1:
        return (_whole(card),)
    parts = (card.state, card.line) if card.state else tuple(card.line.split(_BETWEEN, 1))
    one = replace(weighed, lines=1)
    if len(parts) == 2 and not any(draft.fit(part, one, width).is_cut for part in parts):
        return parts
    return whole.lines


def _line_height(draft: Draft, card: ServiceCard, width: int, dealt: Deal) -> int:
    rows = len(_rows(draft, card, width, dealt.line)) if _whole(card) else 0
    return rows * pitch(dealt.line.size, Weight.REGULAR)


def _lay_line(draft: Draft, card: ServiceCard, name: str, box: Box, style: Style) -> None:
    """The state in the colour of trouble with the line behind it, or below it."""
    if not _whole(card):
        return
    colours = draft.palette
    quiet = colours.quiet if card.can_be_chosen else colours.off_ink
    rows = _rows(draft, card, box.width, style)
    if len(rows) == 1 and card.state and card.line:
        _lay_side_by_side(draft, card, name, box, style)
        return
    each = box.height // len(rows)
    first, other = (colours.trouble, Weight.BOLD) if card.state else (quiet, Weight.REGULAR), (quiet, Weight.REGULAR)
    for at, row in enumerate(rows):
        ink, weight = other if at else first
        place = Box(box.x, box.y + at * each, box.width, each)
        draft.write(f"{name}/line/{at}", row, place, replace(style, weight=weight, lines=1), ink)


def _lay_side_by_side(draft: Draft, card: ServiceCard, name: str, box: Box, style: Style) -> None:
    colours = draft.palette
    size = draft.fit(_whole(card), replace(style, weight=Weight.BOLD, lines=1), box.width, max(1, box.height)).style.px
    width = width_of(card.state, size, Weight.BOLD)
    draft.write(f"{name}/state", card.state, box.left(width), Style(size, Weight.BOLD), colours.trouble)
    rest = box.after(box.x + width + width_of(" ", size, Weight.BOLD))
    draft.write(f"{name}/line", card.line, rest, Style(size), colours.off_ink)
