"""Reads numbers off printed tickets and off pictures of the TV: what people would see, and not what programs say."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from foleni.demo.letters import runs, words_in
from foleni.look.tokens import AMBER, LIVE, NIGHT, RED

if TYPE_CHECKING:
    from PIL.Image import Image

_TICKET_LINE = 0.12
"""Of the paper's width: the number is the first thing on it that is so high."""
_BOARD_WIDTH = 0.61
"""Of a wide screen; the middle of what stands right of it is panel or table."""
_HEADER_HEIGHT = 0.08
_CARD = (0.15, 0.045)
"""Of the screen: no card of the board is smaller."""
_CARD_EDGE = 0.012
_CALL_LINE = 0.03
"""Of the screen's height: no number is smaller."""
_NEAR = 40
_VERY_NEAR = 5
_GAP = 0.45
_NUMBER = re.compile(r"[A-Z]{1,3}[0-9]{2,7}")

_Box = tuple[int, int, int, int]


def read_ticket(path: Path) -> str:
    """The number on a ticket's picture; empty where there is none that can be read."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - only who reads pays for it

    with Image.open(path) as opened:
        ink = ImageOps.invert(opened.convert("L"))
    line = _line(ink, _TICKET_LINE * ink.width)
    return "" if line is None else "".join(words_in(line, ink.width))


def read_calls(screen: "Image") -> list[tuple[str, str]]:
    """Numbers and counters on a wide TV's board, from top to bottom and left to right."""
    calls = []
    for card in _cards(screen.convert("RGB")):
        line = _line(_ink(card), _CALL_LINE * screen.height)
        words = words_in(line, _GAP) if line is not None else []
        if len(words) == 2 and _NUMBER.fullmatch(words[0]):
            calls.append((words[0], words[1]))
    return calls


def read_light(screen: "Image") -> bool | None:
    """Whether the light in the TV's header is green; None where it is neither green nor red."""
    header = screen.convert("RGB").crop((0, 0, screen.width, int(screen.height * _HEADER_HEIGHT)))
    green, red = (_unlike(header, colour, _NEAR // 2).histogram()[0] for colour in (LIVE, RED))
    return None if green == red else green > red


def _cards(screen: "Image") -> list["Image"]:
    """The cards that stand on the night in the board's part of the screen."""
    paint = _unlike(screen, NIGHT, _VERY_NEAR)
    edge = int(_CARD_EDGE * screen.width)
    return [
        screen.crop((left + edge, top + edge // 2, right - edge, bottom - edge // 2))
        for left, top, right, bottom in _pieces(paint, (0, 0, *paint.size), by_rows=True)
        if (left + right) / 2 < _BOARD_WIDTH * screen.width
        and right - left >= _CARD[0] * screen.width
        and bottom - top >= _CARD[1] * screen.height
    ]


def _pieces(paint: "Image", box: _Box, *, by_rows: bool, again: bool = True) -> list[_Box]:
    """What is left of a box when it is cut along empty rows, then along empty columns, and so on until nothing parts."""
    left, top, right, bottom = box
    columns, rows = paint.crop(box).getprojection()
    if by_rows:
        parts = [(left, top + begin, right, top + end) for begin, end in runs(rows)]
    else:
        parts = [(left + begin, top, left + end, bottom) for begin, end in runs(columns)]
    if parts == [box] and not again:
        return parts
    parted = parts != [box]
    return [piece for part in parts for piece in _pieces(paint, part, by_rows=not by_rows, again=parted)]


def _ink(card: "Image") -> "Image":
    """The letters of a card: night on amber; amber or white on anything else."""
    from PIL import ImageChops  # noqa: PLC0415

    amber = ImageChops.invert(_unlike(card, AMBER, _NEAR))
    if 4 * sum(amber.histogram()[128:]) > card.width * card.height:
        return ImageChops.invert(_unlike(card, NIGHT, _NEAR))
    return ImageChops.lighter(amber, ImageChops.invert(_unlike(card, "#FFFFFF", _NEAR)))


def _line(ink: "Image", least_height: float) -> "Image | None":
    """The first line of ink that is so high."""
    for top, bottom in runs(ink.getprojection()[1]):
        if bottom - top >= least_height:
            return ink.crop((0, top, ink.width, bottom))
    return None


def _unlike(picture: "Image", colour: str, tolerance: int) -> "Image":
    """White where a picture has another colour than the one given."""
    from PIL import Image, ImageChops  # noqa: PLC0415

    difference = ImageChops.difference(picture, Image.new("RGB", picture.size, colour))
    far = [band.point(lambda value: 255 * (value > tolerance)) for band in difference.split()]
    return ImageChops.lighter(ImageChops.lighter(far[0], far[1]), far[2])
