"""What is wrong with a form, in sentences: all of it at once, each at its field."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from foleni.words.catalogue import Words, msgid

_BY_KIND = {
    "missing": msgid("This is needed."),
    "string_too_short": msgid("This must not be empty."),
    "too_short": msgid("Choose at least one."),
    "string_too_long": msgid("At most {max_length} letters."),
    "too_long": msgid("At most {max_length}."),
    "greater_than_equal": msgid("At least {ge}."),
    "less_than_equal": msgid("At most {le}."),
    "greater_than": msgid("More than {gt}."),
    "less_than": msgid("Less than {lt}."),
    "int_type": msgid("Write a number."),
    "int_parsing": msgid("Write a number."),
    "int_from_float": msgid("Write a number."),
    "int_parsing_size": msgid("This number is too large."),
    "finite_number": msgid("Write a number."),
    "bool_type": msgid("Choose yes or no."),
    "bool_parsing": msgid("Choose yes or no."),
    "enum": msgid("Choose one of the list."),
    "literal_error": msgid("Choose one of the list."),
    "extra_forbidden": msgid("The branch does not know this."),
    "date_from_datetime_parsing": msgid("Write a day, such as 2026-12-25."),
    "date_parsing": msgid("Write a day, such as 2026-12-25."),
    "date_type": msgid("Write a day, such as 2026-12-25."),
}
_BY_FIELD = {
    "id": msgid("Small letters a to z, digits and hyphens; at most 32."),
    "prefix": msgid("One or two capital letters, such as A or CA."),
    "remote_issuer": msgid("One capital letter."),
    "issuer": msgid("One capital letter."),
    "business_day_starts": msgid("A time of day, such as 04:00."),
    "url": msgid("An address that begins with http:// or https://."),
    "time_zone": msgid("There is no such time zone. Choose one of the list, such as Africa/Kigali."),
    "languages": msgid("A language's short name, such as en or rw."),
    "name": msgid("Write a name, in one language at least."),
    "weights": msgid("Give each of the counter's services a share from 1 to 100."),
    "hours": msgid("Times such as 08:00-12:30, one after the other, within one day."),
    "closures": msgid("Each closure needs a day, an end that is not before it, and a name."),
    "day": msgid("Write a day, such as 2026-12-25."),
    "until": msgid("The end is a day that is not before the first."),
}
_TWICE = msgid("A service is listed twice.")

Fault = dict[str, str]
"""`field`: its name, with a dot before what is inside it; `message`: the sentence."""


def faults_of(error: ValidationError, say: Words) -> list[Fault]:
    """One fault a place, in the order of the form."""
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in fault["loc"] if part != "[key]")
        found.setdefault(place, _sentence(fault, say))
    return [{"field": place, "message": message} for place, message in found.items()]


def _sentence(fault: Mapping[str, Any], say: Words) -> str:
    kind, path = fault["type"], [str(part) for part in fault["loc"]]
    if kind == "value_error" and "listed twice" in fault["msg"]:
        return say(_TWICE)
    if kind == "too_short" and path[-1:] == ["name"]:
        return say(_BY_FIELD["name"])
    known = _BY_KIND.get(kind)
    if known is not None:
        return say(known, **{name: value for name, value in fault.get("ctx", {}).items() if isinstance(value, int | str)})
    by_field = _BY_FIELD.get(_named(path))
    if by_field is not None:
        return say(by_field)
    if "weights must" in fault["msg"]:
        return say(_BY_FIELD["weights"])
    return say("This cannot be read.") if kind != "value_error" else str(fault["msg"]).removeprefix("Value error, ")


def _named(path: Iterable[str]) -> str:
    """The innermost part of a path that is a field with a sentence of its own."""
    return next((part for part in reversed(list(path)) if part in _BY_FIELD), "")
