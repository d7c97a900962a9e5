"""How long a text message is: letters as GSM 03.38 counts them, and the parts in which a network carries them."""

import unicodedata
from collections.abc import Callable, Iterable

_PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("^{}\\[~]|€")
"""These take two places each."""
_GSM_ONE, _GSM_EACH = 160, 153
_WIDE_ONE, _WIDE_EACH = 70, 67
_ALIKE = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2013": "-", "\u2014": "-", "\u00b7": "-", "\u2026": "...", "\u00a0": " ", "\u202f": " ",
})  # fmt: skip
"""Typography that the network lacks."""


def is_gsm(text: str) -> bool:
    """Whether every letter is one of the telephone network's own; others make all of the text wide (UCS-2)."""
    return all(letter in _PLAIN or letter in _ESCAPED for letter in text)


def parts(text: str) -> int:
    """In how many parts a network carries the text. A pair of surrogates, and an escaped letter, is never torn."""
    if is_gsm(text):
        return _parts(((2 if letter in _ESCAPED else 1) for letter in text), _GSM_ONE, _GSM_EACH)
    return _parts(((2 if ord(letter) > 0xFFFF else 1) for letter in text), _WIDE_ONE, _WIDE_EACH)


def _parts(widths: Iterable[int], one: int, each: int) -> int:
    given = list(widths)
    if sum(given) <= one:
        return 1
    count, used = 1, 0
    for width in given:
        if used + width > each:
            count, used = count + 1, 0
        used += width
    return count


def folded(text: str) -> str:
    """Latin text in the network's letters: typography and accents that it lacks are left away; other scripts stay."""
    alike = text.translate(_ALIKE)
    return "".join(letter if letter in _PLAIN else _bare(letter) for letter in alike)


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base in _PLAIN else letter


def fitted(write: Callable[[int], str], rooms: tuple[int, ...] = (200, 28, 18, 12)) -> str:
    """The text in as few parts as it can be, and of these the one with the longest names: `write(room)` is the text with
    names of at most `room` letters. Accents are left away where that saves a part.
    """
    written: list[str] = []
    for text in (text for room in rooms for text in _spellings(write(room))):
        if parts(text) == 1:
            return text
        written.append(text)
    fewest = min(map(parts, written))
    return next(text for text in written if parts(text) == fewest)


def _spellings(text: str) -> tuple[str, ...]:
    plain = folded(text)
    return (text, plain) if is_gsm(plain) else (text,)


def shortened(name: str, room: int) -> str:
    """A name of at most `room` letters, cut between words where that leaves most of it."""
    if len(name) <= room:
        return name
    cut = name[: room - 1]
    whole = cut.rpartition(" ")[0]
    return (whole if len(whole) > room // 2 else cut).rstrip(" ,.-") + "."
