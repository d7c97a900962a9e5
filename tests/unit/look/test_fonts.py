"""The bundled fonts have every letter of every language offered, in every weight."""

import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from foleni.look import fonts
from foleni.look.fonts import Weight, face, missing, shaping_fault
from foleni.words import OWN_NAMES

ROOT = Path(__file__).parents[3]
FILES = {"regular": fonts.REGULAR, "bold": fonts.BOLD, "heavy": fonts.HEAVY, "mono": fonts.MONO, "mono bold": fonts.MONO_BOLD}
CATALOGUES = sorted(path for room in ("foleni", "kiosk", "display", "counter") for path in (ROOT / room).rglob("*.po"))
NEEDED = string.printable.strip() + "←→↑↓·✓✕!…“”«»€£₹₦°●♿⌫☎⚠" + "\u203a\u2039\u2013\u2014\u2019\u00d7\u00a0\u202f\u200d\u200c"


def _letters(path: Path) -> set[int]:
    with TTFont(path) as font:
        return set(font.getBestCmap())


@pytest.mark.parametrize("name", FILES)
def test_a_font_is_small_and_free(name: str) -> None:
    assert FILES[name].stat().st_size < 900_000
    with TTFont(FILES[name]) as font:
        assert "SIL Open Font License" in font["name"].getDebugName(13)
        assert "Noto" not in font["name"].getDebugName(1)
    licence = (FILES[name].parent / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "PERMISSION & CONDITIONS" in licence


def test_the_list_of_letters_is_that_of_the_fonts() -> None:
    common = _letters(fonts.REGULAR) & _letters(fonts.BOLD) & _letters(fonts.HEAVY)
    assert fonts._letters() == common


def test_signs_and_the_names_of_the_languages_can_be_written() -> None:
    assert missing(NEEDED) == ""
    assert missing("".join(OWN_NAMES.values())) == ""


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_letter_of_a_catalogue_can_be_written(path: Path) -> None:
    with path.open("rb") as file:
        strings = [message.string for message in read_po(file)]
    texts = [form for string in strings for form in (string if isinstance(string, tuple | list) else [string])]
    assert missing("".join(filter(None, texts))) == ""


def test_letters_that_no_font_has_are_named_once() -> None:
    assert missing("漢字 and 漢 are not there") == "漢字"
    assert missing("A\n\u200fB") == ""


@pytest.mark.parametrize("weight", list(Weight))
def test_figures_stand_in_columns(weight: Weight) -> None:
    assert len({face(weight, 100).getlength(digit) for digit in string.digits}) == 1


@pytest.mark.parametrize("weight", list(Weight))
@pytest.mark.parametrize(
    ("word", "apart", "direction"),
    [("كتب", ("ك", "ت", "ب"), "rtl"), ("क्ष", ("क", "ष"), "ltr"), ("ક્ષ", ("ક", "ષ"), "ltr")],
    ids=["Arabic joins", "Hindi stacks", "Gujarati stacks"],
)
def test_letters_change_where_they_meet(weight: Weight, word: str, apart: tuple[str, ...], direction: str) -> None:
    font = face(weight, 100)
    assert font.getlength(word, direction=direction) < 0.95 * sum(font.getlength(letter) for letter in apart)


def test_a_vowel_sign_written_after_its_letter_stands_before_it() -> None:
    with_sign, alone = (face(Weight.REGULAR, 100).getmask(text, direction="ltr") for text in ("कि", "क"))
    assert with_sign.getbbox()[2] > alone.getbbox()[2]
    left = face(Weight.REGULAR, 100).getmask("कि", direction="ltr").crop((0, 0, 20, with_sign.size[1]))
    assert left.getbbox() is not None


def test_without_raqm_the_languages_that_come_out_wrong_are_named() -> None:
    assert shaping_fault({"en", "ar", "hi"}) == ""
    without = (
        "from PIL import features; features.check = lambda name: False; "
        "from foleni.look.fonts import shaping_fault; "
        "print(shaping_fault({'en', 'ar', 'hi'})); print(shaping_fault({'en', 'rw'}))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run([sys.executable, "-c", without], env=environment, capture_output=True, text=True, check=True).stdout
    assert said == "ar, hi will be written wrong: install libfribidi0\n\n"
