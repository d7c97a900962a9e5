"""Which words the printer writes itself, and where everything stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foleni.paper.layout import Align, Layout, Line, Logo, Number, Part, Qr, Rule, Size, lay_out
from foleni.paper.raster import broken, margin
from foleni.paper.typeset import CELL_HEIGHT, CELL_WIDTH, PictureRow, Row, TextRow, code_page_for, typeset
from tests.support.tickets import LANGUAGES, WIDTHS, template, ticket

LONG = "Foreign exchange, international transfers and letters of credit"


def _set(*parts: Part, width: int = 576, right_to_left: bool = False) -> list[Row]:
    return typeset(Layout(width, "ar" if right_to_left else "en", right_to_left, parts))


def _pictures(rows: list[Row]) -> list[PictureRow]:
    return [row for row in rows if isinstance(row, PictureRow)]


def _texts(rows: list[Row]) -> list[TextRow]:
    return [row for row in rows if isinstance(row, TextRow)]


def _fits(row: Row, width: int) -> bool:
    if isinstance(row, TextRow):
        return row.width <= width
    return not isinstance(row, PictureRow) or 0 <= row.x <= row.x + row.dots.width <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_the_paper(language: str, width: int) -> None:
    for changes in (
        {},
        {"service": LONG, "organization": LONG, "kiosk": LONG},
        {"number": "AXX9999"},
        {"url": f"https://{'x' * 180}"},
    ):
        assert all(_fits(row, width) for row in typeset(lay_out(ticket(language, **changes), template(width))))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_smaller_than_24_dots(language: str, width: int) -> None:
    for row in typeset(lay_out(ticket(language), template(width))):
        if isinstance(row, TextRow):
            assert row.down * CELL_HEIGHT >= 24


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("number", ["A001", "W888", "AX01", "A1000", "AXX9999"])
def test_the_number_fills_the_width(number: str, width: int) -> None:
    (row,) = _pictures(_set(Number(number), width=width))
    room = width - 2 * margin(width)
    assert 0.85 * room <= row.dots.width <= room + 2
    assert row.height >= 0.13 * width
    assert abs(row.x - (width - row.dots.width) / 2) <= 1


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Cash", "CP437"),
        ("Épargne · été", "CP437"),
        ("São João", "CP850"),
        ("œuvres à 5 €", "CP1252"),
        ("नकद", None),
        ("الصندوق", None),
    ],
)
def test_words_are_written_where_a_code_page_has_the_letters(text: str, page: str | None) -> None:
    assert code_page_for(text) == page
    rows = _set(Line(text))
    assert [type(row) for row in rows] == [TextRow if page else PictureRow]


def test_typographic_quotes_do_not_need_a_rare_code_page() -> None:
    (row,) = _texts(_set(Line("N\u2019attendez pas \u2013 l\u2019été…")))
    assert (row.text, row.code_page) == ("N'attendez pas - l'été...", "CP437")


def test_control_characters_never_reach_the_printer() -> None:
    (row,) = _texts(_set(Line("a\x1b@\x10\x04\x01b\u2028c")))
    assert row.text == "a @ b c"


def test_large_words_are_large_in_one_line_or_two_and_small_in_more() -> None:
    assert [(row.across, row.down) for row in _texts(_set(Line("Cash", Size.LARGE)))] == [(2, 2)]
    assert [row.text for row in _texts(_set(Line("12 personnes devant vous", Size.LARGE)))] == ["12 personnes", "devant vous"]
    assert {row.down for row in _texts(_set(Line(LONG, Size.LARGE)))} == {1}


def test_a_date_is_broken_at_its_dots() -> None:
    rows = _texts(_set(Line("20 Nov 2026 · 10:42 · Ground floor kiosk"), width=384))
    assert [row.text for row in rows] == ["20 Nov 2026 · 10:42", "Ground floor kiosk"]


def test_words_in_hindi_are_shaped() -> None:
    (joined,) = _pictures(_set(Line("क्ष")))
    (apart,) = _pictures(_set(Line("क ष")))
    assert joined.dots.width < apart.dots.width


def test_the_qr_code_can_be_scanned() -> None:
    for width in WIDTHS:
        for link in ("https://a.example/t/1", "https://queue.example/branches/main/t/0198f3a2-7c1e-7aaa-bbbb-0123456789ab"):
            (row,) = _pictures(_set(Qr(link), width=width))
            module = row.dots.crop((0, 0, row.dots.width, 1)).tobytes().index(0) // 7
            assert module >= 4, "half a millimetre is the least that phones read well"
            assert row.x >= 4 * module
            assert row.x + row.dots.width + 4 * module <= width


def test_a_rule_goes_from_margin_to_margin() -> None:
    (row,) = _pictures(_set(Rule()))
    assert (row.x, row.dots.width) == (margin(576), 576 - 2 * margin(576))


def test_a_logo_that_is_too_wide_is_made_smaller() -> None:
    (row,) = _pictures(_set(Logo(800, 100, bytes(100) * 100), width=384))
    assert row.dots.width <= 384
    assert row.height < 100


def test_sides_change_where_people_read_from_the_right() -> None:
    start = Line("12", align=Align.START)
    assert _texts(_set(start))[0].align == "left"
    assert _texts(_set(start, right_to_left=True))[0].align == "right"
    (row,) = _pictures(_set(Line("الصندوق", align=Align.START), right_to_left=True))
    assert row.x + row.dots.width == 576


@given(st.text(alphabet=st.sampled_from("ab ·é"), max_size=120), st.integers(1, 60))
def test_breaking_lines_loses_no_letter_and_keeps_to_the_room(text: str, room: int) -> None:
    lines = broken(text, room, len)
    assert all(len(line) <= room for line in lines)
    assert _letters("".join(lines)) == _letters(text)


def _letters(text: str) -> str:
    return text.replace(" ", "").replace("·", "")


@given(st.text(max_size=80), st.sampled_from(WIDTHS), st.sampled_from(Size))
def test_any_name_can_be_set(text: str, width: int, size: Size) -> None:
    assert all(_fits(row, width) for row in _set(Line(text, size), width=width))
    assert CELL_WIDTH * (width // CELL_WIDTH) <= width
