"""Colours can be read, whatever is written on whatever."""

import pytest

from foleni.look import tokens
from foleni.look.tokens import contrast, mixed, readable_on, rgba

READ = [
    *((tokens.INK, ground) for ground in (tokens.PAPER, tokens.CARD, tokens.GREEN2, tokens.PALE, tokens.AMBER)),
    *((tokens.INK2, ground) for ground in (tokens.PAPER, tokens.CARD, tokens.PALE)),
    *((tokens.GREEN, ground) for ground in (tokens.PAPER, tokens.CARD, tokens.GREEN2)),
    *((tokens.RED, ground) for ground in (tokens.PAPER, tokens.CARD, tokens.PALE)),
    *((tokens.WHITE, ground) for ground in (tokens.GREEN, tokens.RED, tokens.INK, tokens.NIGHT, tokens.NIGHT2)),
    *((tokens.MIST, ground) for ground in (tokens.NIGHT, tokens.NIGHT2)),
    (tokens.NIGHT, tokens.AMBER),
]


@pytest.mark.parametrize(("text", "ground"), READ)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= tokens.TEXT_CONTRAST


def test_contrast_runs_from_1_to_21_whichever_comes_first() -> None:
    assert contrast("#000000", "#FFFFFF") == contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast(tokens.GREEN, tokens.GREEN) == pytest.approx(1)


def test_a_key_of_any_colour_gets_words_that_can_be_read() -> None:
    assert readable_on(tokens.GREEN) == tokens.WHITE
    assert readable_on(tokens.AMBER) == tokens.INK
    greys = [f"#{level:02X}{level:02X}{level:02X}" for level in range(256)]
    assert all(contrast(readable_on(grey), grey) >= 4 for grey in greys)


def test_colours_are_mixed_by_shares() -> None:
    assert mixed("#000000", "#FFFFFF", 0.5) == "#808080"
    assert mixed(tokens.GREEN, tokens.INK, 0) == tokens.GREEN


def test_a_colour_for_kivy_has_shares_of_one() -> None:
    assert rgba("#FF0033", 0.6) == (1.0, 0.0, 0.2, 0.6)


@pytest.mark.parametrize("wrong", ["", "green", "#FFF", "#12345G", "0B6B52", "#0B6B5 "])
def test_what_is_no_colour_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"#0B6B52|hexadecimal"):
        rgba(wrong)
