"""Which keys fingers press: one finger a key, and what a flickering touch screen makes of one touch stays one."""

from collections.abc import Callable
from dataclasses import dataclass

from foleni.look.boxes import Box
from kiosk.views.scene import Scene, Touch

BOUNCE_S = 0.08
"""A touch so soon after the last one on the same key is that touch still."""
HOLD_S = 3.0
SLIP_PX = 40
"""So far may a finger slip beside its key before it goes up."""


@dataclass(slots=True)
class _Down:
    touch: Touch
    at_s: float
    is_bounce: bool


class Fingers:
    """Follows the fingers on one screen; `clock` gives seconds that only go forward. Belongs to one thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._down: dict[object, _Down] = {}
        self._up: tuple[str, float] = ("", -1.0)

    @property
    def pressed(self) -> set[str]:
        """The names of the keys that fingers lie on."""
        return {down.touch.name for down in self._down.values() if not down.is_bounce}

    def down(self, finger: object, scene: Scene, x: float, y: float) -> Touch | None:
        """A finger went down; the key that it presses."""
        touch = scene.touch_at(x, y)
        if touch is None or touch.name in self.pressed:
            return None
        now = self._clock()
        name, up_s = self._up
        is_bounce = name == touch.name and now - up_s < BOUNCE_S
        self._down[finger] = _Down(touch, now, is_bounce)
        return None if is_bounce else touch

    def up(self, finger: object, x: float, y: float) -> Touch | None:
        """The finger went up; the key whose act is to be done, if it is still on it."""
        down = self._down.pop(finger, None)
        if down is None:
            return None
        self._up = (down.touch.name, self._clock())
        return down.touch if not down.is_bounce and _widened(down.touch.box).has(x, y) else None

    def held(self, finger: object, touch: Touch) -> bool:
        """Whether the finger still presses `touch`; then it is used up, and going up does nothing more."""
        down = self._down.get(finger)
        if down is None or down.touch is not touch:
            return False
        down.is_bounce = True
        return True

    def keep_to(self, scene: Scene) -> None:
        """The screen has changed: keys that are gone, or do something else now, are no longer pressed."""
        acts = {(touch.name, touch.act) for touch in scene.touches}
        for down in self._down.values():
            if (down.touch.name, down.touch.act) not in acts:
                down.is_bounce = True


def _widened(box: Box) -> Box:
    return Box(box.x - SLIP_PX, box.y - SLIP_PX, box.width + 2 * SLIP_PX, box.height + 2 * SLIP_PX)
