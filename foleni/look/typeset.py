"""Text set in lines with the bundled fonts: measured, broken, shrunk to fit, drawn. Right to left comes out right.

Lines are broken in reading order before they are shaped, and each line is shaped as a whole by raqm: that is what
keeps the first words of an Arabic sentence on its first line.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from unicodedata import bidirectional, category

from PIL import Image, ImageDraw

from foleni.look.fonts import Weight, can_shape, face

LINE_HEIGHT = 1.25
_CAP_SHARE = 0.714
"""Height of a capital letter of the fonts, as a share of the size."""
_MEASURED_PX = 1000
"""Widths grow with the size exactly, so all sizes are measured in this one."""
_ELLIPSIS = "…"
_MOST_LETTERS = 1000
_BREAK_AFTER = frozenset(" \t\u2002\u2003\u2009\u200b\u2013\u2014-/")
_NOT_BEFORE = frozenset("?!:;\u00bb\u060c\u061b\u061f\u0964")
"""French puts a space before these; a line never begins with one."""
_JOINERS = frozenset({"\u200c", "\u200d"})


@dataclass(frozen=True, slots=True)
class Style:
    """How text is set. `px` is the size of the letters, `line_height` the distance of lines as a share of it."""

    px: int
    weight: Weight = Weight.REGULAR
    line_height: float = LINE_HEIGHT

    @property
    def line_px(self) -> int:
        return round(self.px * self.line_height)

    def sized(self, px: int) -> "Style":
        """The same in another size."""
        return Style(px, self.weight, self.line_height)


@dataclass(frozen=True, slots=True)
class Room:
    """What there is for a text: width and height in px and a number of lines, 0 for any."""

    width: int = 0
    height: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Text broken into lines. `width` is that of the longest line, both in whole px."""

    lines: tuple[str, ...]
    style: Style
    width: int
    right_to_left: bool
    is_cut: bool = False
    """Whether there was more than the room took."""
    text: str = ""
    """The text before it was broken."""

    @property
    def height(self) -> int:
        return self.style.line_px * len(self.lines)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The ink of a block, 255 where it is solid; `left` and `top` say where it lies in the block."""

    ink: Image.Image
    left: int
    top: int


def reads_right_to_left(text: str, *, otherwise: bool = False) -> bool:
    """Whether the text's first letter belongs to a script that runs right to left; `otherwise` where it has no letter."""
    for letter in text:
        kind = bidirectional(letter)
        if kind in {"R", "AL"}:
            return True
        if kind == "L":
            return False
    return otherwise


def width_of(text: str, style: Style, *, right_to_left: bool = False) -> float:
    """The width of one line in px."""
    return _em_width(text, style.weight, right_to_left=right_to_left) * style.px / _MEASURED_PX


def set_in(text: str, style: Style, room: Room, least_px: int | None = None, *, right_to_left: bool = False) -> Block:
    """The text broken to the room's width. With `least_px` it is shrunk, not below that, until it fits; what does
    not fit even then ends in `…`. `right_to_left` counts only for text without letters.
    """
    text = _clean(text)
    rtl = reads_right_to_left(text, otherwise=right_to_left)
    block = _broken(text, style, room, rtl=rtl)
    if least_px is not None and least_px < style.px and not _fits(block, room):
        block = _shrunk(text, style, room, least_px, rtl=rtl)
    return block if _fits(block, room) else _cut(block, room)


def balanced(block: Block) -> Block:
    """The same lines made as equal as can be, their number kept."""
    if len(block.lines) < 2 or block.is_cut:
        return block
    low, high = 1, block.width
    while low < high:
        middle = (low + high) // 2
        tried = _broken(block.text, block.style, Room(middle), rtl=block.right_to_left)
        if len(tried.lines) <= len(block.lines) and tried.width <= middle:
            high = middle
        else:
            low = middle + 1
    return _broken(block.text, block.style, Room(high), rtl=block.right_to_left)


def drawn(block: Block, align: str = "left", width: int | None = None) -> Drawing | None:
    """The block's ink, its lines aligned `left`, `center` or `right` in `width` px; None where nothing is to be seen."""
    style, across = block.style, block.width if width is None else width
    margin = style.px
    sheet = Image.new("L", (across + 2 * margin, block.height + 2 * margin))
    pen = ImageDraw.Draw(sheet)
    font = face(style.weight, style.px)
    for number, line in enumerate(block.lines):
        left = margin + _indent(align, across, width_of(line, style, right_to_left=block.right_to_left))
        base = margin + number * style.line_px + (style.line_px + round(_CAP_SHARE * style.px)) // 2
        pen.text((left, base), line, fill=255, font=font, anchor="ls", direction=_direction(rtl=block.right_to_left))
    box = sheet.getbbox()
    if box is None:
        return None
    return Drawing(sheet.crop(box), box[0] - margin, box[1] - margin)


def _indent(align: str, across: int, line_width: float) -> int:
    spare = across - line_width
    return round({"left": 0.0, "center": spare / 2, "right": spare}[align])


def _direction(*, rtl: bool) -> str | None:
    return ("rtl" if rtl else "ltr") if can_shape() else None


@lru_cache(maxsize=4096)
def _em_width(text: str, weight: Weight, *, right_to_left: bool) -> float:
    return face(weight, _MEASURED_PX).getlength(text, direction=_direction(rtl=right_to_left))


def _fits(block: Block, room: Room) -> bool:
    return not (
        (room.width and block.width > room.width)
        or (room.height and block.height > room.height)
        or (room.lines and len(block.lines) > room.lines)
    )


def _shrunk(text: str, style: Style, room: Room, least_px: int, *, rtl: bool) -> Block:
    """The largest size that fits; the least one where none does."""
    low, high = least_px, style.px - 1
    best = _broken(text, style.sized(low), room, rtl=rtl, within_words=not _words_fit(text, style.sized(low), room, rtl=rtl))
    while low <= high:
        middle = (low + high) // 2
        tried = _broken(text, style.sized(middle), room, rtl=rtl)
        if _fits(tried, room):
            best, low = tried, middle + 1
        else:
            high = middle - 1
    return best


def _words_fit(text: str, style: Style, room: Room, *, rtl: bool) -> bool:
    words = (piece.strip() for paragraph in text.split("\n") for piece in _pieces(paragraph))
    return not room.width or all(width_of(word, style, right_to_left=rtl) <= room.width for word in words)


def _broken(text: str, style: Style, room: Room, *, rtl: bool, within_words: bool = False) -> Block:
    def fits(line: str) -> bool:
        return not room.width or width_of(line.strip(), style, right_to_left=rtl) <= room.width

    lines: list[str] = []
    for paragraph in text.split("\n"):
        pieces = (part for piece in _pieces(paragraph) for part in (_split(piece, fits) if within_words else (piece,)))
        lines += _filled(pieces, fits)
    across = max((width_of(line, style, right_to_left=rtl) for line in lines), default=0.0)
    return Block(tuple(lines), style, ceil(across), rtl, text=text)


def _filled(pieces: Iterator[str], fits: Callable[[str], bool]) -> list[str]:
    lines, line = [], ""
    for piece in pieces:
        if line.strip() and not fits(line + piece):
            lines.append(line.strip())
            line = ""
        line += piece
    return [*lines, line.strip()]


def _pieces(text: str) -> Iterator[str]:
    """The text in parts after which a line may end."""
    start = 0
    for end in range(1, len(text)):
        if text[end - 1] in _BREAK_AFTER and text[end] not in _BREAK_AFTER | _NOT_BEFORE and not _is_figure(text, end):
            yield text[start:end]
            start = end
    if text:
        yield text[start:]


def _is_figure(text: str, at: int) -> bool:
    """Whether a hyphen or stroke before `at` belongs to a number, as in `12-14`."""
    return text[at - 1] in "-/\u2013" and text[at].isdigit()


def _split(word: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """A word that is too long, cut between letters that do not cling together."""
    while not fits(word):
        end = _most(word, fits)
        if end == 0:
            break
        yield word[:end]
        word = word[end:]
    yield word


def _most(text: str, fits: Callable[[str], bool]) -> int:
    """How much of the start of a text fits, without a letter that is torn from its marks."""
    ends = [at for at in range(1, len(text)) if _is_letter_end(text, at)]
    return ([0, *ends])[bisect_left(ends, x=True, key=lambda at: not fits(text[:at]))]


def _is_letter_end(word: str, at: int) -> bool:
    return not category(word[at]).startswith("M") and word[at] not in _JOINERS and word[at - 1] not in _JOINERS


def _cut(block: Block, room: Room) -> Block:
    """The lines that there is room for, the last of them ending in `…` and none wider than the room."""
    style, rtl = block.style, block.right_to_left
    whole = _broken(block.text, style, room, rtl=rtl, within_words=True)
    most = len(whole.lines)
    if room.height:
        most = min(most, max(1, room.height // style.line_px))
    if room.lines:
        most = min(most, room.lines)
    if most == len(whole.lines):
        return whole

    def fits(start: str) -> bool:
        return not room.width or width_of(start.rstrip() + _ELLIPSIS, style, right_to_left=rtl) <= room.width

    last = " ".join(whole.lines[most - 1 :])
    last = last if fits(last) else last[: _most(last, fits)]
    lines = (*whole.lines[: most - 1], last.rstrip() + _ELLIPSIS)
    across = max(width_of(line, style, right_to_left=rtl) for line in lines)
    return Block(lines, style, ceil(across), rtl, is_cut=True, text=block.text)


def _clean(text: str) -> str:
    """Without what no font has: control characters, half characters, and more letters than anyone would read."""
    if len(text) > _MOST_LETTERS:
        text = text[:_MOST_LETTERS] + _ELLIPSIS
    return "".join(_clean_letter(letter) for letter in text)


def _clean_letter(letter: str) -> str:
    if letter == "\n" or bidirectional(letter) == "B" or category(letter) in {"Zl", "Zp"}:
        return "\n"
    return " " if category(letter) in {"Cc", "Cs"} else letter
