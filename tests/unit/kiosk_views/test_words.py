"""What the kiosk says is translated, and its fonts can write it."""

import pytest

from foleni.look.fonts import missing
from foleni.words.checking import untranslated
from kiosk.views import signs
from kiosk.views.compose import compose
from kiosk.views.scene import Words
from tests.support import kiosk_pages


@pytest.mark.parametrize("language", ["fr", "rw", "ar", "hi"])
def test_every_sentence_of_the_kiosk_is_translated(language: str) -> None:
    assert untranslated("kiosk", language) == []


@pytest.mark.parametrize("language", kiosk_pages.LANGUAGES)
def test_the_fonts_have_every_letter_that_is_shown(language: str) -> None:
    for make in kiosk_pages.PAGES.values():
        for piece in compose(make(language), (1080, 1920)).pieces:
            if isinstance(piece, Words):
                assert missing("".join(piece.block.lines)) == ""


def test_the_fonts_have_every_sign() -> None:
    shown = "".join(value for name, value in vars(signs).items() if name.isupper() and isinstance(value, str))
    assert missing(shown + signs.turned(shown)) == ""
