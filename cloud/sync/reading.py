"""The fields of an event, whoever wrote it: what cannot be read is as if it were not there."""

import re
from collections.abc import Mapping
from typing import Any

from foleni.times import Instant, from_wire

_LATEST_US = 253_370_764_800_000_000
_MOST_LETTERS = 500
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MOST_WHOLE = 2**31 - 1


def text(data: Mapping[str, Any], name: str) -> str | None:
    """A text that any database can keep."""
    value = data.get(name)
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else None


def whole(data: Mapping[str, Any], name: str) -> int | None:
    """A whole number that is not negative."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_WHOLE else None


def instant(data: Mapping[str, Any], name: str) -> Instant | None:
    """Microseconds as our branch writes them, or RFC 3339."""
    value = data.get(name)
    if isinstance(value, str):
        try:
            return from_wire(value)
        except ValueError:
            return None
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LATEST_US
    return Instant(value) if fits and isinstance(value, int) else None


def texts(data: Mapping[str, Any], name: str) -> dict[str, str]:
    """A text per language, as long as those that go out may be; plain text stands for English."""
    value = data.get(name)
    told = {"en": value} if isinstance(value, str) else value if isinstance(value, dict) else {}
    return {
        key: words.replace("\x00", "\ufffd")[:_MOST_LETTERS]
        for key, words in told.items()
        if isinstance(words, str) and _LANGUAGE.fullmatch(key)
    }


def thing(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A described thing, such as the service of `service_saved`."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def names(data: Mapping[str, Any], name: str) -> list[str]:
    """A list of ids."""
    value = data.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
