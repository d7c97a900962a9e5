"""Whose turn it is on a line, and what the units answer. Pure: time comes in as seconds, frames go out as bytes."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from counter.line.frames import ANSWERS, LAST_NUMBER, Decoder, Frame, Kind, encode
from counter.line.picture import Picture
from counter.presses import Gesture
from foleni.logs import Seldom

logger = logging.getLogger(__name__)

ANSWER_S = 0.1
PACE_S = 0.04
"""How often a unit has its turn where nothing happens."""
SILENCE_S = 2.0
"""A unit that was not heard for so long is gone; what it says next may be old, until it has answered a reset."""
_LOOK_FOR_S = 1.0
_LOOK_AGAIN_S = 0.6
_MOST_REMEMBERED = 32
_GESTURES = {Kind.ONCE: Gesture.SINGLE, Kind.TWICE: Gesture.DOUBLE, Kind.LONG: Gesture.LONG}


@dataclass(frozen=True, slots=True)
class Press:
    """A key of a unit was pressed. `seen` is the number that the unit showed then; None where that is not known."""

    unit: int
    key: str
    gesture: Gesture
    seen: str | None


@dataclass(slots=True)
class _Unit:
    address: int
    due_at: float = 0.0
    heard_at: float = float("-inf")
    greeted: bool = False
    missed: bool = False
    """It did not answer the last time: it is looked for now and then only."""
    pressed: int = 0
    revision: int = 0
    shown: int = 0
    picture: Picture = field(default_factory=Picture)
    numbers: dict[int, str] = field(default_factory=dict)

    def show(self, picture: Picture) -> bool:
        """Whether that is another picture than before."""
        if self.revision and picture == self.picture:
            return False
        self.picture = picture
        self.revision = self.revision % LAST_NUMBER + 1
        self.numbers.pop(self.revision, None)
        self.numbers[self.revision] = picture.number
        if len(self.numbers) > _MOST_REMEMBERED:
            del self.numbers[next(iter(self.numbers))]
        return True

    def ask(self) -> bytes:
        if not self.greeted:
            return encode(Frame(self.address, 0, Kind.RESET))
        if self.shown != self.revision:
            return encode(Frame(self.address, self.pressed, Kind.SHOW, (str(self.revision), *self.picture.fields())))
        return encode(Frame(self.address, self.pressed, Kind.POLL))


class Turns:
    """The conversation on one line. The agent asks, the unit that was asked answers, and nobody else speaks."""

    def __init__(self, addresses: Iterable[int], *, answer_s: float = ANSWER_S, pace_s: float = PACE_S) -> None:
        self._units = {address: _Unit(address) for address in addresses}
        self._answer_s = answer_s
        self._pace_s = pace_s
        self._decoder = Decoder()
        self._asked: _Unit | None = None
        self._over_at = 0.0
        self._look_at = 0.0
        self._seldom = Seldom(logger)

    @property
    def present(self) -> list[int]:
        """The units that answer."""
        return [unit.address for unit in self._units.values() if unit.greeted]

    def show(self, address: int, picture: Picture) -> None:
        """What a unit is to show from now on."""
        unit = self._units[address]
        if unit.show(picture):
            unit.due_at = 0.0

    def begin(self) -> None:
        """The line was opened: nobody is known to be there."""
        self._decoder.forget()
        self._asked = None
        for unit in self._units.values():
            unit.greeted = unit.missed = False
            unit.due_at = 0.0

    def ask(self, now: float) -> bytes | None:
        """The frame to send now; None while an answer is awaited or nobody is due."""
        if self._asked is not None:
            if now < self._over_at:
                return None
            self._miss(self._asked, now)
        unit = min(self._units.values(), key=self._due_at, default=None)
        if unit is None or self._due_at(unit) > now:
            return None
        unit.due_at = now + (self._pace_s if unit.greeted else _LOOK_FOR_S)
        if unit.missed and not unit.greeted and self.present:
            self._look_at = now + _LOOK_AGAIN_S
        self._asked, self._over_at = unit, now + self._answer_s
        return unit.ask()

    def hear(self, data: bytes, now: float) -> list[Press]:
        """What the bytes from the line tell: the presses, each once."""
        spoilt = self._decoder.spoilt
        frames = self._decoder.feed(data)
        if self._decoder.spoilt > spoilt:
            self._seldom.warning("spoilt", "spoilt bytes on the line")
        answers = (self._take(frame, now) for frame in frames if frame.kind in ANSWERS)
        return [press for press in answers if press is not None]

    def _due_at(self, unit: _Unit) -> float:
        """Waiting for one that is not there costs those that are: after one that was not found the next has to wait."""
        return max(unit.due_at, self._look_at) if unit.missed and not unit.greeted else unit.due_at

    def _take(self, frame: Frame, now: float) -> Press | None:
        unit = self._asked
        if unit is None or frame.unit != unit.address:
            self._seldom.warning(f"turn {frame.unit}", "unit %02d speaks when it was not asked", frame.unit)
            return None
        self._asked = None
        if now - unit.heard_at > SILENCE_S:
            self._lose(unit)
        unit.heard_at = now
        if unit.missed:
            unit.missed, self._look_at = False, 0.0
        if frame.kind is Kind.HELLO:
            self._greet(unit, frame, now)
            return None
        if not unit.greeted:
            unit.due_at = now + self._pace_s
            return None
        return self._listen(unit, frame)

    def _greet(self, unit: _Unit, frame: Frame, now: float) -> None:
        """A hello answers a reset; in answer to anything else it tells that the unit was switched on just now."""
        was_greeted, unit.greeted = unit.greeted, not unit.greeted
        unit.pressed = unit.shown = 0
        unit.due_at = now
        if not was_greeted:
            logger.info("unit %02d is there (%s)", unit.address, " ".join(frame.fields) or "no name")

    def _listen(self, unit: _Unit, frame: Frame) -> Press | None:
        unit.shown = _revision(frame, unit.shown)
        if unit.shown != unit.revision:
            unit.due_at = 0.0
        gesture = _GESTURES.get(frame.kind)
        if gesture is None or frame.number in {unit.pressed, 0} or not frame.fields:
            return None
        unit.pressed = frame.number
        unit.due_at = 0.0  # it wants to know that its press was taken
        return Press(unit.address, frame.fields[0], gesture, unit.numbers.get(unit.shown))

    def _miss(self, unit: _Unit, now: float) -> None:
        self._asked = None
        unit.missed = True
        if unit.greeted and now - unit.heard_at > SILENCE_S:
            self._lose(unit)

    def _lose(self, unit: _Unit) -> None:
        if unit.greeted:
            unit.greeted = False
            logger.warning("unit %02d does not answer", unit.address)


def _revision(frame: Frame, otherwise: int) -> int:
    """The revision of the picture that a unit says it shows."""
    place = 0 if frame.kind is Kind.IDLE else 1
    text = frame.fields[place] if len(frame.fields) > place else ""
    return int(text) if text.isdigit() else otherwise
