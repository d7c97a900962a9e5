"""The words of a room in a form that a page's script can use."""

from functools import lru_cache
from typing import Any

from babel.messages.catalog import Catalog

from foleni.words.catalogue import SHARED, base_of, locales, read

_CATEGORIES = {
    1: ("other",),
    2: ("one", "other"),
    3: ("one", "few", "other"),
    6: ("zero", "one", "two", "few", "many", "other"),
}
"""The categories of `Intl.PluralRules` in the order in which gettext numbers a language's forms."""


@lru_cache(maxsize=64)
def script_words(room: str, language: str, *behind: str) -> dict[str, Any]:
    """`{"language", "forms": [category…], "texts": {msgid: text or [form…]}}`; the room's own words win over
    those `behind` it, and these over the shared."""
    base = base_of(language)
    rooms = (SHARED, *reversed(behind), room)
    catalogues = [catalogue for name in rooms if (catalogue := read(locales(name), base)) is not None]
    texts: dict[str, Any] = {}
    for catalogue in catalogues:
        texts |= _texts(catalogue)
    plurals = catalogues[-1].num_plurals if catalogues else 2
    return {"language": base, "forms": _CATEGORIES.get(plurals, _CATEGORIES[2]), "texts": texts}


def _texts(catalogue: Catalog) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for message in catalogue:
        if not message.id or message.fuzzy or not message.string:
            continue
        singular = message.id[0] if isinstance(message.id, tuple | list) else message.id
        found[singular] = list(message.string) if isinstance(message.string, tuple | list) else message.string
    return found
