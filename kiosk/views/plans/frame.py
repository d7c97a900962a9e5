"""What surrounds every page: the trouble band, title and clock above; the way back, languages and the Aa key below."""

from dataclasses import dataclass

from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from kiosk.pages import Chip, Frame, Key, Tap
from kiosk.views import signs
from kiosk.views.draft import Draft
from kiosk.views.lettering import Style, width_of
from kiosk.views.scene import Align, Face, Touch, Turn

CHIP_TYPES = (34, 31, 28)
_CHIP_GAP = 16
_CHIP_PAD = 32
_CLOCK_WIDTH = 260


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of the title and of the clock."""

    title: str
    clock: str


def lay_header(draft: Draft, frame: Frame, ink: Ink, on_tap: Tap | None = None) -> int:
    """Lay the band, the title and the clock; the line below them. Held, they open the staff page."""
    surface = draft.surface
    top = _lay_band(draft, frame)
    height = surface.px(150) if surface.portrait and not top else surface.px(76 if surface.is_short else 116)
    row = Box(0, top, surface.width, height).inset(surface.margin, 0)
    clock = row.right_part(surface.px(_CLOCK_WIDTH))
    silent = Face("")
    hold = Tap(Key.STAFF)
    target = Box(0, top, surface.width, height)
    draft.pieces.append(Touch("header", target, on_tap, silent, silent, hold, ground=True))
    title = row.before(clock.x - surface.gap)
    draft.write("title", frame.title, title, draft.style(38, Weight.BOLD, 28), ink.title)
    draft.write("clock/time", frame.clock, clock, draft.style(34, Weight.BOLD), ink.clock, Align.RIGHT)
    return top + height


def _lay_band(draft: Draft, frame: Frame) -> int:
    """Lay the full-width band, if there is trouble; the line below it."""
    if frame.band is None:
        return 0
    surface, colours = draft.surface, draft.palette
    fill, ink = (colours.calm, colours.on_calm) if frame.band.calm else (colours.trouble, colours.on_trouble)
    style = draft.style(34, Weight.BOLD, lines=3)
    inside = surface.screen.inset(surface.margin, 0)
    pad = surface.px(14 if surface.is_short else 28)
    height = draft.height_of(frame.band.text, style, inside.width) + 2 * pad
    draft.fill("band", surface.screen.upper(height), Face(fill))
    if colours.edge > 2 and frame.band.calm:
        draft.fill("band/line", Box(0, height - 4, surface.width, 4), Face(colours.line))
    draft.write("band/text", frame.band.text, inside.upper(height), style, ink, Align.LEFT)
    return height


@dataclass(frozen=True, slots=True)
class Footer:
    """The line above the footer, and the room between the keys of its first row."""

    top: int
    free: Box


def lay_footer(draft: Draft, frame: Frame) -> Footer:
    """Lay the way back, the languages and the Aa key."""
    surface = draft.surface
    rows, size = _rows(draft, frame)
    above, below = (36, 60) if surface.portrait else (14, 14) if surface.is_short else (24, 28)
    if surface.low_reach:
        above, below = min(above, 24), min(below, 28)
    gap = surface.px(20)
    height = len(rows) * surface.touch + (len(rows) - 1) * gap + surface.px(above) + surface.px(below)
    top = surface.height - height
    line = max(2, surface.px(draft.palette.edge))
    draft.fill("footer/line", Box(0, top, surface.width, line), Face(draft.palette.line))
    y = top + surface.px(above)
    free = [_lay_row(draft, row, y + at * (surface.touch + gap), size) for at, row in enumerate(rows)]
    return Footer(top, free[0])


@dataclass(frozen=True, slots=True)
class _Item:
    """A key of the footer; `width` is what it needs."""

    name: str
    text: str
    act: Tap | Turn
    chosen: bool
    width: int


def _rows(draft: Draft, frame: Frame) -> tuple[list[list[_Item]], int]:
    """The footer's keys in rows, and the size of their type."""
    surface = draft.surface
    room = surface.width - 2 * draft.surface.margin
    sizes = (surface.pt(34), surface.px(34)) if surface.large else [surface.px(size) for size in CHIP_TYPES]
    for size in sizes:
        back = [_back(draft, frame.back)] if frame.back else []
        chips = [_chip(draft, chip, size) for chip in frame.chips]
        access = [_access(draft, frame, size)]
        if _width(draft, back + chips + access) <= room:
            return [back + chips + access], size
        if surface.portrait and back and _width(draft, chips) <= room:
            return [back + access, chips], size
        if surface.portrait and not back and not surface.low_reach:
            half = (len(chips) + 1) // 2
            if max(_width(draft, chips[:half]), _width(draft, chips[half:] + access)) <= room:
                return [chips[:half], chips[half:] + access], size
    if surface.portrait and back:
        return [back + access, _fewer(draft, chips, [], room)], size
    return [_fewer(draft, back + chips, access, room)], size


def _fewer(draft: Draft, items: list[_Item], access: list[_Item], room: int) -> list[_Item]:
    """As many as fit, with a key that opens the list of all languages."""
    more = _Item("languages", signs.MORE, Turn.OPEN_LANGUAGES, chosen=False, width=draft.surface.touch)
    kept = list(items)
    while _width(draft, [*kept, more, *access]) > room and len(kept) > 1:
        spare = next((item for item in reversed(kept) if not item.chosen and item.name != "back"), kept[-1])
        kept.remove(spare)
    return [*kept, more, *access]


def _width(draft: Draft, items: list[_Item]) -> int:
    return sum(item.width for item in items) + draft.surface.px(_CHIP_GAP) * max(0, len(items) - 1)


def _chip(draft: Draft, chip: Chip, size: int) -> _Item:
    width = width_of(chip.name, size, Weight.REGULAR) + 2 * draft.surface.px(_CHIP_PAD)
    act = Tap(Key.LANGUAGE, chip.code)
    return _Item(f"chip/{chip.code}", chip.name, act, chip.chosen, max(width, draft.surface.touch))


def _access(draft: Draft, frame: Frame, size: int) -> _Item:
    access = frame.access
    any_on = access.large or access.contrast or access.low_reach
    width = max(width_of(access.open_word, size, Weight.BOLD) + 2 * draft.surface.px(_CHIP_PAD), draft.surface.touch)
    return _Item("access", access.open_word, Turn.OPEN_ACCESS, any_on, width)


def _back(draft: Draft, word: str) -> _Item:
    style = draft.style(34, Weight.BOLD)
    width = width_of(word, style.size, Weight.BOLD) + draft.surface.px(48 + 2 * _CHIP_PAD)
    most = draft.surface.width // 2 - draft.surface.margin
    return _Item("back", word, Tap(Key.BACK), chosen=False, width=min(most, max(width, draft.surface.touch)))


def _lay_row(draft: Draft, row: list[_Item], y: int, size: int) -> Box:
    """Lay keys from the left on, the Aa key at the right; what is free between them."""
    surface = draft.surface
    left, right = surface.margin, surface.width - surface.margin
    for item in row:
        if item.name == "access":
            right -= item.width
            _lay_item(draft, item, Box(right, y, item.width, surface.touch), size)
            right -= surface.px(_CHIP_GAP)
        else:
            _lay_item(draft, item, Box(left, y, item.width, surface.touch), size)
            left += item.width + surface.px(_CHIP_GAP)
    return Box(left, y, max(0, right - left), surface.touch)


def _lay_item(draft: Draft, item: _Item, box: Box, size: int) -> None:
    surface = draft.surface
    pill = box.height / 2 / surface.unit
    if item.name == "back":
        look = draft.plain()
        draft.touch(item.name, box, item.act, look)
        inside = box.inset(surface.px(_CHIP_PAD), 0)
        draft.sign("back/sign", signs.BACK, inside.left(surface.px(40)), 38, look.ink)
        word = inside.after(inside.x + surface.px(48))
        draft.write("back/word", item.text, word, draft.style(34, Weight.BOLD), look.ink)
        return
    look = draft.chosen(pill) if item.chosen else draft.plain(pill)
    draft.touch(item.name, box, item.act, look)
    weight = Weight.BOLD if item.name == "access" else Weight.REGULAR
    draft.write(f"{item.name}/word", item.text, box, Style(size, weight), look.ink, Align.CENTRE)
