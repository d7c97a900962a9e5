"""From a layout to rows: which words the printer can write itself, and where every picture stands. Both the bytes and
the preview are made from these rows, so that they agree.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PIL import Image

from foleni.paper import raster
from foleni.paper.layout import Align, Cut, Layout, Line, Logo, Number, Part, Qr, Rule, Size, Space, Weight

CELL_WIDTH, CELL_HEIGHT = 12, 24
"""Font A of nearly every receipt printer."""
LEADING = 6
CODE_PAGES = {"CP437": 0, "CP850": 2, "CP1252": 16}
"""By their ESC t numbers, the most common first: what nearly every printer has at the same number."""
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        **dict.fromkeys("\u2010\u2011\u2013\u2014", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        "\u2026": "...",
    }
)
"""Typographic signs, and what stands for them where a printer has only the plain ones."""
_JOINERS = "\u200c\u200d"
"""Not seen, but they shape the letters of Hindi and Arabic script."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row that the printer writes itself: letters of `across` by `down` times the normal size."""

    text: str
    code_page: str
    across: int = 1
    down: int = 1
    bold: bool = False
    align: str = "center"

    @property
    def width(self) -> int:
        return len(self.text) * CELL_WIDTH * self.across

    @property
    def height(self) -> int:
        return CELL_HEIGHT * self.down + LEADING


@dataclass(frozen=True, slots=True)
class PictureRow:
    """Dots, white is printed, `x` dots from the left."""

    x: int
    dots: Image.Image

    @property
    def height(self) -> int:
        return self.dots.height


@dataclass(frozen=True, slots=True)
class Feed:
    height: int


@dataclass(frozen=True, slots=True)
class CutRow:
    height: int = 0


Row = TextRow | PictureRow | Feed | CutRow


def typeset(layout: Layout) -> list[Row]:
    """The rows of a layout, from top to bottom."""
    return [row for part in layout.parts for row in _rows(part, layout)]


def code_page_for(text: str) -> str | None:
    """The first code page that has all letters of `text`; None where none has."""
    return next((page for page in CODE_PAGES if _has_all(page, text)), None)


def _rows(part: Part, layout: Layout) -> Iterable[Row]:
    if isinstance(part, Line):
        return _line(part, layout)
    if isinstance(part, Space):
        return [Feed(part.dots)]
    if isinstance(part, Cut):
        return [CutRow()]
    dots = _dots(part, layout.width)
    return [PictureRow(max(0, (layout.width - dots.width) // 2), dots)]


def _dots(part: Number | Qr | Rule | Logo, width: int) -> Image.Image:
    match part:
        case Number(text):
            return raster.number(text, width)
        case Qr(link):
            return raster.qr(link, width)
        case Rule():
            return raster.rule(width)
        case Logo():
            return raster.logo(part, width)


def _line(line: Line, layout: Layout) -> Iterator[Row]:
    text = _writable(line.text)
    page = code_page_for(text)
    if page is None:
        yield from _drawn(text, line, layout)
        return
    room = layout.width - 2 * raster.margin(layout.width)
    scale, lines = _large(text, room) if line.size is Size.LARGE else (1, [])
    for each in lines or raster.broken(text, layout.width // CELL_WIDTH, len):
        yield TextRow(each, page, scale, scale, line.weight is Weight.BOLD, _side(line.align, layout))


def _large(text: str, room: int) -> tuple[int, list[str]]:
    """Letters twice as wide and high where that takes no more than two lines."""
    lines = raster.broken(text, room // (2 * CELL_WIDTH), len)
    return (2, lines) if len(lines) <= 2 else (1, [])


def _writable(text: str) -> str:
    """Without control characters, and with plain quotes where that lets it be written in the common code pages."""
    text = " ".join("".join(letter if letter.isprintable() or letter in _JOINERS else " " for letter in text).split())
    plain = text.translate(_PLAIN)
    return plain if code_page_for(plain) in {"CP437", "CP850"} else text


def _has_all(page: str, text: str) -> bool:
    try:
        text.encode(page)
    except UnicodeEncodeError:
        return False
    return True


def _drawn(text: str, line: Line, layout: Layout) -> Iterator[Row]:
    room = layout.width - 2 * raster.margin(layout.width)
    rows = raster.rows_of_words(
        text, line.size, line.weight, room, right_to_left=layout.right_to_left, language=layout.language
    )
    for dots in rows:
        free = layout.width - dots.width
        side = _side(line.align, layout)
        yield PictureRow({"left": 0, "center": free // 2, "right": free}[side], dots)


def _side(align: Align, layout: Layout) -> str:
    if align is Align.CENTER:
        return "center"
    return "left" if (align is Align.START) is not layout.right_to_left else "right"
