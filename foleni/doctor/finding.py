"""What the doctor finds: one sentence each, how bad it is, and what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foleni.doctor.box import Box


class Level(StrEnum):
    """How bad it is. Without a `BAD` the box works today."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`says` is for a person who is not an engineer; `do` is the next step, empty where there is none."""

    level: Level
    says: str
    do: str = ""


Check = Callable[["Box"], Iterator[Finding]]
"""Looks at one thing and changes nothing. It answers within some seconds, whatever hangs, and may raise."""


def ok(says: str) -> Finding:
    return Finding(Level.OK, says)


def warn(says: str, do: str) -> Finding:
    return Finding(Level.WARN, says, do)


def bad(says: str, do: str) -> Finding:
    return Finding(Level.BAD, says, do)
