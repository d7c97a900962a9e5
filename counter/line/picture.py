"""What a unit shows."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Lamp(IntEnum):
    """The lamp in or beside the key."""

    DARK = 0
    """Nobody is waiting."""
    LIT = 1
    """Somebody is waiting."""
    BLINKING = 2
    """Somebody is waiting, and the hand is empty."""


class Sound(IntEnum):
    """What the buzzer does, once, when the picture is new."""

    NONE = 0
    SHORT = 1
    """Done."""
    DOUBLE = 2
    """Refused or void."""


class Note(StrEnum):
    """A word in place of the number, or beside it. Stable: units may translate it."""

    NONE = ""
    OK = "OK"
    """Done. The number stays, and blinks."""
    EMPTY = "EMPTY"
    """Nobody is waiting."""
    NO_HAND = "NO HAND"
    """There is no number in hand."""
    CLOSED = "CLOSED"
    BREAK = "BREAK"
    CHANGED = "CHANGED"
    """The number that was shown is no longer in hand, or is past what was asked."""
    DENIED = "DENIED"
    RETRY = "RETRY"
    """The branch server could not store it: press again."""
    BUSY = "BUSY"
    """The press before this one is still being done; this one is void."""
    VOID = "VOID"
    """Nobody acted on the press in time; press again."""
    GONE = "GONE"
    """The branch server or the way to it is gone; presses are void."""
    REFUSED = "REFUSED"
    ID = "ID"
    """Somebody looks for this unit."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`number` is empty where nothing is in hand."""

    number: str = ""
    waiting: int = 0
    lamp: Lamp = Lamp.DARK
    blink: bool = False
    sound: Sound = Sound.NONE
    note: Note = Note.NONE

    def fields(self) -> tuple[str, ...]:
        """As a frame carries it."""
        flags = (str(int(self.lamp)), str(int(self.blink)), str(int(self.sound)))
        return (self.number, str(min(self.waiting, 999)), *flags, self.note.value)
