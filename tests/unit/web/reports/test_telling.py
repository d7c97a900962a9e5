"""How figures are asked for, written, drawn and put into tables."""

import csv
import io
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch_server.web.reports import charts, saying
from branch_server.web.reports.changes import change, is_better
from branch_server.web.reports.charts import ON_PAGE, ON_PAPER, Frame, Point
from branch_server.web.reports.query import MOST_DAYS, AskError, Period, period_of
from branch_server.web.reports.tables import safe, table_of, write_tickets

_SVG = "{http://www.w3.org/2000/svg}"


def _frame(**more: Any) -> Frame:
    return Frame("Tickets <by> hour", "Dark & light", ON_PAGE, lambda value: f"{value:g}", **more)


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-21", "2026-11-20"), ("today", "2026-11-21"), ("2026-02-30", "2026-03-01"), ("2020-01-01", "2026-11-21"),
     ("20261121", "20261122"), ("0001-01-01", "0001-01-02"), ("9999-12-31", "9999-12-31")],
)  # fmt: skip
def test_a_period_that_makes_no_sense_is_refused(first: str, last: str) -> None:
    with pytest.raises(AskError):
        period_of(first, last)


def test_a_period_has_its_days_and_as_many_before() -> None:
    period = period_of("2026-02-27", "2026-03-02")
    assert period.days == 4
    assert period.before() == Period("2026-02-23", "2026-02-26")
    assert period_of("2024-01-01", period_of("2024-01-01", "2024-01-01").last).days == 1
    assert MOST_DAYS > 366 * 3


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(125, 100, 0.25), (75, 100, -0.25), (5, 0, None), (None, 4, None), (4, None, None), (0, 4, -1.0)],
)
def test_a_change_is_told_where_there_was_something_before(
    now: float | None, before: float | None, expected: float | None
) -> None:
    assert change(now, before) == expected


def test_longer_waits_are_no_good_news_and_more_tickets_are_neither() -> None:
    assert is_better("wait_p50_s", 0.1) is False
    assert is_better("wait_p50_s", -0.1) is True
    assert is_better("within_target", 0.1) is True
    assert is_better("issued", 0.1) is None
    assert is_better("wait_p50_s", 0.0001) is None


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_figures_have_latin_digits_in_every_language(language: str) -> None:
    written = [saying.number(12345.6, language, 1), saying.share(0.125, language), saying.day("2026-11-21", language),
               saying.short_day("2026-11-21", language), saying.formatted("long", 3600 * 12, language)]  # fmt: skip
    assert all(re.fullmatch(r"[^\u0660-\u0669]*[0-9][^\u0660-\u0669]*", text) for text in written), written
    assert saying.span(250) == "4:10"
    assert saying.span(3723) == "1:02:03"


@given(st.text(max_size=20))
def test_no_cell_is_a_formula(text: str) -> None:
    assert not str(safe(text)).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert str(safe(text)).endswith(text)


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9) |
                         st.integers(0, 9), min_size=2, max_size=2), max_size=5))  # fmt: skip
def test_a_table_comes_back_from_csv_as_it_was(rows: list[list[Any]]) -> None:
    made = table_of(["a", "b"], rows)
    assert made.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))
    assert read == [["a", "b"], *([str(safe(value)) for value in row] for row in rows)]


def test_times_of_tickets_are_those_of_the_wall_clock_also_when_it_changes() -> None:
    out = io.BytesIO()
    tickets = [
        {"ticket": str(n), "joined_at": at} for n, at in enumerate(["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"])
    ]
    write_tickets(tickets, "Europe/Paris", out)
    assert "2026-10-25T02:30:00+02:00" in out.getvalue().decode()
    assert "2026-10-25T02:30:00+01:00" in out.getvalue().decode()


@given(st.lists(st.tuples(st.none() | st.floats(0, 1e6), st.none() | st.floats(0, 1e6)), max_size=60), st.booleans(),
       st.none() | st.floats(0, 100))  # fmt: skip
def test_any_chart_is_a_picture_with_a_title_that_stays_in_its_frame(
    values: list[tuple[float | None, float | None]], mirrored: bool, target: float | None
) -> None:
    points = [Point(str(place), value, f"{place} <&>", beyond) for place, (value, beyond) in enumerate(values)]
    for draw in (charts.columns, charts.lines):
        _check(draw(points, _frame(mirrored=mirrored, target=target)))
    _check(charts.heat([("Monday", points), ("Tuesday", points)], _frame(mirrored=mirrored)))


def _check(svg: str) -> None:
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    title, about = root.find(f"{_SVG}title"), root.find(f"{_SVG}desc")
    assert title is not None
    assert about is not None
    assert (title.text, about.text) == ("Tickets <by> hour", "Dark & light")
    for rect in root.iter(f"{_SVG}rect"):
        x, wide = float(rect.get("x", "")), float(rect.get("width", ""))
        assert -0.1 <= x <= x + wide <= charts.WIDTH + 0.1
        assert float(rect.get("y", "")) >= -0.1


def test_a_mirrored_chart_begins_at_the_right() -> None:
    points = [Point("08:00", 9, ""), Point("09:00", 1, "")]
    plain, mirrored = (ET.fromstring(charts.columns(points, _frame(mirrored=is_so))) for is_so in (False, True))
    first = [float(next(root.iter(f"{_SVG}rect")).get("x", "")) for root in (plain, mirrored)]
    assert first[0] < charts.WIDTH / 2 < first[1]


def test_on_paper_the_words_are_text_of_the_document() -> None:
    frame = Frame("T", "A", ON_PAPER, str, mirrored=True, wide_mm=86)
    drawn = charts.columns([Point("الاثنين", 3, "")], frame)
    assert "<text" not in drawn
    assert re.search(r"<span style=[^>]+>الاثنين</span>", drawn)
