"""Every message can be said in every language, also in a branch's own words, whatever is missing."""

import unicodedata

import pytest

from cloud.notices.lengths import is_gsm, parts
from cloud.notices.occasions import Occasion
from cloud.notices.wording import FIELDS, ROOM, fields_of, wording
from cloud.pages import PHONE_LANGUAGES
from foleni.words.checking import untranslated, unused
from tests.support.notices import LINK, VALUES

FULL = {**VALUES, "branch": "Main Street", "wait": "18 min"}


@pytest.mark.parametrize("language", [language for language in PHONE_LANGUAGES if language != "en"])
def test_the_catalogue_says_all_of_it_and_nothing_else(language: str) -> None:
    assert untranslated(ROOM, language) == []
    assert unused(ROOM, language) == []


@pytest.mark.parametrize("language", PHONE_LANGUAGES)
@pytest.mark.parametrize("kind", Occasion)
def test_a_message_is_whole_and_short(kind: Occasion, language: str) -> None:
    said = wording(kind, language, FULL, None if kind is Occasion.OTP else LINK, {})
    assert "{" not in said.sms + said.text + said.title
    assert (FULL["code"] if kind is Occasion.OTP else FULL["branch"]) in said.sms
    assert said.sms.endswith(LINK) != (kind is Occasion.OTP)
    assert LINK not in said.text
    is_latin = language not in {"ar", "hi"}
    assert is_gsm(said.sms) == is_latin
    assert parts(said.sms) <= (1 if is_latin or kind is Occasion.OTP else 2)


@pytest.mark.parametrize("kind", Occasion)
def test_what_is_written_from_right_to_left_begins_so(kind: Occasion) -> None:
    """A phone takes the direction from the first letter, and a number such as A042 would turn the whole message."""
    text = wording(kind, "ar", FULL, LINK, {}).sms
    assert unicodedata.bidirectional(next(letter for letter in text if letter.isalpha())) == "AL"


@pytest.mark.parametrize("kind", Occasion)
def test_a_message_is_said_also_where_little_is_known(kind: Occasion) -> None:
    said = wording(kind, "en", {"branch": "Main Street"}, None, {})
    assert said.text
    assert "{" not in said.text
    assert wording(kind, "en", {}, None, {}).text


def test_what_is_known_is_said() -> None:
    assert "Ahead of you: 3." in wording(Occasion.JOINED, "en", FULL, None, {}).text
    assert "Ahead" not in wording(Occasion.JOINED, "en", {**FULL, "ahead": ""}, None, {}).text


def test_a_branch_has_its_own_words() -> None:
    own = {"called": {"en": "{number}, come to window {counter}: {link} Thanks."}}
    said = wording(Occasion.CALLED, "en", FULL, LINK, own)
    assert said.sms == f"A042, come to window 3: {LINK} Thanks."
    assert LINK not in said.text
    assert wording(Occasion.CALLED, "fr", FULL, LINK, own).text.startswith("A042 : allez")


@pytest.mark.parametrize(
    "text",
    ["{", "{number!r}", "{number:>9999999}", "{number.__class__}", "{0}", "{nobody}", "{name} {number}", "x" * 601],
)
def test_own_words_that_cannot_be_said_are_passed_over(text: str) -> None:
    said = wording(Occasion.CALLED, "en", FULL, LINK, {"called": {"en": text}})
    assert said.text == "A042: please go to counter 3 now. Main Street"


@pytest.mark.parametrize("own", [{"called": "x"}, {"called": {"en": 7}}, {"called": None}, {}])
def test_own_words_of_a_wrong_form_are_passed_over(own: dict[str, dict[str, str]]) -> None:
    assert wording(Occasion.CALLED, "en", FULL, None, own).text.startswith("A042: please")


def test_values_with_braces_are_only_values() -> None:
    said = wording(Occasion.JOINED, "en", {**FULL, "branch": "{link} {code}"}, LINK, {})
    assert said.text.startswith("{link} {code}: your number is A042")


def test_values_stay_on_their_line_and_can_be_stored() -> None:
    values = {**FULL, "branch": "Main\r\nStreet\0 \u202e" + "x" * 5000}
    said = wording(Occasion.CALLED, "en", values, None, {"called": {"en": "{number}\0{branch}"}})
    assert said.text.startswith("A042Main Street x")
    assert len(said.text) < 250


def test_the_fields_are_those_that_are_told_to_people() -> None:
    assert fields_of("{number} {link}") <= FIELDS
    with pytest.raises(ValueError, match="only names"):
        fields_of("{number:9}")
