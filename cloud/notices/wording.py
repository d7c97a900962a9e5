"""What a message says: a branch's own words, or those of the catalogue."""

import string
from collections.abc import Mapping
from dataclasses import dataclass

from cloud.notices.lengths import fitted, shortened
from cloud.notices.occasions import Occasion
from foleni.words.catalogue import base_of, msgid, words

ROOM = "cloud.notices"
FIELDS = frozenset({"branch", "service", "number", "ahead", "wait", "counter", "time", "code", "minutes", "link"})
"""What texts may name in braces."""
_NAMES = ("branch", "service")
"""What may be shortened."""
_MOST_TEXT = 600
_MOST_VALUE = 200

_TEXTS: dict[Occasion, tuple[str, ...]] = {
    Occasion.OTP: (
        msgid("{code} is your code to sign in. It is good for {minutes} minutes. Tell it to nobody."),
        msgid("{code} is your code to sign in. Tell it to nobody."),
    ),
    Occasion.JOINED: (
        msgid("{branch}: your number is {number}, {service}. Ahead of you: {ahead}. Wait: {wait}."),
        msgid("{branch}: your number is {number}, {service}. Ahead of you: {ahead}."),
        msgid("{branch}: your number is {number}."),
    ),
    Occasion.NEAR: (
        msgid("{number}: it is your turn soon at {branch}. Ahead of you: {ahead}. Please come."),
        msgid("{number}: it is your turn soon at {branch}. Please come."),
    ),
    Occasion.CALLED: (
        msgid("{number}: please go to counter {counter} now. {branch}"),
        msgid("{number}: it is your turn now at {branch}."),
    ),
    Occasion.SKIPPED: (msgid("{number}: you were called at {branch} and did not come. You are still in the queue."),),
    Occasion.CLOSING: (
        msgid("{branch} closes early today, at {time}. Look at your ticket {number} before you come."),
        msgid("{branch} closes early today. Look at your ticket {number} before you come."),
        msgid("{branch} closes early today."),
    ),
    Occasion.REMINDER: (
        msgid("{branch}: your appointment is at {time}, {service}. Please check in when you arrive."),
        msgid("{branch}: your appointment is at {time}. Please check in when you arrive."),
    ),
    Occasion.REFUSED: (
        msgid("Sorry, {branch} could not take you in: {service}. The number {number} is not valid."),
        msgid("Sorry, {branch} could not take you in: {service}."),
        msgid("Sorry, {branch} could not take you in."),
    ),
}
"""Of each occasion's texts the first is taken whose fields are all known."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One message in one language: `sms` is short and holds the link, `text` is for ways that carry the link beside it."""

    title: str
    text: str
    sms: str


def wording(
    kind: Occasion, language: str, values: Mapping[str, str], link: str | None, own: Mapping[str, Mapping[str, str]]
) -> Wording:
    """What is said about `kind`. `own` are the branch's texts by kind and language; one that names an unknown field, or a field
    that has no value, is passed over.
    """
    known = {name: value for name, given in values.items() if (value := _clean(given))}
    say = words(ROOM, language)
    template = _own(own, kind, language, {*known, "link"}) or say(_best(kind, known))
    title = " · ".join(known[name] for name in ("number", "branch") if name in known)

    def short(room: int) -> str:
        fewer = {name: shortened(value, room) if name in _NAMES else value for name, value in known.items()}
        if not link or "{link}" in template:
            return _filled(template, fewer | {"link": link or ""})
        return f"{_filled(template, fewer)}\n{link}"

    text = _filled(template, known | {"link": ""})
    return Wording(say("Your code") if kind is Occasion.OTP else title or text, text, fitted(short))


def fields_of(template: str) -> set[str]:
    """The names in braces. Raises `ValueError` for a template that cannot be read, or that asks for more than names."""
    found = set()
    for _, name, form, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"only names such as {{number}} stand in braces, not {{{name}}}")
        found.add(name)
    return found


def _own(own: Mapping[str, Mapping[str, str]], kind: Occasion, language: str, known: set[str]) -> str | None:
    texts = own.get(kind)
    template = texts.get(language) or texts.get(base_of(language)) if isinstance(texts, Mapping) else None
    if not isinstance(template, str) or len(template) > _MOST_TEXT:
        return None
    try:
        return template if fields_of(template) <= known else None
    except ValueError:
        return None


def _best(kind: Occasion, known: Mapping[str, str]) -> str:
    return next((text for text in _TEXTS[kind] if fields_of(text) <= set(known)), _TEXTS[kind][-1])


def _clean(value: str) -> str:
    """On one line, and nothing that only machines can read."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value[:_MOST_VALUE]).split())


class _Lenient(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _filled(template: str, values: Mapping[str, str]) -> str:
    """A field without a value is left out: a message with a gap is better than none, and a caller's work than neither."""
    return template.replace("\0", "").format_map(_Lenient(values)).strip()
