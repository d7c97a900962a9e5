"""The paper under the print head: commands in, dots out, in a machine with Epson's font A (12 by 24) and B (9 by 17)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

from foleni.sim.paper.commands import (
    Advance,
    Command,
    Feed,
    Picture,
    PrintStored,
    Set,
    Setting,
    StoredPicture,
    Text,
)
from foleni.sim.paper.letters import codec, glyph

DEFAULT_SPACING = 30
_CELLS = {0: (12, 24), 1: (9, 17)}
_TAB_CELLS = 8


@dataclass(frozen=True, slots=True)
class Style:
    """How letters and lines are set at the moment."""

    bold: bool = False
    underline: int = 0
    font: int = 0
    across: int = 1
    down: int = 1
    invert: bool = False
    align: int = 0
    code_page: int = 0
    spacing: int = DEFAULT_SPACING
    left_margin: int = 0


@dataclass(frozen=True, slots=True)
class _Mark:
    """Something black on the paper: its upper left corner, and its dots."""

    x: int
    y: int
    dots: Image.Image


@dataclass(slots=True)
class Sheet:
    """One piece of paper, `width` dots wide and as long as it gets. `lines` is what a person could read of it."""

    width: int
    style: Style = field(default_factory=Style)
    y: int = 0
    lines: list[str] = field(default_factory=list)
    _marks: list[_Mark] = field(default_factory=list)
    _line: list[tuple[int, Image.Image]] = field(default_factory=list)
    _letters: str = ""
    _x: int = 0
    _stored: Picture | None = None

    def take(self, command: Command) -> None:
        """Carry out a command; those that are not about paper have no effect."""
        match command:
            case Text(data):
                self._write(data.decode(codec(self.style.code_page), "replace"))
            case Advance(kind, count):
                self._advance(kind, count)
            case Set(setting, value):
                self._set(setting, value)
            case Picture():
                self._place(command)
            case StoredPicture(picture):
                self._stored = picture
            case PrintStored():
                self._print_stored()

    @property
    def is_blank(self) -> bool:
        return not self._marks and not self._line

    def picture(self, height: int | None = None) -> Image.Image:
        """The paper down to `height` (default: as far as it was fed), black on white."""
        paper = Image.new("L", (self.width, max(1, self.y if height is None else height)), 255)
        for mark in self._marks:
            paper.paste(0, (mark.x, mark.y), mark.dots)
        return paper

    def torn_at(self, y: int) -> "Sheet":
        """What comes after `y`, as the beginning of another piece of paper."""
        rest = Sheet(self.width, self.style, self.y - y, _line=self._line, _letters=self._letters, _x=self._x)
        rest._marks = [replace(mark, y=mark.y - y) for mark in self._marks if mark.y + mark.dots.height > y]
        return rest

    def _write(self, text: str) -> None:
        style = self.style
        width, height = _CELLS[style.font]
        for letter in text:
            cell = glyph(letter, width, height, bold=style.bold)
            cell = _decorated(cell, style).resize((width * style.across, height * style.down), Image.Resampling.NEAREST)
            if self._x + cell.width > self._room:
                self._advance(Feed.LINE, 1)
            self._line.append((self._x, cell))
            self._letters += letter
            self._x += cell.width

    @property
    def _room(self) -> int:
        return max(_CELLS[0][0], self.width - self.style.left_margin)

    def _advance(self, kind: Feed, count: int) -> None:
        """Print the line, and feed: by whole lines at least as high as what stands in them, or by dots."""
        tallest = max((cell.height for _, cell in self._line), default=0)
        line = max(self.style.spacing, tallest)
        self._print_line(tallest)
        match kind:
            case Feed.LINE:
                self.y += line
            case Feed.LINES:
                self.y += line + self.style.spacing * (count - 1) if count else 0
            case Feed.DOTS:
                self.y += max(count, tallest)

    def _print_line(self, tallest: int) -> None:
        offset = self._offset(self._x)
        for x, cell in self._line:
            self._marks.append(_Mark(offset + x, self.y + tallest - cell.height, cell))
        if self._letters.strip():
            self.lines.append(self._letters.strip())
        self._line, self._letters, self._x = [], "", 0

    def _offset(self, used: int) -> int:
        free = max(0, self._room - used)
        return self.style.left_margin + {1: free // 2, 2: free}.get(self.style.align, 0)

    def _place(self, picture: Picture) -> None:
        dots = _dots(picture, self.width)
        if picture.in_line:
            self._line.append((self._x, dots))
            self._x += dots.width
            return
        if self._line:
            self._advance(Feed.LINE, 1)
        if dots.getbbox():
            self._marks.append(_Mark(self._offset(dots.width), self.y, dots))
        self.y += dots.height

    def _print_stored(self) -> None:
        if self._stored is not None:
            self._place(self._stored)
            self._stored = None

    def _set(self, setting: Setting, value: int) -> None:
        match setting:
            case Setting.RESET:
                self.style = Style()
                self._line, self._letters, self._x, self._stored = [], "", 0, None
            case Setting.TAB:
                step = _TAB_CELLS * _CELLS[self.style.font][0] * self.style.across
                self._x = min(self._room, (self._x // step + 1) * step)
            case Setting.POSITION:
                self._x = min(value, self._room)
            case _:
                if not (self._line and setting in _AT_START_ONLY):
                    self.style = replace(self.style, **_CHANGES[setting](value))


_CHANGES: dict[Setting, Callable[[int], dict[str, Any]]] = {
    Setting.MODE: lambda value: {
        "bold": bool(value & 8),
        "underline": value >> 7,
        "font": value & 1,
        "down": 1 + (value >> 4 & 1),
        "across": 1 + (value >> 5 & 1),
    },
    Setting.BOLD: lambda value: {"bold": bool(value & 1)},
    Setting.DOUBLE_STRIKE: lambda value: {"bold": bool(value & 1)},
    Setting.UNDERLINE: lambda value: {"underline": value % 48 % 3},
    Setting.FONT: lambda value: {"font": value % 48 & 1},
    Setting.SIZE: lambda value: {"across": 1 + (value >> 4 & 7), "down": 1 + (value & 7)},
    Setting.INVERT: lambda value: {"invert": bool(value & 1)},
    Setting.ALIGN: lambda value: {"align": value % 48 % 3},
    Setting.CODE_PAGE: lambda value: {"code_page": value},
    Setting.LEFT_MARGIN: lambda value: {"left_margin": value},
    Setting.LINE_SPACING: lambda value: {"spacing": value},
    Setting.DEFAULT_SPACING: lambda _: {"spacing": DEFAULT_SPACING},
}
_AT_START_ONLY = {Setting.ALIGN, Setting.LEFT_MARGIN}


def _decorated(cell: Image.Image, style: Style) -> Image.Image:
    if not style.underline and not style.invert:
        return cell
    cell = cell.copy()
    if style.underline:
        cell.paste(255, (0, cell.height - style.underline, cell.width, cell.height))
    return cell.point(lambda dot: 255 - dot) if style.invert else cell


def _dots(picture: Picture, width: int) -> Image.Image:
    """The picture's dots as a mask, cut off where the paper ends."""
    across = -(-picture.width // 8) * 8
    dots = Image.frombytes("1", (across, picture.height), picture.rows).convert("L")
    dots = dots.crop((0, 0, picture.width, picture.height))
    if (picture.across, picture.down) != (1, 1):
        dots = dots.resize((dots.width * picture.across, dots.height * picture.down), Image.Resampling.NEAREST)
    return dots.crop((0, 0, min(dots.width, width), dots.height))
