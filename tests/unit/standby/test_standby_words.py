"""The standby's page speaks the consoles' languages whole."""

import pytest

from branch_server.standby.page import LANGUAGES, ROOM
from foleni.words.checking import untranslated, unused


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_everything_is_translated_and_nothing_else(language: str) -> None:
    assert untranslated(ROOM, language) == []
    assert unused(ROOM, language) == []
