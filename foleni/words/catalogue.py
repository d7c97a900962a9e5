"""Catalogues: English msgids in the source, other languages in `<room>/locales/<lang>.po`."""

import gettext
import importlib.util
import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

logger = logging.getLogger(__name__)

ENGLISH = "en"
OWN_NAMES: dict[str, str] = {
    "en": "English",
    "fr": "Français",
    "rw": "Kinyarwanda",
    "sw": "Kiswahili",
    "pt": "Português",
    "ar": "العربية",
    "hi": "हिन्दी",
    "gu": "ગુજરાતી",
}
"""Each language offered, in its own words."""
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
SHARED = "foleni"


class Words:
    """The words of one room in one language. Where a translation is missing the English words are used."""

    def __init__(self, language: str, catalogues: tuple[Catalog, ...]) -> None:
        self.language = language
        self.right_to_left = language in _RIGHT_TO_LEFT
        self._catalogues = tuple((catalogue, _plural_rule(catalogue)) for catalogue in catalogues)

    def __call__(self, msgid: str, /, **values: object) -> str:
        """The translation with `values` in its `{fields}`."""
        for catalogue, _ in self._catalogues:
            message = catalogue.get(msgid)
            text = message.string if message else None
            if isinstance(text, str) and text and not (message and message.fuzzy):
                return _filled(text, msgid, values)
        return _filled(msgid, msgid, values)

    def n(self, singular: str, plural: str, count: int, /, **values: object) -> str:
        """The form of the words that the language uses with `count`, which is also the value of `{count}`."""
        values = {"count": count, **values}
        english = singular if count == 1 else plural
        for catalogue, rule in self._catalogues:
            message = catalogue.get(singular)
            if message and isinstance(message.string, tuple | list) and not message.fuzzy:
                number = rule(abs(count))
                if number < len(message.string) and message.string[number]:
                    return _filled(message.string[number], english, values)
        return _filled(english, english, values)


def words(room: str, language: str, *behind: str) -> Words:
    """The words of a room such as `kiosk`, with those of the rooms `behind` it and the shared ones of `foleni` behind them.
    `fr-RW` is French; a language without a catalogue has the English words.
    """
    return _words((room, *behind), base_of(language))


def base_of(language: str) -> str:
    """`fr` of `fr-RW` and `fr_RW`; English where the text cannot name a language."""
    base = language.replace("_", "-").split("-")[0].lower()
    return base if base.isascii() and base.isalpha() and 2 <= len(base) <= 3 else ENGLISH


@lru_cache(maxsize=64)
def _words(given: tuple[str, ...], language: str) -> Words:
    rooms = dict.fromkeys((*given, SHARED))
    catalogues = (read(locales(name), language) for name in rooms)
    return Words(language, tuple(catalogue for catalogue in catalogues if catalogue is not None))


def pick(texts: Mapping[str, str], language: str, default: str = ENGLISH) -> str:
    """One of a setup's texts: in `language`, else in the `default` language, else any; empty where there are none."""
    for wanted in (language, default, ENGLISH):
        if text := texts.get(wanted):
            return text
    return next((text for text in texts.values() if text), "")


def msgid(text: str) -> str:
    """The text itself: marks words that stand in a table and are translated where they are used."""
    return text


def source(room: str) -> Path:
    """The folder of a room's source; of the shared package, that of the shared words."""
    if room == SHARED:
        return Path(__file__).parent
    spec = importlib.util.find_spec(room)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"there is no room named {room}")
    return Path(next(iter(spec.submodule_search_locations)))


def locales(room: str) -> Path:
    """The folder of a room's catalogues."""
    return source(room) / "locales"


def read(folder: Path, language: str) -> Catalog | None:
    """The catalogue of a language; None where there is none, or where it cannot be read, which is logged."""
    path = folder / f"{language}.po"
    if not path.is_file():
        if language != ENGLISH:
            logger.debug("there is no %s", path)
        return None
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except (PoFileError, OSError, ValueError) as error:
        logger.error("%s cannot be read, English is used: %s", path, error)
        return None


def _plural_rule(catalogue: Catalog) -> Callable[[int], int]:
    return gettext.c2py(catalogue.plural_expr)


def _filled(text: str, english: str, values: Mapping[str, Any]) -> str:
    """A translation with a wrong field must not stop a kiosk: then the English words are used."""
    if not values:
        return text
    try:
        return text.format_map(values)
    except (KeyError, IndexError, ValueError, AttributeError):
        logger.exception("wrong fields in the translation %r", text)
        return english.format_map(values) if text != english else text
