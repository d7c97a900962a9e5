"""Tells large letters apart by their dots: the house's own heavy capitals and digits, and nothing else."""

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GRID = (16, 24)
_BREADTH_COUNTS = 0.3
_DRAWN_PX = 200

Run = tuple[int, int]
Shape = tuple[float, bytes]


def runs(marks: list[int]) -> list[Run]:
    """Where unbroken stretches of marks begin and end."""
    groups = [
        (is_marked, [place for place, _ in group]) for is_marked, group in groupby(enumerate(marks), key=lambda each: each[1])
    ]
    return [(places[0], places[-1] + 1) for is_marked, places in groups if is_marked]


def words_in(line: "Image", gap: float) -> list[str]:
    """The words in one line of ink (bright on black), parted where nothing stands for `gap` times its height."""
    columns, _ = line.getprojection()
    words: list[str] = []
    end: float = float("-inf")
    for left, right in runs(columns):
        letter = _letter(line.crop((left, 0, right, line.height)))
        if left - end > gap * line.height:
            words.append(letter)
        else:
            words[-1] += letter
        end = right
    return words


def _letter(ink: "Image") -> str:
    """The letter that a piece of ink is most like."""
    seen = _shape(ink)
    return min(_LETTERS, key=lambda letter: _distance(seen, _shape_of(letter)))


def _distance(one: Shape, other: Shape) -> float:
    form = sum(abs(a - b) for a, b in zip(one[1], other[1], strict=True)) / len(one[1]) / 255
    return form + _BREADTH_COUNTS * abs(one[0] - other[0])


@cache
def _shape_of(letter: str) -> Shape:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - only who reads pays for it

    from foleni.look.fonts import Weight, face  # noqa: PLC0415

    drawn = Image.new("L", (2 * _DRAWN_PX, 2 * _DRAWN_PX))
    ImageDraw.Draw(drawn).text((_DRAWN_PX // 2, _DRAWN_PX // 2), letter, font=face(Weight.HEAVY, _DRAWN_PX), fill=255)
    return _shape(drawn)


def _shape(ink: "Image") -> Shape:
    """How broad for its height, and its dots on a small grid."""
    box = ink.getbbox()
    tight = ink.crop(box) if box is not None else ink
    return tight.width / tight.height, tight.convert("L").resize(_GRID).tobytes()
