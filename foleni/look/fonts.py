"""The bundled fonts: Noto Sans with its Arabic, Devanagari and Gujarati and a few signs, in one file per weight; and
Noto Sans Mono with the letters of a printer's code pages.
"""

from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from unicodedata import category

from PIL import ImageFont, features

_FOLDER = Path(__file__).parent / "fonts"
REGULAR = _FOLDER / "FoleniSans-Regular.ttf"
BOLD = _FOLDER / "FoleniSans-Bold.ttf"
HEAVY = _FOLDER / "FoleniSans-ExtraBold.ttf"
MONO = _FOLDER / "FoleniMono-Regular.ttf"
MONO_BOLD = _FOLDER / "FoleniMono-Bold.ttf"

SHAPED = frozenset({"ar", "fa", "he", "ur", "hi", "mr", "ne", "gu"})
"""Languages whose letters join, stack or run right to left: they need raqm."""


class Weight(StrEnum):
    """There are no thin weights."""

    REGULAR = "regular"
    BOLD = "bold"
    HEAVY = "heavy"


_PATHS = {Weight.REGULAR: REGULAR, Weight.BOLD: BOLD, Weight.HEAVY: HEAVY}


@lru_cache(maxsize=16)
def face(weight: Weight | str, px: int) -> ImageFont.FreeTypeFont:
    """The font in a size, for Pillow. Each takes about 250 KiB, so few are kept."""
    engine = ImageFont.Layout.RAQM if can_shape() else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(_PATHS[Weight(weight)]), px, layout_engine=engine)


@cache
def can_shape() -> bool:
    """Whether Arabic, Hindi and Gujarati come out right: raqm is there, and fribidi, which Pillow loads when it runs."""
    return bool(features.check("raqm"))


def shaping_fault(languages: frozenset[str] | set[str] | tuple[str, ...] | list[str]) -> str:
    """What to say at start where a configured language cannot be written right; empty where all can."""
    wrong = sorted(SHAPED.intersection(languages))
    if not wrong or can_shape():
        return ""
    return f"{', '.join(wrong)} will be written wrong: install libfribidi0"


def missing(text: str) -> str:
    """The letters of `text` that the fonts lack, each once, in order."""
    return "".join(dict.fromkeys(letter for letter in text if not _is_covered(letter)))


@lru_cache(maxsize=4096)
def _is_covered(letter: str) -> bool:
    return ord(letter) in _letters() or category(letter) in {"Cc", "Cf", "Zl", "Zp"}


@cache
def _letters() -> frozenset[int]:
    """The letters that are in every weight."""
    spans = (_FOLDER / "letters.txt").read_text(encoding="ascii").split()
    ends = ([int(end, 16) for end in span.split("-")] for span in spans)
    return frozenset(code for first, *last in ends for code in range(first, (last or [first])[0] + 1))
