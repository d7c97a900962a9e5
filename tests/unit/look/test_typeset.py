"""Text is set so that it fits, reads right, and never stops a screen."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foleni.look.fonts import Weight, face
from foleni.look.typeset import Room, Style, balanced, drawn, reads_right_to_left, set_in, width_of

ARABIC = "ماذا تحتاج اليوم؟ اختر الخدمة التي تريدها من القائمة"
HINDI = "आपको आज क्या चाहिए? कृपया अपनी सेवा चुनें"
ENGLISH = "Cards and mobile banking for everybody in the town"


def test_long_text_is_broken_between_words_and_fits() -> None:
    block = set_in(ENGLISH, Style(52), Room(500))
    assert " ".join(block.lines) == ENGLISH
    assert len(block.lines) > 2
    assert block.width <= 500
    assert block.height == len(block.lines) * Style(52).line_px


def test_the_first_words_of_an_arabic_sentence_are_on_its_first_line() -> None:
    block = set_in(ARABIC, Style(52), Room(500))
    assert block.right_to_left
    assert block.lines[0].startswith("ماذا تحتاج")
    assert " ".join(block.lines) == ARABIC


@pytest.mark.parametrize("text", ["Cash · 12\u201314", "Counter 12-14", "24/7"])
def test_figures_that_belong_together_stay_together(text: str) -> None:
    lines = set_in(text, Style(52), Room(190)).lines
    assert any(line.endswith(text.rsplit(maxsplit=1)[-1]) for line in lines)


@pytest.mark.parametrize("text", ["Combien de temps ?", "À qui le tour ?"])
def test_a_line_never_begins_with_a_question_mark(text: str) -> None:
    lines = set_in(text, Style(52), Room(int(width_of(text, Style(52))) - 10)).lines
    assert all(not line.startswith("?") for line in lines)


def test_text_is_shrunk_until_it_fits_and_no_further() -> None:
    room = Room(500, 120)
    block = set_in(ENGLISH, Style(76), room, least_px=28)
    assert 28 <= block.style.px < 76
    assert not block.is_cut
    assert block.width <= 500
    assert block.height <= 120
    larger = set_in(ENGLISH, block.style.sized(block.style.px + 1), room)
    assert larger.is_cut


def test_what_does_not_fit_in_the_least_size_ends_in_dots() -> None:
    block = set_in(ENGLISH, Style(76), Room(200, 80), least_px=28)
    assert block.is_cut
    assert block.style.px == 28
    assert block.lines[-1].endswith("…")
    assert block.width <= 200
    assert block.height <= 80


def test_a_word_that_is_too_long_is_shrunk_before_it_is_torn() -> None:
    assert set_in("Enquiries", Style(76), Room(300, 200), least_px=28).lines == ("Enquiries",)
    torn = set_in("Donaudampfschifffahrtsgesellschaft", Style(76), Room(300, 200), least_px=28)
    assert "".join(torn.lines) == "Donaudampfschifffahrtsgesellschaft"


def test_a_letter_is_never_torn_from_its_marks() -> None:
    lines = set_in("कि" * 30, Style(52), Room(200)).lines
    assert all(len(line) % 2 == 0 for line in lines)


def test_no_more_lines_than_allowed() -> None:
    assert len(set_in(ENGLISH, Style(52), Room(300, lines=2)).lines) == 2


def test_balanced_lines_are_as_many_and_the_longest_is_shorter() -> None:
    greedy = set_in("What do you need today, if I may ask?", Style(76, Weight.BOLD), Room(1000))
    even = balanced(greedy)
    assert len(even.lines) == len(greedy.lines) == 2
    assert " ".join(even.lines) == " ".join(greedy.lines)
    assert even.width < greedy.width


def test_lines_given_are_kept() -> None:
    assert set_in("First\nSecond", Style(38), Room(1000)).lines == ("First", "Second")


@pytest.mark.parametrize(
    ("text", "otherwise", "expected"),
    [(ARABIC, False, True), (ENGLISH, True, False), (HINDI, True, False), ("10:42", True, True), ("12 في", False, True)],
)
def test_the_direction_is_that_of_the_first_letter(text: str, otherwise: bool, expected: bool) -> None:
    assert reads_right_to_left(text, otherwise=otherwise) is expected


@pytest.mark.parametrize(("align", "expected"), [("left", 0), ("center", 150), ("right", 300)])
def test_ink_lies_where_it_is_aligned(align: str, expected: int) -> None:
    block = set_in("A", Style(100), Room(1000))
    drawing = drawn(block, align, block.width + 300)
    assert drawing is not None
    assert drawing.left - expected == pytest.approx(0, abs=5)


def test_a_capital_stands_in_the_middle_of_its_line() -> None:
    block = set_in("H", Style(100), Room(1000))
    drawing = drawn(block)
    assert drawing is not None
    assert drawing.top + drawing.ink.height / 2 == pytest.approx(block.height / 2, abs=1)


def test_ink_that_is_taller_than_its_line_is_not_cut_off() -> None:
    block = set_in("Ấg", Style(100, line_height=0.8), Room(1000))
    drawing = drawn(block)
    assert drawing is not None
    assert drawing.ink.height > block.height


def test_numbers_keep_their_order_inside_right_to_left_text() -> None:
    line = drawn(set_in("رقم A042", Style(60), Room(1000)))
    number = drawn(set_in("A042", Style(60), Room(1000)))
    assert line is not None
    assert number is not None
    left_end = line.ink.crop((0, 0, number.ink.width - 2, line.ink.height))
    assert left_end.getbbox() is not None
    alone = number.ink.crop((0, 0, number.ink.width - 2, number.ink.height))
    assert left_end.crop(left_end.getbbox()).getcolors() == alone.crop(alone.getbbox()).getcolors()


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawn(set_in(" ", Style(38), Room(100))) is None


@pytest.mark.parametrize("weight", list(Weight))
@pytest.mark.parametrize("text", [ENGLISH, ARABIC, HINDI, "તમને આજે શું જોઈએ"])
def test_widths_measured_in_one_size_hold_in_every_size(weight: Weight, text: str) -> None:
    right_to_left = reads_right_to_left(text)
    for px in (28, 53, 131):
        real = face(weight, px).getlength(text, direction="rtl" if right_to_left else "ltr")
        assert width_of(text, Style(px, weight), right_to_left=right_to_left) == pytest.approx(real, abs=1)


@given(
    st.text(st.characters(exclude_categories=()), max_size=120),
    st.builds(Style, st.integers(1, 90), st.sampled_from(Weight)),
    st.builds(Room, st.integers(100, 400), st.integers(0, 200), st.integers(0, 4)),
    st.sampled_from([None, 1, 20]),
)
def test_any_text_is_set_and_drawn(text: str, style: Style, room: Room, least_px: int | None) -> None:
    block = set_in(text, style, room, least_px)
    drawn(balanced(block), "right")
    assert not room.lines or len(block.lines) <= room.lines


def test_endless_text_is_set_in_no_time_worth_speaking_of() -> None:
    block = set_in("x" * 1_000_000, Style(52), Room(400, 300), least_px=28)
    assert block.is_cut
    assert all(len(one) >= len(other) for one, other in pairwise(block.lines))
