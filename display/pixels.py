"""Surfaces in pixels: photos, the calm gradient, and what takes the corners off them."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from foleni.look.tokens import GREEN

_FINER = 4
_DEEP = "#113C52"
"""Where the gradient ends: a blue as calm as the green."""
_GRAIN_PX = 64


@dataclass(frozen=True, slots=True)
class Pixels:
    """`width` x `height` px as RGB bytes, the upper row first."""

    width: int
    height: int
    rgb: bytes


def gradient() -> Image.Image:
    """From green at the upper left to blue at the lower right; small, to be stretched."""
    slope = Image.new("L", (_GRAIN_PX, _GRAIN_PX))
    slope.putdata([255 * (x + y) // (2 * _GRAIN_PX - 2) for y in range(_GRAIN_PX) for x in range(_GRAIN_PX)])
    calm = Image.new("RGB", slope.size, GREEN)
    calm.paste(Image.new("RGB", slope.size, _DEEP), mask=slope)
    return calm


def corners(radius: int, colour: str) -> tuple[Image.Image, ...]:
    """The ground that shows at the corners of a round surface: from the upper left one clockwise."""
    mask = Image.new("L", (radius * _FINER, radius * _FINER), 255)
    ImageDraw.Draw(mask).ellipse((0, 0, 2 * radius * _FINER - 1, 2 * radius * _FINER - 1), fill=0)
    first = Image.new("RGB", (radius, radius), colour)
    first.putalpha(mask.resize((radius, radius), Image.Resampling.BOX))
    turns = (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
    return first, *(first.transpose(turn) for turn in turns)
