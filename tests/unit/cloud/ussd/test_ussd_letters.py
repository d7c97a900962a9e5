"""A text takes as much of a screen as the network says, and what is too long is cut where it can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.ussd.letters import clean, is_wide, plain, screen_units, shortened, units

TEXTS = st.text(alphabet="abcé €[]^ßç日ا क्ष\u0301\u200f\n\t😀", max_size=60)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Cash", (4, 160)),
        ("Caf\u00e9 \u00a31", (7, 160)),
        ("5 \u20ac [a]", (10, 160)),
        ("a\nb", (3, 160)),
        ("\u00e7a", (2, 70)),
        ("النقد", (5, 70)),
        ("नकद", (3, 70)),
        ("\U0001f600", (2, 70)),
    ],
)
def test_letters_are_counted_as_the_network_counts_them(text: str, counted: tuple[int, int]) -> None:
    assert screen_units(text) == counted


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Main\n1. Street\t", "Main 1. Street"),
        ("\u202eevil\u202c name\x00", "evil name"),
        ("cafe\u0301", "caf\u00e9"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("  ", ""),
    ],
)
def test_a_name_is_one_line_without_anything_invisible(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_latin_letters_that_the_network_lacks_lose_their_accents() -> None:
    assert plain("Français, “São João” \u2013 œuf") == 'Francais, "Sao Joao" - œuf'
    assert not is_wide(plain("Português: não há mais"))
    assert is_wide(plain("نقد"))


@given(TEXTS, st.integers(0, 40))
def test_a_shortened_text_has_room_and_whole_words(text: str, room: int) -> None:
    said = clean(text)
    for wide in {True, is_wide(said)}:
        short = shortened(said, room, wide=wide)
        assert units(short, wide=wide) <= max(room, 0)
        if short != said and " " in short:
            assert said.startswith(short.removesuffix(".").rstrip(" ,.:-"))
            assert set(short.removesuffix(".").split()) <= {word.rstrip(",.:-") for word in said.split()} | set(said.split())


def test_a_word_that_is_too_long_is_not_cut_within_a_letter() -> None:
    assert shortened("कि" * 10, 6, wide=True) == "किकि."
    assert shortened("abcdefgh", 5, wide=False) == "abcd."
    assert not shortened("abc", 0, wide=False)
