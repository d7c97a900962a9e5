"""The words that the phone's scripts get, and the app's own files."""

import json
import re
from pathlib import Path

import pytest

from cloud.pages import PHONE_LANGUAGES
from cloud.phone.finding import calling_code
from cloud.phone.icons import ICONS, STATIC, draw
from cloud.phone.wording import said_by_scripts, words_address, words_script
from foleni.words import words

_TOO_NEW = re.compile(
    r"\?\.\w|\?\?|\basync\b|\bawait\b|\.\.\.|^import |^export |\.finally\(|\.flat\(|Object\.(?:entries|values)", re.MULTILINE
)


def _told(language: str) -> dict[str, object]:
    text = words_script(language).decode()
    told: dict[str, object] = json.loads(text.removeprefix("window.foleniWords=").removesuffix(";\n"))
    return told


@pytest.mark.parametrize("language", [one for one in PHONE_LANGUAGES if one != "en"])
def test_scripts_have_every_word_that_they_say(language: str) -> None:
    assert set(_told(language)["texts"]) == said_by_scripts()  # type: ignore[call-overload]


@pytest.mark.parametrize("language", PHONE_LANGUAGES)
def test_scripts_count_as_the_server_does(language: str) -> None:
    told, say = _told(language), words("cloud.phone", language)
    texts = told["texts"]
    assert isinstance(texts, dict)
    forms = texts.get("{count} person waits", ["{count} person waits", "{count} people wait"])
    for count in (0, 1, 2, 3, 11, 42, 101, 111):
        place = count if count < 200 else 100 + count % 100
        form = forms[int(str(told["forms"])[place])]
        assert form.replace("{count}", str(count)) == say.n("{count} person waits", "{count} people wait", count)


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_scripts_use_nothing_that_a_phone_of_2016_lacks(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert not _TOO_NEW.findall(text)
    assert len(text.splitlines()) <= 400


def test_styles_use_nothing_that_a_phone_of_2016_lacks() -> None:
    text = (STATIC / "app.css").read_text(encoding="utf-8")
    assert not re.findall(
        r"display: grid|\bgap:|inset:|:focus-visible|margin-inline|padding-inline|\b(?:min|max|clamp)\(", text
    )


def test_words_are_kept_by_an_address_that_changes_with_them() -> None:
    assert len({words_address(language) for language in PHONE_LANGUAGES}) == len(PHONE_LANGUAGES)


def test_the_kept_icons_are_those_that_the_code_draws() -> None:
    for name, (side_px, is_mask) in ICONS.items():
        head = (STATIC / f"{name}.png").read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(head[16:20]) == int.from_bytes(head[20:24]) == side_px
        assert draw(side_px, is_mask=is_mask).size == (side_px, side_px)


@pytest.mark.parametrize(
    ("zone", "code"), [("Africa/Kigali", "250"), ("Asia/Kolkata", "91"), ("America/Sao_Paulo", "55"), ("UTC", ""), ("none", "")]
)
def test_a_branchs_clock_tells_how_its_customers_dial(zone: str, code: str) -> None:
    assert calling_code(zone) == code
