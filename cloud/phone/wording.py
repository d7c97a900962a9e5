"""The words that the phone pages' scripts say: one small file for each language, kept by the browser for long."""

import gettext
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from foleni.words.catalogue import locales, read
from foleni.words.script import script_words

ROOM = "cloud.phone"
_STATIC = Path(__file__).parent / "static"
_SAID = re.compile(r'\btn?\("((?:[^"\\]|\\.)*)"')
_COUNTED = 200
"""From here on the form of a number is that of its last two digits, in every language offered."""


@cache
def said_by_scripts() -> frozenset[str]:
    """The msgids in calls such as `t("Send")` and `tn("{count} star", "{count} stars", n)` of this feature's scripts."""
    found = (text for path in _STATIC.glob("*.js") for text in _SAID.findall(path.read_text(encoding="utf-8")))
    return frozenset(str(json.loads(f'"{text}"')) for text in found)


@cache
def words_script(language: str) -> bytes:
    """A script that hands over `{"language", "texts": {msgid: text or [form…]}, "forms": digits}`: the digit at place n is the
    number of the form that n takes."""
    texts: dict[str, Any] = script_words(ROOM, language)["texts"]
    told = {
        "language": language,
        "texts": {msgid: texts[msgid] for msgid in sorted(said_by_scripts()) if msgid in texts},
        "forms": _forms(language),
    }
    return b"window.foleniWords=%s;\n" % json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


@cache
def words_address(language: str) -> str:
    """Where the script is served; changes with its content."""
    return f"/words/{language}.js?v={hashlib.sha256(words_script(language)).hexdigest()[:10]}"


def _forms(language: str) -> str:
    catalogue = read(locales(ROOM), language)
    rule = gettext.c2py(catalogue.plural_expr if catalogue is not None else "n != 1")
    return "".join(str(rule(count)) for count in range(_COUNTED))
