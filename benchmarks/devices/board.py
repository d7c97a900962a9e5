"""What can be seen on the TV without asking it: when the newest number has become another one, and when it is live."""

import time

from benchmarks.devices.screen import Pixels
from benchmarks.rig import RigError
from foleni.look.tokens import AMBER, LIVE

_LINES = 9
_STEP = 2
_NUMBER_SHARE = 0.5
"""Of the card's width: the number stands in it, the arrow and the counter do not."""
_EDGE_PX = 12
_CARD_PX = 300
_LEAST_CHANGE = 12
_LEAST_CONTRAST = 40
_HEADER_SHARE = 12
_LOOK_S = 0.05


def is_live(pixels: Pixels) -> bool:
    """Whether the light in the header is green."""
    return any(pixels.stretch(LIVE, y) for y in range(0, pixels.height // _HEADER_SHARE, 4))


class NewestNumber:
    """The number on the newest call's card. Blinking is no change: only the shape of its figures counts."""

    def __init__(self, pixels: Pixels, left: int, top: int, width: int, height: int) -> None:
        self._pixels = pixels
        self._left, self._width = left + _EDGE_PX, round(width * _NUMBER_SHARE)
        self._lines = [top + height * (at + 3) // (_LINES + 6) for at in range(_LINES)]
        self._known: list[int] = []

    @classmethod
    def found(cls, pixels: Pixels, within_s: float) -> "NewestNumber":
        """By the colour that only the newest call has, once it is there and blinks no more. Raises `RigError`."""
        deadline = time.monotonic() + within_s
        before, since = None, time.monotonic()
        while time.monotonic() < deadline:
            card = _card(pixels)
            if card != before:
                before, since = card, time.monotonic()
            if card is not None and time.monotonic() - since > 1.0:
                return cls(pixels, *card)
            time.sleep(_LOOK_S)
        raise RigError("no call can be found on the TV's picture")

    def remember(self) -> None:
        """What stands there now is what is known."""
        self._known = self._figures()

    def has_changed(self) -> bool:
        """Whether other figures stand there than those known: twice, so that a half drawn picture is not taken for one."""
        return self._is_other() and self._is_other()

    def _is_other(self) -> bool:
        return sum((old ^ new).bit_count() for old, new in zip(self._known, self._figures(), strict=True)) >= _LEAST_CHANGE

    def _figures(self) -> list[int]:
        return [_ink(self._pixels.green(self._left, y, self._width, _STEP)) for y in self._lines]


def _ink(line: bytes) -> int:
    """A bit for each place that is more ink than ground, whichever of the two is the darker one."""
    ground, low, high = line[0], min(line), max(line)
    if high - low < _LEAST_CONTRAST:
        return 0
    middle = (low + high) // 2
    table = bytes(48 + ((value > middle) != (ground > middle)) for value in range(256))
    return int(line.translate(table), 2)


def _card(pixels: Pixels) -> tuple[int, int, int, int] | None:
    """Left, top, width and height of the amber card."""
    found = [(y, *stretch) for y in range(0, pixels.height, 2) if (stretch := pixels.stretch(AMBER, y))]
    wide = [each for each in found if each[2] - each[1] >= _CARD_PX]
    if not wide:
        return None
    left, right = min(each[1] for each in wide), max(each[2] for each in wide)
    return left, wide[0][0], right - left, wide[-1][0] - wide[0][0] + 1
