"""Names and numbers that identify things: slugs for what people set up, UUIDs for what happens."""

import os
import re
import time
from collections.abc import Callable
from typing import Annotated, NewType
from uuid import UUID

from pydantic import StringConstraints

BranchId = NewType("BranchId", str)
ServiceId = NewType("ServiceId", str)
CounterId = NewType("CounterId", str)
DeviceId = NewType("DeviceId", str)
StaffId = NewType("StaffId", str)
TicketId = NewType("TicketId", str)
CommandId = NewType("CommandId", str)
EventId = NewType("EventId", str)

SLUG_PATTERN = r"^[a-z0-9-]{1,32}$"
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]

_CHANCE_BYTES = 512
_SLUG = re.compile(r"[a-z0-9-]{1,32}")
_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_slug(text: str) -> bool:
    """Whether `text` can name a branch, service, counter or device."""
    return _SLUG.fullmatch(text) is not None


def canonical_uuid(text: str) -> str:
    """`text` as a lower-case UUID with hyphens; raises `ValueError` for anything else."""
    return text if _CANONICAL.fullmatch(text) else str(UUID(text))


def checked_uuid(text: object) -> object:
    """`text` as it came, if it is a UUID in any usual spelling; raises `ValueError` for anything else."""
    if not isinstance(text, str) or text != text.strip():
        raise ValueError("must be a UUID")
    canonical_uuid(text)
    return text


class Uuid7:
    """Makes version 7 UUIDs (RFC 9562) that strictly increase, however the clock steps. For one thread.

    48 bits of milliseconds, 12 bits of a counter within the millisecond, 62 random bits. Where the counter runs
    over, or the clock stands or goes back, the millisecond field goes on from the last one given.
    """

    def __init__(self, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._clock_ms = clock_ms
        self._ms = 0
        self._counter = 0
        self._chance = b""

    def __call__(self) -> str:
        now = self._clock_ms()
        if now > self._ms:
            self._ms, self._counter = now, 0
        elif self._counter == 0xFFF:
            self._ms, self._counter = self._ms + 1, 0
        else:
            self._counter += 1
        tail = self._random() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        text = f"{self._ms & 0xFFFF_FFFF_FFFF:012x}7{self._counter:03x}{tail:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _random(self) -> int:
        """64 random bits; the system is asked for many at a time."""
        if not self._chance:
            self._chance = os.urandom(_CHANCE_BYTES)
        piece, self._chance = self._chance[:8], self._chance[8:]
        return int.from_bytes(piece, "big")


def uuid7() -> str:
    """One version 7 UUID; use an own `Uuid7` where many must keep their order."""
    return Uuid7()()
