"""Where everything stands on the screen of a box that joins. Pure: boxes in px, y from the top, read from left to right."""

from dataclasses import dataclass

from foleni.joining.poster import Poster
from foleni.look.boxes import Box

_DESIGN_PX = 1080
_LEAST_UNIT = 0.6
"""On a small screen letters and keys stay as large as eyes and fingers need them."""
_SHORT_PX = 720
_SIDE_SHARE = 0.3
"""What the picture for telephones, and who helps, take of a landscape screen's width."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole screen. What is not on the poster has no box."""

    unit: float
    band: Box | None
    brand: Box
    title: Box
    headline: Box
    code: tuple[Box, ...]
    text: Box
    qr: Box | None
    help: Box
    choices: tuple[Box, ...]
    key: Box | None
    facts: Box

    def digits(self, *, is_mirrored: bool) -> tuple[Box, ...]:
        """The boxes of the two groups of digits, in order: numbers are read from left to right on a mirrored screen too."""
        beside = len({box.y for box in self.code}) == 1
        return self.code[::-1] if is_mirrored and beside else self.code

    def px(self, design: float, least: int = 28) -> int:
        """A size of type on this screen."""
        return max(least, round(design * self.unit))


def plan(width: int, height: int, poster: Poster) -> Plan:
    """Raises nothing, however small the screen is: what has no room is empty."""
    unit = max(min(width, height) / _DESIGN_PX, _LEAST_UNIT)
    screen, margin = Box(0, 0, width, height), round(64 * unit)
    is_short = width >= height and height < _SHORT_PX
    band = screen.upper(round((84 if is_short else 116) * unit)) if poster.band else None
    header = Box(0, band.bottom if band else 0, width, round((84 if is_short else 130) * unit)).inset(margin, 0)
    facts = screen.inset(margin, 0).lower(_facts_px(poster, unit, is_short=is_short))
    body = screen.inset(margin, 0).below(header.bottom).above(facts.y - round(12 * unit))
    lay = _lay_code if poster.code else _lay_words
    parts = lay(body, unit, poster, is_portrait=height > width)
    brand, title = header.split_columns(header.width // 3, round(28 * unit))
    return Plan(unit, band, brand, title, facts=facts, **parts)  # type: ignore[arg-type]


def _facts_px(poster: Poster, unit: float, *, is_short: bool) -> int:
    line = max(36, round(44 * unit))
    return line * max(1, len(poster.facts)) + round((16 if is_short else 40) * unit)


def _lay_code(body: Box, unit: float, _poster: Poster, *, is_portrait: bool) -> dict[str, object]:
    return _upright_code(body, unit) if is_portrait else _wide_code(body, unit)


def _upright_code(body: Box, unit: float) -> dict[str, object]:
    """Two rows of digits over the whole width; below them what to do, then the picture for telephones."""
    gap = round(28 * unit)
    headline, rest = body.split_rows(round(body.height * 0.09), gap)
    digits, rest = rest.split_rows(round(rest.height * 0.6), gap)
    text, rest = rest.split_rows(round(rest.height * 0.42), gap)
    side = min(rest.height, round(body.width * 0.36))
    qr, help_ = rest.split_columns(side, gap)
    return {
        "headline": headline, "code": tuple(digits.grid(1, 2, gap // 2)), "text": text, "qr": qr.upper(side), "help": help_,
        "choices": (), "key": None,
    }  # fmt: skip


def _wide_code(body: Box, unit: float) -> dict[str, object]:
    gap = round(40 * unit)
    side = round(body.width * _SIDE_SHARE)
    left, right = body.split_columns(body.width - side - gap, gap)
    headline, rest = left.split_rows(round(left.height * 0.15), round(8 * unit))
    digits, text = rest.split_rows(round(rest.height * 0.6), round(12 * unit))
    square = min(right.width, round(right.height * 0.6))
    qr, help_ = right.split_rows(square, round(20 * unit))
    return {
        "headline": headline, "code": tuple(digits.grid(2, 1, gap)), "text": text,
        "qr": Box(right.x + (right.width - square) // 2, qr.y, square, square), "help": help_, "choices": (), "key": None,
    }  # fmt: skip


def _lay_words(body: Box, unit: float, poster: Poster, *, is_portrait: bool) -> dict[str, object]:
    """The headline, one sentence, then what may be touched, then who helps."""
    gap = round(28 * unit)
    help_ = body.lower(round(body.height * (0.14 if is_portrait else 0.2)) if poster.help else 0)
    key = body.above(help_.y - gap).lower(round(150 * unit)) if poster.key else None
    room = body.above((key or help_).y - gap)
    if poster.choices:
        headline, rest = room.split_rows(round(room.height * (0.14 if is_portrait else 0.18)), gap // 2)
        text, rest = rest.split_rows(round(rest.height * (0.14 if is_portrait else 0.26)), gap // 2)
        return _words(headline, text, help_, key, _choices(rest, unit, len(poster.choices), is_portrait=is_portrait))
    headline, text = room.split_rows(round(room.height * (0.42 if is_portrait else 0.45)), gap)
    return _words(headline, text, help_, key, ())


def _choices(room: Box, unit: float, count: int, *, is_portrait: bool) -> tuple[Box, ...]:
    """As many keys as there is room for, in one column or two."""
    gap, columns = round(28 * unit), 1 if is_portrait else 2
    height = round(150 * unit)
    rows = max(1, min(-(-count // columns), (room.height + gap) // (height + gap)))
    return tuple(room.upper(rows * height + (rows - 1) * gap).grid(columns, rows, gap)[:count])


def _words(headline: Box, text: Box, help_: Box, key: Box | None, choices: tuple[Box, ...]) -> dict[str, object]:
    return {"headline": headline, "code": (), "text": text, "qr": None, "help": help_, "choices": choices, "key": key}
