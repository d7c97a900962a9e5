"""A ticket as a picture: what the printer will make of it, for people who want to see it before."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from foleni.look.fonts import MONO, MONO_BOLD
from foleni.paper.layout import Layout
from foleni.paper.typeset import CELL_HEIGHT, CELL_WIDTH, CutRow, Feed, PictureRow, TextRow, typeset

TOP_DOTS = 88
"""The blank top of every ticket: the way from the print head to the cutter, 11 mm in most printers."""
_FACES = {False: MONO, True: MONO_BOLD}
_PX = 20
_BASELINE = 19
_BLACK_FROM = 95


def preview(layout: Layout) -> Image.Image:
    """Black on white, a pixel a dot."""
    rows = typeset(layout)
    paper = Image.new("L", (layout.width, TOP_DOTS + sum(row.height for row in rows)), 255)
    y = TOP_DOTS
    for row in rows:
        match row:
            case TextRow():
                written = _written(row)
                free = layout.width - written.width
                paper.paste(0, ({"left": 0, "center": free // 2, "right": free}[row.align], y), written)
            case PictureRow(x, dots):
                paper.paste(0, (x, y), dots)
            case Feed() | CutRow():
                pass
        y += row.height
    return paper


def png(layout: Layout) -> bytes:
    """The preview as a PNG file."""
    file = BytesIO()
    preview(layout).convert("1").save(file, "PNG")
    return file.getvalue()


def _written(row: TextRow) -> Image.Image:
    """A mask of the row in the look of a printer's font A."""
    line = Image.new("L", (len(row.text) * CELL_WIDTH, CELL_HEIGHT), 0)
    for place, letter in enumerate(row.text):
        cell = Image.new("L", (CELL_WIDTH, CELL_HEIGHT), 0)
        pen = ImageDraw.Draw(cell)
        pen.text((CELL_WIDTH / 2, _BASELINE), letter, fill=255, font=_face(row.bold), anchor="ms")
        line.paste(cell, (place * CELL_WIDTH, 0))
    line = line.point(lambda dot: 255 if dot >= _BLACK_FROM else 0)
    return line.resize((line.width * row.across, line.height * row.down), Image.Resampling.NEAREST)


@lru_cache(maxsize=2)
def _face(bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FACES[bold], _PX, layout_engine=ImageFont.Layout.BASIC)
