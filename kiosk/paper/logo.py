"""A branch's logo: from a picture file to dots."""

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from foleni.paper.layout import Logo

_MOST_WIDTH, _MOST_HEIGHT = 384, 160
_MOST_PIXELS = 20_000_000


class LogoError(Exception):
    """There is no picture in the file; the text says why."""


def read_logo(path: Path) -> Logo:
    """The picture in black and white, on white where it is transparent, at most 384 by 160 dots. Raises `LogoError`."""
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise LogoError(f"{path}: the picture is too large")
            picture.thumbnail((_MOST_WIDTH, _MOST_HEIGHT))
            solid = picture.convert("RGBA")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise LogoError(f"{path}: {error}") from error
    page = Image.new("RGBA", solid.size, "white")
    page.alpha_composite(solid)
    ink = page.convert("L").point(lambda light: 255 - light).convert("1")
    return Logo(ink.width, ink.height, ink.tobytes())
