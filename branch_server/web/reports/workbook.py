"""A report as a workbook: a sheet per table, with native charts."""

import io
from datetime import date
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

_FORMATS = {"number": "#,##0", "share": "0.0%", "seconds": "[h]:mm:ss", "long": "[h]:mm", "stars": "0.0", "day": "yyyy-mm-dd"}
_DAY_S = 86_400
_TIMES = frozenset({"seconds", "long"})
_GREEN, _LIGHT = "#0B6B52", "#A9D5C6"
_WIDE = 20
_SHEET_NAME = 31


def workbook(job: dict[str, Any], out: IO[bytes]) -> None:
    """Writes the workbook of `job["book"]`; see `exports.book_of`."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    told = job["book"]
    formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    formats["head"] = book.add_format({"bold": True, "bottom": 1})
    formats["title"] = book.add_format({"bold": True, "font_size": 16})
    _summary(book, told, formats)
    for sheet in told["sheets"]:
        _sheet(book, sheet, formats, right_to_left=told["right_to_left"])
    book.close()
    out.write(made.getvalue())


def _summary(book: Any, told: dict[str, Any], formats: dict[str, Any]) -> None:
    sheet = _new(book, told["summary"]["name"], right_to_left=told["right_to_left"])
    sheet.write_string(0, 0, told["title"], formats["title"])
    for place, line in enumerate(told["about"]):
        sheet.write_string(1 + place, 0, line)
    first = 2 + len(told["about"])
    for place, row in enumerate(told["summary"]["rows"]):
        for column, text in enumerate(row):
            sheet.write_string(first + place, column, text)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 3, 34)


def _sheet(book: Any, told: dict[str, Any], formats: dict[str, Any], *, right_to_left: bool) -> None:
    sheet = _new(book, told["name"], right_to_left=right_to_left)
    for place, column in enumerate(told["columns"]):
        sheet.write_string(0, place, column["label"], formats["head"])
        sheet.set_column(place, place, _WIDE)
        for line, row in enumerate(told["rows"]):
            _cell(sheet, (1 + line, place), row[place], column["kind"], formats)
    sheet.freeze_panes(1, 1)
    if told["rows"]:
        _chart(book, sheet, told)


def _cell(sheet: Any, at: tuple[int, int], value: Any, kind: str, formats: dict[str, Any]) -> None:
    if value is None:
        return
    if kind == "day":
        sheet.write_datetime(*at, date.fromisoformat(value), formats["day"])
    elif isinstance(value, str):
        sheet.write_string(*at, value)
    else:
        sheet.write_number(*at, value / _DAY_S if kind in _TIMES else value, formats.get(kind))


def _chart(book: Any, sheet: Any, told: dict[str, Any]) -> None:
    """Tickets taken and served, beneath the table."""
    names = [column["name"] for column in told["columns"]]
    chart = book.add_chart({"type": "line" if told["part"] == "days" and len(told["rows"]) > _MANY else "column"})
    last = len(told["rows"])
    for name, colour in (("issued", _LIGHT), ("served", _GREEN)):
        place = names.index(name)
        chart.add_series({
            "name": [sheet.get_name(), 0, place],
            "categories": [sheet.get_name(), 1, 0, last, 0],
            "values": [sheet.get_name(), 1, place, last, place],
            "fill": {"color": colour}, "line": {"color": colour},
        })  # fmt: skip
    chart.set_title({"name": told["name"]})
    chart.set_legend({"position": "bottom"})
    sheet.insert_chart(last + 2, 0, chart, {"x_scale": 1.6, "y_scale": 1.2, "description": told["name"]})


_MANY = 45


def _new(book: Any, name: str, *, right_to_left: bool) -> Any:
    letters = "".join(" " if letter in "[]:*?/\\" else letter for letter in name)
    sheet = book.add_worksheet(letters[:_SHEET_NAME])
    if right_to_left:
        sheet.right_to_left()
    return sheet
