"""Dots: numbers, QR codes, rules and words that no code page of the printer has, as masks (white is what is printed)."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import segno
from PIL import Image, ImageDraw, ImageFont

from foleni.look.fonts import BOLD, HEAVY, REGULAR, can_shape
from foleni.paper.layout import Logo, Size, Weight

_WORDS_PX = {Size.NORMAL: 26, Size.LARGE: 42}
_LINE_HEIGHT = 1.38
_BLACK_FROM = 110
_MARGIN = 24
_NARROW_MARGIN = 10
_NARROW = 400
_DASH, _GAP, _THICK = 8, 5, 3
_QR_DOTS = 224
_QR_LEAST_MODULE, _QR_MOST_MODULE = 4, 8
_QUIET_MODULES = 4
_MOST_NUMBER_PX = 230
_DOT = " · "


def margin(width: int) -> int:
    """What stays white on each side."""
    return _NARROW_MARGIN if width < _NARROW else _MARGIN


def number(text: str, width: int) -> Image.Image:
    """The number from margin to margin, without white above and below."""
    room = width - 2 * margin(width)
    trial = _font(str(HEAVY), 100)
    left, _, right, _ = trial.getbbox(text)
    px = min(_MOST_NUMBER_PX, int(100 * room / max(1.0, right - left)))
    return _ink(text, _font(str(HEAVY), px), right_to_left=False, language="en")


def qr(link: str, width: int) -> Image.Image:
    """The code alone; the white that it needs around it is up to the paper."""
    matrix = segno.make(link, error="m", micro=False).matrix
    count = len(matrix)
    most = (width - 2 * margin(width)) // (count + _QUIET_MODULES)
    module = min(most, max(_QR_LEAST_MODULE, min(_QR_MOST_MODULE, _QR_DOTS // count)))
    code = Image.frombytes("L", (count, count), bytes(255 if dark else 0 for row in matrix for dark in row))
    return code.resize((count * module, count * module), Image.Resampling.NEAREST)


def rule(width: int) -> Image.Image:
    """Dashes from margin to margin."""
    room = width - 2 * margin(width)
    dots = Image.new("L", (room, _THICK), 0)
    for x in range(0, room, _DASH + _GAP):
        dots.paste(255, (x, 0, min(x + _DASH, room), _THICK))
    return dots


def logo(picture: Logo, width: int) -> Image.Image:
    """The logo, made smaller where it is wider than the paper."""
    across = -(-picture.width // 8) * 8
    dots = Image.frombytes("1", (across, picture.height), picture.rows).convert("L").crop((0, 0, picture.width, picture.height))
    room = width - 2 * margin(width)
    if dots.width > room:
        dots = dots.resize((room, max(1, round(dots.height * room / dots.width)))).point(lambda dot: 255 if dot >= 128 else 0)
    return dots


def rows_of_words(text: str, size: Size, weight: Weight, room: int, *, right_to_left: bool, language: str) -> list[Image.Image]:
    """Words as rows at most `room` wide: large in one row, a little smaller, large in two rows, or else as small as
    all other words.
    """

    def rows(px: int) -> list[Image.Image]:
        lines = broken(text, room, lambda part: _length(part, px, weight, language), step=8)
        return [_row(line, px, weight, right_to_left=right_to_left, language=language) for line in lines]

    full = _WORDS_PX[size]
    for px, most in ((full, 1), (full * 7 // 8, 1), (full * 3 // 4, 1), (full, 2)):
        if size is Size.LARGE and len(found := rows(px)) <= most:
            return found
    return rows(_WORDS_PX[Size.NORMAL])


def broken(text: str, room: float, length: Callable[[str], float], step: int = 1) -> list[str]:
    """`text` in lines of at most `room`, as few as can be, and of about the same length. It is broken at its dots, else
    at spaces, and within a word only where that is too long alone. `step` is the unit of `room`.
    """
    best = lines = _broken_at_dots(text, room, length)
    while len(lines) == len(best) > 1 and room > step:
        best, room = lines, room - step
        lines = _broken_at_dots(text, room, length)
    return best


def _broken_at_dots(text: str, room: float, length: Callable[[str], float]) -> list[str]:
    lines = [""]
    for clause in text.split(_DOT):
        joined = _DOT.join(filter(None, (lines[-1], clause)))
        if length(joined) <= room:
            lines[-1] = joined
        else:
            lines += _broken_at_spaces(clause, room, length)
    return [line for line in lines if line]


def _broken_at_spaces(text: str, room: float, length: Callable[[str], float]) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if length(longer) <= room:
            lines[-1] = longer
            continue
        lines.append("")
        for letter in word:
            if lines[-1] and length(lines[-1] + letter) > room:
                lines.append("")
            lines[-1] += letter
    return lines


def _row(text: str, px: int, weight: Weight, *, right_to_left: bool, language: str) -> Image.Image:
    """One row with the line height of its size, or more where marks stand out of it."""
    font = _font(_face(weight), px)
    ink = _ink(text, font, right_to_left=right_to_left, language=language)
    top = _top(text, font, right_to_left=right_to_left, language=language)
    height = max(round(px * _LINE_HEIGHT), top + ink.height)
    row = Image.new("L", (max(1, ink.width), height), 0)
    row.paste(ink, (0, max(0, top)))
    return row


def _top(text: str, font: ImageFont.FreeTypeFont, *, right_to_left: bool, language: str) -> int:
    return max(0, int(font.getbbox(text, **_shaping(language, right_to_left=right_to_left))[1]))


def _length(text: str, px: int, weight: Weight, language: str) -> float:
    return _font(_face(weight), px).getlength(text, **_shaping(language, right_to_left=False))


def _ink(text: str, font: ImageFont.FreeTypeFont, *, right_to_left: bool, language: str) -> Image.Image:
    """The text alone, with nothing white around it."""
    shaping = _shaping(language, right_to_left=right_to_left)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(text, **shaping))
    dots = Image.new("L", (max(1, right - left + 2), max(1, bottom - top + 2)), 0)
    ImageDraw.Draw(dots).text((1 - left, 1 - top), text, fill=255, font=font, **shaping)
    dots = dots.point(lambda dot: 255 if dot >= _BLACK_FROM else 0)
    return dots.crop(dots.getbbox() or (0, 0, 1, 1))


def _shaping(language: str, *, right_to_left: bool) -> dict[str, Any]:
    return {"direction": "rtl" if right_to_left else "ltr", "language": language} if can_shape() else {}


def _face(weight: Weight) -> str:
    return str(BOLD if weight is Weight.BOLD else REGULAR)


@lru_cache(maxsize=8)
def _font(path: str, px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, px)
