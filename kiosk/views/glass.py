"""The widget that fills the window: it draws pages, and turns touches into taps."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from kivy.core.window import Window as KivyWindow

from foleni.look.tokens import PAPER
from foleni.screens.stage import Stage
from kiosk.pages import Asking, Attract, Key, Page, ShowTicket, Tap
from kiosk.views.canvas import Canvas
from kiosk.views.compose import Turned, compose
from kiosk.views.fingers import HOLD_S, Fingers
from kiosk.views.scene import Scene, Touch, Turn

FORGET_S = 30.0
"""What lies open over a page is closed after so long without a touch."""
_CLOSING = (Attract, Asking, ShowTicket)
"""Pages on which nothing that was open before stays open."""


class Glass(Canvas):
    """Belongs to the thread of the stage. `on_drawn` hears each page that lies on the screen, with its scene."""

    def __init__(self, stage: Stage, on_tap: Callable[[Tap], object], on_drawn: Callable[[Page, Scene], object]) -> None:
        super().__init__(PAPER, size=KivyWindow.size)
        self._stage = stage
        self._on_tap = on_tap
        self._on_drawn = on_drawn
        self._page: Page | None = None
        self._scene: Scene | None = None
        self._turned = Turned()
        self._fingers = Fingers(time.monotonic)
        self._forget: Callable[[], None] | None = None
        self.bind(size=self._resized)

    def show(self, page: Page) -> None:
        """Show `page`; an equal one changes nothing."""
        if page == self._page:
            return
        before, self._page = self._page, page
        if before is None or type(before.body) is not type(page.body):
            is_open = self._turned.opened if not isinstance(page.body, _CLOSING) else None
            self._turned = Turned(opened=is_open)
        self._redraw()

    def on_touch_down(self, touch: Any) -> bool:
        if self._scene is None or getattr(touch, "button", "left") != "left":
            return True
        pressed = self._fingers.down(touch.uid, self._scene, touch.x, self.height - touch.y)
        if pressed is not None:
            self.press(self._fingers.pressed)
            if pressed.hold is not None:
                self._stage.after(HOLD_S, lambda: self._held(touch.uid, pressed))
        return True

    def on_touch_move(self, _touch: Any) -> bool:
        return True

    def on_touch_up(self, touch: Any) -> bool:
        if getattr(touch, "button", "left") != "left":
            return True
        released = self._fingers.up(touch.uid, touch.x, self.height - touch.y)
        self.press(self._fingers.pressed)
        if released is not None and released.act is not None:
            self._do(released.act)
        return True

    def _held(self, finger: object, touch: Touch) -> None:
        if self._fingers.held(finger, touch) and touch.hold is not None:
            self.press(self._fingers.pressed)
            self._do(touch.hold)

    def _do(self, act: Tap | Turn) -> None:
        if self._page is None:
            return
        if isinstance(act, Turn):
            self._turn(act)
            act = Tap(Key.ACCESS)  # nothing but a sign of life: whoever looks around is not sent back to the start
        elif act.key is Key.LANGUAGE:
            self._turn(Turn.CLOSE)
        self._on_tap(replace(act, turn=self._page.turn))
        self._be_patient()

    def _turn(self, turn: Turn) -> None:
        match turn:
            case Turn.NEXT:
                turned = replace(self._turned, sheet=self._turned.sheet + 1)
            case Turn.PREVIOUS:
                turned = replace(self._turned, sheet=max(0, self._turned.sheet - 1))
            case Turn.CLOSE:
                turned = replace(self._turned, opened=None)
            case _:
                turned = replace(self._turned, opened=turn)
        if turned != self._turned:
            self._turned = turned
            self._redraw()

    def _be_patient(self) -> None:
        """Start anew to wait for the time when nobody stands there any more."""
        if self._forget is not None:
            self._forget()
        self._forget = self._stage.after(FORGET_S, lambda: self._turn(Turn.CLOSE)) if self._turned.opened else None

    def _resized(self, *_: object) -> None:
        if self._page is not None:
            self._redraw()

    def _redraw(self) -> None:
        if self._page is None:
            return
        scene = compose(self._page, (round(self.width), round(self.height)), self._turned)
        self._fingers.keep_to(scene)
        self.press(self._fingers.pressed)
        self._scene = scene
        self.draw(scene)
        self._stage.hand_over(partial(self._on_drawn, self._page, scene))  # done after the loop has drawn
