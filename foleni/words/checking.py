"""What tests ask about a room's catalogues."""

import ast
import string
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract

from foleni.words.catalogue import locales, read, source

_SPEAKERS = frozenset({"say", "_say", "words", "_words", "_", "msgid"})
"""A msgid is a literal that is the first argument of a call to one of these names, or to their `n`."""

_IN_PAGES: dict[str, tuple[int, ...] | None] = {"t": None, "tn": (1, 2)}

Msgid = tuple[str, ...]
"""The English words; singular and plural where they are counted."""


def msgids(room: str) -> set[Msgid]:
    """All that a room says, in programs and in pages: the literals in calls such as `say("Cash")`,
    `say.n("{count} person", "{count} people", 3)` and `msgid("Cash")`, by the names that are usual for a `Words`.
    """
    folder = source(room)
    said = {found for path in sorted(folder.rglob("*.py")) for found in _in_file(path)}
    for path in (*sorted(folder.rglob("*.html")), *sorted(folder.rglob("*.js"))):
        said |= set(_in_page(path))
    return said


def untranslated(room: str, language: str) -> list[str]:
    """What the room says and its catalogue does not, or says with other `{fields}`; sorted."""
    catalogue = read(locales(room), language) or Catalog()
    return sorted(said[0] for said in msgids(room) if not _is_good(catalogue, said))


def unused(room: str, language: str) -> list[str]:
    """What the room's catalogue translates and the room never says; sorted."""
    catalogue = read(locales(room), language) or Catalog()
    said = {found[0] for found in msgids(room)}
    known = (message.id[0] if isinstance(message.id, tuple | list) else message.id for message in catalogue)
    return sorted(text for text in known if text and text not in said)


def _in_file(path: Path) -> Iterator[Msgid]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        if _is_plural(node.func):
            if len(found := list(_literals(node.args[:2]))) == 2:
                yield tuple(found)
        elif _name(node.func) in _SPEAKERS and not _is_room(node):
            for text in _literals(node.args[:1]):
                yield (text,)


def _in_page(path: Path) -> Iterator[Msgid]:
    """What a template or a script says with `t("…")` and `tn("…", "…", count)`."""
    method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "javascript"
    options = {"silent": "false", "trimmed": "false", "template_string": "false"}
    with path.open("rb") as file:
        for _, texts, _, _ in extract(method, file, _IN_PAGES, options=options):
            yield (texts,) if isinstance(texts, str) else tuple(texts)


def _name(func: ast.expr) -> str:
    """The last name of what is called; of `words("kiosk", language)("Cash")` it is `words` too."""
    if isinstance(func, ast.Call):
        return _name(func.func)
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_plural(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr == "n" and _speaks(func.value)


def _speaks(value: ast.expr) -> bool:
    """Whether the value may be a `Words`: has a usual name, or is made by a call on the spot."""
    return isinstance(value, ast.Call) or _name(value) in _SPEAKERS


def _is_room(node: ast.Call) -> bool:
    """`words("kiosk", language)` makes a `Words`; it says nothing."""
    return not isinstance(node.func, ast.Call) and _name(node.func) == "words" and len(node.args) == 2


def _literals(arguments: Iterable[ast.expr]) -> Iterator[str]:
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value
        elif isinstance(argument, ast.IfExp):
            yield from _literals((argument.body, argument.orelse))


def _is_good(catalogue: Catalog, said: Msgid) -> bool:
    message = catalogue.get(said[0])
    if message is None or message.fuzzy:
        return False
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    forms = [form for form in strings if form]
    if len(forms) != (catalogue.num_plurals if len(said) == 2 else 1):
        return False
    fields = {field for text in said for field in _fields(text)}
    return all(_fields(form) <= fields for form in forms) and (len(said) == 2 or _fields(forms[0]) == fields)


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
