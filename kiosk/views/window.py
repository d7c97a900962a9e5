"""The kiosk's window."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from foleni.screens import Stage, prepare
from kiosk.pages import Page, Tap
from kiosk.views.scene import Scene
from kiosk.views.telling import Teller

_TELL_TO = "FOLENI_KIOSK_KEYS"


def _ignore(*_: object) -> None:
    return None


def build_window(
    size: tuple[int, int] | None,
    fullscreen: bool,
    on_tap: Callable[[Tap], object],
    *,
    at: tuple[int, int] | None = None,
    on_first_picture: Callable[[], object] = _ignore,
    beat: Callable[[], object] = _ignore,
) -> "Window":
    """A window of `size` pixels, or of the whole screen; `at` places its upper left corner. Once in a process, on its main
    thread, before anything imports Kivy. `on_tap` is called on the loop's thread: hand over and return.
    """
    prepare("Foleni", size, fullscreen, at=at)
    told = os.environ.get(_TELL_TO)
    on_drawn = Teller(Path(told)).tell if told else _ignore
    return Window(on_tap, on_drawn, on_first_picture, beat)


class Window:
    """Shows pages; `stage` is its loop, which the main thread runs."""

    def __init__(
        self,
        on_tap: Callable[[Tap], object],
        on_drawn: Callable[[Page, Scene], object] = _ignore,
        on_first_picture: Callable[[], object] = _ignore,
        beat: Callable[[], object] = _ignore,
    ) -> None:
        self.stage = Stage(self._build, on_first_picture, beat=beat)
        self._on_tap = on_tap
        self._on_drawn = on_drawn
        self._glass: Any = None
        self._lock = threading.Lock()
        self._next: Page | None = None
        self._last: Page | None = None

    def show(self, page: Page) -> None:
        """Show `page`, soon. For any thread, before the loop runs and after it ended too; of several the last one is shown,
        and one that is equal to the last one does nothing.
        """
        with self._lock:
            if page == self._last:
                return
            self._last = page
            is_waiting, self._next = self._next is not None, page
        if not is_waiting:
            self.stage.hand_over(self._show_next)

    def _build(self) -> Any:
        from kiosk.views.glass import Glass  # noqa: PLC0415 - Kivy may be imported from now on

        self._glass = Glass(self.stage, self._on_tap, self._on_drawn)
        return self._glass

    def _show_next(self) -> None:
        with self._lock:
            page, self._next = self._next, None
        if page is not None and self._glass is not None:
            self._glass.show(page)
