"""Everything that the cloud says is said in each language of those who read it."""

import pytest

from cloud.pages import OFFICE_LANGUAGES, PHONE_LANGUAGES
from foleni.words.checking import untranslated, unused

OFFICES = [(room, language) for room in ("base", "people", "offices") for language in OFFICE_LANGUAGES if language != "en"]
PHONES = [(room, language) for room in ("ussd", "notices", "phone") for language in PHONE_LANGUAGES if language != "en"]


@pytest.mark.parametrize(("room", "language"), OFFICES + PHONES)
def test_everything_the_cloud_says_is_translated(room: str, language: str) -> None:
    assert untranslated(f"cloud.{room}", language) == []


@pytest.mark.parametrize(("room", "language"), OFFICES + PHONES)
def test_nothing_is_translated_that_the_cloud_does_not_say(room: str, language: str) -> None:
    assert unused(f"cloud.{room}", language) == []
