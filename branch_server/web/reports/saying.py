"""Figures, days and hours as a reader of a language writes them, always with Latin digits."""

from collections.abc import Callable
from datetime import date

from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal

from branch_server.web.reports.figures import WEEKDAYS

NOTHING = "\u2013"
_LATIN = "latn"
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


def number(value: float, language: str, digits: int = 0) -> str:
    """`1,234` as the language groups it."""
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return format_decimal(value, format=pattern, locale=language, numbering_system=_LATIN)


def share(value: float, language: str, digits: int = 1) -> str:
    """`12.5 %` of 0.125."""
    return f"{number(value * 100, language, digits if abs(value) < 1 else 0)}\u00a0%"


def span(seconds: float) -> str:
    """`4:10` of 250 seconds, `1:02:03` of 3723."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def day(text: str, language: str, form: str = "medium") -> str:
    """`21 Nov 2026` of an ISO date, in the order of the language."""
    return format_date(date.fromisoformat(text), form, locale=language).translate(_DIGITS)


def short_day(text: str, language: str) -> str:
    """`21 Nov`, for the foot of a chart."""
    form = "d/M" if language == "ar" else "d MMM"  # its months are too long to stand side by side
    return format_date(date.fromisoformat(text), form, locale=language).translate(_DIGITS)


def weekday(name: str, language: str, width: str = "wide") -> str:
    """The name of a weekday such as `mon`."""
    names = get_day_names(width, "stand-alone", locale=language)  # type: ignore[arg-type]
    return str(names[WEEKDAYS.index(name)])


def hour(value: int) -> str:
    """`09:00`."""
    return f"{value:02d}:00"


def formatted(kind: str, value: object, language: str) -> str:
    """A value of a table by its column's kind; a dash where there is none."""
    if value is None:
        return NOTHING
    if kind in _WRITTEN and isinstance(value, int | float):
        return _WRITTEN[kind](value, language)
    if kind in _NAMED and isinstance(value, str):
        return _NAMED[kind](value, language)
    return str(value)


_WRITTEN: dict[str, Callable[[float, str], str]] = {
    "seconds": lambda value, _language: span(value),
    "long": lambda value, language: f"{number(value // 3600, language)}\u00a0h\u00a0{int(value) // 60 % 60:02d}",
    "share": share,
    "stars": lambda value, language: number(value, language, 1),
    "hour": lambda value, _language: hour(int(value)),
    "number": number,
}
_NAMED: dict[str, Callable[[str, str], str]] = {"day": day, "weekday": weekday}
