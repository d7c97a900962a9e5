"""The choice of a service: cards in one or more columns, in sheets where they are too many, and the priority classes."""

import math
from dataclasses import dataclass, replace

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import ChooseService, Key, PriorityKey, ServiceCard, Tap
from kiosk.views import signs
from kiosk.views.draft import Draft
from kiosk.views.plans.cards import FEW, USUAL, deal, fits, lay_card, least_height, natural_height
from kiosk.views.scene import Align, Turn


@dataclass(frozen=True, slots=True)
class Division:
    """How cards are dealt: on how many sheets, and in what grid on each."""

    sheets: int
    columns: int
    rows: int

    @property
    def per_sheet(self) -> int:
        return self.columns * self.rows


def lay_services(draft: Draft, body: ChooseService, room: Box, free: Box, turned: int) -> None:
    """`turned` is the sheet that is shown, from 0; one that is too large shows the last. `free` is room in the footer."""
    surface = draft.surface
    room = room.inset(surface.margin, 0)
    top = _lay_headline(draft, body.headline, room)
    if surface.low_reach:
        top = max(top, surface.reach_top + surface.px(8))
    rest = room.below(top).above(room.bottom - surface.px(36 if surface.portrait and not surface.low_reach else 20))
    keys = _lay_priorities(draft, body.priorities, rest)
    if surface.portrait and surface.low_reach and free.width >= _pager_width(draft):
        keys = replace(keys, beside=free.right_part(_pager_width(draft)))
    if not body.cards:
        _lay_empty(draft, body.empty, keys.above)
        return
    division = divide(draft, body.cards, keys.above)
    space = keys.above
    if division.sheets > 1:
        pager = _pager_box(draft, keys)
        space = space if keys.beside else space.above(pager.y - _gap(draft))
        division = divide(draft, body.cards, space, paged=True)
        turned = min(turned, division.sheets - 1)
        _lay_pager(draft, pager, turned, division.sheets)
    shown = body.cards[turned * division.per_sheet :][: division.per_sheet] if division.sheets > 1 else body.cards
    width = space.grid(division.columns, 1, _gap(draft))[0].width
    measure = FEW if len(body.cards) <= 2 and not surface.is_short else USUAL
    dealt = deal(draft, body.cards, width, measure)
    natural = max(natural_height(draft, card, width, dealt) for card in body.cards)
    height = _card_height(draft, space, division.rows, natural)
    used = division.rows * height + (division.rows - 1) * _gap(draft)
    cells = space.upper(used).grid(division.columns, division.rows, _gap(draft))
    for card, cell in zip(shown, cells, strict=False):
        lay_card(draft, card, cell, dealt)


def divide(draft: Draft, cards: tuple[ServiceCard, ...], space: Box, *, paged: bool = False) -> Division:
    """As many rows as fit; cards that need several sheets are dealt evenly."""
    columns = _columns(draft, cards, space)
    width = space.grid(columns, 1, _gap(draft))[0].width
    dealt = deal(draft, cards, width)
    least = max(least_height(draft, card, width, dealt) for card in cards)
    most = max(1, (space.height + _gap(draft)) // (least + _gap(draft)))
    rows = math.ceil(len(cards) / columns)
    if rows <= most and not paged:
        return Division(1, columns, rows)
    sheets = max(2 if paged else 1, math.ceil(rows / most))
    return Division(sheets, columns, min(most, math.ceil(rows / sheets)))


def _columns(draft: Draft, cards: tuple[ServiceCard, ...], space: Box) -> int:
    """One on a tall screen, else two; three where all must lie low and their words are short enough."""
    surface = draft.surface
    if surface.portrait or len(cards) == 1:
        return 1
    third = space.grid(3, 1, _gap(draft))[0].width
    return 3 if surface.low_reach and len(cards) > 2 and fits(draft, cards, third) else 2


def _gap(draft: Draft) -> int:
    surface = draft.surface
    return surface.px(20) if surface.is_short or surface.low_reach else surface.gap


def _card_height(draft: Draft, space: Box, rows: int, natural: int) -> int:
    fair = (space.height - (rows - 1) * _gap(draft)) // rows
    return min(fair, natural)


def _lay_headline(draft: Draft, headline: str, room: Box) -> int:
    """The headline at the top, or low in the part that nobody has to touch; the line where cards may begin."""
    surface = draft.surface
    style = draft.style(76, Weight.HEAVY, 44, 2 if surface.portrait or surface.low_reach else 1)
    below = surface.px(44 if surface.portrait else 16 if surface.is_short else 26)
    if surface.low_reach:
        upper = room.above(surface.reach_top - below)
        height = draft.height_of(headline, style, upper.width, upper.height)
        draft.write("headline", headline, upper.lower(height), style, draft.palette.ink)
        return surface.reach_top
    top = room.y + surface.px(40 if surface.portrait else 0)
    return draft.write_below("headline", headline, room.below(top), style, draft.palette.ink) + below


@dataclass(frozen=True, slots=True)
class _Keys:
    """The room above the priority classes, and where arrows have room without taking any of that."""

    above: Box
    beside: Box | None


def _lay_priorities(draft: Draft, priorities: tuple[PriorityKey, ...], room: Box) -> _Keys:
    surface, gap = draft.surface, _gap(draft)
    if not priorities:
        return _Keys(room, None)
    columns = min(len(priorities), 2 if surface.portrait else 4)
    rows = math.ceil(len(priorities) / columns)
    height = surface.px(132) if surface.portrait and not surface.low_reach else surface.touch
    area = room.lower(rows * height + (rows - 1) * gap)
    beside = None
    if not surface.portrait:
        beside = area.right_part(_pager_width(draft)).upper(height)
        area = area.before(beside.x - gap)
    for priority, box in zip(priorities, area.grid(columns, rows, gap), strict=False):
        _lay_priority(draft, priority, box)
    return _Keys(room.above(area.y - gap), beside)


def _lay_priority(draft: Draft, priority: PriorityKey, box: Box) -> None:
    look = draft.go() if priority.chosen else draft.outlined()
    text = f"{signs.CHOSEN} {priority.name}" if priority.chosen else priority.name
    style = draft.style(36, Weight.BOLD, 28, 2)
    draft.key(f"priority/{priority.priority}", text, box, Tap(Key.PRIORITY, priority.priority), look, style)


def _pager_box(draft: Draft, keys: _Keys) -> Box:
    """Beside the priority classes where there is room, else in a row of its own below the cards."""
    if keys.beside is not None:
        return keys.beside
    row = keys.above.lower(draft.surface.touch)
    return row if draft.surface.portrait else row.right_part(_pager_width(draft))


def _pager_width(draft: Draft) -> int:
    return draft.surface.touch * 2 + draft.surface.px(130) + 2 * _gap(draft)


def _lay_pager(draft: Draft, box: Box, turned: int, sheets: int) -> None:
    surface = draft.surface
    width = (box.width - surface.px(130) - 2 * _gap(draft)) // 2
    places = (
        ("previous", signs.BACK, Turn.PREVIOUS, box.left(width), turned > 0),
        ("next", signs.FORWARD, Turn.NEXT, box.right_part(width), turned < sheets - 1),
    )
    for name, sign, act, place, works in places:
        if works:
            look = draft.outlined()
            draft.touch(name, place, act, look)
            draft.sign(f"{name}/sign", sign, place, 60, look.ink)
    label = box.centred(surface.px(130), box.height)
    draft.write("pager", f"{turned + 1} / {sheets}", label, draft.style(38, Weight.BOLD), draft.palette.quiet, Align.CENTRE)


def _lay_empty(draft: Draft, text: str, space: Box) -> None:
    surface, colours = draft.surface, draft.palette
    card = space.upper(min(space.height, surface.px(420)))
    draft.fill("empty", card, draft.face(colours.card, colours.line))
    style = draft.style(44, Weight.BOLD, 30, 5)
    draft.write("empty/text", text, card.inset(surface.px(56), surface.px(20)), style, colours.quiet, Align.CENTRE)
