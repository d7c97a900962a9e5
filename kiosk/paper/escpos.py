"""A ticket as ESC/POS: text where the printer has the letters, dots where it has not. Ends with GS r 1."""

import shutil
from functools import cache
from importlib import import_module
from typing import Any

from PIL import Image, ImageOps

from foleni.messages.setup import Template
from foleni.paper.layout import Layout, Line, Logo, Number, Qr, Weight, lay_out
from foleni.paper.ticket import PaperTicket
from foleni.paper.typeset import CELL_WIDTH, CODE_PAGES, CutRow, Feed, PictureRow, Row, TextRow, typeset

SLICE_BYTES = 2048
"""Pictures go out in slices of at most this size: `kiosk.printer.talk.RESYNC` gets a printer out of one."""
_BEGIN = (
    b"\x1b@"  # forget what was set before
    b"\x1ba\x00"
    b"\x1c."  # no two-byte letters, which printers made for China begin with
    b"\x1bR\x00"  # no national letters in place of # and $
    b"\x1dP\xcb\xcb"  # feeds are counted in dots, 203 to the inch
)
_ASK_PAPER = b"\x1dr\x01"
_MOST_FEED = 255
_REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


def render(ticket: PaperTicket, template: Template, logo: Logo | None = None) -> bytes:
    """The bytes that print `ticket`."""
    return to_bytes(lay_out(ticket, template, logo))


def to_bytes(layout: Layout) -> bytes:
    """The bytes that print a layout."""
    pen = _Pen(layout.width)
    for row in typeset(layout):
        pen.print(row)
    return pen.finish()


def prepare() -> None:
    """Load what rendering needs, about 0.4 s: beside the first picture rather than beside the first ticket."""
    to_bytes(Layout(384, "en", False, (Number("A000"), Line("\u0905"), Line("\u0905", weight=Weight.BOLD), Qr("-"))))


class _Pen:
    """python-escpos with a profile of our own, and no command sent twice in a row."""

    def __init__(self, width: int) -> None:
        self._out = _library()(profile=_profile(width))
        self._width = width
        self._spacing = 0
        self._style: tuple[object, ...] = ()
        self._send = self._out._raw  # noqa: SLF001 - python-escpos' way for what it has no words for
        self._send(_BEGIN)

    def print(self, row: Row) -> None:
        match row:
            case TextRow():
                self._text(row)
            case PictureRow(x, dots):
                self._picture(x, dots)
            case Feed(height):
                self._feed(height)
            case CutRow():
                self._out.cut(feed=False)  # GS V 66: up to the cutter, and a partial cut

    def finish(self) -> bytes:
        self._send(_ASK_PAPER)
        return bytes(self._out.output)

    def _text(self, row: TextRow) -> None:
        style = (row.align, row.bold, row.across, row.down)
        if style != self._style:
            self._style = style
            self._out.set(align=row.align, bold=row.bold, custom_size=True, width=row.across, height=row.down)
        if row.height != self._spacing:
            self._spacing = row.height
            self._out.line_spacing(row.height)
        self._out.charcode(row.code_page)
        self._out.textln(row.text)

    def _picture(self, x: int, dots: Image.Image) -> None:
        """With the white on its left in it: not every printer aligns pictures."""
        if self._style[:1] not in {(), ("left",)}:
            self._style = ("left",)
            self._out.set(align="left")
        width = min(self._width, -(-(x + dots.width) // 8) * 8)
        page = Image.new("L", (width, dots.height), 0)
        page.paste(dots, (x, 0))
        self._out.image(ImageOps.invert(_harmless(page)), fragment_height=max(1, SLICE_BYTES * 8 // width))

    def _feed(self, dots: int) -> None:
        while dots > 0:
            self._send(b"\x1bJ" + bytes((min(dots, _MOST_FEED),)))
            dots -= _MOST_FEED


def _harmless(page: Image.Image) -> Image.Image:
    """The picture with a dot more here and there, so that its bytes never read as a command that printers carry out in
    the midst of pictures (DLE EOT, DLE ENQ, DLE DC4).
    """
    rows = bytearray(page.convert("1", dither=Image.Dither.NONE).tobytes())
    for pair in _REAL_TIME:
        at = rows.find(pair)
        while at >= 0:
            rows[at] |= 0x08
            at = rows.find(pair, at)
    return Image.frombytes("1", page.size, bytes(rows)).convert("L")


@cache
def _profile(width: int) -> Any:
    """A printer that has what nearly every one has: font A, our code pages, pictures, the partial cut."""
    profile = import_module("escpos.capabilities").Profile()
    profile.profile_data = {
        "name": f"{width} dots",
        "codePages": {str(number): name for name, number in CODE_PAGES.items()},
        "fonts": {"0": {"name": "Font A", "columns": width // CELL_WIDTH}},
        "media": {"dpi": 203, "width": {"mm": "Unknown", "pixels": width}},
        "features": {"bitImageRaster": True, "paperFullCut": True, "paperPartCut": True},
        "colors": {"0": "black"},
    }
    return profile


@cache
def _library() -> Any:
    """python-escpos' printer that only remembers. Its import takes a quarter of a second, and leaves a folder behind."""
    shutil.rmtree(import_module("escpos.capabilities").pickle_dir, ignore_errors=True)
    return import_module("escpos.printer").Dummy
