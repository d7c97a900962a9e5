"""The letters in the machine: code pages by their ESC t numbers, and the dots of each letter."""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from foleni.look.fonts import MONO, MONO_BOLD

_PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 14: "cp737", 15: "iso8859_7",
    16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 33: "cp775", 34: "cp855", 36: "cp862", 37: "cp864",
    45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254", 49: "cp1255", 50: "cp1256", 51: "cp1257", 52: "cp1258",
}  # fmt: skip
_FIRST_PAGE = "cp437"
_FONTS = {False: MONO, True: MONO_BOLD}
_BLACK_FROM = 95
_BASELINE = 19 / 24


def codec(page: int) -> str:
    """Python's name of a code page; an unknown page leaves the machine with its first."""
    return _PAGES.get(page, _FIRST_PAGE)


@lru_cache(maxsize=2048)
def glyph(letter: str, width: int, height: int, *, bold: bool) -> Image.Image:
    """A mask of the letter in a cell, without any half tones."""
    cell = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(cell)
    draw.text((width / 2, round(height * _BASELINE)), letter, fill=255, font=_font(height, bold=bold), anchor="ms")
    return cell.point(lambda dot: 255 if dot >= _BLACK_FROM else 0)


@lru_cache(maxsize=8)
def _font(height: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS[bold], round(height * 20 / 24), layout_engine=ImageFont.Layout.BASIC)
