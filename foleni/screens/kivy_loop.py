"""One turn of Kivy's loop at a time, so that the stage decides when to sleep."""

import logging
import time
from typing import Any

from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.lang import Builder

from foleni.screens import ink
from foleni.screens.stage import ScreenError

logger = logging.getLogger(__name__)

_MOST_FAULTS = 25
"""So many turns may go wrong one after the other; then the screen is given up."""


class KivyLoop:
    """Kivy's window with its root widget in it."""

    touched_at = float("-inf")
    """When the screen was last touched, on the monotonic clock."""

    def __init__(self, root: Any) -> None:
        Window.bind(on_motion=self._note_touch)
        self._faults = 0
        runTouchApp(root, embedded=True)

    def draw_now(self) -> None:
        """Lay the widgets out and draw them: what the first turn moves, the next ones draw."""
        for _ in range(3):
            self.turn()

    def turn(self) -> bool:
        """Act on what has happened, and draw what has changed; False where the window was closed."""
        try:
            self._turn()
            self._faults = 0
        except Exception as error:
            self._faults += 1
            logger.log(logging.ERROR if self._faults == 1 else logging.DEBUG, "the screen went wrong", exc_info=True)
            if self._faults >= _MOST_FAULTS:
                raise ScreenError(f"the screen cannot be drawn: {error}") from error
        return not EventLoop.quit

    def close(self) -> None:
        """Close the window."""
        stopTouchApp()
        Window.close()

    def _turn(self) -> None:
        Window.mainloop()
        Clock.tick()
        EventLoop.dispatch_input()
        Clock.tick_draw()
        while ink.draw_waiting():
            Clock.tick_draw()
        Builder.sync()
        if Window.canvas.needs_redraw and not EventLoop.quit:
            Window.dispatch("on_draw")
            Window.dispatch("on_flip")

    def _note_touch(self, *_: object) -> None:
        self.touched_at = time.monotonic()
