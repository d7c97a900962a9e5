"""Text that fits a place on the screen, set with the bundled fonts."""

from dataclasses import dataclass
from functools import lru_cache

from foleni.look import typeset
from foleni.look.boxes import Box
from foleni.look.fonts import Weight
from foleni.look.typeset import Block, Room
from kiosk.views.scene import Align, Words

_LINE_HEIGHT = {Weight.REGULAR: 1.34, Weight.BOLD: 1.22, Weight.HEAVY: 1.12}


@dataclass(frozen=True, slots=True)
class Style:
    """How large a text is at best and at least, in pixels, its weight, and on how many lines it may stand."""

    size: int
    weight: Weight = Weight.REGULAR
    least: int = 0
    lines: int = 1

    @property
    def smallest(self) -> int:
        return min(self.size, self.least or self.size)

    @property
    def set(self) -> typeset.Style:
        return typeset.Style(self.size, self.weight, _LINE_HEIGHT[self.weight])


def pitch(size: int, weight: Weight) -> int:
    """Pixels from one line to the next."""
    return Style(size, weight).set.line_px


def width_of(text: str, size: int, weight: Weight) -> int:
    """The width of one line in pixels, rounded up."""
    return int(typeset.width_of(text, Style(size, weight).set)) + 1


@lru_cache(maxsize=1024)
def fit(text: str, style: Style, width: int, height: int = 0) -> Block:
    """`text` as large as `style` and the room allow, `height` 0 for any; what is too much even then ends in an ellipsis.

    Text without letters, such as a phone number, reads from left to right in every language.
    """
    return typeset.set_in(text, style.set, Room(max(1, width), height, style.lines), style.smallest)


def placed(name: str, block: Block, box: Box, colour: str, align: Align = Align.LEFT, *, sign: bool = False) -> Words:
    """`block` in the vertical middle of `box`."""
    if align is Align.CENTRE or block.style.weight is Weight.HEAVY:
        balanced = typeset.balanced(block)
        block = balanced if balanced.width <= block.width else block
    place = Box(box.x, box.middle - block.height // 2, box.width, block.height)
    return Words(name, place, block, colour, align, sign)
