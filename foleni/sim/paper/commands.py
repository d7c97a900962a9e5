"""What a receipt printer can be told, after Epson's ESC/POS command reference."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """Letters in the chosen code page."""

    data: bytes


class Feed(StrEnum):
    LINE = "line"
    LINES = "lines"
    DOTS = "dots"


@dataclass(frozen=True, slots=True)
class Advance:
    """Print what stands in the line, and feed."""

    kind: Feed
    count: int = 1


class Setting(StrEnum):
    """What a printer keeps until it is told otherwise."""

    RESET = "reset"
    MODE = "mode"
    BOLD = "bold"
    DOUBLE_STRIKE = "double_strike"
    UNDERLINE = "underline"
    FONT = "font"
    ALIGN = "align"
    SIZE = "size"
    INVERT = "invert"
    CODE_PAGE = "code_page"
    LINE_SPACING = "line_spacing"
    DEFAULT_SPACING = "default_spacing"
    LEFT_MARGIN = "left_margin"
    POSITION = "position"
    TAB = "tab"


@dataclass(frozen=True, slots=True)
class Set:
    setting: Setting
    value: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of bits, the leftmost highest; each dot is printed `across` by `down`. `in_line` where it stands in the line
    like a letter (ESC *), otherwise it is printed at once.
    """

    width: int
    height: int
    rows: bytes
    across: int = 1
    down: int = 1
    in_line: bool = False


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture that is printed by `PrintStored`."""

    picture: Picture


@dataclass(frozen=True, slots=True)
class PrintStored:
    pass


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed so many dots beyond the print position (None: not even up to the cutter), and cut."""

    partial: bool
    feed_dots: int | None = None


@dataclass(frozen=True, slots=True)
class AskPaper:
    """GS r 1; the answer goes out in turn."""


@dataclass(frozen=True, slots=True)
class AskOther:
    """A question in turn that is answered with one zero byte."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Understood, and without effect on paper."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that mean nothing to this printer."""

    data: bytes


Command = Text | Advance | Set | Picture | StoredPicture | PrintStored | Cut | AskPaper | AskOther | Ignored | Unknown
