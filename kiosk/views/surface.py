"""The glass and how it is to be used: its size, and the modes that the person in front of it has chosen."""

from dataclasses import dataclass

from foleni.look.boxes import Box
from kiosk.pages import Frame

DESIGN_PX = 1080
"""The pictures of the design are drawn for a screen whose shorter side has so many pixels."""
TOUCH = 104
GAP = 28
MARGIN = 64
LEAST_TYPE = 28
_LEAST_UNIT = 0.62
"""On small glass a finger stays as large as it is: keys keep 64 pixels."""
_LARGE = 1.25


@dataclass(frozen=True, slots=True)
class Surface:
    """Sizes are given in pixels of the design; `px` turns them into pixels of this screen, `pt` does so for type."""

    width: int
    height: int
    large: bool = False
    contrast: bool = False
    low_reach: bool = False
    right_to_left: bool = False

    @property
    def portrait(self) -> bool:
        return self.height > self.width

    @property
    def unit(self) -> float:
        return max(min(self.width, self.height) / DESIGN_PX, _LEAST_UNIT)

    def px(self, design: float) -> int:
        return round(design * self.unit)

    def pt(self, design: float) -> int:
        return round(design * self.unit * (_LARGE if self.large else 1))

    @property
    def touch(self) -> int:
        """The least height and width of a key."""
        return self.px(TOUCH)

    @property
    def gap(self) -> int:
        return self.px(GAP)

    @property
    def margin(self) -> int:
        return self.px(MARGIN)

    @property
    def least_type(self) -> int:
        return self.px(LEAST_TYPE)

    @property
    def screen(self) -> Box:
        return Box(0, 0, self.width, self.height)

    @property
    def reach_top(self) -> int:
        """Nothing above this line has to be touched."""
        return self.height // 2 if self.low_reach else 0

    @property
    def is_short(self) -> bool:
        """Whether every pixel of height counts."""
        return not self.portrait and self.height < 720


def surface_of(size: tuple[int, int], frame: Frame) -> Surface:
    """The surface that a page with `frame` is laid out on."""
    access = frame.access
    return Surface(*size, access.large, access.contrast, access.low_reach, frame.right_to_left)
