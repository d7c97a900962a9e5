"""Which of two versions is newer."""

import re

_PART = re.compile(r"[0-9]+|[A-Za-z]+")
_FINAL = 1
_EARLY = {"dev": -4, "a": -3, "alpha": -3, "b": -2, "beta": -2, "rc": -1}

Key = tuple[tuple[int, int, str], ...]


def key(version: str) -> Key:
    """Sorts versions: numbers as numbers, `0.2.0rc1` before `0.2.0`, and that before `0.2.0+20261121`."""
    parts: list[tuple[int, int, str]] = []
    for part in _PART.findall(version):
        if part.isdigit():
            parts.append((_FINAL, int(part), ""))
        else:
            parts.append((_EARLY.get(part.lower(), 0), 0, part.lower()))
    return (*parts, (0, 0, ""))


def is_older(one: str, other: str) -> bool:
    """Whether `one` comes before `other`."""
    return key(one) < key(other)
