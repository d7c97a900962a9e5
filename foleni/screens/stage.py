"""The loop of a screen: it sleeps until there is something to do, and draws only what has changed."""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from foleni.screens.memory import give_back
from foleni.screens.timers import Timers

logger = logging.getLogger(__name__)

Work = Callable[[], object]

_LOOK_S = 0.04
"""How often touches are looked for while nobody touches the screen: the longest that a first touch waits."""
_LOOK_OFTEN_S = 0.015
_TOUCH_LASTS_S = 10.0
"""How long after a touch the next one is expected, and looked for often."""


class ScreenError(Exception):
    """There is no screen to draw on, or no drawing on it; the text says what to do."""


def _ignore(*_: object) -> None:
    pass


class Stage:
    """A window and its loop, as the `Foreground` of a life. `build_root` makes the root widget on the loop's thread;
    `on_first_picture` is called there when the first picture is on the screen; `beat` is called while the loop goes round.
    """

    def __init__(
        self,
        build_root: Callable[[], Any],
        on_first_picture: Callable[[], object] = _ignore,
        *,
        beat: Callable[[], object] = _ignore,
    ) -> None:
        self._build_root = build_root
        self._on_first_picture = on_first_picture
        self._beat = beat
        self._work: list[Work] | None = []
        """None when the loop is over."""
        self._lock = threading.Lock()
        self._timers = Timers()
        self._woken = threading.Event()
        self._quitting = threading.Event()

    def hand_over(self, work: Work) -> None:
        """Have `work` called on the loop's thread, in order. For any thread at any time: before the loop it waits for
        it, after the loop it is dropped. What it raises is logged.
        """
        with self._lock:
            if self._work is None:
                return
            self._work.append(work)
        self._woken.set()

    def every(self, seconds: float, work: Work) -> Callable[[], None]:
        """Have `work` called on the loop's thread every so many `seconds`; the function returned ends that. For any thread."""
        return self._timer(seconds, work, once=False)

    def after(self, seconds: float, work: Work) -> Callable[[], None]:
        """Have `work` called once on the loop's thread, `seconds` from now; the function returned prevents it."""
        return self._timer(seconds, work, once=True)

    def quit(self) -> None:
        """End the loop. For any thread, also before the loop has begun."""
        self._quitting.set()
        self._woken.set()

    def open(self) -> None:
        """Open the window; raises `ScreenError`. `run` does it where it was not done before."""
        if not os.environ.get("KIVY_NO_CONFIG"):
            raise RuntimeError("foleni.screens.prepare must run first")
        kivy_log = logging.getLogger("kivy")
        level = kivy_log.level
        kivy_log.setLevel(logging.CRITICAL + 1)  # our one line says it all
        try:
            from kivy.core.window import Window  # noqa: PLC0415 - opens the window
        finally:
            kivy_log.setLevel(level)
        if Window is None:
            raise ScreenError(f"no screen can be opened ({_where()}): start it inside a desktop session, or under xvfb-run")

    def run(self) -> None:
        """Show the root widget until `quit`, or until the window is closed. For the main thread, once. Raises
        `ScreenError` where there is no screen, or where it cannot be drawn on for a while.
        """
        if self._quitting.is_set():
            return
        self.open()
        from foleni.screens.kivy_loop import KivyLoop  # noqa: PLC0415 - needs the window

        loop = KivyLoop(self._build_root())
        try:
            self._do_work()
            loop.draw_now()
            self._guarded(self._on_first_picture)
            self._go_round(loop)
        finally:
            self._end()
            loop.close()

    def _go_round(self, loop: Any) -> None:
        is_touched = False
        while not self._quitting.is_set():
            self._beat()
            self._do_work()
            if not loop.turn():
                return
            was_touched, is_touched = is_touched, time.monotonic() - loop.touched_at < _TOUCH_LASTS_S
            if was_touched and not is_touched:
                give_back()
            self._sleep(is_touched=is_touched)

    def _sleep(self, *, is_touched: bool) -> None:
        pause_s = min(_LOOK_OFTEN_S if is_touched else _LOOK_S, self._timers.due_in_s())
        if pause_s > 0:
            self._woken.wait(pause_s)
        self._woken.clear()

    def _do_work(self) -> None:
        """Do what was handed over and what is due."""
        with self._lock:
            work, self._work = self._work or [], []
        for piece in work + self._timers.take_due():
            self._guarded(piece)

    def _guarded(self, work: Work) -> None:
        try:
            work()
        except Exception:
            logger.exception("the screen could not do %s", getattr(work, "__qualname__", work))

    def _timer(self, seconds: float, work: Work, *, once: bool) -> Callable[[], None]:
        timer = self._timers.add(seconds, work, once=once)
        self._woken.set()
        return lambda: self._timers.remove(timer)

    def _end(self) -> None:
        self._quitting.set()
        with self._lock:
            self._work = None


def _where() -> str:
    display = os.environ.get("DISPLAY")
    return f"DISPLAY is {display}" if display else "DISPLAY is not set"
