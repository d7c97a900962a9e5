"""What people read: in their language, with the right plural, and English rather than nothing."""

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from foleni.times import of_datetime
from foleni.words import OWN_NAMES, Words, day_and_time, msgid, pick, time_of_day, wait_phrase, wait_short, words
from foleni.words.checking import msgids, untranslated, unused

TRANSLATED = sorted(set(OWN_NAMES) - {"en"})
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Path]:
    """An empty room of its own name that can be found like any other."""
    folder = tmp_path / f"room_{abs(hash(request.node.name))}"
    (folder / "locales").mkdir(parents=True)
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    sys.modules.pop(folder.name, None)


def _french(room: Path, *messages: str) -> Words:
    (room / "locales" / "fr.po").write_text(HEAD + "\n\n".join(messages) + "\n", encoding="utf-8")
    return words(room.name, "fr")


def test_words_are_translated_and_filled_in(room: Path) -> None:
    say = _french(room, 'msgid "Open again at {time}."\nmsgstr "Rouvre à {time}."')
    assert say("Open again at {time}.", time="14:00") == "Rouvre à 14:00."


def test_what_has_no_translation_is_said_in_english(room: Path) -> None:
    say = _french(room, 'msgid "Cash"\nmsgstr ""', '#, fuzzy\nmsgid "Loans"\nmsgstr "Prés"')
    assert [say("Cash"), say("Loans"), say("Cards {n}", n=3)] == ["Cash", "Loans", "Cards 3"]
    assert words(room.name, "sw")("Cash") == "Cash"


def test_the_shared_words_stand_behind_those_of_a_room(room: Path) -> None:
    assert _french(room)("at once") == "tout de suite"
    (room / "locales" / "rw.po").write_text(HEAD + 'msgid "at once"\nmsgstr "nonaha"\n', encoding="utf-8")
    assert words(room.name, "rw")("at once") == "nonaha"


def test_the_plural_is_that_of_the_language(room: Path) -> None:
    forms = 'msgid "{count} person"\nmsgid_plural "{count} people"\nmsgstr[0] "{count} personne"\nmsgstr[1] "{count} personnes"'
    say = _french(room, forms)
    assert [say.n("{count} person", "{count} people", n) for n in (0, 1, 2)] == ["0 personne", "1 personne", "2 personnes"]
    english = words(room.name, "en")
    assert [english.n("{count} person", "{count} people", n) for n in (0, 1, 2)] == ["0 people", "1 person", "2 people"]


def test_arabic_has_its_own_words_for_one_two_a_few_and_many() -> None:
    assert [wait_short("ar", 60 * minutes) for minutes in (1, 2, 3, 10, 11, 40)] == [
        "دقيقة واحدة",
        "دقيقتين",
        "3 دقائق",
        "10 دقائق",
        "11 دقيقة",
        "40 دقيقة",
    ]


def test_a_translation_with_wrong_fields_is_passed_over(room: Path, caplog: pytest.LogCaptureFixture) -> None:
    say = _french(room, 'msgid "Ticket {number}"\nmsgstr "Ticket {numero}"', 'msgid "At {time}"\nmsgstr "À {time"')
    assert say("Ticket {number}", number="A042") == "Ticket A042"
    assert say("At {time}", time="10:42") == "At 10:42"
    assert "wrong fields" in caplog.text


def test_a_catalogue_that_cannot_be_read_does_not_stop_anything(room: Path, caplog: pytest.LogCaptureFixture) -> None:
    (room / "locales" / "fr.po").write_bytes(b'msgid "Cash\xff\nmsgstr nothing')
    with caplog.at_level(logging.ERROR):
        assert words(room.name, "fr")("Cash") == "Cash"
    assert "English is used" in caplog.text


@pytest.mark.parametrize(
    ("asked", "spoken"), [("fr", "fr"), ("fr-RW", "fr"), ("FR_rw", "fr"), ("../../etc", "en"), ("", "en"), ("français", "en")]
)
def test_a_language_may_name_a_country_and_nothing_else(asked: str, spoken: str) -> None:
    assert words("foleni", asked).language == spoken


def test_the_languages_that_run_right_to_left_say_so() -> None:
    assert [language for language in OWN_NAMES if words("foleni", language).right_to_left] == ["ar"]


def test_a_room_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        words("no_such_room", "fr")


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_shared_words_are_complete(language: str) -> None:
    assert untranslated("foleni", language) == []
    assert unused("foleni", language) == []


def test_what_a_room_says_is_found_in_its_source(room: Path) -> None:
    (room / "says.py").write_text(
        'say("One")\nself._say("Two" if x else "Three")\nsay.n("{count} a", "{count} b", 4)\nTABLE = [msgid("Four")]\n'
        'words("kiosk", "fr")\nwords("kiosk", language)("Five")\nother("Six")\nn("x", "y")\n',
        encoding="utf-8",
    )
    found = {text for said in msgids(room.name) for text in said}
    assert found == {"One", "Two", "Three", "{count} a", "{count} b", "Four", "Five"}


def test_what_is_missing_in_a_catalogue_is_named(room: Path) -> None:
    (room / "says.py").write_text('say("Good {a}")\nsay("Gone")\nsay("Other {a}")\nsay.n("{count} x", "{count} y", 2)\n')
    _french(
        room,
        'msgid "Good {a}"\nmsgstr "Bon {a}"',
        'msgid "Other {a}"\nmsgstr "Autre {b}"',
        'msgid "{count} x"\nmsgid_plural "{count} y"\nmsgstr[0] "{count} x"\nmsgstr[1] ""',
        'msgid "Never said"\nmsgstr "Jamais dit"',
    )
    assert untranslated(room.name, "fr") == ["Gone", "Other {a}", "{count} x"]
    assert unused(room.name, "fr") == ["Never said"]
    assert len(untranslated(room.name, "rw")) == 4


@pytest.mark.parametrize(
    ("p50_s", "p90_s", "expected"),
    [
        (0, 0, "at once"),
        (-5, -5, "at once"),
        (59, 60, "at once"),
        (30, 600, "about 1 min, at most 10"),
        (1080, 1800, "about 18 min, at most 30"),
        (1081, 1800, "about 19 min, at most 30"),
        (600, 600, "about 10 min"),
        (1800, 3600, "about 30 min, at most 1 h"),
        (3600, 5400, "about 1 h, at most 1 h 30 min"),
    ],
)
def test_a_wait_is_said_in_words(p50_s: int, p90_s: int, expected: str) -> None:
    assert wait_phrase("en", p50_s, p90_s) == expected


def test_a_wait_is_said_in_every_language() -> None:
    assert wait_phrase("fr", 1080, 1800) == "environ 18 min, 30 au plus"
    assert wait_phrase("rw", 1080, 1800) == "hafi iminota 18, ntirenza 30"
    assert wait_phrase("rw", 60, 60) == "hafi umunota 1"
    said = {wait_phrase(language, 4000, 8000) for language in OWN_NAMES}
    assert len(said) == len(OWN_NAMES)


def test_a_short_wait_is_short() -> None:
    assert [wait_short("en", s) for s in (0, 59, 60, 61, 3600, 5400)] == [
        "at once",
        "at once",
        "1 min",
        "2 min",
        "1 h",
        "1 h 30 min",
    ]


def test_times_are_those_of_the_branch() -> None:
    moment = datetime(2026, 11, 20, 8, 42, tzinfo=UTC)
    assert time_of_day(moment, "Africa/Kigali", "en") == "10:42"
    assert time_of_day(of_datetime(moment), ZoneInfo("Asia/Kolkata"), "hi") == "14:12"
    assert day_and_time(moment, "Africa/Kigali", "en") == "20 Nov 2026 · 10:42"
    assert day_and_time(moment, "Africa/Kigali", "fr") == "20 nov. 2026 · 10:42"
    assert day_and_time(datetime(2026, 1, 1, 23, 30, tzinfo=UTC), "Africa/Kigali", "rw") == "2 Mut. 2026 · 01:30"


def test_one_of_several_texts_is_picked() -> None:
    texts = {"en": "Cash", "fr": "Caisse", "rw": ""}
    assert pick(texts, "fr", "en") == "Caisse"
    assert pick(texts, "rw", "fr") == "Caisse"
    assert pick({"sw": "Pesa"}, "rw", "fr") == "Pesa"
    assert pick({}, "rw", "fr") == ""


def test_a_marked_text_is_itself() -> None:
    assert msgid("Cash") == "Cash"
