"""How much of a screen a text takes, and how it is made to fit: 160 letters of GSM 03.38, or 70 units of UCS-2."""

import unicodedata

from cloud.notices.lengths import folded, is_gsm

GSM_UNITS = 160
WIDE_UNITS = 70
_ESCAPED = frozenset("^{}\\[~]|€")
_JOINERS = frozenset("\u200c\u200d")
"""Invisible, but a part of Arabic and Hindi spelling."""


def clean(text: str) -> str:
    """One line of text; nothing invisible is left but what spelling needs."""
    return " ".join("".join(map(_shown, unicodedata.normalize("NFC", text))).split())


def plain(text: str) -> str:
    """A clean text in the network's own letters as far as it has them: `Français` is `Francais`; other scripts stay."""
    return folded(text)


def _shown(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in {"Zs", "Zl", "Zp", "Cc"}:
        return " "
    return "" if category[0] == "C" and letter not in _JOINERS else letter


def is_wide(text: str) -> bool:
    """Whether one letter of it makes the whole screen UCS-2."""
    return not is_gsm(text)


def units(text: str, *, wide: bool) -> int:
    """Septets of GSM 03.38, where some letters take two; or units of UTF-16 where the screen is wide."""
    if wide:
        return len(text.encode("utf-16-le")) // 2
    return len(text) + sum(letter in _ESCAPED for letter in text)


def room_of(*, wide: bool) -> int:
    return WIDE_UNITS if wide else GSM_UNITS


def screen_units(text: str) -> tuple[int, int]:
    """How much a whole screen takes, and how much it may take."""
    wide = is_wide(text)
    return units(text, wide=wide), room_of(wide=wide)


def shortened(text: str, room: int, *, wide: bool) -> str:
    """As many whole words as go into `room` units, then a full stop; a first word that is too long itself is cut. Empty where
    there is no room.
    """
    if units(text, wide=wide) <= room:
        return text
    kept = ""
    for word in text.split(" "):
        longer = f"{kept} {word}".strip()
        if units(longer, wide=wide) > room - 1:
            break
        kept = longer
    return f"{kept.rstrip(' ,.:-')}." if kept else _cut(text, room, wide=wide)


def _cut(word: str, room: int, *, wide: bool) -> str:
    """The beginning of a word, never between a letter and the signs that belong to it."""
    end = 0
    while end < len(word) and units(word[: end + 1], wide=wide) < room:
        end += 1
    while end and unicodedata.category(word[end])[0] == "M":
        end -= 1
    return f"{word[:end]}." if end else ""
