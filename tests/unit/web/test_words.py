"""Every page of the web side speaks its languages whole."""

import pytest

from branch_server.web.pages import FEATURES
from foleni.words.checking import untranslated, unused

CONSOLES = [(feature, language) for feature in FEATURES for language in ("fr", "ar")]
HALL = [("public", language) for language in ("rw", "hi")]


@pytest.mark.parametrize(("feature", "language"), CONSOLES + HALL)
def test_everything_a_page_says_is_translated(feature: str, language: str) -> None:
    assert untranslated(f"branch_server.web.{feature}", language) == []


@pytest.mark.parametrize(("feature", "language"), CONSOLES + HALL)
def test_nothing_is_translated_that_no_page_says(feature: str, language: str) -> None:
    assert unused(f"branch_server.web.{feature}", language) == []
