"""Rounded shapes with smooth edges, drawn once into small textures and stretched between their corners."""

from functools import lru_cache
from typing import Any

from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw

_FINER = 4
"""Shapes are drawn so many times larger, then made smaller: that smooths their edges."""


@lru_cache(maxsize=256)
def rounded(radius: int, fill: str | None, line: str | None, line_px: int) -> Any:
    """A texture of `2 * radius + 4` px whose corners of `radius + 1` px are kept when it is stretched; colours as
    `#RRGGBB`.
    """
    side = 2 * radius + 4
    box = (0, 0, side * _FINER - 1, side * _FINER - 1)
    outer, inner = _mask(box, radius), _mask(box, radius, inset=line_px if line else 0)
    base = line or fill or "#FFFFFF"
    picture = Image.new("RGB", (side, side), base)
    alpha = outer
    if line and fill:
        picture.paste(Image.new("RGB", (side, side), fill), mask=inner)
    elif line:
        alpha = Image.composite(Image.new("L", (side, side), 0), outer, inner)
        alpha = Image.eval(inner, lambda value: 255 - value)
        alpha = Image.composite(alpha, Image.new("L", (side, side), 0), outer)
    elif not fill:
        alpha = Image.new("L", (side, side), 0)
    picture.putalpha(alpha)
    return as_texture(picture)


def as_texture(picture: Image.Image) -> Any:
    """A texture of a picture, upright, one px for one px."""
    formats = {"RGBA": "rgba", "RGB": "rgb", "LA": "luminance_alpha", "L": "luminance"}
    texture = Texture.create(size=picture.size, colorfmt=formats[picture.mode], mipmap=False)
    texture.blit_buffer(picture.tobytes(), colorfmt=formats[picture.mode], bufferfmt="ubyte")
    texture.flip_vertical()
    texture.wrap = "clamp_to_edge"
    return texture


def _mask(box: tuple[int, int, int, int], radius: int, inset: int = 0) -> Image.Image:
    side = box[2] + 1
    mask = Image.new("L", (side, side))
    edge = inset * _FINER
    corner = max(0, radius - inset) * _FINER
    ImageDraw.Draw(mask).rounded_rectangle((edge, edge, box[2] - edge, box[3] - edge), corner, fill=255)
    return mask.resize((side // _FINER, side // _FINER), Image.Resampling.BOX)
